// Command talos-node answers on loopback as a Talos machine does: Go's TLS and gRPC, the stubs and the resources of
// Talos' own machinery, and COSI's own State server. It reads one request as JSON from its standard input, writes the
// port that it listens on as one line, and ends when its standard input does.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

type request struct {
	// PEM, with a key that Go knows by PKCS #8.
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	// Authority of the clients; empty in maintenance mode.
	ClientCA string `json:"clientCA"`
}

func main() {
	log.SetFlags(0)

	if err := run(); err != nil {
		log.Fatal("talos-node: ", err)
	}
}

func run() error {
	decoder := json.NewDecoder(os.Stdin)

	var asked request
	if err := decoder.Decode(&asked); err != nil {
		return err
	}

	config, err := tlsConfig(asked)
	if err != nil {
		return err
	}

	resources, err := describeMachine(context.Background())
	if err != nil {
		return err
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}

	node := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)))
	v1alpha1.RegisterStateServer(node, server.NewState(resources))
	machine.RegisterMachineServiceServer(node, &machineService{})

	fmt.Println(listener.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)

		node.Stop()
	}()

	return node.Serve(listener)
}

// tlsConfig is as strict as apid: at least TLS 1.2, and client certificates of one authority once there is a config.
func tlsConfig(asked request) (*tls.Config, error) {
	certificate, err := tls.X509KeyPair([]byte(asked.Certificate), []byte(asked.Key))
	if err != nil {
		return nil, err
	}

	config := &tls.Config{
		Certificates:           []tls.Certificate{certificate},
		MinVersion:             tls.VersionTLS12,
		SessionTicketsDisabled: true,
	}

	if asked.ClientCA != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = x509.NewCertPool()

		if !config.ClientCAs.AppendCertsFromPEM([]byte(asked.ClientCA)) {
			return nil, errors.New("the client CA is not PEM")
		}
	}

	return config, nil
}
