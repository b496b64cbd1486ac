// Package contender is what all peers have in common: how they reach the cluster, what they report,
// and the rounds in which they contend before a witness.
package contender

import (
	"context"
	"flag"
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Place says which lock is meant, where, and in whose name.
type Place struct {
	Kubeconfig, Context       string
	Namespace, Lock, Identity string
}

// Flags adds the flags that fill it.
func (p *Place) Flags(flags *flag.FlagSet) {
	flags.StringVar(&p.Kubeconfig, "kubeconfig", "", "file that says where the cluster is (required)")
	flags.StringVar(&p.Context, "context", "", "context of the kubeconfig; empty takes its current one")
	flags.StringVar(&p.Namespace, "namespace", "default", "namespace of the lease")
	flags.StringVar(&p.Lock, "lock", "", "name of the lease (required)")
	flags.StringVar(&p.Identity, "identity", "", "name to hold it by (required)")
}

// Connection says how the server is reached. The kubeconfig is an explicit file, so that nothing of
// the machine's own configuration can be used by mistake.
func (p *Place) Connection() (*rest.Config, error) {
	if p.Kubeconfig == "" || p.Lock == "" || p.Identity == "" {
		return nil, fmt.Errorf("--kubeconfig, --lock and --identity are required")
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: p.Kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: p.Context},
	).ClientConfig()
	if err != nil {
		return nil, err
	}
	// Left at zero, a contender that retries often would be slowed down to five requests a second
	// by its own client.
	config.QPS = -1
	return config, nil
}

// Run calls contend and returns the exit code of the whole program.
func Run(ctx context.Context, contend func(context.Context) error) int {
	if err := contend(ctx); err != nil {
		report(err)
		return 1
	}
	return 0
}
