package etcdstore

import (
	"context"
	"errors"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

type keyValue = mvccpb.KeyValue

// explain turns etcd's errors into the contract's. ctx is the caller's own.
func (s *Store) explain(ctx context.Context, err error) error {
	var known *fault.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case s.ctx.Err() != nil:
		return store.Closed()
	case errors.Is(err, rpctypes.ErrNoSpace):
		return fault.Wrap(fault.Unavailable, err, "the store is full and takes no changes but deletions%s; delete what is not needed, or raise the quota", s.quota())
	case errors.Is(err, rpctypes.ErrRequestTooLarge), errors.Is(err, rpctypes.ErrTooManyOps):
		return fault.Wrap(fault.TooLarge, err, "the change is too large for the store")
	case errors.Is(err, rpctypes.ErrUnhealthy), errors.Is(err, rpctypes.ErrMemberNotEnoughStarted):
		return fault.Wrap(fault.Unavailable, err, "the cluster's members have not all been connected for long enough to change who they are; try again soon")
	case errors.Is(err, rpctypes.ErrPermissionDenied), errors.Is(err, rpctypes.ErrAuthFailed),
		errors.Is(err, rpctypes.ErrUserEmpty), errors.Is(err, rpctypes.ErrInvalidAuthToken):
		return fault.Wrap(fault.Unavailable, err, "the etcd cluster refuses this node's credentials")
	default:
		if _, ok := errors.AsType[rpctypes.EtcdError](err); ok || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return fault.Wrap(fault.Unavailable, err, "the store does not answer")
		}
		return err // a frame that cannot be read: a failure of ours
	}
}

// quota says how much an embedded store may hold; nothing is known of a foreign one.
func (s *Store) quota() string {
	if s.member == nil {
		return ""
	}
	return " (" + s.member.explainFull() + ")"
}
