package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"gopkg.in/yaml.v3"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	"github.com/siderolabs/talos/pkg/machinery/client"

	// What is read by type is read from the protobuf half of a resource.
	_ "github.com/siderolabs/talos/pkg/machinery/resources/block"
	_ "github.com/siderolabs/talos/pkg/machinery/resources/config"
	_ "github.com/siderolabs/talos/pkg/machinery/resources/etcd"
	_ "github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	_ "github.com/siderolabs/talos/pkg/machinery/resources/network"
	_ "github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	_ "github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

type call func(ctx context.Context, talos *client.Client, asked json.RawMessage) (any, error)

var calls = map[string]call{
	"version": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.Version(ctx)
	}),
	"services": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.ServiceList(ctx)
	}),
	"apply": reply(func(ctx context.Context, talos *client.Client, asked *applyRequest) (proto.Message, error) {
		return talos.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{
			Data:   []byte(asked.Config),
			Mode:   machine.ApplyConfigurationRequest_Mode(machine.ApplyConfigurationRequest_Mode_value[asked.Mode]),
			DryRun: asked.DryRun,
		})
	}),
	"bootstrap": reply(func(ctx context.Context, talos *client.Client, asked *bootstrapRequest) (proto.Message, error) {
		return nil, talos.Bootstrap(ctx, &machine.BootstrapRequest{RecoverEtcd: asked.Recover})
	}),
	"kubeconfig": value(func(ctx context.Context, talos *client.Client, _ *nothing) (string, error) {
		kubeconfig, err := talos.Kubeconfig(ctx)

		return string(kubeconfig), err
	}),
	"get":    value(get),
	"list":   value(list),
	"watch":  value(watch),
	"events": value(events),
	"etcdMembers": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.EtcdMemberList(ctx, &machine.EtcdMemberListRequest{})
	}),
	"etcdStatus": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.EtcdStatus(ctx)
	}),
	"etcdAlarms": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.EtcdAlarmList(ctx)
	}),
	"etcdForfeitLeadership": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.EtcdForfeitLeadership(ctx, &machine.EtcdForfeitLeadershipRequest{})
	}),
	"etcdLeave": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return nil, talos.EtcdLeaveCluster(ctx, &machine.EtcdLeaveClusterRequest{})
	}),
	"etcdRemove": reply(func(ctx context.Context, talos *client.Client, asked *machine.EtcdRemoveMemberByIDRequest) (proto.Message, error) {
		return nil, talos.EtcdRemoveMemberByID(ctx, asked)
	}),
	"etcdSnapshot": value(func(ctx context.Context, talos *client.Client, _ *nothing) ([]byte, error) {
		return readAll(talos.EtcdSnapshot(ctx, &machine.EtcdSnapshotRequest{}))
	}),
	"etcdRecover": reply(func(ctx context.Context, talos *client.Client, asked *dataRequest) (proto.Message, error) {
		return talos.EtcdRecover(ctx, bytes.NewReader(asked.Data))
	}),
	"read": value(func(ctx context.Context, talos *client.Client, asked *dataRequest) (string, error) {
		content, err := readAll(talos.Read(ctx, asked.Path))

		return string(content), err
	}),
	"copy": value(func(ctx context.Context, talos *client.Client, asked *dataRequest) ([]byte, error) {
		return readAll(talos.Copy(ctx, asked.Path))
	}),
	"files": value(files),
	"dmesg": value(func(ctx context.Context, talos *client.Client, _ *nothing) (string, error) {
		stream, err := talos.Dmesg(ctx, false, false)
		if err != nil {
			return "", err
		}

		return text(stream.Recv)
	}),
	"logs": value(func(ctx context.Context, talos *client.Client, asked *dataRequest) (string, error) {
		stream, err := talos.Logs(ctx, "system", common.ContainerDriver_CONTAINERD, asked.Path, false, -1)
		if err != nil {
			return "", err
		}

		return text(stream.Recv)
	}),
	"reboot": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.RebootWithResponse(ctx)
	}),
	"shutdown": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.ShutdownWithResponse(ctx)
	}),
	"reset": reply(func(ctx context.Context, talos *client.Client, asked *machine.ResetRequest) (proto.Message, error) {
		return talos.ResetGenericWithResponse(ctx, asked)
	}),
	"rollback": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return nil, talos.Rollback(ctx)
	}),
	"upgrade": reply(func(ctx context.Context, talos *client.Client, asked *machine.UpgradeRequest) (proto.Message, error) { //nolint:staticcheck
		return talos.UpgradeWithOptions(ctx, client.WithUpgradeImage(asked.Image), client.WithUpgradeStage(asked.Stage), client.WithUpgradeForce(asked.Force))
	}),
	"metaWrite": reply(func(ctx context.Context, talos *client.Client, asked *machine.MetaWriteRequest) (proto.Message, error) {
		return nil, talos.MetaWrite(ctx, uint8(asked.Key), asked.Value) //nolint:gosec
	}),
	"metaDelete": reply(func(ctx context.Context, talos *client.Client, asked *machine.MetaDeleteRequest) (proto.Message, error) {
		return nil, talos.MetaDelete(ctx, uint8(asked.Key)) //nolint:gosec
	}),
	"clientConfig": reply(func(ctx context.Context, talos *client.Client, asked *machine.GenerateClientConfigurationRequest) (proto.Message, error) {
		return talos.GenerateClientConfiguration(ctx, asked)
	}),
	"wipe": reply(func(ctx context.Context, talos *client.Client, asked *storage.BlockDeviceWipeRequest) (proto.Message, error) {
		return nil, talos.BlockDeviceWipe(ctx, asked)
	}),
	"time": reply(func(ctx context.Context, talos *client.Client, _ *nothing) (proto.Message, error) {
		return talos.Time(ctx)
	}),
}

