package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
)

func TestConditionInWords(t *testing.T) {
	for _, tc := range []struct {
		condition store.Condition
		want      string
		failed    string
	}{
		{store.Absent("/a"), `"/a" does not exist`, `it is at revision 7`},
		{store.AtRevision("/a", 3), `"/a" is at revision 3`, `it is at revision 7`},
		{store.Exists("/a"), `"/a" exists`, `there is no such key`},
		{store.Empty("/a/"), `nothing begins with "/a/"`, `it is at revision 7`},
	} {
		t.Run(tc.want, func(t *testing.T) {
			if got := tc.condition.String(); got != tc.want {
				t.Errorf("String = %s, want %s", got, tc.want)
			}
			at := int64(7)
			if strings.HasPrefix(tc.failed, "there") {
				at = 0
			}
			err := store.Failed(tc.condition, at)
			if tc.condition.HoldsAt(at) || fault.KindOf(err) != fault.PreconditionFailed || !strings.Contains(err.Error(), tc.failed) {
				t.Errorf("Failed(%d) = %v, want %q in it", at, err, tc.failed)
			}
		})
	}
}

// resetting is a store whose first watches are reset after some batches.
type resetting struct {
	store.Store
	resets int
}

func (r *resetting) Watch(ctx context.Context, prefix string, from int64) <-chan store.Batch {
	if r.resets == 0 {
		return r.Store.Watch(ctx, prefix, from)
	}
	r.resets--
	batches := make(chan store.Batch, 1)
	batches <- store.Batch{Reset: true}
	close(batches)
	return batches
}

// recorder is a Follower that writes down what it is told, and fails at a key.
type recorder struct {
	told  []string
	fails string
	err   error
}

func (r *recorder) Replace(entries []store.Entry, revision int64) error {
	r.told = append(r.told, fmt.Sprintf("replace %d", len(entries)))
	return nil
}

func (r *recorder) Apply(b store.Batch) error {
	for _, e := range b.Events {
		r.told = append(r.told, "apply "+e.Entry.Key)
		if e.Entry.Key == r.fails {
			return r.err
		}
	}
	return nil
}

func TestFollowStartsAgainAfterResets(t *testing.T) {
	s := &resetting{memstore.New(), 2}
	defer s.Close()
	put := func(key string) {
		if _, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(key, nil)}}); err != nil {
			t.Errorf("Commit: %v", err)
		}
	}
	put("/a")
	r := &recorder{fails: "/stop", err: errors.New("enough")}
	ended := make(chan error, 1)
	go func() { ended <- store.Follow(t.Context(), tapped{s, func() { put("/b"); put("/stop") }}, "/", r) }()
	if err := <-ended; err != r.err {
		t.Errorf("Follow = %v, want the follower's error", err)
	}
	want := "replace 1, replace 1, replace 1, apply /b, apply /stop"
	if got := strings.Join(r.told, ", "); got != want {
		t.Errorf("the follower was told %s; want %s", got, want)
	}
}

// tapped calls a function once a watch is really established.
type tapped struct {
	*resetting
	then func()
}

func (s tapped) Watch(ctx context.Context, prefix string, from int64) <-chan store.Batch {
	real := s.resets == 0
	batches := s.resetting.Watch(ctx, prefix, from)
	if real {
		s.then()
	}
	return batches
}

func TestFollowEnds(t *testing.T) {
	t.Run("with its context", func(t *testing.T) {
		s := memstore.New()
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		err := store.Follow(ctx, tapped{&resetting{Store: s}, cancel}, "/", &recorder{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Follow = %v, want the context's error", err)
		}
	})
	t.Run("with the store", func(t *testing.T) {
		s := memstore.New()
		err := store.Follow(t.Context(), tapped{&resetting{Store: s}, func() { s.Close() }}, "/", &recorder{})
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("Follow = %v, want kind unavailable", err)
		}
	})
}

func Example() {
	s := memstore.New()
	defer s.Close()
	ctx := context.Background()

	made, err := s.Commit(ctx, store.Txn{
		If:   []store.Condition{store.Absent("/apis/echo")},
		Then: []store.Op{store.Put("/apis/echo", []byte("one"))},
	})
	if err != nil {
		panic(err)
	}
	change := store.Txn{
		If:   []store.Condition{store.AtRevision("/apis/echo", made)},
		Then: []store.Op{store.Put("/apis/echo", []byte("two"))},
	}
	if _, err = s.Commit(ctx, change); err != nil {
		panic(err)
	}
	_, err = s.Commit(ctx, change) // the revision is another by now
	fmt.Println(fault.KindOf(err))
	e, err := s.Get(ctx, "/apis/echo")
	fmt.Println(string(e.Value), err)
	// Output:
	// precondition failed
	// two <nil>
}
