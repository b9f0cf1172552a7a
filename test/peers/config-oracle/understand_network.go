//go:build !talos11

package main

import "github.com/siderolabs/talos/pkg/machinery/config"

func understandNetwork(provider config.Provider, result *understood) {
	result.Hostname = provider.NetworkHostnameConfig().Hostname()
	result.AutoHostname = provider.NetworkHostnameConfig().AutoHostname().String()

	for _, common := range provider.NetworkCommonLinkConfigs() {
		found := link{Addresses: []string{}, Gateways: []string{}}

		for _, address := range common.Addresses() {
			found.Addresses = append(found.Addresses, address.Address().String())
		}

		for _, route := range common.Routes() {
			if gateway, ok := route.Gateway().Get(); ok && !route.Destination().IsPresent() {
				found.Gateways = append(found.Gateways, gateway.String())
			}
		}

		result.Links[common.Name()] = found
	}

	if resolvers := provider.NetworkResolverConfig(); resolvers != nil {
		for _, resolver := range resolvers.Resolvers() {
			result.Nameservers = append(result.Nameservers, resolverAddress(resolver))
		}
	}

	if times := provider.NetworkTimeSyncConfig(); times != nil {
		result.TimeServers = append(result.TimeServers, times.Servers()...)
	}

	for _, vip := range provider.NetworkVirtualIPConfigs() {
		result.VIPs[vip.VIP().String()] = vip.Link()
	}
}
