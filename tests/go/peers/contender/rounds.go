package contender

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"time"
)

// Rounds says how often contenders take the lock, and what they do with it.
type Rounds struct {
	// Witness is the folder in which critical sections are witnessed; without it there are none.
	Witness string
	// Count is how often each contender takes the lock; zero is until the process ends.
	Count int
	// Contenders is how many of them this process has.
	Contenders         int
	First, Hold, Pause time.Duration
}

// Flags adds the flags that fill it.
func (r *Rounds) Flags(flags *flag.FlagSet) {
	flags.StringVar(&r.Witness, "witness", "", "contend in rounds, with critical sections witnessed in this folder")
	flags.IntVar(&r.Count, "rounds", 0, "rounds of each contender; 0 goes on for ever")
	flags.IntVar(&r.Contenders, "contenders", 1, "how many contend, with -1, -2 ... after the identity")
	flags.DurationVar(&r.First, "first", 0, "length of the very first critical section")
	flags.DurationVar(&r.Hold, "hold", 0, "length of any other one")
	flags.DurationVar(&r.Pause, "pause", 0, "time between a release and the next attempt")
}

// Contender takes the lock, calls section, and gives the lock back, once.
type Contender func(ctx context.Context, section func()) error

// Contend runs all contenders through all their rounds. It ends early with the first error.
func (r *Rounds) Contend(ctx context.Context, kind, identity string, contender func(identity string) (Contender, error)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	var all sync.WaitGroup
	for number := 1; number <= r.Contenders; number++ {
		name := fmt.Sprintf("%s-%d", identity, number)
		all.Go(func() {
			if err := r.contendAs(ctx, kind, name, contender); err != nil {
				stop(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func (r *Rounds) contendAs(ctx context.Context, kind, identity string, make func(identity string) (Contender, error)) error {
	contend, err := make(identity)
	if err != nil {
		return err
	}
	witness := witness{folder: r.Witness, kind: kind, identity: identity}
	for round := 0; (r.Count == 0 || round < r.Count) && ctx.Err() == nil; round++ {
		var failed error
		if err := contend(ctx, func() { failed = witness.section(r.First, r.Hold) }); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.Pause):
		}
	}
	return nil
}
