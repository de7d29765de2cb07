package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/fault"
)

// Txn is one atomic change: if all conditions hold, all operations are made.
// The zero value checks nothing and changes nothing.
type Txn struct {
	// If are the conditions; none: always.
	If []Condition
	// Then are the operations, made together; their order means nothing, so
	// no key may be in two of them.
	Then []Op
}

// Condition is what must hold for a transaction to happen. Make one with
// Absent, Exists, AtRevision or Empty.
type Condition struct {
	kind     conditionKind
	key      string
	revision int64
}

type conditionKind uint8

const (
	atRevision conditionKind = iota // ModRevision == revision; 0: absent
	exists
	emptyPrefix
)

// AtRevision holds if key's ModRevision is revision; 0 means that there is no such key.
func AtRevision(key string, revision int64) Condition {
	return Condition{kind: atRevision, key: key, revision: revision}
}

// Absent holds if there is no such key.
func Absent(key string) Condition { return AtRevision(key, 0) }

// Exists holds if there is such a key.
func Exists(key string) Condition { return Condition{kind: exists, key: key} }

// Empty holds if no key begins with prefix.
func Empty(prefix string) Condition { return Condition{kind: emptyPrefix, key: prefix} }

// Key is the key that the condition speaks of; of Empty, the prefix.
func (c Condition) Key() string { return c.key }

// IsPrefix says whether Key is a prefix, which must match nothing (Empty).
func (c Condition) IsPrefix() bool { return c.kind == emptyPrefix }

// HoldsAt judges the condition by the key's ModRevision, 0 where there is no
// such key. For Empty, give any ModRevision under the prefix.
func (c Condition) HoldsAt(modRevision int64) bool {
	switch c.kind {
	case exists:
		return modRevision != 0
	case emptyPrefix:
		return modRevision == 0
	default:
		return modRevision == c.revision
	}
}

// Revision is the ModRevision that AtRevision asks for; ok is false for a
// condition that names none (Exists, Empty).
func (c Condition) Revision() (revision int64, ok bool) {
	return c.revision, c.kind == atRevision
}

// String is the condition in words.
func (c Condition) String() string {
	switch {
	case c.kind == exists:
		return fmt.Sprintf("%q exists", c.key)
	case c.kind == emptyPrefix:
		return fmt.Sprintf("nothing begins with %q", c.key)
	case c.revision == 0:
		return fmt.Sprintf("%q does not exist", c.key)
	default:
		return fmt.Sprintf("%q is at revision %d", c.key, c.revision)
	}
}

// ConditionError is the condition that stopped a transaction; the cause of
// its fault of Kind PreconditionFailed.
type ConditionError struct {
	// Condition is what did not hold.
	Condition Condition
	// ModRevision is the key's revision when the transaction was tried, 0 for none.
	ModRevision int64
}

// Error says what did not hold and what was there instead.
func (e *ConditionError) Error() string {
	if e.ModRevision == 0 {
		return fmt.Sprintf("condition %v does not hold: there is no such key", e.Condition)
	}
	return fmt.Sprintf("condition %v does not hold: it is at revision %d", e.Condition, e.ModRevision)
}

// Failed is the error of a transaction whose condition c found modRevision: a
// fault of Kind PreconditionFailed with the key as its Target.
func Failed(c Condition, modRevision int64) error {
	err := fault.Wrap(fault.PreconditionFailed, &ConditionError{c, modRevision}, "%q was changed by another", c.Key())
	err.Target = c.Key()
	return err
}

// Op is one operation of a transaction. Make one with Put, Delete or DeletePrefix.
type Op struct {
	kind  OpKind
	key   string
	value []byte
}

// OpKind says what an Op does.
type OpKind uint8

// The kinds of operation.
const (
	OpPut          OpKind = iota // set the key's value
	OpDelete                     // remove the key
	OpDeletePrefix               // remove every key that begins with the prefix
)

// Put sets key's value. The value must not be changed afterwards.
func Put(key string, value []byte) Op { return Op{OpPut, key, value} }

// Delete removes key; that it is absent is no error (add Exists to ask for it).
func Delete(key string) Op { return Op{kind: OpDelete, key: key} }

// DeletePrefix removes every key that begins with prefix, at the moment of
// the commit. The prefix may not be empty.
func DeletePrefix(prefix string) Op { return Op{kind: OpDeletePrefix, key: prefix} }

// Kind says what the operation does.
func (o Op) Kind() OpKind { return o.kind }

// Key is the key; of DeletePrefix, the prefix.
func (o Op) Key() string { return o.key }

// Value is what Put sets; do not change it.
func (o Op) Value() []byte { return o.value }

// CheckKey says whether key may be a key: 1 to MaxKeyBytes bytes of UTF-8
// without NUL. The fault is of Kind Invalid.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fault.New(fault.Invalid, "a store key may not be empty")
	case len(key) > MaxKeyBytes:
		return fault.New(fault.Invalid, "a store key may have %d bytes at most, not %d", MaxKeyBytes, len(key))
	case !utf8.ValidString(key) || strings.IndexByte(key, 0) >= 0:
		return fault.New(fault.Invalid, "the store key %q is not UTF-8 without NUL", key)
	}
	return nil
}

// Validate says what is wrong with a transaction in itself: a bad key or two
// operations on one key (Kind Invalid), or a limit passed (Kind TooLarge).
func (t Txn) Validate() error {
	if len(t.If) > MaxTxnKeys || len(t.Then) > MaxTxnKeys {
		return fault.New(fault.TooLarge, "a transaction may have %d conditions and %d operations at most, not %d and %d",
			MaxTxnKeys, MaxTxnKeys, len(t.If), len(t.Then))
	}
	for _, c := range t.If {
		if err := CheckKey(c.key); err != nil && !c.IsPrefix() {
			return err
		}
	}
	total := 0
	for _, o := range t.Then {
		if err := CheckKey(o.key); err != nil {
			return err
		}
		if len(o.value) > MaxValueBytes {
			return fault.New(fault.TooLarge, "the value of %q has %d bytes; %d is the most", o.key, len(o.value), MaxValueBytes)
		}
		total += len(o.value)
	}
	if total > MaxTxnBytes {
		return fault.New(fault.TooLarge, "the values of a transaction have %d bytes together; %d is the most", total, MaxTxnBytes)
	}
	return t.checkOverlap()
}

// checkOverlap refuses a key that two operations change. Sorted by key, a
// prefix stands directly before everything that it covers.
func (t Txn) checkOverlap() error {
	ops := slices.Clone(t.Then)
	slices.SortFunc(ops, func(a, b Op) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return int(b.kind) - int(a.kind) // the prefix first
	})
	for i := 1; i < len(ops); i++ {
		before, o := ops[i-1], ops[i]
		same := before.key == o.key
		covered := before.kind == OpDeletePrefix && strings.HasPrefix(o.key, before.key)
		if same || covered {
			return fault.New(fault.Invalid, "two operations of one transaction change %q", o.key)
		}
	}
	return nil
}
