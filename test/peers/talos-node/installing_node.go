package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	talosx509 "github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	blockpb "github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/block"
	timeapi "github.com/siderolabs/talos/pkg/machinery/api/time"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/proto"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// installingNode is a control plane on its way from maintenance mode into a cluster. What it does with its config is done
// by Talos' own code: loading, validating, picking the disk, and its certificate.
type installingNode struct {
	machineService

	// The config that was accepted, handed over once.
	accepted chan config.Provider

	lock      sync.Mutex
	resources state.State
	// Of the boot that goes on; nil in maintenance mode.
	config config.Provider
	// Talos' word for the state of its etcd; empty before there is one.
	etcd string
}

// trueTime is a machine whose clock is right.
type trueTime struct {
	timeapi.UnimplementedTimeServiceServer
}

func (*trueTime) Time(context.Context, *emptypb.Empty) (*timeapi.TimeResponse, error) {
	now := timestamppb.Now()

	return &timeapi.TimeResponse{Messages: []*timeapi.Time{{Server: "time.cloudflare.com", Localtime: now, Remotetime: now}}}, nil
}

// metal is what Talos validates a config of a server for.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

// runInstalling lives through both boots on port 50000 of the address, and ends when nobody gives orders any more.
func runInstalling(orders *json.Decoder, address string) error {
	node := &installingNode{accepted: make(chan config.Provider, 1)}
	said := &witness{}
	over := make(chan struct{})

	go func() {
		defer close(over)

		for {
			var ignored order
			if err := orders.Decode(&ignored); err != nil {
				return
			}
		}
	}()

	where := netip.MustParseAddr(address)

	// An authority that lives in memory for this one boot.
	authority, err := talosx509.NewSelfSignedCertificateAuthority(talosx509.ECDSA(true))
	if err != nil {
		return err
	}

	stop, err := node.boot(said, where, authority, "", nil)
	if err != nil {
		return err
	}

	fmt.Println(50000, "maintenance")

	select {
	case <-over:
		stop()

		return said.summarize()
	case accepted := <-node.accepted:
		stop()

		chosen, err := node.pickDisk(context.Background(), accepted)
		if err != nil {
			return err
		}

		issuing := accepted.Machine().Security().IssuingCA()

		authority, err := talosx509.NewCertificateAuthorityFromCertificateAndKey(issuing)
		if err != nil {
			return err
		}

		if stop, err = node.boot(said, where, authority, chosen, accepted); err != nil {
			return err
		}
	}

	<-over
	stop()

	return said.summarize()
}

// boot describes the machine anew and answers, with a certificate of the authority; once it has a config, only to
// clients of the same one. The function ends it when the calls in flight are answered.
func (n *installingNode) boot(said *witness, where netip.Addr, authority *talosx509.CertificateAuthority, disk string, accepted config.Provider) (func(), error) {
	resources, err := describeInstalling(where, disk)
	if err != nil {
		return nil, err
	}

	n.lock.Lock()
	n.resources = resources
	n.config = accepted
	n.lock.Unlock()

	if accepted != nil {
		n.etcd = "Preparing"
	}

	leaf, err := talosx509.NewKeyPair(
		authority,
		talosx509.CommonName("talos"),
		talosx509.IPAddresses([]net.IP{where.AsSlice()}),
		talosx509.NotAfter(time.Now().Add(24*time.Hour)),
		talosx509.KeyUsage(x509.KeyUsageDigitalSignature),
		talosx509.ExtKeyUsage([]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}),
	)
	if err != nil {
		return nil, err
	}

	asked := request{Certificate: string(leaf.CrtPEM), Key: string(leaf.KeyPEM)}
	if accepted != nil {
		asked.ClientCA = string(authority.CrtPEM)
	}

	secured, err := tlsConfig(asked)
	if err != nil {
		return nil, err
	}

	listener, err := net.Listen("tcp", netip.AddrPortFrom(where, 50000).String())
	if err != nil {
		return nil, err
	}

	served := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(secured)),
		grpc.MaxRecvMsgSize(32<<20),
		grpc.MaxSendMsgSize(32<<20),
		grpc.ChainUnaryInterceptor(said.unary, n.authorize),
		grpc.StreamInterceptor(said.stream),
	)
	v1alpha1.RegisterStateServer(served, server.NewState(resources))
	machine.RegisterMachineServiceServer(served, n)
	timeapi.RegisterTimeServiceServer(served, &trueTime{})

	go served.Serve(listener) //nolint:errcheck

	return func() {
		// What follows the log never ends by itself.
		force := time.AfterFunc(2*time.Second, served.Stop)
		defer force.Stop()

		served.GracefulStop()
	}, nil
}

