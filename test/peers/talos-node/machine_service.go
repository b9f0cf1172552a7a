package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"math"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// machineService answers what can be answered without a machine; everything else is UNIMPLEMENTED.
type machineService struct {
	machine.UnimplementedMachineServiceServer
}

func (*machineService) ApplyConfiguration(_ context.Context, asked *machine.ApplyConfigurationRequest) (*machine.ApplyConfigurationResponse, error) {
	if _, err := configloader.NewFromBytes(asked.Data); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	used := asked.Mode
	if used == machine.ApplyConfigurationRequest_AUTO {
		used = machine.ApplyConfigurationRequest_NO_REBOOT
	}

	return &machine.ApplyConfigurationResponse{
		Messages: []*machine.ApplyConfiguration{{Mode: used, Warnings: []string{"a warning"}}},
	}, nil
}

func (*machineService) Bootstrap(context.Context, *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	return nil, status.Error(codes.FailedPrecondition, "bootstrap is not available yet")
}

func (*machineService) EtcdMemberList(context.Context, *machine.EtcdMemberListRequest) (*machine.EtcdMemberListResponse, error) {
	member := &machine.EtcdMember{Id: math.MaxUint64, Hostname: "node-1", PeerUrls: []string{"https://10.0.0.11:2380"}, IsLearner: true}

	return &machine.EtcdMemberListResponse{Messages: []*machine.EtcdMembers{{Members: []*machine.EtcdMember{member}}}}, nil
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
