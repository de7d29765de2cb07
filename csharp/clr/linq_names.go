package clr

import "github.com/postern-gateway/postern/csharp/types"

// iteratorTypes are the classes of .NET 10's queries: what GetType() and ToString() of one show. Those that its compiler makes of iterator
// methods have names that change from build to build, and are shown as IEnumerable<T>.
var iteratorTypes = map[string]*lateGeneric{}

// iteratorNames are the classes with the number of their type parameters.
var iteratorNames = map[string]int{
	"ArrayWhereIterator": 1, "ListWhereIterator": 1, "IEnumerableWhereIterator": 1,
	"ArraySelectIterator": 2, "ListSelectIterator": 2, "IListSelectIterator": 2, "IEnumerableSelectIterator": 2, "RangeSelectIterator": 1,
	"ArrayWhereSelectIterator": 2, "ListWhereSelectIterator": 2, "IEnumerableWhereSelectIterator": 2,
	"SelectManySingleSelectorIterator": 2, "DistinctIterator": 1, "ReverseIterator": 1, "Concat2Iterator": 1, "AppendPrepend1Iterator": 1,
	"IListSkipTakeIterator": 1, "IEnumerableSkipTakeIterator": 1, "RepeatIterator": 1,
}

const rangeIterator = "RangeIterator"

func init() {
	for name, n := range iteratorNames {
		iteratorTypes[name] = newLateGeneric("System.Linq.Enumerable."+name, n)
	}
}

var rangeType = lateType("System.Linq.Enumerable." + rangeIterator)

// iteratorDecls declare the classes, which programs cannot name.
func iteratorDecls() []*types.Decl {
	out := []*types.Decl{
		hidden("sealed class System.Linq.Enumerable.OrderedIterator<TElement, TKey> : System.Linq.IOrderedEnumerable<TElement>, System.Collections.Generic.IEnumerable<TElement>, System.Collections.IEnumerable"),
		hidden("sealed class System.Linq.Enumerable." + rangeIterator + " : System.Collections.Generic.IEnumerable<int>, System.Collections.IEnumerable"),
	}
	for name, n := range iteratorNames {
		params, elem := "<TSource>", "TSource"
		if n == 2 {
			params, elem = "<TSource, TResult>", "TResult"
		}
		out = append(out, hidden("sealed class System.Linq.Enumerable."+name+params+" : System.Collections.Generic.IEnumerable<"+elem+">, System.Collections.IEnumerable"))
	}
	return out
}

// shownAs gives a query the class that .NET's has.
func shownAs(q types.Value, name string, args ...*types.Type) types.Value {
	if s, ok := q.Ref.(*sequence); ok && iteratorTypes[name] != nil {
		s.typ = iteratorTypes[name].of(args...)
		s.class = name
	}
	return q
}

// sourceKind is how the name of a query's class begins, by what it goes over.
func sourceKind(src any) string {
	switch src.(type) {
	case *types.Array, *types.Bytes:
		return "Array"
	case *list:
		return "List"
	}
	return "IEnumerable"
}

// isList reports whether a source is an IList<T>, over which Skip and Take work by index.
func isList(src any) bool {
	switch src.(type) {
	case *types.Array, *types.Bytes, *list, *readOnly, *grouping:
		return true
	}
	return false
}

// selectClass is the class of Select over a source.
func selectClass(src any) string {
	if s, ok := src.(*sequence); ok {
		switch s.class {
		case "ArrayWhereIterator":
			return "ArrayWhereSelectIterator"
		case "ListWhereIterator":
			return "ListWhereSelectIterator"
		case "IEnumerableWhereIterator":
			return "IEnumerableWhereSelectIterator"
		}
	}
	if kind := sourceKind(src); kind != "IEnumerable" || !isList(src) {
		return kind + "SelectIterator"
	}
	return "IListSelectIterator"
}
