package main

import (
	"context"
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// shifted is a lock as a machine writes it whose clock is wrong by a constant.
//
// Whatever time is written is by that much ahead. Of a record that carries our own name it is taken
// off again on reading: that machine would see the times that it wrote, and client-go copies the
// acquireTime that it reads into its next write. Records of others are left as they are.
type shifted struct {
	resourcelock.Interface
	by time.Duration
}

func (s shifted) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := s.Interface.Get(ctx)
	if err != nil || record.HolderIdentity != s.Identity() {
		return record, raw, err
	}
	own := moved(*record, -s.by)
	raw, err = json.Marshal(own)
	return &own, raw, err
}

func (s shifted) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return s.Interface.Create(ctx, moved(record, s.by))
}

func (s shifted) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return s.Interface.Update(ctx, moved(record, s.by))
}

func moved(record resourcelock.LeaderElectionRecord, by time.Duration) resourcelock.LeaderElectionRecord {
	for _, at := range []*metav1.Time{&record.AcquireTime, &record.RenewTime} {
		// A zero time says "no time" and stays that.
		if !at.IsZero() {
			*at = metav1.NewTime(at.Add(by))
		}
	}
	return record
}
