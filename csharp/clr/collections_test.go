package clr_test

import "testing"

const (
	modified   = "System.InvalidOperationException: Collection was modified; enumeration operation may not execute."
	offLength  = "System.ArgumentException: Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection."
	readOnly   = "System.NotSupportedException: Collection is read-only."
	fixedSize  = "System.NotSupportedException: Collection was of a fixed size."
	outOfRange = "System.ArgumentOutOfRangeException: "
)

func TestList(t *testing.T) {
	for _, e := range []expression{
		{"index", `@(new List<int>()[0])`, badIndex},
		{"insert", `@{ var l = new List<int>(); l.Insert(1, 1); return 0; }`, outOfRange + "Index must be within the bounds of the List. (Parameter 'index')"},
		{"remove at", `@{ var l = new List<int>(); l.RemoveAt(0); return 0; }`, badIndex},
		{"remove range", `@{ var l = new List<int> { 1 }; l.RemoveRange(0, 2); return 0; }`, offLength},
		{"negative range", `@(new List<int> { 1 }.GetRange(-1, 1))`, outOfRange + "Non-negative number required. (Parameter 'index')"},
		{"capacity", `@(new List<int>(-1))`, outOfRange + "Non-negative number required. (Parameter 'capacity')"},
		{"capacity grows", `@{ var l = new List<int>(); var c = l.Capacity + ","; l.Add(1); c += l.Capacity + ","; for (int i = 0; i < 4; i++) l.Add(i); return c + l.Capacity; }`, "0,4,8"},
		{"capacity of a copy", `@{ var l = new List<int>(new[] { 1, 2, 3 }); var c = l.Capacity + ","; l.AddRange(new int[10]); c += l.Capacity + ","; l.Add(1); l.RemoveRange(0, 10); return c + l.Capacity; }`, "3,13,26"},
		{"null collection", `@(new List<int>(null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'collection')"},
		{"null predicate", `@(new List<int>().Find(null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'match')"},
		{"find index", `@(new List<int> { 1 }.FindIndex(2, n => true))`, outOfRange + "Index was out of range. Must be non-negative and less than or equal to the size of the collection. (Parameter 'startIndex')"},
		{"find last index", `@(new List<int> { 1, 2, 3 }.FindLastIndex(1, n => n > 0))`, "1"},
		{"last index of", `@(new List<int> { 1, 2, 1 }.LastIndexOf(1) + "," + new List<int> { 1, 2, 1 }.LastIndexOf(1, 1) + "," + new List<int>().LastIndexOf(1))`, "2,0,-1"},
		{"index of", `@(new List<string> { "a", null }.IndexOf(null))`, "1"},
		{"foreach with a change", `@{ var l = new List<int> { 1, 2 }; foreach (var x in l) l.Add(x); return 0; }`, modified},
		{"for each with a change", `@{ var l = new List<int> { 1, 2 }; l.ForEach(x => l.Add(x)); return 0; }`, modified},
		{"change at the end", `@{ var l = new List<int> { 1, 2 }; foreach (var x in l) if (x == 2) { l.Remove(x); } return 0; }`, modified},
		{"add itself", `@{ var l = new List<int> { 1, 2 }; l.AddRange(l); return l; }`, `["1","2","1","2"]`},
		{"insert range", `@{ var l = new List<int> { 1, 2 }; l.InsertRange(1, new[] { 8, 9 }); return l; }`, `["1","8","9","2"]`},
		{"convert all", `@(new List<int> { 1, 2 }.ConvertAll(n => n + "!"))`, `["1!","2!"]`},
		{"sort is .NET's", `@{ var l = Enumerable.Range(0, 20).Select(n => n % 3 + ":" + n).ToList(); l.Sort((a, b) => a[0].CompareTo(b[0])); return string.Join(" ", l); }`,
			"0:0 0:15 0:12 0:18 0:6 0:9 0:3 1:4 1:7 1:10 1:13 1:1 1:16 1:19 2:8 2:11 2:2 2:14 2:17 2:5"},
		{"sort of what cannot be compared", `@{ var l = new List<object> { 1, new object() }; l.Sort(); return 0; }`, failedOrder},
		{"binary search", `@(new List<int> { 1, 3 }.BinarySearch(2))`, "-2"},
		{"to string", `@(new List<int>().ToString())`, "System.Collections.Generic.List`1[System.Int32]"},
		{"interfaces", `@{ IList<int> l = new List<int> { 1 }; l.Insert(0, 5); l[1] = 7; ICollection<int> c = l; c.Add(9); return c.Count + "," + l.IndexOf(7) + "," + c.IsReadOnly + "," + string.Join("", l); }`, "3,1,False,579"},
		{"covariance", `@{ IEnumerable<object> o = new List<string> { "a" }; return o.First() + "" + (o is IEnumerable<string>) + (o is IList<object>); }`, "aTrueFalse"},
		{"read-only", `@{ ICollection<int> c = new List<int> { 1 }.AsReadOnly(); c.Clear(); return 0; }`, readOnly},
		{"copy to a short array", `@{ new List<int> { 1, 2 }.CopyTo(new int[1]); return 0; }`,
			"System.ArgumentException: Destination array was not long enough. Check the destination index, length, and the array's lower bounds. (Parameter 'destinationArray')"},
		{"enumerator", `@{ var e = new List<int> { 1, 2 }.GetEnumerator(); e.MoveNext(); e.MoveNext(); return e.Current + "," + e.MoveNext() + "," + e.Current; }`, "2,False,0"},
		{"nullable elements", `@(new List<int?> { 1, null }.Contains(null))`, "True"},
	} {
		e.test(t)
	}
}

func TestDictionary(t *testing.T) {
	for _, e := range []expression{
		{"a new key takes the slot freed last", `@{ var d = new Dictionary<string, int> { { "a", 1 }, { "b", 2 }, { "c", 3 } }; d.Remove("a"); d.Remove("b"); d["d"] = 4; d["e"] = 5; d["f"] = 6; return d; }`, `{"e":"5","d":"4","c":"3","f":"6"}`},
		{"removal in foreach", `@{ var d = new Dictionary<int, int> { { 1, 1 }, { 2, 2 }, { 3, 3 } }; foreach (var p in d) if (p.Key == 1) d.Remove(2); return string.Join(",", d.Keys); }`, "1,3"},
		{"replacing in foreach", `@{ var d = new Dictionary<int, int> { { 1, 1 }, { 2, 2 } }; foreach (var p in d) d[p.Key] = 9; return d.Values.Sum(); }`, "18"},
		{"adding in foreach", `@{ var d = new Dictionary<int, int> { { 1, 1 } }; foreach (var p in d) d[p.Key + 1] = 9; return 0; }`, modified},
		{"key of a struct", `@{ var d = new Dictionary<KeyValuePair<int, string>, int>(); d[new KeyValuePair<int, string>(1, "a")] = 5; return d[new KeyValuePair<int, string>(1, "a")]; }`, "5"},
		{"key not found", `@(new Dictionary<int?, int>()[5])`, "System.Collections.Generic.KeyNotFoundException: The given key '5' was not present in the dictionary."},
		{"null nullable", `@(new Dictionary<int?, int>()[null])`, "System.ArgumentNullException: Value cannot be null. (Parameter 'key')"},
		{"comparer", `@(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1, ["a"] = 2 }["A"])`, "2"},
		{"contains value", `@(new Dictionary<int, string> { { 1, null } }.ContainsValue(null))`, "True"},
		{"capacity", `@(new Dictionary<int, int>(-1))`, outOfRange + "Specified argument was out of the range of valid values. (Parameter 'capacity')"},
		{"capacity is prime", `@(new Dictionary<int, int>(10).Capacity + "," + new Dictionary<int, int>().EnsureCapacity(4))`, "11,7"},
		{"keys cannot be changed", `@{ ICollection<int> k = new Dictionary<int, int>().Keys; k.Add(1); return 0; }`, "System.NotSupportedException: Mutating a key collection derived from a dictionary is not allowed."},
		{"values cannot be changed", `@{ ICollection<int> k = new Dictionary<int, int>().Values; k.Clear(); return 0; }`, "System.NotSupportedException: Mutating a value collection derived from a dictionary is not allowed."},
		{"interfaces", `@{ IDictionary<string, int> d = new Dictionary<string, int>(); d.Add("a", 1); d["b"] = 2; int v; d.TryGetValue("b", out v); return v + "," + d.Remove("a") + "," + d.Count + "," + d.Keys.Count + d.Values.First() + d.ContainsKey("a"); }`, "2,True,1,12False"},
		{"pairs", `@{ ICollection<KeyValuePair<string, int>> d = new Dictionary<string, int> { { "a", 1 } }; return d.Contains(new KeyValuePair<string, int>("a", 2)) + "," + d.Remove(new KeyValuePair<string, int>("a", 1)) + d.Count; }`, "False,True0"},
		{"text of a pair", `@(new Dictionary<string, int> { { "a", 1 } }.First())`, "[a, 1]"},
		{"default pair", `@(default(KeyValuePair<string, int>).Key == null && default(KeyValuePair<string, int>).Value == 0)`, "True"},
		{"deconstruction", `@{ foreach (var (k, v) in new Dictionary<string, int> { { "a", 1 } }) return k + v; return ""; }`, "a1"},
		{"value or default", `@(new Dictionary<string, int> { { "a", 1 } }.GetValueOrDefault("b") + "," + new Dictionary<string, int>().GetValueOrDefault("b", 7))`, "0,7"},
		{"of enums", `@(new Dictionary<DayOfWeek, int> { { DayOfWeek.Friday, 1 } })`, `{"Friday":"1"}`},
	} {
		e.test(t)
	}
}

func TestHashSet(t *testing.T) {
	for _, e := range []expression{
		{"subset", `@{ var s = new HashSet<int> { 1, 2 }; return s.IsSubsetOf(new[] { 1, 2, 3 }) + "," + s.IsProperSubsetOf(new[] { 2, 1 }) + "," + s.IsSupersetOf(new int[0]) + "," + s.Overlaps(new[] { 2 }) + "," + s.SetEquals(new[] { 2, 1, 1 }); }`, "True,False,True,True,True"},
		{"symmetric difference", `@{ var s = new HashSet<int> { 1, 2 }; s.SymmetricExceptWith(new[] { 2, 3, 3 }); return s; }`, `["1","3"]`},
		{"text without case", `@{ var s = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a", "A" }; string v; s.TryGetValue("A", out v); return s.Count + v; }`, "1a"},
		{"freed slots", `@{ var s = new HashSet<int> { 1, 2, 3 }; s.Remove(1); s.Add(9); return s; }`, `["9","2","3"]`},
		{"negative capacity", `@(new HashSet<int>(-1))`, outOfRange + "capacity ('-1') must be a non-negative value. (Parameter 'capacity')\nActual value was -1."},
		{"copy", `@{ var a = new int[2]; new HashSet<int> { 1, 2 }.CopyTo(a, 1, 1); return a; }`, `["0","1"]`},
		{"anonymous elements", `@(new HashSet<object> { new { A = 1 }, new { A = 1 } }.Count)`, "1"},
		{"set comparer", `@(new Dictionary<HashSet<int>, int>(HashSet<int>.CreateSetComparer()) { { new HashSet<int> { 1, 2 }, 5 } }[new HashSet<int> { 2, 1 }])`, "5"},
		{"arrays by reference", `@(new HashSet<int[]> { new[] { 1 }, new[] { 1 } }.Count)`, "2"},
	} {
		e.test(t)
	}
}

func TestQueueAndStack(t *testing.T) {
	for _, e := range []expression{
		{"queue", `@{ var q = new Queue<int>(); for (int i = 0; i < 10; i++) { q.Enqueue(i); if (i % 3 == 0) q.Dequeue(); } return string.Join("", q) + q.Count; }`, "4567896"},
		{"stack of a stack turns it around", `@(string.Join("", new Stack<int>(new Stack<int>(new[] { 1, 2, 3 }))))`, "123"},
		{"change in foreach", `@{ var q = new Queue<int>(new[] { 1 }); foreach (var x in q) q.Enqueue(x); return 0; }`, modified},
		{"empty stack", `@(new Stack<int>().Pop())`, "System.InvalidOperationException: Stack empty."},
		{"null collection", `@(new Stack<int>((IEnumerable<int>)null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'collection')"},
	} {
		e.test(t)
	}
}

func TestArray(t *testing.T) {
	for _, e := range []expression{
		{"create", `@{ var a = (int[,])Array.CreateInstance(typeof(int), 2, 3); a[1, 2] = 7; return a.GetValue(1, 2) + "," + a.Length + "," + a.Rank; }`, "7,6,2"},
		{"widening copy", `@{ var d = new double[2]; Array.Copy(new[] { 1, 2 }, d, 2); return d; }`, `["1","2"]`},
		{"narrowing copy", `@{ Array.Copy(new[] { 1L }, new int[1], 1); return 0; }`, "System.ArrayTypeMismatchException: Source array type cannot be assigned to destination array type."},
		{"boxing copy", `@{ var o = new object[2]; Array.Copy(new[] { 1, 2 }, o, 2); return o; }`, `["1","2"]`},
		{"unboxing copy", `@{ var o = new int[1]; Array.Copy(new object[] { "x" }, o, 1); return o; }`, "System.InvalidCastException: At least one element in the source array could not be cast down to the destination array type."},
		{"copy too long", `@{ Array.Copy(new int[1], new int[5], 2); return 0; }`, "System.ArgumentException: Source array was not long enough. Check the source index, length, and the array's lower bounds. (Parameter 'sourceArray')"},
		{"fixed size", `@{ IList<int> l = new int[1]; l.Add(1); return 0; }`, fixedSize},
		{"read-only clear", `@{ IList<int> l = new int[1]; l.Clear(); return 0; }`, readOnly},
		{"as a list", `@{ IList<int> l = new[] { 1, 2 }; l[0] = 5; return l.IndexOf(2) + "," + l.Contains(5) + "," + l.IsReadOnly + "," + l.Count; }`, "1,True,True,2"},
		{"bytes", `@{ var b = new byte[] { 3, 1, 2 }; Array.Sort(b); Array.Reverse(b, 0, 2); return string.Join(",", b) + "|" + Array.IndexOf(b, (byte)3) + Array.Exists(b, x => x == 1); }`, "2,1,3|2True"},
		{"keys and items", `@{ var k = new[] { "b", "a" }; var v = new[] { 1, 2 }; Array.Sort(k, v); return string.Join(",", k) + string.Join(",", v); }`, "a,b2,1"},
		{"last index of", `@(Array.LastIndexOf(new[] { 1, 2, 1 }, 1) + "," + Array.LastIndexOf(new[] { 1, 2, 1 }, 1, 1) + "," + Array.IndexOf(new[] { 1.5, double.NaN }, double.NaN))`, "2,0,1"},
		{"fill and empty", `@{ var a = new int[3]; Array.Fill(a, 7, 1, 2); return string.Join(",", a) + Array.Empty<int>().Length; }`, "0,7,70"},
		{"convert all", `@(Array.ConvertAll(new[] { "1", "2" }, int.Parse).Sum())`, "3"},
		{"set value of a wrong type", `@{ new int[1].SetValue("x", 0); return 0; }`, "System.InvalidCastException: Object cannot be stored in an array of this type."},
		{"set value widens", `@{ var a = new long[1]; a.SetValue(5, 0); return a[0]; }`, "5"},
		{"no such dimension", `@(new int[1].GetLength(1))`, "System.IndexOutOfRangeException: Array does not have that many dimensions."},
		{"null array", `@{ Array.Sort((int[])null); return 0; }`, "System.ArgumentNullException: Value cannot be null. (Parameter 'array')"},
		{"resize", `@{ var a = new[] { 1 }; Array.Resize(ref a, -1); return 0; }`, outOfRange + "Non-negative number required. (Parameter 'newSize')"},
		{"find last index", `@(Array.FindLastIndex(new[] { 1, 2, 3 }, 5, n => true))`, outOfRange + "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'startIndex')"},
		{"stored in a covariant list", `@{ IList<object> l = new string[1]; l[0] = 5; return 0; }`, "System.ArrayTypeMismatchException: Attempted to access an element as a type incompatible with the array."},
	} {
		e.test(t)
	}
}

func TestTuple(t *testing.T) {
	for _, e := range []expression{
		{"eight elements", `@(Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8) + "," + Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8).Rest.Item1)`, "(1, 2, 3, 4, 5, 6, 7, 8),8"},
		{"type", `@(Tuple.Create(1, "a").GetType().ToString())`, "System.Tuple`2[System.Int32,System.String]"},
		{"compare", `@(new[] { Tuple.Create(2, "a"), Tuple.Create(1, "b"), Tuple.Create(1, "a") }.OrderBy(x => x))`, `["(1, a)","(1, b)","(2, a)"]`},
		{"null element", `@(Tuple.Create<string, int>(null, 1))`, "(, 1)"},
		{"equality", `@(Tuple.Create(1, 2).Equals(Tuple.Create(1, 2)) + "," + Tuple.Create(1, 2).Equals(Tuple.Create(1L, 2)))`, "True,False"},
	} {
		e.test(t)
	}
}

func TestComparers(t *testing.T) {
	for _, e := range []expression{
		{"default comparer", `@(Comparer<int>.Default.Compare(1, 2) + "," + EqualityComparer<string>.Default.Equals("a", "a"))`, "-1,True"},
		{"comparer of a comparison", `@(string.Join(",", new[] { 1, 3, 2 }.OrderBy(n => n, Comparer<int>.Create((a, b) => b - a))))`, "3,2,1"},
		{"as an interface", `@{ IComparer<string> c = StringComparer.Ordinal; IEqualityComparer<string> e = StringComparer.OrdinalIgnoreCase; return c.Compare("a", "B") > 0 && e.Equals("a", "A") && e.GetHashCode("a") == e.GetHashCode("A"); }`, "True"},
	} {
		e.test(t)
	}
}
