// A contender for a lock that is a ConfigMap, for tests: it does on the wire what kvdi's
// pkg/util/lock does, faults included. It contends in rounds before a witness.
//
// Where kvdi's doubles the time between two attempts each time, this one keeps it, so that it gets
// in at all beside others.
package main

import (
	"context"
	"flag"
	"os"
	"time"

	"k8s.io/client-go/kubernetes"

	"kubectl-lease.io/tests/peers/contender"
)

type options struct {
	contender.Place
	contender.Rounds
	lockOptions
}

func main() {
	var o options
	o.Place.Flags(flag.CommandLine)
	o.Rounds.Flags(flag.CommandLine)
	flag.StringVar(&o.pod, "pod", "", "name of the pod that owns the lock (required)")
	flag.DurationVar(&o.timeout, "timeout", time.Minute, "how long the lock may last, and how long to wait for it; below zero for ever")
	flag.DurationVar(&o.retry, "retry-period", time.Second, "time between two attempts")
	flag.Parse()

	go contender.ExitWithStdin()
	os.Exit(contender.Run(context.Background(), o.contend))
}

func (o options) contend(ctx context.Context) error {
	config, err := o.Connection()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	return o.Contend(ctx, "configmaplock", o.Identity, func(identity string) (contender.Contender, error) {
		return func(ctx context.Context, section func()) error {
			l := &lock{options: o.lockOptions, client: client, namespace: o.Namespace, name: o.Lock}
			for {
				acquired, err := l.acquire(ctx)
				if err != nil {
					return err
				}
				if acquired {
					break
				}
			}
			contender.Say(contender.Event{Event: "acquired", Identity: identity})
			section()
			return l.release(ctx)
		}, nil
	})
}
