// Command talos-node answers on loopback as a Talos machine does: Go's TLS and gRPC, the stubs and the resources of
// Talos' own machinery, and COSI's own State server. It reads one request as JSON from its standard input, writes the
// port that it listens on and its fingerprint as one line and then a line for each request that it gets, obeys the orders that follow on its
// standard input, and ends when that does.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	talosx509 "github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
)

type request struct {
	// PEM, with a key that Go knows by PKCS #8.
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	// Authority of the clients; empty in maintenance mode.
	ClientCA string `json:"clientCA"`
	// The server of maintenance mode before 1.13 leaves the limit of a request at what gRPC has by default.
	IsOld bool `json:"isOld"`
	// Where a machine waits for its config, installs itself and joins its cluster; then nothing else is said here.
	Address string `json:"address"`
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

	if asked.Address != "" {
		return runInstalling(decoder, asked.Address)
	}

	config, err := tlsConfig(asked)
	if err != nil {
		return err
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}

	place := listener.Addr().String()

	fingerprint, err := talosx509.SPKIFingerprintFromPEM([]byte(asked.Certificate))
	if err != nil {
		return err
	}

	fmt.Println(listener.Addr().(*net.TCPAddr).Port, fingerprint) //nolint:forcetypeassert

	said := &witness{}

	for {
		resources, err := describeMachine(context.Background())
		if err != nil {
			return err
		}

		if err := describeVitals(context.Background(), resources); err != nil {
			return err
		}

		options := []grpc.ServerOption{
			grpc.Creds(credentials.NewTLS(config)),
			grpc.UnaryInterceptor(said.unary),
			grpc.StreamInterceptor(said.stream),
		}
		if !asked.IsOld {
			// Both as in apid.
			options = append(options, grpc.MaxRecvMsgSize(32<<20), grpc.MaxSendMsgSize(32<<20))
		}

		node := grpc.NewServer(options...)
		v1alpha1.RegisterStateServer(node, server.NewState(resources))
		machine.RegisterMachineServiceServer(node, &machineService{})
		registerOthers(node)

		served := make(chan error, 1)

		go func() { served <- node.Serve(listener) }()

		if isOver := obey(decoder, resources); isOver {
			node.Stop()

			return said.summarize()
		}

		node.Stop()

		if err := <-served; err != nil {
			return err
		}

		if listener, err = net.Listen("tcp", place); err != nil {
			return err
		}
	}
}

// order is what the test asks for while the node runs.
type order struct {
	// Names of disks.
	Create  string `json:"create"`
	Destroy string `json:"destroy"`
	// Everything is as after a boot: the state is described anew, and all connections are gone.
	Reboot bool `json:"reboot"`
}

// obey carries out orders until a reboot is asked for, or nobody is there any more to ask.
func obey(orders *json.Decoder, resources state.CoreState) (isOver bool) {
	for {
		var asked order
		if err := orders.Decode(&asked); err != nil {
			return true
		}

		ctx := context.Background()

		var err error

		switch {
		case asked.Reboot:
			return false
		case asked.Create != "":
			err = resources.Create(ctx, disk(asked.Create, block.DiskSpec{Size: 1}))
		case asked.Destroy != "":
			err = resources.Destroy(ctx, disk(asked.Destroy, block.DiskSpec{}).Metadata())
		}

		if err != nil {
			log.Fatal("talos-node: ", err)
		}
	}
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
