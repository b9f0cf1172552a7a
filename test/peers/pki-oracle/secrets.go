package main

import (
	"os"
	"path/filepath"

	"github.com/siderolabs/crypto/x509"
	"gopkg.in/yaml.v3"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

type secretsVerdict struct {
	Error       string                      `json:"error"`
	Authorities map[string]certificateFacts `json:"authorities"`
	// Talos signs an admin with the key of our authority.
	SignedAdmin certificateFacts `json:"signedAdmin"`
	// What Talos writes of what it read.
	Rewritten string `json:"rewritten"`
}

func judgeSecrets(text string) *secretsVerdict {
	verdict := &secretsVerdict{Authorities: map[string]certificateFacts{}}
	if err := verdict.read(text); err != nil {
		verdict.Error = err.Error()
	}

	return verdict
}

func (verdict *secretsVerdict) read(text string) error {
	bundle, err := loadBundle(text)
	if err != nil {
		return err
	}

	if err = bundle.Validate(); err != nil {
		return err
	}

	if verdict.Authorities, err = authoritiesOf(bundle); err != nil {
		return err
	}

	admin, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	if err != nil {
		return err
	}

	if verdict.SignedAdmin, err = factsOf(admin); err != nil {
		return err
	}

	rewritten, err := yaml.Marshal(bundle)
	verdict.Rewritten = string(rewritten)

	return err
}

func authoritiesOf(bundle *secrets.Bundle) (map[string]certificateFacts, error) {
	authorities := map[string]certificateFacts{}

	for name, pair := range map[string]*x509.PEMEncodedCertificateAndKey{
		"etcd":          bundle.Certs.Etcd,
		"k8s":           bundle.Certs.K8s,
		"k8saggregator": bundle.Certs.K8sAggregator,
		"os":            bundle.Certs.OS,
	} {
		facts, err := factsOf(pair)
		if err != nil {
			return nil, err
		}

		authorities[name] = facts
	}

	return authorities, nil
}

// loadBundle reads the secrets in the way of talosctl gen config --with-secrets: from a file.
func loadBundle(text string) (*secrets.Bundle, error) {
	directory, err := os.MkdirTemp("", "pki-oracle")
	if err != nil {
		return nil, err
	}

	defer os.RemoveAll(directory) //nolint:errcheck

	path := filepath.Join(directory, "secrets.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}

	return secrets.LoadBundle(path)
}