type nothing struct{}

type applyRequest struct {
	Config string `json:"config"`
	Mode   string `json:"mode"`
	DryRun bool   `json:"dryRun"`
}

type bootstrapRequest struct {
	Recover bool `json:"recover"`
}

type dataRequest struct {
	Path string `json:"path"`
	Data []byte `json:"data"`
}

type resourceRequest struct {
	Namespace string `json:"namespace"`
	Type      string `json:"type"`
	ID        string `json:"id"`
	// How many events to wait for.
	Count int `json:"count"`
}

type eventsRequest struct {
	Tail    int32  `json:"tail"`
	ActorID string `json:"actorId"`
	// How many events to wait for.
	Count int `json:"count"`
}

func decode(asked json.RawMessage, into any) error {
	if len(asked) == 0 {
		return nil
	}

	if message, isMessage := into.(proto.Message); isMessage {
		return protojson.Unmarshal(asked, message)
	}

	return json.Unmarshal(asked, into)
}

// reply is a call whose answer is a message; it is shown in the JSON form of protobuf.
func reply[Asked any](do func(context.Context, *client.Client, *Asked) (proto.Message, error)) call {
	return func(ctx context.Context, talos *client.Client, asked json.RawMessage) (any, error) {
		request := new(Asked)
		if err := decode(asked, request); err != nil {
			return nil, err
		}

		message, err := do(ctx, talos, request)
		if message == nil || !message.ProtoReflect().IsValid() {
			return nil, err
		}

		shown, encodeErr := protojson.Marshal(message)

		return json.RawMessage(shown), errors.Join(err, encodeErr)
	}
}

func value[Asked, Saw any](do func(context.Context, *client.Client, *Asked) (Saw, error)) call {
	return func(ctx context.Context, talos *client.Client, asked json.RawMessage) (any, error) {
		request := new(Asked)
		if err := decode(asked, request); err != nil {
			return nil, err
		}

		return do(ctx, talos, request)
	}
}

type seen struct {
	Event string `json:"event,omitempty"`
	ID    string `json:"id"`
	Phase string `json:"phase"`
	Spec  any    `json:"spec"`
}

