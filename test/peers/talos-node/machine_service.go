package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// machineService answers what can be answered without a machine; everything else is UNIMPLEMENTED.
type machineService struct {
	machine.UnimplementedMachineServiceServer
}

const largest = math.MaxUint64

func (*machineService) ApplyConfiguration(_ context.Context, asked *machine.ApplyConfigurationRequest) (*machine.ApplyConfigurationResponse, error) {
	if _, err := configloader.NewFromBytes(asked.Data); err != nil {
		return nil, grpcstatus.Error(codes.InvalidArgument, err.Error())
	}

	used := asked.Mode
	if used == machine.ApplyConfigurationRequest_AUTO {
		used = machine.ApplyConfigurationRequest_NO_REBOOT
	}

	return &machine.ApplyConfigurationResponse{
		Messages: []*machine.ApplyConfiguration{{Mode: used, Warnings: []string{"a warning"}}},
	}, nil
}

func (*machineService) Bootstrap(_ context.Context, asked *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	if asked.RecoverEtcd {
		return &machine.BootstrapResponse{Messages: []*machine.Bootstrap{{}}}, nil
	}

	return nil, grpcstatus.Error(codes.FailedPrecondition, "bootstrap is not available yet")
}

func (*machineService) ServiceList(context.Context, *emptypb.Empty) (*machine.ServiceListResponse, error) {
	etcd := &machine.ServiceInfo{
		Id:     "etcd",
		State:  "Preparing",
		Events: &machine.ServiceEvents{Events: []*machine.ServiceEvent{{Msg: "Running pre state", State: "Preparing"}}},
		Health: &machine.ServiceHealth{Unknown: true},
	}

	return &machine.ServiceListResponse{Messages: []*machine.ServiceList{{Services: []*machine.ServiceInfo{etcd}}}}, nil
}

func (*machineService) Version(context.Context, *emptypb.Empty) (*machine.VersionResponse, error) {
	return &machine.VersionResponse{Messages: []*machine.Version{{
		Version:  &machine.VersionInfo{Tag: "v1.13.9", Arch: "amd64"},
		Platform: &machine.PlatformInfo{Name: "metal"},
	}}}, nil
}

// Kubeconfig sends a tar that is never closed, as Talos does.
func (*machineService) Kubeconfig(_ *emptypb.Empty, stream grpc.ServerStreamingServer[common.Data]) error {
	content := []byte("apiVersion: v1\nkind: Config\n")

	var packed bytes.Buffer

	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)

	if err := archive.WriteHeader(&tar.Header{Name: "kubeconfig", Mode: 0o600, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
		return err
	}

	if _, err := archive.Write(content); err != nil {
		return err
	}

	if err := zipped.Close(); err != nil {
		return err
	}

	return stream.Send(&common.Data{Bytes: packed.Bytes()})
}

func (*machineService) GenerateClientConfiguration(context.Context, *machine.GenerateClientConfigurationRequest) (*machine.GenerateClientConfigurationResponse, error) {
	return &machine.GenerateClientConfigurationResponse{Messages: []*machine.GenerateClientConfiguration{
		{Ca: []byte("ca"), Crt: []byte("crt"), Key: []byte("key"), Talosconfig: []byte("context: x")},
	}}, nil
}

func (*machineService) MetaWrite(context.Context, *machine.MetaWriteRequest) (*machine.MetaWriteResponse, error) {
	return &machine.MetaWriteResponse{Messages: []*machine.MetaWrite{{}}}, nil
}

func (*machineService) MetaDelete(_ context.Context, asked *machine.MetaDeleteRequest) (*machine.MetaDeleteResponse, error) {
	return nil, grpcstatus.Errorf(codes.NotFound, "no key %d", asked.Key)
}

func (*machineService) Reboot(context.Context, *machine.RebootRequest) (*machine.RebootResponse, error) {
	return &machine.RebootResponse{Messages: []*machine.Reboot{{ActorId: "reboot"}}}, nil
}

func (*machineService) Shutdown(context.Context, *machine.ShutdownRequest) (*machine.ShutdownResponse, error) {
	return &machine.ShutdownResponse{Messages: []*machine.Shutdown{{ActorId: "shutdown"}}}, nil
}

func (*machineService) Reset(context.Context, *machine.ResetRequest) (*machine.ResetResponse, error) {
	return &machine.ResetResponse{Messages: []*machine.Reset{{ActorId: "reset"}}}, nil
}

func (*machineService) Rollback(context.Context, *machine.RollbackRequest) (*machine.RollbackResponse, error) {
	return &machine.RollbackResponse{Messages: []*machine.Rollback{{}}}, nil
}

func (*machineService) Upgrade(context.Context, *machine.UpgradeRequest) (*machine.UpgradeResponse, error) { //nolint:staticcheck
	return &machine.UpgradeResponse{Messages: []*machine.Upgrade{{Ack: "Upgrade request received", ActorId: "upgrade"}}}, nil //nolint:staticcheck
}

