//go:build talos11

package main

import "github.com/siderolabs/talos/pkg/machinery/config"

// understandNetwork reads machine.network: Talos 1.11 has no documents for it.
func understandNetwork(provider config.Provider, result *understood) {
	network := provider.Machine().Network()
	result.Hostname = network.Hostname()
	result.Nameservers = append(result.Nameservers, network.Resolvers()...)
	result.TimeServers = append(result.TimeServers, provider.Machine().Time().Servers()...)

	for _, device := range network.Devices() {
		found := link{Addresses: append([]string{}, device.Addresses()...), Gateways: []string{}}

		for _, route := range device.Routes() {
			if route.Network() == "" || route.Network() == "0.0.0.0/0" {
				found.Gateways = append(found.Gateways, route.Gateway())
			}
		}

		result.Links[device.Interface()] = found

		if vip := device.VIPConfig(); vip != nil {
			result.VIPs[vip.IP()] = device.Interface()
		}
	}
}
