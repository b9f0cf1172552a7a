package main

import (
	"encoding/base64"
	"errors"

	crypto "github.com/siderolabs/crypto/x509"

	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
)

type talosconfigVerdict struct {
	Error    string                    `json:"error"`
	Context  string                    `json:"context"`
	Contexts map[string]contextVerdict `json:"contexts"`
}

type contextVerdict struct {
	Error     string           `json:"error"`
	Endpoints []string         `json:"endpoints"`
	Nodes     []string         `json:"nodes"`
	Client    certificateFacts `json:"client"`
}

func judgeTalosconfig(text string) *talosconfigVerdict {
	verdict := &talosconfigVerdict{Contexts: map[string]contextVerdict{}}

	config, err := clientconfig.FromString(text)
	if err != nil {
		verdict.Error = err.Error()

		return verdict
	}

	verdict.Context = config.Context

	for name, context := range config.Contexts {
		one := contextVerdict{Endpoints: context.Endpoints, Nodes: context.Nodes}

		if one.Client, err = clientOf(context.CA, context.Crt, context.Key); err != nil {
			one.Error = err.Error()
		}

		verdict.Contexts[name] = one
	}

	return verdict
}

// clientOf reads three texts of PEM in base64 and fails when the authority would refuse the client.
func clientOf(ca, crt, key string) (certificateFacts, error) {
	authorities, caErr := base64.StdEncoding.DecodeString(ca)
	certificate, crtErr := base64.StdEncoding.DecodeString(crt)
	private, keyErr := base64.StdEncoding.DecodeString(key)

	if err := errors.Join(caErr, crtErr, keyErr); err != nil {
		return certificateFacts{}, err
	}

	pair := &crypto.PEMEncodedCertificateAndKey{Crt: certificate, Key: private}

	facts, err := factsOf(pair)
	if err != nil {
		return facts, err
	}

	parsed, err := pair.GetCert()
	if err != nil {
		return facts, err
	}

	return facts, verifyClient(parsed, authorities)
}
