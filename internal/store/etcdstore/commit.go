package etcdstore

import (
	"context"
	"math/rand/v2"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

const (
	// etcd allows 128 conditions or operations on any way through a
	// transaction by default. Operations beyond groupOps go into nested
	// transactions of so many: (3500/60 + 2) + 60 stays below 128.
	groupOps = 60
	// directConditions is how many conditions etcd itself is asked to check;
	// more are checked by commitGuarded.
	directConditions = 60
	// readConditions is how many keys commitGuarded reads at once.
	readConditions = 100
	// politeAttempts is how often a change with many conditions is tried beside
	// other commits, before those of this process have to wait for it.
	politeAttempts = 2
	// commitAttempts bounds how often a commit starts again because its blob
	// was swept, or other commits came between.
	commitAttempts = 64
)

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, txn store.Txn) (int64, error) {
	if err := txn.Validate(); err != nil {
		return 0, err
	}
	inner, end, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	revision, err := s.commit(inner, txn)
	return revision, s.explain(ctx, err)
}

func (s *Store) commit(ctx context.Context, txn store.Txn) (int64, error) {
	c := change{store: s, txn: txn, framed: frame(txn.Then)}
	for attempt := range commitAttempts {
		if c.blob != nil {
			created, err := s.upload(ctx, c.name, c.blob)
			if err != nil {
				return 0, err
			}
			c.created = created
		}
		revision, done, err := c.tryThroughGate(ctx, attempt)
		if done || err != nil {
			return revision, err
		}
		pause := time.Duration(rand.IntN(1+min(attempt, 20))) * time.Millisecond
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return 0, fault.New(fault.Unavailable, "the store is too busy for a change with %d conditions; try again", len(txn.If))
}

// change is a transaction on its way into etcd.
type change struct {
	framed
	store   *Store
	txn     store.Txn
	created int64 // the CreateRevision of the blob's manifest
}

// tryThroughGate is try, among other commits of this process or, where the
// change would never get its turn among them, alone.
func (c *change) tryThroughGate(ctx context.Context, attempt int) (revision int64, done bool, err error) {
	weight := int64(1)
	if attempt >= politeAttempts && len(c.txn.If) > directConditions {
		weight = gateWhole
	}
	if err := c.store.gate.Acquire(ctx, weight); err != nil {
		return 0, false, err
	}
	defer c.store.gate.Release(weight)
	return c.try(ctx)
}

// try makes the change once. Neither done nor an error means: again.
func (c *change) try(ctx context.Context) (revision int64, done bool, err error) {
	if len(c.txn.If) > directConditions {
		return c.tryGuarded(ctx)
	}
	compares := make([]clientv3.Cmp, 0, len(c.txn.If)+1)
	reads := make([]clientv3.Op, 0, len(c.txn.If))
	for _, condition := range c.txn.If {
		compares = append(compares, c.store.compare(condition))
		reads = append(reads, c.store.read(condition, 0))
	}
	resp, err := c.send(ctx, compares, reads)
	if err != nil {
		return 0, false, err
	}
	if resp.Succeeded {
		return resp.Header.Revision, true, nil
	}
	return 0, false, failed(c.txn.If, resp.Responses) // nil: it was the blob
}

// tryGuarded makes a change with more conditions than one etcd transaction
// may have: it checks them itself, on one picture of the store, and has etcd
// make the change if no other commit was made after that picture.
func (c *change) tryGuarded(ctx context.Context) (int64, bool, error) {
	seq, err := c.store.client.Get(ctx, c.store.seq)
	if err != nil {
		return 0, false, err
	}
	if len(seq.Kvs) == 0 { // before the first commit, and after one that only deletes
		_, err := c.store.client.Put(ctx, c.store.seq, "")
		return 0, false, err
	}
	for start := 0; start < len(c.txn.If); start += readConditions {
		part := c.txn.If[start:min(start+readConditions, len(c.txn.If))]
		reads := make([]clientv3.Op, 0, len(part))
		for _, condition := range part {
			reads = append(reads, c.store.read(condition, seq.Header.Revision))
		}
		got, err := c.store.client.Txn(ctx).Then(reads...).Commit()
		if stale(err) {
			return 0, false, nil
		}
		if err != nil {
			return 0, false, err
		}
		if err := failed(part, got.Responses); err != nil {
			return 0, false, err
		}
	}
	if len(c.txn.Then) == 0 {
		return seq.Header.Revision, true, nil
	}
	guard := clientv3.Compare(clientv3.ModRevision(c.store.seq), "=", seq.Kvs[0].ModRevision)
	resp, err := c.send(ctx, []clientv3.Cmp{guard}, nil)
	if err != nil {
		return 0, false, err
	}
	return resp.Header.Revision, resp.Succeeded, nil
}

// send makes the change in one etcd transaction, if compares hold and the
// change's blob is the one that was uploaded; else it makes the reads.
func (c *change) send(ctx context.Context, compares []clientv3.Cmp, reads []clientv3.Op) (*clientv3.TxnResponse, error) {
	ops, puts := c.ops()
	if c.blob != nil {
		compares = append(compares, clientv3.Compare(clientv3.CreateRevision(c.store.manifestKey(c.name)), "=", c.created))
	}
	if len(ops) > groupOps {
		ops = grouped(ops)
	}
	if c.blob != nil {
		ops = append(ops, c.store.manifestPut(c.name, true))
	}
	switch {
	case puts:
		ops = append(ops, clientv3.OpPut(c.store.seq, ""))
	case len(ops) > 0: // a full etcd takes deletions, and nothing that puts
		ops = append(ops, clientv3.OpDelete(c.store.seq))
	}
	return c.store.client.Txn(ctx).If(compares...).Then(ops...).Else(reads...).Commit()
}

// ops are the operations as etcd has them, and whether one of them puts.
func (c *change) ops() (ops []clientv3.Op, puts bool) {
	ops = make([]clientv3.Op, 0, len(c.txn.Then)+2)
	for _, op := range c.txn.Then {
		key := c.store.keys + op.Key()
		switch op.Kind() {
		case store.OpPut:
			ops, puts = append(ops, clientv3.OpPut(key, string(c.values[op.Key()]))), true
		case store.OpDelete:
			ops = append(ops, clientv3.OpDelete(key))
		default:
			ops = append(ops, clientv3.OpDelete(key, clientv3.WithPrefix()))
		}
	}
	return ops, puts
}

// grouped puts ops into nested transactions, which etcd makes in the same step.
func grouped(ops []clientv3.Op) []clientv3.Op {
	var groups []clientv3.Op
	for start := 0; start < len(ops); start += groupOps {
		groups = append(groups, clientv3.OpTxn(nil, ops[start:min(start+groupOps, len(ops))], nil))
	}
	return groups
}

// compare is a condition as etcd has it. A missing key has revision 0 there too.
func (s *Store) compare(c store.Condition) clientv3.Cmp {
	key := s.keys + c.Key()
	if revision, ok := c.Revision(); ok {
		return clientv3.Compare(clientv3.ModRevision(key), "=", revision)
	}
	if c.IsPrefix() {
		return clientv3.Compare(clientv3.CreateRevision(key), "=", 0).WithPrefix()
	}
	return clientv3.Compare(clientv3.ModRevision(key), ">", 0)
}

// read is the operation whose answer judges a condition, at revision (0: now).
func (s *Store) read(c store.Condition, revision int64) clientv3.Op {
	options := []clientv3.OpOption{clientv3.WithKeysOnly(), clientv3.WithRev(revision)}
	if c.IsPrefix() {
		options = append(options, clientv3.WithPrefix(), clientv3.WithLimit(1))
	}
	return clientv3.OpGet(s.keys+c.Key(), options...)
}

// failed is the error of the first condition that answers, the answers to
// read, speak against; nil if all hold.
func failed(conditions []store.Condition, answers []*pb.ResponseOp) error {
	for i, condition := range conditions {
		at := int64(0)
		if kvs := answers[i].GetResponseRange().Kvs; len(kvs) > 0 {
			at = kvs[0].ModRevision
		}
		if !condition.HoldsAt(at) {
			return store.Failed(condition, at)
		}
	}
	return nil
}
