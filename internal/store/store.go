// Package store is the revisioned store under the control plane: slash paths
// to bytes, changed by atomic transactions, followed by watches.
//
// It knows nothing of resources. Two implementations keep one contract, which
// package storetest states as tests: etcdstore (etcd, embedded or a cluster)
// and memstore (in memory, for tests).
//
// # Revisions
//
// One counter numbers all changes of a store. Every committed transaction that
// changes a key takes a revision higher than all before it, and everything
// that it changes carries that revision. Numbers may be left out: only their
// order means something. A key's ModRevision is what fronts spell as its ETag.
//
// # Following a store
//
// List gives the entries under a prefix and the revision of that picture;
// Watch from the revision after it gives every later change, once, in order,
// all changes of one revision together. Follow does both, and starts again
// where a reader fell too far behind.
//
// # Durability
//
// Commit returns nil only when the change is durable. When it returns an
// error of Kind Unavailable or a context's error, the change may or may not
// have been made: read, or try again with the same conditions.
package store

import "context"

// Limits of what a store takes, the same for every implementation.
const (
	// MaxKeyBytes is the longest key, in bytes of UTF-8.
	MaxKeyBytes = 4096
	// MaxValueBytes is the biggest single value. API Management's biggest
	// documents (API definitions) are 4 MiB; this leaves room for more.
	MaxValueBytes = 64 << 20
	// MaxTxnBytes is the most that the values of one transaction may add up to.
	MaxTxnBytes = 128 << 20
	// MaxTxnKeys is the most conditions, and the most operations, of one transaction.
	MaxTxnKeys = 3500
)

// Store is a revisioned store. All methods may be called at the same time
// from many goroutines. After Close every method answers a fault of Kind
// Unavailable, and the channels of Watch are closed.
type Store interface {
	// Get returns the entry of key, as of now: it sees every commit that was
	// acknowledged, on any node, before Get was called. Kind NotFound if
	// there is none.
	Get(ctx context.Context, key string) (Entry, error)

	// List returns all entries whose key begins with prefix, sorted by key
	// bytewise, as they were together at the returned revision, which is
	// never older than a commit acknowledged before the call. The prefix is
	// of bytes ("/a" matches "/ab"): end it in a slash to list what is below
	// a path. An empty prefix lists everything. No entries is no error.
	List(ctx context.Context, prefix string) ([]Entry, int64, error)

	// Commit makes all operations of txn if all its conditions hold, else
	// none, in one step, and returns the revision of the change. A
	// transaction without operations only checks, and returns the present
	// revision.
	//
	// Kinds: PreconditionFailed when a condition does not hold (the error's
	// Target is the key, and a *ConditionError is in its tree), Invalid for a
	// transaction that is wrong in itself (Txn.Validate), TooLarge over the
	// limits above, Unavailable when the store is closed, full or without
	// quorum.
	Commit(ctx context.Context, txn Txn) (int64, error)

	// Watch delivers the changes of keys that begin with prefix, from
	// revision from on (that revision included; 0 or less: from the next
	// change), in order and without gaps. The channel is closed when ctx
	// ends or the store is closed. It is also closed after a batch with
	// Reset set, the last one: the changes from there on cannot be given,
	// because they are compacted away or the reader was too slow. List and
	// watch again.
	Watch(ctx context.Context, prefix string, from int64) <-chan Batch

	// Close ends the store and waits until it let go of everything. Closing
	// again does nothing.
	Close() error
}

// Entry is a key with its value at some revision.
type Entry struct {
	// Key is the whole key, a slash path.
	Key string
	// Value is what was put; the reader owns it. Empty and nil are the same.
	Value []byte
	// CreateRevision is the revision at which the key was made, since it was last absent.
	CreateRevision int64
	// ModRevision is the revision at which the key was last put.
	ModRevision int64
}

// Event is the change of one key.
type Event struct {
	// Entry is the entry after the change. Of a deleted key only Key and
	// ModRevision, the revision of the deletion, are set.
	Entry Entry
	// Deleted says that the key is gone.
	Deleted bool
}

// Batch is all changes under a watched prefix at one revision.
type Batch struct {
	// Revision is the revision of the changes; of a Reset, 0.
	Revision int64
	// Events are the changes, sorted by key, one a key; none in a Reset.
	Events []Event
	// Reset says that later changes cannot be delivered: List and Watch
	// again. It is the last batch of its channel.
	Reset bool
}
