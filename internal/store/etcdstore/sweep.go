package etcdstore

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/internal/logkey"
)

const (
	// maintenanceInterval is how often a store looks after itself.
	maintenanceInterval = 5 * time.Minute
	// alarmInterval is how often an embedded etcd that may be full is looked at.
	alarmInterval = 15 * time.Second
	// blobAge is how old an unreferenced blob must be to be swept; longer
	// than an upload takes, so that uploads seldom have to start again.
	blobAge = 15 * time.Minute
)

// Maintain does at once what a store does by itself every few minutes: it
// sweeps blobs that nothing refers to and, in an embedded etcd, gives back
// free space and takes changes again where a full quota had stopped them.
func (s *Store) Maintain(ctx context.Context) error {
	inner, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	err = s.sweep(inner, time.Now().Add(-blobAge))
	if err == nil && s.member != nil {
		err = s.member.maintain(inner)
	}
	return s.explain(ctx, err)
}

// Compact forgets the history up to and including revision: watches from
// there are reset. An embedded etcd does it by itself.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	inner, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, err = s.client.Compact(inner, revision, clientv3.WithCompactPhysical())
	return s.explain(ctx, err)
}

// startMaintenance looks after the store until it is closed.
func (s *Store) startMaintenance() {
	s.running.Go(func() {
		full, all := time.NewTicker(alarmInterval), time.NewTicker(maintenanceInterval)
		defer full.Stop()
		defer all.Stop()
		for {
			var err error
			select {
			case <-s.background.Done():
				return
			case <-all.C:
				err = s.sweep(s.background, time.Now().Add(-blobAge))
			case <-full.C:
				if s.member != nil {
					err = s.member.maintain(s.background)
				}
			}
			if err != nil && s.background.Err() == nil {
				s.logger.Warn("store maintenance failed", logkey.Error, err)
			}
		}
	})
}

// sweep removes blobs that no key refers to and no commit wanted since before.
func (s *Store) sweep(ctx context.Context, before time.Time) error {
	s.sweepMu.Lock()
	defer s.sweepMu.Unlock()
	found, err := s.client.Get(ctx, s.blobs, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil || len(found.Kvs) == 0 || found.Header.Revision == s.swept {
		return err
	}
	orphans := s.manifests(found.Kvs)
	at, err := s.scan(ctx, "", func(_ string, kv *keyValue, _ int64) error {
		_, ref, err := unframe(kv.Value)
		if ref != nil {
			delete(orphans, ref.Blob)
		}
		return err
	})
	if err != nil {
		return err // what cannot be read may refer to anything: remove nothing
	}
	for name, revision := range orphans {
		if err := s.sweepBlob(ctx, name, revision, before); err != nil {
			return err
		}
	}
	if len(orphans) == 0 && at == found.Header.Revision {
		s.swept = at
	}
	return nil
}

// manifests are the revisions of blobs' manifests by the blobs' names, 0 for a
// blob that has none.
func (s *Store) manifests(stored []*keyValue) map[string]int64 {
	found := map[string]int64{}
	for _, kv := range stored {
		name, part, _ := strings.Cut(strings.TrimPrefix(string(kv.Key), s.blobs), "/")
		if part == "m" {
			found[name] = kv.ModRevision
		} else if _, known := found[name]; !known {
			found[name] = 0
		}
	}
	return found
}

// sweepBlob removes a blob, if its manifest is old and still at revision.
func (s *Store) sweepBlob(ctx context.Context, name string, revision int64, before time.Time) error {
	if revision != 0 {
		got, err := s.client.Get(ctx, s.manifestKey(name))
		if err != nil {
			return err
		}
		var m manifest
		if len(got.Kvs) == 0 || json.Unmarshal(got.Kvs[0].Value, &m) == nil && m.Touched.After(before) {
			return nil
		}
	}
	_, err := s.client.Txn(ctx).
		If(clientv3.Compare(clientv3.ModRevision(s.manifestKey(name)), "=", revision)).
		Then(clientv3.OpDelete(s.blobPrefix(name), clientv3.WithPrefix())).
		Commit()
	return err
}
