package types

// Match tells of a predicate that it holds for no element but those whose member at Path equals a key: that of
// c => c.Value.Thumbprint == key has the path "Value.Thumbprint". Key only reads, so it gives the same for every element.
type Match struct {
	Path string
	Key  func(t *Thread) Value
	// Whole tells that the predicate asks for nothing else: it holds for every element whose member equals the key.
	Whole bool
}

// Indexed is a sequence that finds elements by the value of a member without looking at each.
type Indexed interface {
	Enumerable
	// Indexes reports whether it can by the member at path.
	Indexes(path string) bool
	// Matching are the elements, in their order, whose member at the path equals the key; nobody changes the slice. An
	// empty sequence does not ask for the key.
	Matching(t *Thread, m *Match) []Value
}

// Narrow is src without the elements for which a predicate cannot hold, where sequence and predicate can tell; else src.
// The key is asked for when it is enumerated.
func Narrow(src any, predicate *Delegate) any {
	if predicate == nil || predicate.Match == nil {
		return src
	}
	if x, ok := src.(Indexed); ok && x.Indexes(predicate.Match.Path) {
		return &narrowed{x, predicate.Match}
	}
	return src
}

type narrowed struct {
	Indexed
	by *Match
}

// ClrType is IEnumerable<T>: the whole sequence may have a count, which this has not.
func (n *narrowed) ClrType() *Type { return IEnumerableDef.Of(n.ElementType()) }

// Enumerate enumerates the elements that may match.
func (n *narrowed) Enumerate(t *Thread) Enumerator { return NewListed(n.Matching(t, n.by)) }

// Listed enumerates values that are there already.
type Listed struct {
	items []Value
	i     int
}

// NewListed starts an enumeration of items.
func NewListed(items []Value) *Listed { return &Listed{items, -1} }

// MoveNext goes on to the next element.
func (l *Listed) MoveNext(*Thread) bool {
	if l.i+1 < len(l.items) {
		l.i++
		return true
	}
	return false
}

// Current is the element reached.
func (l *Listed) Current() Value { return l.items[l.i] }

// Dispose does nothing.
func (l *Listed) Dispose(*Thread) {}
