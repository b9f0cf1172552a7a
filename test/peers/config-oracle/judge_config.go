package main

import (
	"github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/block"
	"github.com/siderolabs/talos/pkg/machinery/cel"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
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
	Error    string   `json:"error"`
	Warnings []string `json:"warnings"`
	// The config as Talos writes what it has read, whether it takes it or not.
	Encoded    string      `json:"encoded"`
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

func newUnderstood(provider config.Provider) *understood {
	return &understood{
		Type:        provider.Machine().Type().String(),
		Links:       map[string]link{},
		Nameservers: []string{},
		TimeServers: []string{},
		VIPs:        map[string]string{},
	}
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

	verdict.Encoded, err = provider.EncodeString(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		verdict.Error = err.Error()

		return verdict
	}

	warnings, err := provider.Validate(metal{})
	verdict.Warnings = append(verdict.Warnings, warnings...)

	// A config of documents alone is no machine's config, and has nothing that could be understood.
	if err == nil && provider.RawV1Alpha1() != nil {
		verdict.Understood, err = understand(provider, asked.Disks)
	}

	if err != nil {
		verdict.Error = err.Error()
	}

	return verdict
}

type matchRequest struct {
	// What Talos' disk selectors are written in, CEL.
	Expression string `json:"expression"`
	Disks      []disk `json:"disks"`
}

type matchVerdict struct {
	Error string   `json:"error"`
	Disks []string `json:"disks"`
}

func judgeMatch(asked matchRequest) matchVerdict {
	expression, err := cel.ParseBooleanExpression(asked.Expression, celenv.DiskLocator())
	if err != nil {
		return matchVerdict{Error: err.Error(), Disks: []string{}}
	}

	names, err := matchingDisks(&expression, asked.Disks)
	if err != nil {
		return matchVerdict{Error: err.Error(), Disks: []string{}}
	}

	return matchVerdict{Disks: names}
}

// matchingDisks says which of the disks the selector fits: Talos takes the first.
func matchingDisks(expression *cel.Expression, disks []disk) ([]string, error) {
	names := []string{}

	if expression == nil {
		return names, nil
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
