package store

import (
	"context"

	"github.com/postern-gateway/postern/fault"
)

// Follower is told the state under a prefix and then every change of it.
// Its methods are called one after the other; an error ends Follow.
type Follower interface {
	// Replace gives the whole state at a revision: first of all, and again
	// whenever changes were missed. What is not in entries is gone.
	Replace(entries []Entry, revision int64) error
	// Apply gives all changes of one revision.
	Apply(batch Batch) error
}

// Follow keeps f informed of everything under prefix until ctx ends, f
// answers an error or the store fails; that is what it returns, never nil.
func Follow(ctx context.Context, s Store, prefix string, f Follower) error {
	for {
		if err := followOnce(ctx, s, prefix, f); err != nil {
			return err
		}
	}
}

// followOnce lists and watches until a reset, when it returns nil.
func followOnce(ctx context.Context, s Store, prefix string, f Follower) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	entries, revision, err := s.List(ctx, prefix)
	if err != nil {
		return err
	}
	if err := f.Replace(entries, revision); err != nil {
		return err
	}
	for batch := range s.Watch(ctx, prefix, revision+1) {
		if batch.Reset {
			return nil
		}
		if err := f.Apply(batch); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return Closed()
}

// Closed is the fault of a store that was closed: Kind Unavailable.
func Closed() error { return fault.New(fault.Unavailable, "the store is closed") }