// authorize lets nobody do anything in a configured machine who is no administrator by their certificate.
func (n *installingNode) authorize(ctx context.Context, asked any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if n.isMaintenance() {
		return next(ctx, asked)
	}

	from, _ := peer.FromContext(ctx)

	secured, isTLS := from.AuthInfo.(credentials.TLSInfo)
	if !isTLS || !isAdministrator(secured.State) {
		return nil, grpcstatus.Error(codes.PermissionDenied, "not authorized")
	}

	return next(ctx, asked)
}

func isAdministrator(connection tls.ConnectionState) bool {
	return len(connection.PeerCertificates) > 0 && slices.Contains(connection.PeerCertificates[0].Subject.Organization, "os:admin")
}

func (n *installingNode) isMaintenance() bool {
	n.lock.Lock()
	defer n.lock.Unlock()

	return n.config == nil
}

// pickDisk asks Talos' own selector, as its installer does, and wants exactly one.
func (n *installingNode) pickDisk(ctx context.Context, accepted config.Provider) (string, error) {
	expression, err := accepted.Machine().Install().DiskMatchExpression()
	if err != nil {
		return "", err
	}

	if expression == nil {
		return "", errors.New("the config has no disk selector")
	}

	disks, err := safe.StateListAll[*block.Disk](ctx, n.resources)
	if err != nil {
		return "", err
	}

	var chosen []string

	for disk := range disks.All() {
		spec := &blockpb.DiskSpec{}
		if err := proto.ResourceSpecToProto(disk, spec); err != nil {
			return "", err
		}

		matches, err := expression.EvalBool(celenv.DiskLocator(), map[string]any{"disk": spec, "system_disk": false})
		if err != nil {
			return "", err
		}

		if matches {
			chosen = append(chosen, disk.Metadata().ID())
		}
	}

	if len(chosen) != 1 {
		return "", fmt.Errorf("the disk selector matches %v", chosen)
	}

	return chosen[0], nil
}

func (n *installingNode) ApplyConfiguration(ctx context.Context, asked *machine.ApplyConfigurationRequest) (*machine.ApplyConfigurationResponse, error) {
	loaded, err := configloader.NewFromBytes(asked.Data)
	if err != nil {
		return nil, grpcstatus.Error(codes.InvalidArgument, err.Error())
	}

	warnings, err := loaded.Validate(metal{})
	if err != nil {
		return nil, grpcstatus.Error(codes.InvalidArgument, err.Error())
	}

	if _, err = n.pickDisk(ctx, loaded); err != nil {
		return nil, grpcstatus.Error(codes.InvalidArgument, err.Error())
	}

	if !n.isMaintenance() {
		return nil, grpcstatus.Error(codes.FailedPrecondition, "this machine has its config")
	}

	select {
	case n.accepted <- loaded:
	default:
		return nil, grpcstatus.Error(codes.FailedPrecondition, "a config was accepted already")
	}

	return &machine.ApplyConfigurationResponse{
		Messages: []*machine.ApplyConfiguration{{Mode: machine.ApplyConfigurationRequest_NO_REBOOT, Warnings: warnings}},
	}, nil
}

