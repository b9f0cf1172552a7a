package main

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	timeapi "github.com/siderolabs/talos/pkg/machinery/api/time"
)

func registerOthers(node *grpc.Server) {
	machine.RegisterImageServiceServer(node, &imageService{})
	machine.RegisterLifecycleServiceServer(node, &lifecycleService{})
	machine.RegisterLVMServiceServer(node, &lvmService{})
	node.RegisterService(&mdService, nil)
	storage.RegisterStorageServiceServer(node, &storageService{})
	timeapi.RegisterTimeServiceServer(node, &timeService{})
	cluster.RegisterClusterServiceServer(node, &clusterService{})
}

type imageService struct {
	machine.UnimplementedImageServiceServer
}

func (*imageService) List(_ *machine.ImageServiceListRequest, stream grpc.ServerStreamingServer[machine.ImageServiceListResponse]) error {
	return stream.Send(&machine.ImageServiceListResponse{Name: "new:v1", Digest: "sha256:2", Size: 1 << 60, Labels: map[string]string{"a": "b"}})
}

// Pull has no image "absent", and loses its word in the middle of "cut".
func (*imageService) Pull(asked *machine.ImageServicePullRequest, stream grpc.ServerStreamingServer[machine.ImageServicePullResponse]) error {
	if asked.ImageRef == "absent" {
		return grpcstatus.Error(codes.NotFound, "image not found")
	}

	progress := &machine.ImageServicePullProgress{LayerId: "layer-1", Progress: &machine.ImageServicePullLayerProgress{
		Status: machine.ImageServicePullLayerProgress_EXTRACTING, Elapsed: durationpb.New(time.Second), Offset: 1 << 40, Total: 1 << 41,
	}}
	if err := stream.Send(&machine.ImageServicePullResponse{Response: &machine.ImageServicePullResponse_PullProgress{PullProgress: progress}}); err != nil {
		return err
	}

	if asked.ImageRef == "cut" {
		return nil
	}

	return stream.Send(&machine.ImageServicePullResponse{Response: &machine.ImageServicePullResponse_Name{Name: asked.ImageRef + "@sha256:2"}})
}

func (*imageService) Import(stream grpc.ClientStreamingServer[machine.ImageServiceImportRequest, machine.ImageServiceImportResponse]) error {
	if _, _, err := drain(stream.Recv); err != nil {
		return err
	}

	return stream.SendAndClose(&machine.ImageServiceImportResponse{Name: "imported:v1"})
}

func (*imageService) Remove(_ context.Context, asked *machine.ImageServiceRemoveRequest) (*emptypb.Empty, error) {
	return nilIfThere(asked.ImageRef)
}

type lifecycleService struct {
	machine.UnimplementedLifecycleServiceServer
}

func (*lifecycleService) Install(*machine.LifecycleServiceInstallRequest, grpc.ServerStreamingServer[machine.LifecycleServiceInstallResponse]) error {
	return grpcstatus.Error(codes.AlreadyExists, "Talos is already installed")
}

// Upgrade runs an installer that fails for "bad" and whose end nobody hears of for "cut". The status is OK anyway.
func (*lifecycleService) Upgrade(asked *machine.LifecycleServiceUpgradeRequest, stream grpc.ServerStreamingServer[machine.LifecycleServiceUpgradeResponse]) error {
	send := func(progress *machine.LifecycleServiceInstallProgress) error {
		return stream.Send(&machine.LifecycleServiceUpgradeResponse{Progress: progress})
	}

	for _, piece := range []string{"first li", "ne\nsecond line\n", "last"} {
		if err := send(&machine.LifecycleServiceInstallProgress{Response: &machine.LifecycleServiceInstallProgress_Message{Message: piece}}); err != nil {
			return err
		}
	}

	exitCode := int32(0)

	switch asked.Source.ImageName {
	case "cut":
		return nil
	case "bad":
		exitCode = 3
	}

	return send(&machine.LifecycleServiceInstallProgress{Response: &machine.LifecycleServiceInstallProgress_ExitCode{ExitCode: exitCode}})
}

