// A contender by leaselocker, for tests: the library as it is released. It contends in rounds before
// a witness.
//
// The library chooses its timing itself: 60 s, 10 s and 2 s.
package main

import (
	"context"
	"flag"
	"os"

	"github.com/go-logr/logr"
	"github.com/swisscom/leaselocker"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kubectl-lease.io/tests/peers/contender"
)

type options struct {
	contender.Place
	contender.Rounds
}

func main() {
	var o options
	o.Place.Flags(flag.CommandLine)
	o.Rounds.Flags(flag.CommandLine)
	flag.Parse()
	// Each attempt is a line or two.
	log.SetLogger(logr.Discard())

	go contender.ExitWithStdin()
	os.Exit(contender.Run(context.Background(), o.contend))
}

func (o options) contend(ctx context.Context) error {
	config, err := o.Connection()
	if err != nil {
		return err
	}
	return o.Contend(ctx, "leaselocker", o.Identity, func(identity string) (contender.Contender, error) {
		return o.round(config, identity)
	})
}

func (o options) round(config *rest.Config, identity string) (contender.Contender, error) {
	lock := types.NamespacedName{Namespace: o.Namespace, Name: o.Lock}
	locker, err := leaselocker.NewLeaseLocker(config, lock, identity)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, section func()) error {
		locker.Lock(ctx)
		// A cancelled Lock looks like any other.
		if err := ctx.Err(); err != nil {
			return err
		}
		section()
		// A renewal that Unlock cancelled may have landed all the same, and Unlock would repeat its
		// stale version from now on. Locking anew is the one way in which the library reads again.
		for !locker.Unlock() {
			locker.Lock(ctx)
		}
		return nil
	}, nil
}
