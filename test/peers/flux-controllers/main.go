// A source for Flux on loopback: an OCI registry at /v2/ and the bare git repositories of a folder at /git/, by git's
// own http-backend.
//
//	flux-source GIT_FOLDER GIT_HTTP_BACKEND
//
// Prints its port as one line, and ends when its standard input does, so that it never outlives the test that started it.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: flux-source GIT_FOLDER GIT_HTTP_BACKEND")
		os.Exit(2)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.SetOutput(io.Discard)
	serve := http.NewServeMux()
	serve.Handle("/v2/", registry.New(registry.Logger(log.Default())))
	serve.Handle("/git/", &cgi.Handler{
		Path: os.Args[2],
		Root: "/git",
		Env:  []string{"GIT_PROJECT_ROOT=" + os.Args[1], "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
		// It says there what it also answers: that a repository is missing, which is asked on purpose.
		Stderr: io.Discard,
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	fmt.Fprintln(os.Stderr, http.Serve(listener, serve))
	os.Exit(1)
}