func (n *installingNode) ServiceList(context.Context, *emptypb.Empty) (*machine.ServiceListResponse, error) {
	n.lock.Lock()
	defer n.lock.Unlock()

	etcd := &machine.ServiceInfo{Id: "etcd", State: n.etcd, Events: &machine.ServiceEvents{}, Health: &machine.ServiceHealth{Healthy: n.etcd == "Running"}}

	services := []*machine.ServiceInfo{etcd}
	for _, id := range []string{"machined", "apid", "trustd", "kubelet"} {
		services = append(services, &machine.ServiceInfo{Id: id, State: "Running", Events: &machine.ServiceEvents{}, Health: &machine.ServiceHealth{Healthy: true}})
	}

	return &machine.ServiceListResponse{Messages: []*machine.ServiceList{{Services: services}}}, nil
}

func (n *installingNode) EtcdStatus(context.Context, *emptypb.Empty) (*machine.EtcdStatusResponse, error) {
	return &machine.EtcdStatusResponse{Messages: []*machine.EtcdStatus{{MemberStatus: &machine.EtcdMemberStatus{Leader: 1, MemberId: 1}}}}, nil
}

func (n *installingNode) EtcdAlarmList(context.Context, *emptypb.Empty) (*machine.EtcdAlarmListResponse, error) {
	return &machine.EtcdAlarmListResponse{Messages: []*machine.EtcdAlarm{{}}}, nil
}

// List shows an empty folder of etcd before the bootstrap, and its data afterwards.
func (n *installingNode) List(asked *machine.ListRequest, stream grpc.ServerStreamingServer[machine.FileInfo]) error {
	if err := stream.Send(&machine.FileInfo{Name: asked.Root, RelativeName: ".", IsDir: true}); err != nil {
		return err
	}

	n.lock.Lock()
	defer n.lock.Unlock()

	if n.etcd != "Running" {
		return nil
	}

	return stream.Send(&machine.FileInfo{Name: asked.Root + "/member", RelativeName: "member", IsDir: true})
}

func (n *installingNode) Bootstrap(ctx context.Context, asked *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	n.lock.Lock()
	defer n.lock.Unlock()

	if n.etcd == "" {
		return nil, grpcstatus.Error(codes.FailedPrecondition, "bootstrap is not available yet")
	}

	if n.etcd == "Running" {
		return nil, grpcstatus.Error(codes.AlreadyExists, "etcd data directory is not empty")
	}

	if asked.RecoverEtcd {
		return nil, grpcstatus.Error(codes.FailedPrecondition, "there is no snapshot")
	}

	n.etcd = "Running"

	for _, one := range []resource.Resource{staticPod("kube-apiserver"), staticPodStatus("kube-apiserver", n.config.NetworkHostnameConfig().Hostname(), "True")} {
		if err := n.resources.Create(ctx, one); err != nil {
			return nil, err
		}
	}

	_, err := safe.StateUpdateWithConflicts(ctx, n.resources, runtime.NewMachineStatus().Metadata(), func(status *runtime.MachineStatus) error {
		status.TypedSpec().Stage = runtime.MachineStageRunning
		status.TypedSpec().Status.Ready = true
		status.TypedSpec().Status.UnmetConditions = nil

		return nil
	})
	if err != nil {
		return nil, err
	}

	return &machine.BootstrapResponse{Messages: []*machine.Bootstrap{{}}}, nil
}

func (n *installingNode) EtcdMemberList(context.Context, *machine.EtcdMemberListRequest) (*machine.EtcdMemberListResponse, error) {
	n.lock.Lock()
	defer n.lock.Unlock()

	if n.etcd != "Running" {
		return nil, grpcstatus.Error(codes.FailedPrecondition, "etcd is not running")
	}

	hostname := n.config.NetworkHostnameConfig()
	if hostname == nil {
		return nil, grpcstatus.Error(codes.Internal, "the config has no hostname")
	}

	member := &machine.EtcdMember{Id: 1, Hostname: hostname.Hostname(), PeerUrls: []string{"https://127.0.0.1:2380"}}

	return &machine.EtcdMemberListResponse{Messages: []*machine.EtcdMembers{{Members: []*machine.EtcdMember{member}}}}, nil
}

