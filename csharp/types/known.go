package types

// knownInterfaces are the generic interfaces of generic types whose declarations by reflection show only the plain ones. They are added to
// what a declaration says, as far as they are declared.
var knownInterfaces = map[string]string{
	"System.Collections.Generic.List`1":                "System.Collections.Generic.IList<T>, System.Collections.Generic.IReadOnlyList<T>",
	"System.Collections.Generic.HashSet`1":             "System.Collections.Generic.ISet<T>, System.Collections.Generic.IReadOnlyCollection<T>",
	"System.Collections.Generic.SortedSet`1":           "System.Collections.Generic.ISet<T>, System.Collections.Generic.IReadOnlyCollection<T>",
	"System.Collections.Generic.Queue`1":               "System.Collections.Generic.IReadOnlyCollection<T>",
	"System.Collections.Generic.Stack`1":               "System.Collections.Generic.IReadOnlyCollection<T>",
	"System.Collections.Generic.ISet`1":                "System.Collections.Generic.ICollection<T>",
	"System.Collections.Generic.Dictionary`2":          "System.Collections.Generic.IDictionary<TKey, TValue>, System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>",
	"System.Collections.Generic.IDictionary`2":         "System.Collections.Generic.ICollection<System.Collections.Generic.KeyValuePair<TKey, TValue>>",
	"System.Collections.Generic.IReadOnlyDictionary`2": "System.Collections.Generic.IReadOnlyCollection<System.Collections.Generic.KeyValuePair<TKey, TValue>>",
	"System.Collections.Generic.ICollection`1":         "System.Collections.Generic.IEnumerable<T>",
	"System.Linq.IOrderedEnumerable`1":                 "System.Collections.Generic.IEnumerable<TElement>",
	"System.Linq.IGrouping`2":                          "System.Collections.Generic.IEnumerable<TElement>",
	"System.Linq.ILookup`2":                            "System.Collections.Generic.IEnumerable<System.Linq.IGrouping<TKey, TElement>>",
	"System.Collections.Generic.List.Enumerator`1":     "System.Collections.Generic.IEnumerator<T>",
	"Newtonsoft.Json.Linq.IJEnumerable`1":              "System.Collections.Generic.IEnumerable<T>",
}