type lvmService struct {
	machine.UnimplementedLVMServiceServer
}

func (*lvmService) LogicalVolumeRemove(_ context.Context, asked *machine.LVMServiceLogicalVolumeRemoveRequest) (*emptypb.Empty, error) {
	return nilIfThere(asked.LogicalVolume)
}

func (*lvmService) VolumeGroupRemove(_ context.Context, asked *machine.LVMServiceVolumeGroupRemoveRequest) (*emptypb.Empty, error) {
	return nilIfThere(asked.VolumeGroup)
}

func (*lvmService) PhysicalVolumeRemove(_ context.Context, asked *machine.LVMServicePhysicalVolumeRemoveRequest) (*emptypb.Empty, error) {
	return nilIfThere(asked.Device)
}

// mdService is written by hand: no release of the module that the proxy gives has a stub of it. The message is of the
// same form as the one for a physical volume: field 1, device.
var mdService = grpc.ServiceDesc{
	ServiceName: "machine.MDService",
	Methods: []grpc.MethodDesc{{
		MethodName: "Destroy",
		Handler: func(_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			asked := &machine.LVMServicePhysicalVolumeRemoveRequest{}
			if err := decode(asked); err != nil {
				return nil, err
			}

			return interceptor(ctx, asked, &grpc.UnaryServerInfo{FullMethod: "/machine.MDService/Destroy"}, func(context.Context, any) (any, error) {
				return nilIfThere(asked.Device)
			})
		},
	}},
}

func nilIfThere(name string) (*emptypb.Empty, error) {
	switch name {
	case "absent":
		return nil, grpcstatus.Error(codes.NotFound, "not found")
	case "busy":
		return nil, grpcstatus.Error(codes.FailedPrecondition, "in use")
	}

	return &emptypb.Empty{}, nil
}

type storageService struct {
	storage.UnimplementedStorageServiceServer
}

func (*storageService) BlockDeviceWipe(_ context.Context, asked *storage.BlockDeviceWipeRequest) (*storage.BlockDeviceWipeResponse, error) {
	for _, device := range asked.Devices {
		if _, err := nilIfThere(device.Device); err != nil {
			return nil, err
		}
	}

	return &storage.BlockDeviceWipeResponse{Messages: []*storage.BlockDeviceWipe{{}}}, nil
}

type timeService struct {
	timeapi.UnimplementedTimeServiceServer
}

func (*timeService) Time(context.Context, *emptypb.Empty) (*timeapi.TimeResponse, error) {
	return clocks("time.cloudflare.com"), nil
}

func (*timeService) TimeCheck(_ context.Context, asked *timeapi.TimeRequest) (*timeapi.TimeResponse, error) {
	return clocks(asked.Server), nil
}

func clocks(server string) *timeapi.TimeResponse {
	remote := time.Date(2026, 1, 2, 3, 4, 5, 999_000_000, time.UTC)

	return &timeapi.TimeResponse{Messages: []*timeapi.Time{{
		Server: server, Localtime: timestamppb.New(remote.Add(2500 * time.Millisecond)), Remotetime: timestamppb.New(remote),
	}}}
}

type clusterService struct {
	cluster.UnimplementedClusterServiceServer
}

// HealthCheck finds the cluster healthy if it has a worker.
func (*clusterService) HealthCheck(asked *cluster.HealthCheckRequest, stream grpc.ServerStreamingServer[cluster.HealthCheckProgress]) error {
	if err := stream.Send(&cluster.HealthCheckProgress{Message: "waiting for etcd to be healthy: OK"}); err != nil {
		return err
	}

	if len(asked.ClusterInfo.GetWorkerNodes()) == 0 {
		return grpcstatus.Error(codes.DeadlineExceeded, "waiting for all nodes to be ready: timeout")
	}

	return nil
}
