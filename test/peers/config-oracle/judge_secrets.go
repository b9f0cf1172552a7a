package main

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"time"

	crypto "github.com/siderolabs/crypto/x509"

	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

type certificateFacts struct {
	Organizations []string `json:"organizations"`
	CommonName    string   `json:"commonName"`
	KeyAlgorithm  string   `json:"keyAlgorithm"`
	IsCA          bool     `json:"isCA"`
	Hours         float64  `json:"hours"`
	KeyUsage      int      `json:"keyUsage"`
	ExtKeyUsages  []int    `json:"extKeyUsages"`
}

type secretsVerdict struct {
	Error       string                      `json:"error"`
	Authorities map[string]certificateFacts `json:"authorities"`
	// Talos signs an admin with the key of our authority.
	SignedAdmin certificateFacts `json:"signedAdmin"`
}

type talosconfigVerdict struct {
	Error     string           `json:"error"`
	Context   string           `json:"context"`
	Endpoints []string         `json:"endpoints"`
	Client    certificateFacts `json:"client"`
}

func judgeSecrets(yaml string) *secretsVerdict {
	verdict := &secretsVerdict{Authorities: map[string]certificateFacts{}}

	bundle, err := loadBundle(yaml)
	if err == nil {
		err = bundle.Validate()
	}

	if err != nil {
		verdict.Error = err.Error()

		return verdict
	}

	for name, pair := range map[string]*crypto.PEMEncodedCertificateAndKey{
		"etcd":          bundle.Certs.Etcd,
		"k8s":           bundle.Certs.K8s,
		"k8saggregator": bundle.Certs.K8sAggregator,
		"os":            bundle.Certs.OS,
	} {
		if verdict.Authorities[name], err = factsOf(pair); err != nil {
			verdict.Error = name + ": " + err.Error()
		}
	}

	admin, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	if err == nil {
		verdict.SignedAdmin, err = factsOf(admin)
	}

	if err != nil {
		verdict.Error = err.Error()
	}

	return verdict
}

func judgeTalosconfig(yaml string) *talosconfigVerdict {
	verdict := &talosconfigVerdict{}

	config, err := clientconfig.FromString(yaml)
	if err != nil {
		verdict.Error = err.Error()

		return verdict
	}

	verdict.Context = config.Context

	context := config.Contexts[config.Context]
	if context == nil {
		verdict.Error = "the context is missing"

		return verdict
	}

	verdict.Endpoints = context.Endpoints

	if err := verdict.readClient(context); err != nil {
		verdict.Error = err.Error()
	}

	return verdict
}

func (verdict *talosconfigVerdict) readClient(context *clientconfig.Context) error {
	ca, err := base64.StdEncoding.DecodeString(context.CA)
	if err != nil {
		return err
	}

	crt, err := base64.StdEncoding.DecodeString(context.Crt)
	if err != nil {
		return err
	}

	key, err := base64.StdEncoding.DecodeString(context.Key)
	if err != nil {
		return err
	}

	pair := &crypto.PEMEncodedCertificateAndKey{Crt: crt, Key: key}
	if verdict.Client, err = factsOf(pair); err != nil {
		return err
	}

	certificate, err := pair.GetCert()
	if err != nil {
		return err
	}

	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return errors.New("the CA is not PEM")
	}

	_, err = certificate.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})

	return err
}

// factsOf fails when the key cannot be read by Talos or does not fit the certificate.
func factsOf(pair *crypto.PEMEncodedCertificateAndKey) (certificateFacts, error) {
	certificate, err := pair.GetCert()
	if err != nil {
		return certificateFacts{}, err
	}

	if _, err = pair.GetKey(); err != nil {
		return certificateFacts{}, err
	}

	block, _ := pem.Decode(pair.Key)
	if block == nil {
		return certificateFacts{}, errors.New("the key is not PEM")
	}

	usages := []int{}
	for _, usage := range certificate.ExtKeyUsage {
		usages = append(usages, int(usage))
	}

	return certificateFacts{
		Organizations: certificate.Subject.Organization,
		CommonName:    certificate.Subject.CommonName,
		KeyAlgorithm:  certificate.PublicKeyAlgorithm.String() + ", " + block.Type,
		IsCA:          certificate.IsCA,
		Hours:         certificate.NotAfter.Sub(certificate.NotBefore).Round(time.Second).Hours(),
		KeyUsage:      int(certificate.KeyUsage),
		ExtKeyUsages:  usages,
	}, nil
}

// loadBundle reads the secrets in the way of talosctl gen config --with-secrets: from a file.
func loadBundle(yaml string) (*secrets.Bundle, error) {
	directory, err := os.MkdirTemp("", "config-oracle")
	if err != nil {
		return nil, err
	}

	defer os.RemoveAll(directory) //nolint:errcheck

	path := filepath.Join(directory, "secrets.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		return nil, err
	}

	return secrets.LoadBundle(path)
}
