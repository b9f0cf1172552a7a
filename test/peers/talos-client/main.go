// Command talos-client asks a node with Talos' own client, as talosctl does, and says what it saw. It reads where the
// node is and then one question a line as JSON from its standard input, and writes one answer a line.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"google.golang.org/grpc/codes"
)

// target is the first line. Without a talosconfig the machine is in maintenance mode.
type target struct {
	Endpoint    string `json:"endpoint"`
	Talosconfig string `json:"talosconfig"`
}

type question struct {
	Call string `json:"call"`
	// Metadata of the call.
	Node  string   `json:"node"`
	Nodes []string `json:"nodes"`
	// What the call wants, see calls.go.
	Asked json.RawMessage `json:"asked"`
}

type answer struct {
	Saw     any    `json:"saw,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func main() {
	log.SetFlags(0)

	if err := run(); err != nil {
		log.Fatal("talos-client: ", err)
	}
}

func run() error {
	lines := bufio.NewReader(os.Stdin)

	first, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}

	var at target
	if err = json.Unmarshal(first, &at); err != nil {
		return err
	}

	talos, err := connect(at)
	if err != nil {
		return err
	}

	defer talos.Close() //nolint:errcheck

	out := json.NewEncoder(os.Stdout)

	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil
		}

		var asked question
		if err = json.Unmarshal(line, &asked); err != nil {
			return err
		}

		if err = out.Encode(ask(talos, asked)); err != nil {
			return err
		}
	}
}

func connect(at target) (*client.Client, error) {
	ctx := context.Background()

	if at.Talosconfig == "" {
		return client.New(ctx,
			client.WithEndpoints(at.Endpoint),
			client.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), //nolint:gosec
		)
	}

	config, err := clientconfig.FromBytes([]byte(at.Talosconfig))
	if err != nil {
		return nil, err
	}

	return client.New(ctx, client.WithConfig(config), client.WithEndpoints(at.Endpoint))
}

func ask(talos *client.Client, asked question) answer {
	call, isKnown := calls[asked.Call]
	if !isKnown {
		return answer{Code: "Unknown call", Message: asked.Call}
	}

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	if asked.Node != "" {
		ctx = client.WithNode(ctx, asked.Node)
	}

	if len(asked.Nodes) > 0 {
		ctx = client.WithNodes(ctx, asked.Nodes...)
	}

	saw, err := call(ctx, talos, asked.Asked)
	if err != nil {
		code := client.StatusCode(err)
		if code == codes.OK {
			code = codes.Unknown
		}

		return answer{Saw: saw, Code: code.String(), Message: fmt.Sprint(err)}
	}

	return answer{Saw: saw}
}
