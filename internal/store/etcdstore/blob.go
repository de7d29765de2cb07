package etcdstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"
)

// uploads is how many chunks of one blob are on their way at once: enough to
// share fsyncs, not so many that one big value holds up all other writers.
const uploads = 4

// errGone is a blob that was swept between reading the reference and reading
// the blob: the reference is out of date as well, so read it again.
var errGone = errors.New("the blob is gone")

// manifest marks a blob and guards it from the sweeper.
type manifest struct {
	Complete bool      `json:"complete"` // all chunks are stored: they need not be uploaded again
	Touched  time.Time `json:"touched"`  // when a commit last wanted it
}

func blobName(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func (s *Store) blobPrefix(name string) string  { return s.blobs + name + "/" }
func (s *Store) manifestKey(name string) string { return s.blobPrefix(name) + "m" }
func (s *Store) chunkKey(name string, i int) string {
	return fmt.Sprintf("%s%08d", s.blobPrefix(name), i)
}

func (s *Store) manifestPut(name string, complete bool) clientv3.Op {
	text, err := json.Marshal(manifest{complete, time.Now().UTC()})
	if err != nil {
		panic(err) // a bool and a time of this era always marshal
	}
	return clientv3.OpPut(s.manifestKey(name), string(text), clientv3.WithPrevKV())
}

// upload stores a blob, if it is not there, and returns the revision at which
// its manifest was created: as long as that stays, all chunks are there.
func (s *Store) upload(ctx context.Context, name string, content []byte) (int64, error) {
	got, err := s.client.Get(ctx, s.manifestKey(name))
	if err != nil {
		return 0, err
	}
	if len(got.Kvs) == 1 {
		var m manifest
		if json.Unmarshal(got.Kvs[0].Value, &m) == nil && m.Complete {
			return got.Kvs[0].CreateRevision, nil
		}
	}
	put, err := s.client.Do(ctx, s.manifestPut(name, false))
	if err != nil {
		return 0, err
	}
	created := put.Put().Header.Revision
	if before := put.Put().PrevKv; before != nil {
		created = before.CreateRevision
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for i := 0; i*chunkBytes < len(content); i++ {
		chunk := content[i*chunkBytes : min((i+1)*chunkBytes, len(content))]
		group.Go(func() error {
			_, err := s.client.Put(ctx, s.chunkKey(name, i), string(chunk))
			return err
		})
	}
	return created, group.Wait()
}

// loader reads values out of blobs as they were at one revision. Values of one
// transaction lie side by side, so the chunks last read are kept.
type loader struct {
	store    *Store
	revision int64
	chunks   map[string][]byte
}

// keptChunks bounds what a loader holds (32 MiB).
const keptChunks = 64

// value reads what stored frames, from its blob if it is a reference.
func (l *loader) value(ctx context.Context, stored []byte) ([]byte, error) {
	value, ref, err := unframe(stored)
	if err != nil || ref == nil {
		return value, err
	}
	value = make([]byte, 0, ref.Length)
	for len(value) < ref.Length {
		at := ref.Offset + len(value)
		chunk, err := l.chunk(ctx, l.store.chunkKey(ref.Blob, at/ref.Chunk))
		if err != nil {
			return nil, err
		}
		if skip := at % ref.Chunk; skip < len(chunk) {
			chunk = chunk[skip:]
		} else {
			return nil, fmt.Errorf("blob %s ends before byte %d", ref.Blob, at)
		}
		value = append(value, chunk[:min(len(chunk), ref.Length-len(value))]...)
	}
	return value, nil
}

// chunk reads a chunk as it was at the loader's revision. Blobs are named by
// their content, so where that revision is compacted away, the present one will do.
func (l *loader) chunk(ctx context.Context, key string) ([]byte, error) {
	if chunk, ok := l.chunks[key]; ok {
		return chunk, nil
	}
	got, err := l.store.client.Get(ctx, key, clientv3.WithRev(l.revision))
	if errors.Is(err, rpctypes.ErrCompacted) {
		got, err = l.store.client.Get(ctx, key)
	}
	if err != nil {
		return nil, err
	}
	if len(got.Kvs) == 0 {
		return nil, errGone
	}
	if l.chunks == nil || len(l.chunks) >= keptChunks {
		l.chunks = map[string][]byte{}
	}
	l.chunks[key] = got.Kvs[0].Value
	return got.Kvs[0].Value, nil
}
