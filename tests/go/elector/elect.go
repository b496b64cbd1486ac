package main

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// elect contends once: it returns when leading has ended, or when ctx has.
func elect(ctx context.Context, o options) error {
	if err := o.validate(); err != nil {
		return err
	}
	config, err := o.client().ClientConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: o.namespace, Name: o.lock},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: o.identity},
	}

	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            shifted{lock, o.shift},
		LeaseDuration:   o.leaseDuration,
		RenewDeadline:   o.renewDeadline,
		RetryPeriod:     o.retryPeriod,
		ReleaseOnCancel: o.releaseOnCancel,
		Name:            o.lock,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { say(event{Event: "started"}) },
			// client-go calls this at the end in any case, also if it never led.
			OnStoppedLeading: func() { say(event{Event: "stopped"}) },
			OnNewLeader:      func(id string) { say(event{Event: "new-leader", Identity: id}) },
		},
	})
	if err != nil {
		return err
	}
	elector.Run(ctx)
	return nil
}
