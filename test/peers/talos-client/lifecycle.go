//go:build !old

package main

import (
	"context"
	"errors"
	"io"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

func init() {
	calls["pull"] = value(pull)
	calls["images"] = value(images)
	calls["lifecycleUpgrade"] = value(lifecycleUpgrade)
}

type pulled struct {
	Name  string   `json:"name"`
	Steps []string `json:"steps"`
}

func pull(ctx context.Context, talos *client.Client, asked *machine.ImageServicePullRequest) (saw pulled, err error) {
	stream, err := talos.ImageClient.Pull(ctx, asked)
	if err != nil {
		return saw, err
	}

	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return saw, nil
		}

		if err != nil {
			return saw, err
		}

		switch told := message.Response.(type) {
		case *machine.ImageServicePullResponse_Name:
			saw.Name = told.Name
		case *machine.ImageServicePullResponse_PullProgress:
			saw.Steps = append(saw.Steps, told.PullProgress.Progress.Status.String())
		}
	}
}

func images(ctx context.Context, talos *client.Client, asked *machine.ImageServiceListRequest) ([]string, error) {
	stream, err := talos.ImageClient.List(ctx, asked)
	if err != nil {
		return nil, err
	}

	names := []string{}

	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return names, nil
		}

		if err != nil {
			return names, err
		}

		names = append(names, message.Name)
	}
}

type upgraded struct {
	Output   string `json:"output"`
	ExitCode *int32 `json:"exitCode"`
}

func lifecycleUpgrade(ctx context.Context, talos *client.Client, asked *machine.LifecycleServiceUpgradeRequest) (saw upgraded, err error) {
	stream, err := talos.LifecycleClient.Upgrade(ctx, asked)
	if err != nil {
		return saw, err
	}

	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return saw, nil
		}

		if err != nil {
			return saw, err
		}

		switch told := message.Progress.Response.(type) {
		case *machine.LifecycleServiceInstallProgress_Message:
			saw.Output += told.Message
		case *machine.LifecycleServiceInstallProgress_ExitCode:
			saw.ExitCode = &told.ExitCode
		}
	}
}
