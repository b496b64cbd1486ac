package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"

	"kubectl-lease.io/tests/peers/contender"
)

func (o options) contend(ctx context.Context) error {
	config, err := o.Connection()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if o.Witness == "" {
		return o.elect(ctx, client)
	}
	return o.Contend(ctx, "client-go", o.Identity, func(identity string) (contender.Contender, error) {
		return o.round(client, identity), nil
	})
}

// elect contends once: it returns when leading has ended, or when ctx has.
func (o options) elect(ctx context.Context, client kubernetes.Interface) error {
	return o.run(ctx, client, o.Identity, leaderelection.LeaderCallbacks{
		OnStartedLeading: func(context.Context) { contender.Say(contender.Event{Event: "started"}) },
		// client-go calls this at the end in any case, also if it never led.
		OnStoppedLeading: func() { contender.Say(contender.Event{Event: "stopped"}) },
		OnNewLeader: func(id string) {
			contender.Say(contender.Event{Event: "new-leader", Identity: id})
		},
	})
}

// round leads for as long as the critical section takes. Then it cancels its election, as
// client-go asks of whoever wants the lease released.
func (o options) round(client kubernetes.Interface, identity string) contender.Contender {
	o.releaseOnCancel = true
	return func(ctx context.Context, section func()) error {
		leading, cancel := context.WithCancel(ctx)
		defer cancel()
		ended := make(chan struct{})
		err := o.run(leading, client, identity, leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) {
				section()
				close(ended)
				cancel()
			},
			OnStoppedLeading: func() {},
		})
		if err == nil && ctx.Err() == nil {
			// It has led, and may have lost the lock before the section's end.
			<-ended
		}
		return err
	}
}

func (o options) run(ctx context.Context, client kubernetes.Interface, identity string, callbacks leaderelection.LeaderCallbacks) error {
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Lock},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
	}
	if o.events {
		broadcaster := record.NewBroadcaster()
		defer broadcaster.Shutdown()
		broadcaster.StartRecordingToSink(&typed.EventSinkImpl{Interface: client.CoreV1().Events(o.Namespace)})
		lock.LockConfig.EventRecorder = broadcaster.NewRecorder(
			scheme.Scheme, corev1.EventSource{Component: identity})
	}
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            shifted{lock, o.shift},
		LeaseDuration:   o.leaseDuration,
		RenewDeadline:   o.renewDeadline,
		RetryPeriod:     o.retryPeriod,
		ReleaseOnCancel: o.releaseOnCancel,
		Name:            o.Lock,
		Callbacks:       callbacks,
	})
	if err != nil {
		return err
	}
	elector.Run(ctx)
	return nil
}