// Events begins with the hello that holds nothing, goes on with a kind that nobody knows, and ends after one of each.
func (*machineService) Events(_ *machine.EventsRequest, stream grpc.ServerStreamingServer[machine.Event]) error {
	if err := stream.Send(&machine.Event{Data: &anypb.Any{}}); err != nil {
		return err
	}

	if err := stream.Send(&machine.Event{Data: &anypb.Any{TypeUrl: "talos/runtime/machine.FutureEvent", Value: []byte{1, 2}}}); err != nil {
		return err
	}

	for _, payload := range []proto.Message{
		&machine.SequenceEvent{Sequence: "reboot", Error: &common.Error{Code: common.Code_LOCKED, Message: "locked"}},
		&machine.PhaseEvent{Phase: "drain", Action: machine.PhaseEvent_STOP},
		&machine.TaskEvent{Task: "runningMaintenance"},
		&machine.ServiceStateEvent{Service: "etcd", Action: machine.ServiceStateEvent_RUNNING, Message: "up", Health: &machine.ServiceHealth{Healthy: true}},
		&machine.RestartEvent{Cmd: 0x1234567},
		&machine.ConfigLoadErrorEvent{Error: "no"},
		&machine.ConfigValidationErrorEvent{Error: "never"},
		&machine.AddressEvent{Hostname: "node-1", Addresses: []string{"10.0.0.11"}},
		&machine.MachineStatusEvent{Stage: machine.MachineStatusEvent_UPGRADING, Status: &machine.MachineStatusEvent_MachineStatus{
			UnmetConditions: []*machine.MachineStatusEvent_MachineStatus_UnmetCondition{{Name: "time", Reason: "not synced"}},
		}},
	} {
		value, err := proto.Marshal(payload)
		if err != nil {
			return err
		}

		data := &anypb.Any{TypeUrl: "talos/runtime/" + string(payload.ProtoReflect().Descriptor().FullName()), Value: value}

		if err := stream.Send(&machine.Event{Data: data, Id: "c0", ActorId: "actor"}); err != nil {
			return err
		}
	}

	return nil
}

// Read breaks off in the middle, or tells of an error as Talos before 1.14 does, if the path says so.
func (*machineService) Read(asked *machine.ReadRequest, stream grpc.ServerStreamingServer[common.Data]) error {
	if err := stream.Send(&common.Data{Bytes: []byte("begin ")}); err != nil {
		return err
	}

	switch asked.Path {
	case "/cut":
		return grpcstatus.Error(codes.Unavailable, "the connection is draining")
	case "/large":
		return stream.Send(&common.Data{Bytes: make([]byte, 31<<20)})
	case "/inside":
		return stream.Send(&common.Data{Metadata: failure("cannot read"), Bytes: nil})
	}

	return stream.Send(&common.Data{Bytes: []byte("end")})
}

func (*machineService) Copy(_ *machine.CopyRequest, stream grpc.ServerStreamingServer[common.Data]) error {
	return stream.Send(&common.Data{Bytes: []byte{0x1f, 0x8b}})
}

func (*machineService) Dmesg(_ *machine.DmesgRequest, stream grpc.ServerStreamingServer[common.Data]) error {
	return stream.Send(&common.Data{Bytes: []byte("kern: boot\n")})
}

func (*machineService) Logs(_ *machine.LogsRequest, stream grpc.ServerStreamingServer[common.Data]) error {
	return stream.Send(&common.Data{Bytes: []byte("a line\n")})
}

func (*machineService) List(_ *machine.ListRequest, stream grpc.ServerStreamingServer[machine.FileInfo]) error {
	if err := stream.Send(&machine.FileInfo{Name: "/var/lib", RelativeName: "lib", IsDir: true, Mode: 0x80000000 | 0o755}); err != nil {
		return err
	}

	return stream.Send(&machine.FileInfo{Name: "/var/x", RelativeName: "x", Size: 1 << 60, Link: "/y", Error: "permission denied"})
}

func (*machineService) ImageList(_ *machine.ImageListRequest, stream grpc.ServerStreamingServer[machine.ImageListResponse]) error { //nolint:staticcheck
	return stream.Send(&machine.ImageListResponse{Name: "old:v1", Digest: "sha256:1", Size: 7}) //nolint:staticcheck
}

func (*machineService) ImagePull(context.Context, *machine.ImagePullRequest) (*machine.ImagePullResponse, error) { //nolint:staticcheck
	return &machine.ImagePullResponse{Messages: []*machine.ImagePull{{}}}, nil //nolint:staticcheck
}

// failure is an error as it stands in an envelope.
func failure(text string) *common.Metadata {
	return &common.Metadata{Hostname: "10.0.0.12", Error: text, Status: &status.Status{Code: int32(codes.FailedPrecondition), Message: text}}
}

// hasNode tells whether the caller named this node.
func hasNode(ctx context.Context, name string) bool {
	incoming, _ := metadata.FromIncomingContext(ctx)
	nodes := incoming.Get("node")

	return len(nodes) == 1 && nodes[0] == name
}

// drain reads everything that a client sends.
func drain[Message any](receive func() (Message, error)) (last Message, count int, err error) {
	for {
		message, err := receive()
		if errors.Is(err, io.EOF) {
			return last, count, nil
		}

		if err != nil {
			return last, count, err
		}

		last = message
		count++
	}
}
