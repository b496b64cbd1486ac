package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const expiresAt = "expiresAt"

type lockOptions struct {
	pod            string
	timeout, retry time.Duration
}

// lock is one attempt at a lock, and then the lock.
type lock struct {
	options         lockOptions
	client          kubernetes.Interface
	namespace, name string
	owner           *corev1.Pod
}

// acquire waits for the lock, and tells whether it came in time.
func (l *lock) acquire(ctx context.Context) (bool, error) {
	pod, err := l.client.CoreV1().Pods(l.namespace).Get(ctx, l.options.pod, metav1.GetOptions{})
	if err != nil {
		return false, err
	}
	l.owner = pod
	end := time.Now().Add(l.options.timeout)
	// Before it waits, as kvdi does: what waited for long is over when it is created.
	object := l.object()
	for {
		acquired, err := l.attempt(ctx, object)
		if acquired || err != nil {
			return acquired, err
		}
		if l.options.timeout > 0 && time.Now().After(end) {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(l.options.retry):
		}
	}
}

// attempt creates the lock, having deleted what is over.
func (l *lock) attempt(ctx context.Context, object *corev1.ConfigMap) (bool, error) {
	if acquired, err := l.create(ctx, object); acquired || err != nil {
		return acquired, err
	}
	current, err := l.get(ctx)
	if err != nil {
		return false, err
	}
	if current != nil && l.isOver(current) {
		if err := l.delete(ctx); err != nil {
			return false, err
		}
	}
	return l.create(ctx, object)
}

// isOver tells whether this contender deletes another's lock: by its own clock, and where the lock
// has no end, because this contender has one.
func (l *lock) isOver(current *corev1.ConfigMap) bool {
	text, ok := current.Data[expiresAt]
	if !ok {
		return l.options.timeout > 0
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return err == nil && time.Now().After(time.Unix(seconds, 0))
}

func (l *lock) create(ctx context.Context, object *corev1.ConfigMap) (bool, error) {
	_, err := l.client.CoreV1().ConfigMaps(l.namespace).Create(ctx, object, metav1.CreateOptions{})
	if kerrors.IsAlreadyExists(err) {
		return false, nil
	}
	return err == nil, err
}

func (l *lock) get(ctx context.Context) (*corev1.ConfigMap, error) {
	object, err := l.client.CoreV1().ConfigMaps(l.namespace).Get(ctx, l.name, metav1.GetOptions{})
	if kerrors.IsNotFound(err) {
		return nil, nil
	}
	return object, err
}

// delete deletes whatever has the lock's name by now: there are no preconditions.
func (l *lock) delete(ctx context.Context) error {
	err := l.client.CoreV1().ConfigMaps(l.namespace).Delete(ctx, l.name, metav1.DeleteOptions{})
	if kerrors.IsNotFound(err) {
		return nil
	}
	return err
}

// release gives back the lock of this pod, whichever of its contenders has it.
func (l *lock) release(ctx context.Context) error {
	current, err := l.get(ctx)
	if err != nil || current == nil {
		return err
	}
	if len(current.OwnerReferences) != 1 || current.OwnerReferences[0].UID != l.owner.UID {
		return fmt.Errorf("the lock belongs to %v", current.OwnerReferences)
	}
	return l.delete(ctx)
}

func (l *lock) object() *corev1.ConfigMap {
	yes, no := true, false
	data := map[string]string{}
	if l.options.timeout > 0 {
		data[expiresAt] = strconv.FormatInt(time.Now().Add(l.options.timeout).Unix(), 10)
	}
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Name:      l.name,
			Namespace: l.namespace,
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "v1", Kind: "Pod", Name: l.owner.Name, UID: l.owner.UID,
				Controller: &yes, BlockOwnerDeletion: &no,
			}},
		},
		Data: data,
	}
}