// see shows a resource as Go's types hold it.
func see(event string, one resource.Resource) (seen, error) {
	saw := seen{Event: event, ID: one.Metadata().ID(), Phase: one.Metadata().Phase().String()}

	if resource.IsTombstone(one) {
		return saw, nil
	}

	written, err := yaml.Marshal(one.Spec())
	if err != nil {
		return saw, err
	}

	return saw, yaml.Unmarshal(written, &saw.Spec)
}

func get(ctx context.Context, talos *client.Client, asked *resourceRequest) (any, error) {
	one, err := talos.COSI.Get(ctx, resource.NewMetadata(asked.Namespace, asked.Type, asked.ID, resource.VersionUndefined))
	if err != nil {
		if state.IsNotFoundError(err) {
			return "not found", nil
		}

		return nil, err
	}

	return see("", one)
}

func list(ctx context.Context, talos *client.Client, asked *resourceRequest) ([]seen, error) {
	found, err := talos.COSI.List(ctx, resource.NewMetadata(asked.Namespace, asked.Type, "", resource.VersionUndefined))
	if err != nil {
		return nil, err
	}

	saw := []seen{}

	for _, one := range found.Items {
		next, err := see("", one)
		if err != nil {
			return nil, err
		}

		saw = append(saw, next)
	}

	return saw, nil
}

func watch(ctx context.Context, talos *client.Client, asked *resourceRequest) ([]seen, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	ch := make(chan state.Event)
	kind := resource.NewMetadata(asked.Namespace, asked.Type, asked.ID, resource.VersionUndefined)

	var err error
	if asked.ID == "" {
		err = talos.COSI.WatchKind(ctx, kind, ch, state.WithBootstrapContents(true))
	} else {
		err = talos.COSI.Watch(ctx, kind, ch)
	}

	if err != nil {
		return nil, err
	}

	saw := []seen{}

	for len(saw) < asked.Count {
		select {
		case <-ctx.Done():
			return saw, ctx.Err()
		case event := <-ch:
			if event.Type == state.Errored {
				return saw, event.Error
			}

			if event.Type == state.Bootstrapped {
				saw = append(saw, seen{Event: event.Type.String()})

				continue
			}

			next, err := see(event.Type.String(), event.Resource)
			if err != nil {
				return saw, err
			}

			saw = append(saw, next)
		}
	}

	return saw, nil
}

type seenEvent struct {
	ID      string          `json:"id"`
	ActorID string          `json:"actorId"`
	Kind    string          `json:"kind"`
	Payload json.RawMessage `json:"payload"`
}

func events(ctx context.Context, talos *client.Client, asked *eventsRequest) ([]seenEvent, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	ch := make(chan client.EventResult)
	if err := talos.EventsWatchV2(ctx, ch, client.WithTailEvents(asked.Tail), client.WithActorID(asked.ActorID)); err != nil {
		return nil, err
	}

	saw := []seenEvent{}

	for len(saw) < asked.Count {
		select {
		case <-ctx.Done():
			return saw, ctx.Err()
		case result := <-ch:
			if result.Error != nil {
				return saw, result.Error
			}

			payload, err := protojson.Marshal(result.Event.Payload)
			if err != nil {
				return saw, err
			}

			kind := string(result.Event.Payload.ProtoReflect().Descriptor().Name())
			saw = append(saw, seenEvent{result.Event.ID, result.Event.ActorID, kind, payload})
		}
	}

	return saw, nil
}

func files(ctx context.Context, talos *client.Client, asked *machine.ListRequest) ([]string, error) {
	stream, err := talos.LS(ctx, asked)
	if err != nil {
		return nil, err
	}

	names := []string{}

	for {
		file, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return names, nil
		}

		if err != nil {
			return names, err
		}

		if file.Error != "" {
			return names, errors.New(file.Error)
		}

		names = append(names, file.RelativeName)
	}
}

func readAll(reader io.ReadCloser, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}

	defer reader.Close() //nolint:errcheck

	return io.ReadAll(reader)
}

func text(receive func() (*common.Data, error)) (string, error) {
	var all bytes.Buffer

	for {
		data, err := receive()
		if errors.Is(err, io.EOF) {
			return all.String(), nil
		}

		if err != nil {
			return all.String(), err
		}

		all.Write(data.Bytes)
	}
}
