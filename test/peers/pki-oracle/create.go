package main

import (
	stdx509 "crypto/x509"
	"time"

	"github.com/siderolabs/crypto/x509"
	"gopkg.in/yaml.v3"

	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

type created struct {
	Secrets         string                      `json:"secrets"`
	Talosconfig     string                      `json:"talosconfig"`
	Authorities     map[string]certificateFacts `json:"authorities"`
	Admin           certificateFacts            `json:"admin"`
	KubernetesAdmin certificateFacts            `json:"kubernetesAdmin"`
}

// create makes what talosctl gen secrets and gen config make, and an admin of Kubernetes as a Talos machine does.
func create(contract string) (*created, error) {
	version, err := config.ParseContractFromVersion(contract)
	if err != nil {
		return nil, err
	}

	bundle, err := secrets.NewBundle(secrets.NewClock(), version)
	if err != nil {
		return nil, err
	}

	text, err := yaml.Marshal(bundle)
	if err != nil {
		return nil, err
	}

	result := &created{Secrets: string(text)}

	if result.Authorities, err = authoritiesOf(bundle); err != nil {
		return nil, err
	}

	admin, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	if err != nil {
		return nil, err
	}

	if result.Admin, err = factsOf(admin); err != nil {
		return nil, err
	}

	talosconfig, err := clientconfig.NewConfig("rack-1", []string{"10.0.0.11"}, bundle.Certs.OS.Crt, admin).Bytes()
	if err != nil {
		return nil, err
	}

	result.Talosconfig = string(talosconfig)
	result.KubernetesAdmin, err = kubernetesAdmin(bundle)

	return result, err
}

// kubernetesAdmin has the options of the generator that runs on machines; that one is in no module of its own.
func kubernetesAdmin(bundle *secrets.Bundle) (certificateFacts, error) {
	authority, err := x509.NewCertificateAuthorityFromCertificateAndKey(bundle.Certs.K8s)
	if err != nil {
		return certificateFacts{}, err
	}

	pair, err := x509.NewKeyPair(authority,
		x509.CommonName("admin"),
		x509.Organization("system:masters"),
		x509.NotBefore(time.Now().Add(-10*time.Second)),
		x509.NotAfter(time.Now().Add(8760*time.Hour)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature|stdx509.KeyUsageKeyEncipherment),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}),
	)
	if err != nil {
		return certificateFacts{}, err
	}

	return factsOf(x509.NewCertificateAndKeyFromKeyPair(pair))
}
