package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"syscall"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// benchInput asks for one measurement: as many configs, bundles of secrets, certificates or clients at once.
type benchInput struct {
	What  string `json:"what"`
	Count int    `json:"count"`
	// For clients: where the server is, and how to be let in.
	Endpoint string `json:"endpoint"`
	CA       string `json:"ca"`
	Cert     string `json:"cert"`
	Key      string `json:"key"`
}

type benchVerdict struct {
	Seconds float64 `json:"seconds"`
	// Peak of the resident memory of this process.
	MegaBytes float64 `json:"megaBytes"`
}

func bench(contract string, input benchInput) (*benchVerdict, error) {
	version, err := config.ParseContractFromVersion(contract)
	if err != nil {
		return nil, err
	}

	work, err := prepare(version, input)
	if err != nil {
		return nil, err
	}

	begun := time.Now()

	if err = work(); err != nil {
		return nil, err
	}

	verdict := &benchVerdict{Seconds: time.Since(begun).Seconds()}

	var usage syscall.Rusage
	if err = syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return nil, err
	}

	verdict.MegaBytes = float64(usage.Maxrss) / 1024

	return verdict, nil
}

func prepare(version *config.VersionContract, input benchInput) (func() error, error) {
	switch input.What {
	case "configs":
		return prepareConfigs(version, input.Count)
	case "secrets":
		return repeat(input.Count, func() error {
			_, err := secrets.NewBundle(secrets.NewClock(), version)

			return err
		}), nil
	case "certificates":
		authority, err := secrets.NewTalosCA(time.Now())
		if err != nil {
			return nil, err
		}

		bundle := &secrets.Bundle{Clock: secrets.NewClock(), Certs: &secrets.Certs{OS: pairOf(authority.CrtPEM, authority.KeyPEM)}}

		return repeat(input.Count, func() error {
			_, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))

			return err
		}), nil
	case "clients":
		return prepareClients(input)
	default:
		return nil, errors.New("unknown measurement: " + input.What)
	}
}

// prepareConfigs makes three control planes, and workers else.
func prepareConfigs(version *config.VersionContract, count int) (func() error, error) {
	bundle, err := secrets.NewBundle(secrets.NewClock(), version)
	if err != nil {
		return nil, err
	}

	generator, err := generate.NewInput("rack-1", "https://10.0.0.10:6443", "1.34.1",
		generate.WithSecretsBundle(bundle), generate.WithVersionContract(version))
	if err != nil {
		return nil, err
	}

	made := 0

	return repeat(count, func() error {
		kind := machine.TypeWorker
		if made < 3 {
			kind = machine.TypeControlPlane
		}

		made++

		provider, err := generator.Config(kind)
		if err != nil {
			return err
		}

		_, err = provider.EncodeString(encoder.WithComments(encoder.CommentsDisabled))

		return err
	}), nil
}

// prepareClients connects all of them at once, each by a connection of its own, and waits for one answer to each.
func prepareClients(input benchInput) (func() error, error) {
	certificate, err := tls.X509KeyPair([]byte(input.Cert), []byte(input.Key))
	if err != nil {
		return nil, err
	}

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(input.CA))

	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()

		results := make(chan error, input.Count)

		for range input.Count {
			go func() {
				one, err := client.New(ctx,
					client.WithEndpoints(input.Endpoint),
					client.WithTLSConfig(&tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}))
				if err == nil {
					_, err = one.Version(ctx)
				}

				results <- err
			}()
		}

		for range input.Count {
			if err := <-results; err != nil {
				return err
			}
		}

		return nil
	}, nil
}

func repeat(count int, once func() error) func() error {
	return func() error {
		for range count {
			if err := once(); err != nil {
				return err
			}
		}

		return nil
	}
}
