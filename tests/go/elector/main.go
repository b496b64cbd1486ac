// A contender of client-go's leader election, for tests: the peer that everybody else shares a lock
// with, unchanged, except that its clock can be wrong.
//
// It prints one JSON object per line on stdout. SIGTERM cancels the election, with a release if
// --release-on-cancel is given. The end of stdin ends it at once, as a crash would.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "file that says where the cluster is (required)")
	flag.StringVar(&o.context, "context", "", "context of the kubeconfig; empty takes its current one")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace of the lease")
	flag.StringVar(&o.lock, "lock", "", "name of the lease (required)")
	flag.StringVar(&o.identity, "identity", "", "name to hold it by (required)")
	flag.DurationVar(&o.leaseDuration, "lease-duration", 15*time.Second, "as in client-go")
	flag.DurationVar(&o.renewDeadline, "renew-deadline", 10*time.Second, "as in client-go")
	flag.DurationVar(&o.retryPeriod, "retry-period", 2*time.Second, "as in client-go")
	flag.DurationVar(&o.shift, "shift", 0, "how far this contender's clock is ahead; negative is behind")
	flag.BoolVar(&o.releaseOnCancel, "release-on-cancel", false, "write the lease free at SIGTERM")
	flag.Parse()

	go exitWithStdin()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := elect(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "elector:", err)
		os.Exit(1)
	}
}

type options struct {
	kubeconfig, context       string
	namespace, lock, identity string
	leaseDuration             time.Duration
	renewDeadline             time.Duration
	retryPeriod               time.Duration
	shift                     time.Duration
	releaseOnCancel           bool
}

func (o options) validate() error {
	if o.kubeconfig == "" || o.lock == "" || o.identity == "" {
		return fmt.Errorf("--kubeconfig, --lock and --identity are required")
	}
	return nil
}

// client builds the connection. An explicit file, so that nothing of the machine's own configuration
// can be used by mistake.
func (o options) client() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: o.kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: o.context},
	)
}

// exitWithStdin ends the process, without any last write, when nobody holds its stdin any more.
func exitWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}
