package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// listen binds the secure port; 0 takes a free one.
//
// After a restart the port can be in use for a moment as the near end of somebody's outgoing
// connection, so a named port is asked for again until startLimit.
func listen(port int) (net.Listener, error) {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	deadline := time.Now().Add(startLimit)
	for {
		listener, err := net.Listen("tcp", address)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(deadline) {
			return listener, err
		}
		time.Sleep(pollInterval)
	}
}

// complete is what `kube-apiserver` does with its flags, except that the listener is ours: it is
// bound already, so no port can be lost between choosing and using it.
//
// The serving certificate exists when it returns.
func complete(ctx context.Context, l layout, etcd string, listener net.Listener, extra []string) (options.CompletedOptions, error) {
	server := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, set := range server.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(append(arguments(l, etcd, listener), extra...)); err != nil {
		return options.CompletedOptions{}, err
	}
	server.SecureServing.Listener = listener

	if err := server.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return options.CompletedOptions{}, err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completed, err := server.Complete(ctx)
	if err != nil {
		return options.CompletedOptions{}, err
	}
	return completed, utilerrors.NewAggregate(completed.Validate())
}

func arguments(l layout, etcd string, listener net.Listener) []string {
	return []string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", listener.Addr().(*net.TCPAddr).Port),
		// Else the server looks for a default route, which a machine without a network lacks.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--cert-dir=" + l.certs(),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + l.serviceAccountKey(),
		"--service-account-signing-key-file=" + l.serviceAccountKey(),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=RBAC",
		"--token-auth-file=" + l.tokens(),
		// No controller makes the service accounts that this plugin would wait for.
		"--disable-admission-plugins=ServiceAccount",
	}
}
