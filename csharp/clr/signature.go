package clr

import (
	"strings"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
)

// shortNames are the namespaces of the generic types that signatures of collections and sequences name in short, for the sake of line length.
var shortNames = map[string]string{
	"IEnumerable": generics, "IEnumerator": generics, "ICollection": generics, "IList": generics, "IDictionary": generics,
	"IReadOnlyList": generics, "IReadOnlyCollection": generics, "IReadOnlyDictionary": generics, "ISet": generics,
	"IEqualityComparer": generics, "IComparer": generics, "KeyValuePair": generics, "List": generics, "Dictionary": generics,
	"HashSet": generics, "Queue": generics, "Stack": generics, "ReadOnlyCollection": "System.Collections.ObjectModel.",
	"Func": "System.", "Predicate": "System.", "Comparison": "System.", "Converter": "System.", "Action": "System.",
	"Tuple": "System.", "ValueTuple": "System.",
	"IGrouping": "System.Linq.", "ILookup": "System.Linq.", "IOrderedEnumerable": "System.Linq.",
}

const generics = "System.Collections.Generic."

// longNames writes the generic types of shortNames in full.
func longNames(signature string) string {
	var b strings.Builder
	start := 0
	for i := 0; i < len(signature); i++ {
		c := signature[i]
		switch {
		case c == '<':
			b.WriteString(shortNames[signature[start:i]])
			b.WriteString(signature[start : i+1])
			start = i + 1
		case c != '.' && c|0x20 < 'a' || c|0x20 > 'z':
			b.WriteString(signature[start : i+1])
			start = i + 1
		}
	}
	b.WriteString(signature[start:])
	return b.String()
}

// mx declares a member whose signature uses short names.
func mx(signature string, impl types.Impl) types.MemberDecl {
	return types.M(longNames(signature), impl)
}

// lateGeneric finds a generic type of the library by its full name and constructs it; constructed types are kept.
type lateGeneric struct {
	name  string
	arity int
	once  sync.Once
	def   *types.Def
	made  sync.Map // *types.Type, or [2]*types.Type, → *types.Type
}

func newLateGeneric(name string, arity int) *lateGeneric {
	return &lateGeneric{name: name, arity: arity}
}

func (g *lateGeneric) of(args ...*types.Type) *types.Type {
	g.once.Do(func() { g.def = Universe().Lookup(g.name, g.arity) })
	var key any
	switch len(args) {
	case 1:
		key = args[0]
	case 2:
		key = [2]*types.Type{args[0], args[1]}
	default:
		return g.def.Of(args...)
	}
	if t, ok := g.made.Load(key); ok {
		return t.(*types.Type)
	}
	t := g.def.Of(append([]*types.Type(nil), args...)...)
	g.made.Store(key, t)
	return t
}

// delegateArg is a delegate argument; null throws ArgumentNullException about param.
func delegateArg(v types.Value, param string) *types.Delegate {
	d, _ := v.Ref.(*types.Delegate)
	if d == nil {
		types.ThrowNull(param)
	}
	return d
}

// need throws ArgumentNullException if v is null.
func need(v types.Value, param string) {
	if v.Ref == nil {
		types.ThrowNull(param)
	}
}

// Messages that several collections share.
const (
	msgIndexLess      = "Index was out of range. Must be non-negative and less than the size of the collection."
	msgIndexAtMost    = "Index was out of range. Must be non-negative and less than or equal to the size of the collection."
	msgNonNegative    = "Non-negative number required."
	msgOffsetLength   = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection."
	msgModified       = "Collection was modified; enumeration operation may not execute."
	msgOutOfRange     = "Specified argument was out of the range of valid values."
	msgCount          = "Count must be positive and count must refer to a location within the string/array/collection."
	msgDestTooShort   = "Destination array is not long enough to copy all the items in the collection. Check array index and length."
	msgDestArrayShort = "Destination array was not long enough. Check the destination index, length, and the array's lower bounds."
	msgFixedSize      = "Collection was of a fixed size."
	msgReadOnly       = "Collection is read-only."
	msgCompareFailed  = "Failed to compare two elements in the array."
)

// throwModified is what an enumeration of a collection that has changed throws.
func throwModified() { types.Throw(types.InvalidOperationException, msgModified) }

// throwIndex is ArgumentOutOfRangeException about index, with the message of a list's indexer.
func throwIndex() { throwRange(msgIndexLess, "index") }
