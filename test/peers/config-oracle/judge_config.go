package main

import (
	"github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/block"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

type configRequest struct {
	YAML string `json:"yaml"`
	// The disks among which the install disk is chosen.
	Disks []disk `json:"disks"`
}

type disk struct {
	Name      string `json:"name"`
	Serial    string `json:"serial"`
	WWID      string `json:"wwid"`
	Transport string `json:"transport"`
}

type configVerdict struct {
	// Empty when Talos takes the config.
	Error      string      `json:"error"`
	Warnings   []string    `json:"warnings"`
	Understood *understood `json:"understood,omitempty"`
}

type understood struct {
	Type             string            `json:"type"`
	Hostname         string            `json:"hostname"`
	AutoHostname     string            `json:"autoHostname"`
	Endpoint         string            `json:"endpoint"`
	ClusterName      string            `json:"clusterName"`
	InstallImage     string            `json:"installImage"`
	InstallDisks     []string          `json:"installDisks"`
	InstallWipe      bool              `json:"installWipe"`
	KubeletImage     string            `json:"kubeletImage"`
	KubeletSubnets   []string          `json:"kubeletSubnets"`
	MachineSANs      []string          `json:"machineSANs"`
	CNI              string            `json:"cni"`
	PodSubnets       []string          `json:"podSubnets"`
	ServiceSubnets   []string          `json:"serviceSubnets"`
	DNSDomain        string            `json:"dnsDomain"`
	KubePrismPort    int               `json:"kubePrismPort"`
	DiscoveryEnabled bool              `json:"discoveryEnabled"`
	Links            map[string]link   `json:"links"`
	Nameservers      []string          `json:"nameservers"`
	TimeServers      []string          `json:"timeServers"`
	VIPs             map[string]string `json:"vips"`
	NodeLabels       map[string]string `json:"nodeLabels"`
	ControlPlane     *controlPlane     `json:"controlPlane,omitempty"`
}

type link struct {
	Addresses []string `json:"addresses"`
	// Gateways of default routes.
	Gateways []string `json:"gateways"`
}

type controlPlane struct {
	APIServerImage  string   `json:"apiServerImage"`
	APIServerSANs   []string `json:"apiServerSANs"`
	ProxyEnabled    bool     `json:"proxyEnabled"`
	RunsWorkloads   bool     `json:"runsWorkloads"`
	EtcdSubnets     []string `json:"etcdSubnets"`
	AdmissionPlugin []string `json:"admissionPlugins"`
}

// metal is the mode of a machine that still has to be installed.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

func judgeConfig(asked configRequest) configVerdict {
	verdict := configVerdict{Warnings: []string{}}

	provider, err := configloader.NewFromBytes([]byte(asked.YAML))
	if err != nil {
		verdict.Error = err.Error()

		return verdict
	}

	warnings, err := provider.Validate(metal{})
	verdict.Warnings = append(verdict.Warnings, warnings...)

	if err == nil {
		verdict.Understood, err = understand(provider, asked.Disks)
	}

	if err != nil {
		verdict.Error = err.Error()
	}

	return verdict
}

func understand(provider config.Provider, disks []disk) (*understood, error) {
	machine, cluster := provider.Machine(), provider.Cluster()

	installDisks, err := matchingDisks(provider, disks)
	if err != nil {
		return nil, err
	}

	result := &understood{
		Type:             machine.Type().String(),
		Hostname:         provider.NetworkHostnameConfig().Hostname(),
		AutoHostname:     provider.NetworkHostnameConfig().AutoHostname().String(),
		Endpoint:         cluster.Endpoint().String(),
		ClusterName:      cluster.Name(),
		InstallImage:     machine.Install().Image(),
		InstallDisks:     installDisks,
		InstallWipe:      machine.Install().Zero(),
		KubeletImage:     machine.Kubelet().Image(),
		KubeletSubnets:   machine.Kubelet().NodeIP().ValidSubnets(),
		MachineSANs:      machine.Security().CertSANs(),
		CNI:              cluster.Network().CNI().Name(),
		PodSubnets:       cluster.Network().PodCIDRs(),
		ServiceSubnets:   cluster.Network().ServiceCIDRs(),
		DNSDomain:        cluster.Network().DNSDomain(),
		KubePrismPort:    machine.Features().KubePrism().Port(),
		DiscoveryEnabled: cluster.Discovery().Enabled(),
		Links:            map[string]link{},
		Nameservers:      []string{},
		TimeServers:      []string{},
		VIPs:             map[string]string{},
		NodeLabels:       machine.NodeLabels(),
	}

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
			result.Nameservers = append(result.Nameservers, resolver.String())
		}
	}

	if times := provider.NetworkTimeSyncConfig(); times != nil {
		result.TimeServers = append(result.TimeServers, times.Servers()...)
	}

	for _, vip := range provider.NetworkVirtualIPConfigs() {
		result.VIPs[vip.VIP().String()] = vip.Link()
	}

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

// matchingDisks says on which of the disks Talos would install: it takes the first that the selector fits.
func matchingDisks(provider config.Provider, disks []disk) ([]string, error) {
	names := []string{}

	expression, err := provider.Machine().Install().DiskMatchExpression()
	if err != nil || expression == nil {
		return names, err
	}

	for _, candidate := range disks {
		matches, err := expression.EvalBool(celenv.DiskLocator(), map[string]any{
			"disk": &block.DiskSpec{
				DevPath:   "/dev/" + candidate.Name,
				Serial:    candidate.Serial,
				Wwid:      candidate.WWID,
				Transport: candidate.Transport,
			},
			"system_disk": false,
		})
		if err != nil {
			return nil, err
		}

		if matches {
			names = append(names, candidate.Name)
		}
	}

	return names, nil
}
