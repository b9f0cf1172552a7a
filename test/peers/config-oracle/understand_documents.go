//go:build talos14

package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	types "github.com/siderolabs/talos/pkg/machinery/config/config"
)

// understand reads what a pre-release of Talos 1.14 and the release itself agree on.
func understand(provider config.Provider, _ []disk) (*understood, error) {
	result := newUnderstood(provider)
	understandNetwork(provider, result)

	return result, nil
}

func resolverAddress(resolver types.NetworkResolver) string { return resolver.Addr.String() }
