package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

func (*machineService) EtcdMemberList(context.Context, *machine.EtcdMemberListRequest) (*machine.EtcdMemberListResponse, error) {
	member := &machine.EtcdMember{Id: largest, Hostname: "node-1", PeerUrls: []string{"https://10.0.0.11:2380"}, IsLearner: true}

	return &machine.EtcdMemberListResponse{Messages: []*machine.EtcdMembers{{Members: []*machine.EtcdMember{member}}}}, nil
}

func (*machineService) EtcdStatus(context.Context, *emptypb.Empty) (*machine.EtcdStatusResponse, error) {
	return &machine.EtcdStatusResponse{Messages: []*machine.EtcdStatus{{MemberStatus: &machine.EtcdMemberStatus{
		ProtocolVersion: "3.6.4", StorageVersion: "3.6", DbSize: 1 << 60, DbSizeInUse: 1, Leader: largest, MemberId: largest - 1,
		RaftIndex: 3, RaftTerm: 2, RaftAppliedIndex: 1, Errors: []string{"slow"}, IsLearner: true,
	}}}}, nil
}

func (*machineService) EtcdRemoveMemberByID(_ context.Context, asked *machine.EtcdRemoveMemberByIDRequest) (*machine.EtcdRemoveMemberByIDResponse, error) {
	if asked.MemberId != largest {
		return nil, grpcstatus.Error(codes.NotFound, "etcd member not found")
	}

	return &machine.EtcdRemoveMemberByIDResponse{Messages: []*machine.EtcdRemoveMemberByID{{}}}, nil
}

func (*machineService) EtcdLeaveCluster(context.Context, *machine.EtcdLeaveClusterRequest) (*machine.EtcdLeaveClusterResponse, error) {
	return &machine.EtcdLeaveClusterResponse{Messages: []*machine.EtcdLeaveCluster{{}}}, nil
}

func (*machineService) EtcdForfeitLeadership(ctx context.Context, _ *machine.EtcdForfeitLeadershipRequest) (*machine.EtcdForfeitLeadershipResponse, error) {
	if hasNode(ctx, "10.0.0.12") {
		return &machine.EtcdForfeitLeadershipResponse{Messages: []*machine.EtcdForfeitLeadership{{Metadata: failure("etcd is not up")}}}, nil
	}

	return &machine.EtcdForfeitLeadershipResponse{Messages: []*machine.EtcdForfeitLeadership{{Member: "node-2"}}}, nil
}

func (*machineService) EtcdAlarmList(context.Context, *emptypb.Empty) (*machine.EtcdAlarmListResponse, error) {
	alarm := &machine.EtcdMemberAlarm{MemberId: largest, Alarm: machine.EtcdMemberAlarm_NOSPACE}

	return &machine.EtcdAlarmListResponse{Messages: []*machine.EtcdAlarm{{MemberAlarms: []*machine.EtcdMemberAlarm{alarm}}}}, nil
}

func (*machineService) EtcdAlarmDisarm(context.Context, *emptypb.Empty) (*machine.EtcdAlarmDisarmResponse, error) {
	// An alarm of a later etcd.
	alarm := &machine.EtcdMemberAlarm{MemberId: largest, Alarm: machine.EtcdMemberAlarm_AlarmType(9)}

	return &machine.EtcdAlarmDisarmResponse{Messages: []*machine.EtcdAlarmDisarm{{MemberAlarms: []*machine.EtcdMemberAlarm{alarm}}}}, nil
}

func (*machineService) EtcdDefragment(context.Context, *emptypb.Empty) (*machine.EtcdDefragmentResponse, error) {
	return &machine.EtcdDefragmentResponse{Messages: []*machine.EtcdDefragment{{}}}, nil
}

func (*machineService) EtcdDowngradeValidate(_ context.Context, asked *machine.EtcdDowngradeValidateRequest) (*machine.EtcdDowngradeValidateResponse, error) {
	return &machine.EtcdDowngradeValidateResponse{Messages: []*machine.EtcdDowngradeValidate{{
		ClusterDowngrade: &machine.EtcdClusterDowngrade{ClusterVersion: asked.Version},
	}}}, nil
}

func (*machineService) EtcdDowngradeEnable(_ context.Context, asked *machine.EtcdDowngradeEnableRequest) (*machine.EtcdDowngradeEnableResponse, error) {
	return &machine.EtcdDowngradeEnableResponse{Messages: []*machine.EtcdDowngradeEnable{{
		ClusterDowngrade: &machine.EtcdClusterDowngrade{ClusterVersion: asked.Version},
	}}}, nil
}

func (*machineService) EtcdDowngradeCancel(context.Context, *emptypb.Empty) (*machine.EtcdDowngradeCancelResponse, error) {
	return &machine.EtcdDowngradeCancelResponse{Messages: []*machine.EtcdDowngradeCancel{{
		ClusterDowngrade: &machine.EtcdClusterDowngrade{ClusterVersion: "3.6"},
	}}}, nil
}

func (*machineService) EtcdSnapshot(_ *machine.EtcdSnapshotRequest, stream grpc.ServerStreamingServer[common.Data]) error {
	for _, piece := range []string{"snap", "", "shot"} {
		if err := stream.Send(&common.Data{Bytes: []byte(piece)}); err != nil {
			return err
		}
	}

	return nil
}

// EtcdRecover refuses at once what begins with "bad", as a machine does that has not mounted /var/lib yet.
func (*machineService) EtcdRecover(stream grpc.ClientStreamingServer[common.Data, machine.EtcdRecoverResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}

	if string(first.Bytes) == "bad" {
		return grpcstatus.Error(codes.FailedPrecondition, "etcd data directory is not mounted")
	}

	if _, _, err := drain(stream.Recv); err != nil {
		return err
	}

	return stream.SendAndClose(&machine.EtcdRecoverResponse{Messages: []*machine.EtcdRecover{{}}})
}
