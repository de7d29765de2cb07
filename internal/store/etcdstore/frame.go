package etcdstore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/store"
)

// Sizes in bytes. etcd refuses requests over 1.5 MiB by default; what a
// request adds to its values (keys, conditions, framing) must fit as well.
const (
	maxInlineBytes = 128 << 10 // the biggest value kept in its key
	maxTxnInline   = 512 << 10 // what the values kept in their keys may add up to, in one transaction
	chunkBytes     = 512 << 10 // of a blob; recorded in references, so it may change
)

// The first byte of a stored value says how to read the rest.
const (
	frameInline    = 0 // the value itself
	frameReference = 1 // a reference in JSON
)

// reference says where in a blob a value lies.
type reference struct {
	Blob   string `json:"blob"`   // the blob's name
	Offset int    `json:"offset"` // bytes before the value
	Length int    `json:"length"` // bytes of the value
	Chunk  int    `json:"chunk"`  // bytes of each of the blob's chunks but the last
}

func inline(value []byte) []byte {
	return append([]byte{frameInline}, value...)
}

func (r reference) frame() []byte {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings and ints always marshal
	}
	return append([]byte{frameReference}, text...)
}

// unframe reads a stored value: its bytes, or a reference to them.
func unframe(stored []byte) ([]byte, *reference, error) {
	if len(stored) == 0 {
		return nil, nil, fmt.Errorf("the stored value has no frame")
	}
	switch stored[0] {
	case frameInline:
		return slices.Clone(stored[1:]), nil, nil
	case frameReference:
		var r reference
		if err := json.Unmarshal(stored[1:], &r); err != nil {
			return nil, nil, fmt.Errorf("the stored reference is not readable: %w", err)
		}
		if r.Offset < 0 || r.Offset > store.MaxTxnBytes || r.Length < 0 || r.Length > store.MaxValueBytes || r.Chunk <= 0 {
			return nil, nil, fmt.Errorf("the stored reference %+v makes no sense", r)
		}
		return nil, &r, nil
	default:
		return nil, nil, fmt.Errorf("the stored value has frame %d, which this version does not know", stored[0])
	}
}

// framed is a transaction's puts as they will be stored.
type framed struct {
	values map[string][]byte // by the store's key
	blob   []byte            // what went out of the values; nil if all fit
	name   string            // of the blob
}

// frame decides which values stay in their keys and which go into a blob: the
// biggest go, until the rest fits.
func frame(ops []store.Op) framed {
	var puts []store.Op
	total := 0
	for _, op := range ops {
		if op.Kind() == store.OpPut {
			puts = append(puts, op)
			total += len(op.Value())
		}
	}
	slices.SortStableFunc(puts, func(a, b store.Op) int { return len(b.Value()) - len(a.Value()) })
	spilled := 0
	for spilled < len(puts) && (len(puts[spilled].Value()) > maxInlineBytes || total > maxTxnInline) {
		total -= len(puts[spilled].Value())
		spilled++
	}
	f := framed{values: make(map[string][]byte, len(puts))}
	for _, op := range puts[spilled:] {
		f.values[op.Key()] = inline(op.Value())
	}
	if spilled > 0 {
		f.spill(puts[:spilled])
	}
	return f
}

// spill packs the values of puts into one blob, in the order in which List reads them.
func (f *framed) spill(puts []store.Op) {
	slices.SortFunc(puts, func(a, b store.Op) int { return strings.Compare(a.Key(), b.Key()) })
	for _, op := range puts {
		f.blob = append(f.blob, op.Value()...)
	}
	f.name = blobName(f.blob)
	offset := 0
	for _, op := range puts {
		length := len(op.Value())
		f.values[op.Key()] = reference{Blob: f.name, Offset: offset, Length: length, Chunk: chunkBytes}.frame()
		offset += length
	}
}
