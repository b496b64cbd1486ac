// A contender of client-go's leader election, for tests: the peer that everybody else shares a lock
// with, unchanged, except that its clock can be wrong.
//
// It contends once, or in rounds with --witness. It prints one JSON object per line on stdout.
// SIGTERM cancels the election, with a release if --release-on-cancel is given. The end of stdin
// ends it at once, as a crash would.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"time"

	"kubectl-lease.io/tests/peers/contender"
)

type options struct {
	contender.Place
	contender.Rounds
	leaseDuration   time.Duration
	renewDeadline   time.Duration
	retryPeriod     time.Duration
	shift           time.Duration
	releaseOnCancel bool
	events          bool
}

func main() {
	var o options
	o.Place.Flags(flag.CommandLine)
	o.Rounds.Flags(flag.CommandLine)
	flag.DurationVar(&o.leaseDuration, "lease-duration", 15*time.Second, "as in client-go")
	flag.DurationVar(&o.renewDeadline, "renew-deadline", 10*time.Second, "as in client-go")
	flag.DurationVar(&o.retryPeriod, "retry-period", 2*time.Second, "as in client-go")
	flag.DurationVar(&o.shift, "shift", 0, "how far this contender's clock is ahead; negative is behind")
	flag.BoolVar(&o.releaseOnCancel, "release-on-cancel", false, "write the lease free at SIGTERM")
	flag.BoolVar(&o.events, "events", false, "record Events about the lease, as controller-runtime does")
	flag.Parse()

	go contender.ExitWithStdin()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	os.Exit(contender.Run(ctx, o.contend))
}
