package clr

import (
	"math"

	"github.com/postern-gateway/postern/csharp/types"
)

// equality decides which Values of a type are the same key: by EqualityComparer<T>.Default, or by an IEqualityComparer<T>.
type equality struct {
	elem *types.Type
	// comparer is the IEqualityComparer<T>; nil for the default.
	comparer any
	mode     equalityMode
}

type equalityMode uint8

const (
	byObject  equalityMode = iota
	byNumber               // values that stand in Num and are equal as numbers
	byString               // strings, compared by their text
	byDouble               // double
	bySingle               // float
	byInstant              // DateTime, whose kind does not count
)

// equalityOf is the equality of a type; comparer may be nil.
func equalityOf(elem *types.Type, comparer any) equality {
	e := equality{elem: elem}
	if c, ok := comparer.(*defaultEquality); ok && c.elem == elem {
		comparer = nil
	}
	if comparer != nil {
		e.comparer = comparer
		return e
	}
	switch {
	case elem == types.StringType:
		e.mode = byString
	case elem == types.DoubleType:
		e.mode = byDouble
	case elem == types.SingleType:
		e.mode = bySingle
	case elem == types.DateTimeType:
		e.mode = byInstant
	case elem.UnderlyingNum():
		e.mode = byNumber
	}
	return e
}

// word is a number by which two Values are equal exactly if their words are; only for modes other than byObject and byString.
func (e *equality) word(v types.Value) uint64 {
	switch e.mode {
	case byDouble:
		f := v.Float64()
		if f != f {
			return math.Float64bits(math.NaN())
		}
		if f == 0 {
			return 0
		}
	case bySingle:
		f := v.Float32()
		if f != f {
			return math.MaxUint64
		}
		if f == 0 {
			return 0
		}
	case byInstant:
		return v.Num & (1<<62 - 1)
	}
	return v.Num
}

// equal reports whether two Values are the same key.
func (e *equality) equal(t *types.Thread, a, b types.Value) bool {
	switch e.mode {
	case byObject:
		if e.comparer != nil {
			return comparerEquals(t, e.comparer, e.elem, a, b)
		}
		return t.U.Ops.Equals(t, types.Box(e.elem, a), types.Box(e.elem, b))
	case byString:
		x, y := a.Str(), b.Str()
		if x == nil || y == nil {
			return x == y
		}
		return x.Go() == y.Go()
	}
	return e.word(a) == e.word(b)
}

// hash is the key's hash code; 0 for null.
func (e *equality) hash(t *types.Thread, v types.Value) int32 {
	o := types.Box(e.elem, v)
	if o == nil {
		return 0
	}
	if e.comparer != nil {
		return comparerHash(t, e.comparer, e.elem, v)
	}
	return t.U.Ops.Hash(t, o)
}

// entry is a slot of a table.
type entry struct {
	key, value types.Value
	hash       int32
	// next is the next entry of the same hash, or the next free slot; -1 at the end.
	next int32
	live bool
}

// entryBytes is what an entry costs, index included.
const entryBytes = 112

// table is the hash table of Dictionary, HashSet and the set operations of LINQ. Like .NET's it enumerates in the order of
// insertion, except that a new key takes the slot that was freed last.
type table struct {
	by        equality
	entries   []entry
	free      int32
	freeCount int
	nums      map[uint64]int32
	texts     map[string]int32
	heads     map[int32]int32
	null      int32 // the entry of a null string; -1 if there is none
}

func newTable(by equality) *table { return &table{by: by, free: -1, null: -1} }

// count is the number of keys.
func (s *table) count() int { return len(s.entries) - s.freeCount }

// find is the index of a key's entry; -1 if it is not there.
func (s *table) find(t *types.Thread, key types.Value) int32 {
	i := int32(-1)
	ok := false
	switch s.by.mode {
	case byObject:
		return s.findHashed(t, key, s.by.hash(t, key))
	case byString:
		k := key.Str()
		if k == nil {
			return s.null
		}
		i, ok = s.texts[k.Go()]
	default:
		i, ok = s.nums[s.by.word(key)]
	}
	if !ok {
		return -1
	}
	return i
}

func (s *table) findHashed(t *types.Thread, key types.Value, hash int32) int32 {
	i, ok := s.heads[hash]
	if !ok {
		return -1
	}
	for ; i >= 0; i = s.entries[i].next {
		t.Step(1)
		if s.by.equal(t, s.entries[i].key, key) {
			return i
		}
	}
	return -1
}

// add puts a key in unless it is there; it gives the entry's index and whether it is new.
func (s *table) add(t *types.Thread, key, value types.Value) (at int32, added bool) {
	var hash int32
	if s.by.mode == byObject {
		hash = s.by.hash(t, key)
		at = s.findHashed(t, key, hash)
	} else {
		at = s.find(t, key)
	}
	if at >= 0 {
		return at, false
	}
	e := entry{key: key, value: value, hash: hash, next: -1, live: true}
	t.Step(1)
	if s.freeCount > 0 {
		at = s.free
		s.free = s.entries[at].next
		s.freeCount--
		s.entries[at] = e
	} else {
		t.Alloc(entryBytes)
		at = int32(len(s.entries))
		s.entries = append(s.entries, e)
	}
	s.link(at)
	return at, true
}

// link enters an entry in the index.
func (s *table) link(at int32) {
	e := &s.entries[at]
	switch s.by.mode {
	case byObject:
		if s.heads == nil {
			s.heads = map[int32]int32{}
		}
		if head, ok := s.heads[e.hash]; ok {
			e.next = head
		}
		s.heads[e.hash] = at
	case byString:
		k := e.key.Str()
		if k == nil {
			s.null = at
			return
		}
		if s.texts == nil {
			s.texts = map[string]int32{}
		}
		s.texts[k.Go()] = at
	default:
		if s.nums == nil {
			s.nums = map[uint64]int32{}
		}
		s.nums[s.by.word(e.key)] = at
	}
}

// remove takes the entry at an index out.
func (s *table) remove(at int32) {
	e := &s.entries[at]
	switch s.by.mode {
	case byObject:
		s.unlink(at)
	case byString:
		if k := e.key.Str(); k != nil {
			delete(s.texts, k.Go())
		} else {
			s.null = -1
		}
	default:
		delete(s.nums, s.by.word(e.key))
	}
	*e = entry{next: s.free}
	s.free = at
	s.freeCount++
}

func (s *table) unlink(at int32) {
	hash, next := s.entries[at].hash, s.entries[at].next
	i := s.heads[hash]
	if i == at {
		if next < 0 {
			delete(s.heads, hash)
		} else {
			s.heads[hash] = next
		}
		return
	}
	for s.entries[i].next != at {
		i = s.entries[i].next
	}
	s.entries[i].next = next
}

// clear takes everything out.
func (s *table) clear() { *s = table{by: s.by, free: -1, null: -1} }

// each calls f with the index of every entry in order, until it gives false.
func (s *table) each(f func(i int32) bool) {
	for i := range s.entries {
		if s.entries[i].live && !f(int32(i)) {
			return
		}
	}
}

// nextLive is the index of the first entry from i on; len(entries) if there is none.
func (s *table) nextLive(i int) int {
	for i < len(s.entries) && !s.entries[i].live {
		i++
	}
	return i
}