// Kubeconfig is for an administrator, by the Kubernetes authority of the config, at its endpoint.
func (n *installingNode) Kubeconfig(_ *emptypb.Empty, stream grpc.ServerStreamingServer[common.Data]) error {
	n.lock.Lock()
	defer n.lock.Unlock()

	if n.etcd != "Running" {
		return grpcstatus.Error(codes.FailedPrecondition, "there is no cluster yet")
	}

	issuing := n.config.Cluster().IssuingCA()

	authority, err := talosx509.NewCertificateAuthorityFromCertificateAndKey(issuing)
	if err != nil {
		return err
	}

	client, err := talosx509.NewKeyPair(
		authority,
		talosx509.CommonName("admin"),
		talosx509.Organization("system:masters"),
		talosx509.NotAfter(time.Now().Add(24*time.Hour)),
		talosx509.ExtKeyUsage([]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}),
	)
	if err != nil {
		return err
	}

	encode := base64.StdEncoding.EncodeToString
	content := fmt.Appendf(
		nil,
		"apiVersion: v1\nkind: Config\ncurrent-context: admin\n"+
			"clusters: [{name: c, cluster: {server: '%s', certificate-authority-data: %s}}]\n"+
			"users: [{name: admin, user: {client-certificate-data: %s, client-key-data: %s}}]\n"+
			"contexts: [{name: admin, context: {cluster: c, user: admin}}]\n",
		n.config.Cluster().Endpoint(), encode(issuing.Crt), encode(client.CrtPEM), encode(client.KeyPEM),
	)

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

// describeInstalling is the machine of describeMachine with blank disks, or with Talos on the one that is named.
func describeInstalling(where netip.Addr, disk string) (state.State, error) {
	ctx := context.Background()

	described, err := describeMachine(ctx)
	if err != nil {
		return nil, err
	}

	resources := state.WrapCore(described)

	systemDisk := block.NewSystemDisk(block.NamespaceName, block.SystemDiskID)
	systemDisk.TypedSpec().DiskID = disk
	systemDisk.TypedSpec().DevPath = "/dev/" + disk

	status := runtime.NewMachineStatus()
	status.TypedSpec().Stage = runtime.MachineStageMaintenance
	status.TypedSpec().Status.Ready = true

	address := network.NewAddressStatus(network.NamespaceName, "enp1s0/"+where.String()+"/8")
	address.TypedSpec().Address = netip.PrefixFrom(where, 8)
	address.TypedSpec().LinkName = "enp1s0"

	blank := volume("sda", block.DiscoveredVolumeSpec{Type: "disk"})
	old := network.NewAddressStatus(network.NamespaceName, "enp1s0/10.0.0.51/24")
	partition := volume("sda4", block.DiscoveredVolumeSpec{})

	security := runtime.NewSecurityStateSpec(runtime.NamespaceName)

	for _, gone := range []resource.Resource{systemDisk, status, blank, old, partition, security} {
		if err := resources.Destroy(ctx, gone.Metadata()); err != nil {
			return nil, err
		}
	}

	created := []resource.Resource{status, address, blank, security}

	if disk != "" {
		status.TypedSpec().Stage = runtime.MachineStageBooting
		status.TypedSpec().Status.Ready = false
		status.TypedSpec().Status.UnmetConditions = []runtime.UnmetCondition{{Name: "services", Reason: "etcd is preparing"}}

		created = append(created, systemDisk)
	}

	for _, one := range created {
		if err := resources.Create(ctx, one); err != nil {
			return nil, err
		}
	}

	return resources, nil
}
