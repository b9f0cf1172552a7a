package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

type generateInput struct {
	ClusterName       string `json:"clusterName"`
	Endpoint          string `json:"endpoint"`
	KubernetesVersion string `json:"kubernetesVersion"`
}

// generateConfigs gives what talosctl gen config writes for these secrets, by machine type.
func generateConfigs(contract, secretsYAML string, input generateInput) (map[string]string, error) {
	bundle, err := loadBundle(secretsYAML)
	if err != nil {
		return nil, err
	}

	version, err := config.ParseContractFromVersion(contract)
	if err != nil {
		return nil, err
	}

	generator, err := generate.NewInput(
		input.ClusterName, input.Endpoint, input.KubernetesVersion,
		generate.WithSecretsBundle(bundle), generate.WithVersionContract(version),
	)
	if err != nil {
		return nil, err
	}

	configs := map[string]string{}

	for _, kind := range []machine.Type{machine.TypeControlPlane, machine.TypeWorker} {
		provider, err := generator.Config(kind)
		if err != nil {
			return nil, err
		}

		yaml, err := provider.EncodeString(encoder.WithComments(encoder.CommentsDisabled))
		if err != nil {
			return nil, err
		}

		configs[kind.String()] = yaml
	}

	return configs, nil
}
