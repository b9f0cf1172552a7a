//go:build !talos14

package main

import (
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

func understand(provider config.Provider, disks []disk) (*understood, error) {
	machine, cluster := provider.Machine(), provider.Cluster()

	selector, err := machine.Install().DiskMatchExpression()
	if err != nil {
		return nil, err
	}

	installDisks, err := matchingDisks(selector, disks)
	if err != nil {
		return nil, err
	}

	result := newUnderstood(provider)
	result.Endpoint = cluster.Endpoint().String()
	result.ClusterName = cluster.Name()
	result.InstallImage = machine.Install().Image()
	result.InstallDisks = installDisks
	result.InstallWipe = machine.Install().Zero()
	result.KubeletImage = machine.Kubelet().Image()
	result.KubeletSubnets = machine.Kubelet().NodeIP().ValidSubnets()
	result.MachineSANs = machine.Security().CertSANs()
	result.CNI = cluster.Network().CNI().Name()
	result.PodSubnets = cluster.Network().PodCIDRs()
	result.ServiceSubnets = cluster.Network().ServiceCIDRs()
	result.DNSDomain = cluster.Network().DNSDomain()
	result.KubePrismPort = machine.Features().KubePrism().Port()
	result.DiscoveryEnabled = cluster.Discovery().Enabled()
	result.NodeLabels = machine.NodeLabels()

	understandNetwork(provider, result)

	if machine.Type().IsControlPlane() {
		plugins := []string{}
		for _, plugin := range cluster.APIServer().AdmissionControl() {
			plugins = append(plugins, plugin.Name())
		}

		result.ControlPlane = &controlPlane{
			APIServerImage:  cluster.APIServer().Image(),
			APIServerSANs:   cluster.CertSANs(),
			ProxyEnabled:    cluster.Proxy().Enabled(),
			RunsWorkloads:   cluster.ScheduleOnControlPlanes(),
			EtcdSubnets:     cluster.Etcd().AdvertisedSubnets(),
			AdmissionPlugin: plugins,
		}
	}

	return result, nil
}

func resolverAddress(resolver netip.Addr) string { return resolver.String() }
