package main

import (
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// startEtcd runs etcd inside this process, until the end of it, and returns the address for clients.
//
// Both listeners take a port that the system chooses at bind time, so no other process can slip in
// between. Nobody connects to the peer port: there is one member. It is never closed: that would
// wait for the API server's own connections, and what it acknowledged is in its log already.
func startEtcd(l layout) (string, error) {
	loopback := url.URL{Scheme: "http", Host: "127.0.0.1:0"}

	config := embed.NewConfig()
	config.Dir = l.etcd()
	config.ListenClientUrls = []url.URL{loopback}
	config.AdvertiseClientUrls = []url.URL{loopback}
	config.ListenPeerUrls = []url.URL{loopback}
	config.AdvertisePeerUrls = []url.URL{loopback}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.LogLevel = "warn"
	config.LogOutputs = []string{l.log()}
	// What was written survives the end of the process, which is all that a test asks for; only
	// the end of the machine would lose it.
	config.UnsafeNoFsync = true
	// Left at zero by NewConfig, every request would be logged as slow.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration

	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return "", fmt.Errorf("start etcd: %w", err)
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return "http://" + etcd.Clients[0].Addr().String(), nil
	case err := <-etcd.Err():
		return "", fmt.Errorf("start etcd: %w", err)
	case <-time.After(startLimit):
		return "", fmt.Errorf("etcd was not ready after %s", startLimit)
	}
}
