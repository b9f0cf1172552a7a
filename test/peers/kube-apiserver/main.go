// A real kube-apiserver with a real etcd in one process, for tests on loopback.
//
//	control-plane DATA_DIR ETCD_URL KUBE_APISERVER_FLAG…
//
// It ends when its standard input does, so that it never outlives the test that started it.
package main

import (
	"fmt"
	"io"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: control-plane DATA_DIR ETCD_URL KUBE_APISERVER_FLAG…")
		os.Exit(2)
	}
	dataDir, etcdURL := os.Args[1], os.Args[2]
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := startEtcd(dataDir, etcdURL); err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		os.Exit(1)
	}
	command := app.NewAPIServerCommand()
	command.SetArgs(append([]string{"--etcd-servers=" + etcdURL}, os.Args[3:]...))
	os.Exit(cli.Run(command))
}

func startEtcd(dataDir, clientURL string) error {
	client, err := url.Parse(clientURL)
	if err != nil {
		return err
	}
	config := embed.NewConfig()
	config.Dir = dataDir
	config.LogLevel = "error"
	// What is stored lives as long as the test.
	config.UnsafeNoFsync = true
	config.ListenClientUrls = []url.URL{*client}
	config.AdvertiseClientUrls = []url.URL{*client}
	// A socket in the working directory; etcd wants the form of a host and a port.
	peer := url.URL{Scheme: "unix", Host: "peer:1"}
	config.ListenPeerUrls = []url.URL{peer}
	config.AdvertisePeerUrls = []url.URL{peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	<-etcd.Server.ReadyNotify()
	return nil
}
