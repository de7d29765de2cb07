package clr_test

import (
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// resultOf evaluates an expression: its canonical value, or the type and message of its exception, or what the compiler says.
func resultOf(src string) string {
	return resultWithin(src, types.Budget{Steps: 2_000_000, Bytes: 64 << 20, Depth: 200, Time: 10 * time.Second})
}

func resultWithin(src string, budget types.Budget) string {
	program, diags := csharp.Compile(src, csharp.Env{Universe: clr.Universe()})
	if program == nil {
		return diags[0].Code + " " + diags[0].Message
	}
	thread := &types.Thread{U: clr.Universe()}
	thread.Start(budget)
	v, err := program.Run(thread)
	if err == nil {
		var value string
		if _, value, err = csharp.Canonical(thread, v, program.Result()); err == nil {
			return value
		}
	}
	return err.Error()
}

type expression struct{ name, src, want string }

func (e expression) test(t *testing.T) {
	t.Run(e.name, func(t *testing.T) {
		if got := resultOf(e.src); got != e.want {
			t.Errorf("%s\n got  %s\n want %s", e.src, got, e.want)
		}
	})
}

const (
	noElements  = "System.InvalidOperationException: Sequence contains no elements"
	badIndex    = "System.ArgumentOutOfRangeException: Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')"
	overflow    = "System.OverflowException: Arithmetic operation resulted in an overflow."
	failedOrder = "System.InvalidOperationException: Failed to compare two elements in the array."
)

// A Where before a member that takes a predicate itself is left out; nothing but the time may tell.
func TestWhereAndThen(t *testing.T) {
	for _, e := range []expression{
		{"any", `@(new[] { 1, 2, 3 }.Where(x => x > 2).Any() + "," + new[] { 1 }.Where(x => x > 2).Any())`, "True,False"},
		{"count", `@(new[] { 1, 2, 3 }.Where(x => x > 1).Count() + new List<int> { 4, 5 }.Where(x => x > 4).LongCount())`, "3"},
		{"first and last", `@(new[] { 1, 2, 3 }.Where(x => x > 1).FirstOrDefault() * 10 + new[] { 1, 2, 3 }.Where(x => x > 1).LastOrDefault())`, "23"},
		{"a default of one's own", `@(new[] { 1 }.Where(x => x > 1).FirstOrDefault(7))`, "7"},
		{"by index", `@(new[] { 5, 6, 7 }.Where((x, i) => i > 0).Count())`, "2"},
		{"twice", `@(new[] { 1, 2, 3, 4 }.Where(x => x > 1).Where(x => x < 4).Count())`, "2"},
		{"how often it is asked", `@{ int n = 0; new[] { 1, 2, 3 }.Where(x => { n++; return x == 2; }).Any(); return n; }`, "2"},
		{"no elements is not no match", `@(new[] { 1 }.Where(x => x > 1).First())`, "System.InvalidOperationException: Sequence contains no elements"},
		{"no source", `@{ int[] a = null; return a.Where(x => true).Any(); }`, "System.ArgumentNullException: Value cannot be null. (Parameter 'source')"},
		{"a predicate that throws", `@(new[] { 0 }.Where(x => 1 / x > 0).Any())`, "System.DivideByZeroException: Attempted to divide by zero."},
		{"a delegate", `@{ Func<int, bool> p = x => x > 1; return new[] { 1, 2 }.Where(p).Count(); }`, "1"},
		{"a delegate that is null", `@{ Func<int, bool> p = null; return new[] { 1, 2 }.Where(p).Any(); }`, "System.ArgumentNullException: Value cannot be null. (Parameter 'predicate')"},
	} {
		e.test(t)
	}
}

func TestLinq(t *testing.T) {
	for _, e := range []expression{
		{"sum of int is checked", `@(new[] { int.MaxValue, 1 }.Sum())`, overflow},
		{"sum of int is checked on the way", `@(new[] { int.MaxValue, 1, -5 }.Sum())`, overflow},
		{"sum of long is checked", `@(new[] { long.MinValue, -1 }.Sum())`, overflow},
		{"sum of decimal", `@(new[] { 1.10m, 2.2m }.Sum())`, "3.30"},
		{"sum of float", `@(new[] { 0.1f, 0.2f, 0.3f }.Sum())`, "0.6"},
		{"sum of nothing", `@(new int?[] { null }.Sum())`, "0"},
		{"average of int", `@(new[] { 1, 2 }.Average())`, "1.5"},
		{"average of long overflows", `@(new[] { long.MaxValue, 1L }.Average())`, overflow},
		{"average of int does not overflow", `@(new[] { int.MaxValue, int.MaxValue }.Average())`, "2147483647"},
		{"average of nullables", `@(new int?[] { 1, null, 4 }.Average())`, "2.5"},
		{"average of no nullables", `@(new int?[] { null }.Average() == null)`, "True"},
		{"average of decimal", `@(new[] { 1m, 2m, 2m }.Average())`, "1.6666666666666666666666666667"},
		{"average of float", `@(new[] { 1f, 2f, 2f }.Average().GetType().Name)`, "Single"},
		{"max of nothing", `@(new int[0].Max())`, noElements},
		{"max of no references", `@(new string[0].Max() ?? "null")`, "null"},
		{"max with NaN", `@(new[] { double.NaN, 1.0 }.Max() + "," + new[] { 1.0, double.NaN }.Min())`, "1,NaN"},
		{"max of nullables", `@(new int?[] { null, 3, 1 }.Max() + "," + new int?[] { null, 3, 1 }.Min())`, "3,1"},
		{"max of text skips null", `@(new[] { null, "a", "b" }.Max() + new[] { null, "b", "a" }.Min())`, "ba"},
		{"max by", `@(new[] { "aa", "b", "cc" }.MaxBy(s => s.Length) + new[] { "aa", "b", "c" }.MinBy(s => s.Length))`, "aab"},
		{"single of two", `@(new[] { 1, 2 }.Single())`, "System.InvalidOperationException: Sequence contains more than one element"},
		{"last without match", `@(new[] { 1, 2 }.Last(n => n > 2))`, "System.InvalidOperationException: Sequence contains no matching element"},
		{"default of first", `@(new[] { 1, 2 }.FirstOrDefault(n => n > 2, 9) + new int[0].LastOrDefault(7))`, "16"},
		{"element of an array", `@(new[] { 1 }.ElementAt(1))`, badIndex},
		{"element of a list", `@(new List<int>().ElementAt(0))`, badIndex},
		{"element or default", `@(new[] { "x" }.ElementAtOrDefault(-1) == null && Enumerable.Range(0, 3).ElementAtOrDefault(2) == 2)`, "True"},
		{"range too long", `@(Enumerable.Range(int.MaxValue, 2))`, "System.ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'count')"},
		{"repeat", `@(string.Concat(Enumerable.Repeat("ab", 3)))`, "ababab"},
		{"chunk", `@(string.Join("|", Enumerable.Range(1, 5).Chunk(2).Select(c => string.Join(",", c))))`, "1,2|3,4|5"},
		{"chunk of nothing", `@(new[] { 1 }.Chunk(0))`, "System.ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'size')"},
		{"take last, skip last", `@(string.Join(",", Enumerable.Range(1, 5).TakeLast(2)) + "|" + string.Join(",", Enumerable.Range(1, 5).SkipLast(3)))`, "4,5|1,2"},
		{"zip to tuples", `@(string.Join(",", new[] { 1, 2 }.Zip(new[] { "a", "b" })))`, "(1, a),(2, b)"},
		{"names of zipped elements", `@(new[] { 1 }.Zip(new[] { "a" }).Select(t => t.First + t.Second).Single() + "ab".Index().Last().Item)`, "1ab"},
		{"index", `@(string.Join(",", "ab".Index()))`, "(0, a),(1, b)"},
		{"count by", `@(string.Join(",", "abca".CountBy(c => c)))`, "[a, 2],[b, 1],[c, 1]"},
		{"aggregate by", `@(string.Join(",", new[] { 1, 2, 3, 4 }.AggregateBy(n => n % 2, 0, (s, n) => s + n)))`, "[1, 4],[0, 6]"},
		{"distinct by", `@(string.Join(",", new[] { "a1", "b1", "a2" }.DistinctBy(s => s[0])))`, "a1,b1"},
		{"union by", `@(string.Join(",", new[] { "a1" }.UnionBy(new[] { "a2", "b2" }, s => s[0])))`, "a1,b2"},
		{"except by", `@(string.Join(",", new[] { "a1", "b1", "b2" }.ExceptBy(new[] { 'a' }, s => s[0])))`, "b1"},
		{"intersect by", `@(string.Join(",", new[] { "a1", "b1", "b2" }.IntersectBy(new[] { 'b' }, s => s[0])))`, "b1"},
		{"order", `@(string.Join(",", new[] { 3, 1, 2 }.Order()) + string.Join(",", new[] { 3, 1, 2 }.OrderDescending()))`, "1,2,33,2,1"},
		{"order of what cannot be compared", `@(new object[] { new object(), new object() }.OrderBy(x => x).ToList())`, failedOrder},
		{"then by with comparer", `@(string.Join(",", new[] { "B1", "a1", "b2" }.OrderBy(s => s[1]).ThenBy(s => s, StringComparer.OrdinalIgnoreCase)))`, "a1,B1,b2"},
		{"left join", `@(string.Join(",", new[] { 1, 2 }.LeftJoin(new[] { "2x" }, n => n.ToString(), s => s.Substring(0, 1), (n, s) => n + (s ?? "-"))))`, "1-,22x"},
		{"right join", `@(string.Join(",", new[] { "2x" }.RightJoin(new[] { 1, 2 }, s => s.Substring(0, 1), n => n.ToString(), (s, n) => (s ?? "-") + n)))`, "-1,2x2"},
		{"join leaves nulls out", `@(new[] { null, "a" }.Join(new[] { null, "a" }, x => x, y => y, (x, y) => x + y).Count())`, "1"},
		{"lookup of a missing key", `@(new[] { "a" }.ToLookup(s => s.Length)[5].Count())`, "0"},
		{"group is a list", `@("abab".GroupBy(c => c).First().Count())`, "2"},
		{"dictionary of pairs", `@(new Dictionary<string, int> { { "a", 1 } }.Where(p => p.Value > 0).ToDictionary())`, `{"a":"1"}`},
		{"dictionary of tuples", `@(new[] { ("a", 1), ("b", 2) }.ToDictionary())`, `{"a":"1","b":"2"}`},
		{"hash set", `@(string.Join(",", new[] { "a", "A" }.ToHashSet(StringComparer.OrdinalIgnoreCase)))`, "a"},
		{"cast gives the same object", `@{ var l = new List<string>(); return ReferenceEquals(l.Cast<string>(), l); }`, "True"},
		{"null source", `@(((IEnumerable<int>)null).Any())`, "System.ArgumentNullException: Value cannot be null. (Parameter 'source')"},
		{"null second", `@(new int[0].Concat(null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'second')"},
		{"null selector", `@(new int[0].Select((Func<int, int>)null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'selector')"},
		{"null from a selector", `@(new[] { 1 }.SelectMany(n => (string)null).Count())`, "System.NullReferenceException: Object reference not set to an instance of an object."},
		{"queries are anew each time", `@{ var n = 0; var q = new[] { 1, 2 }.Select(x => x + n); n = 10; var a = q.Sum(); n = 20; return a + "," + q.Sum(); }`, "23,43"},
		{"endless", `@{ IEnumerable<int> F() { while (true) yield return 1; } return F().Count(); }`, "the expression used up its budget of steps"},
		{"nested too deep", `@{ IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 5000; i++) q = q.Where(x => true); return q.Count(); }`, "the expression used up its budget of call depth"},
		{"text of a query", `@(new List<int>().Where(x => true) + "," + new[] { 1 }.Where(x => true).Select(x => "a"))`,
			"System.Linq.Enumerable+ListWhereIterator`1[System.Int32],System.Linq.Enumerable+ArrayWhereSelectIterator`2[System.Int32,System.String]"},
		{"name of a query", `@(Enumerable.Range(0, 2).GetType().Name + "," + "ab".Skip(1).GetType().Name + "," + new Dictionary<int, string>().Keys)`,
			"RangeIterator,IEnumerableSkipTakeIterator`1,System.Collections.Generic.Dictionary`2+KeyCollection[System.Int32,System.String]"},
		{"appended in a loop", `@{ IEnumerable<int> q = new int[0]; for (int i = 0; i < 1000; i++) q = q.Append(i); return q.Sum(); }`, "499500"},
		{"a list that shrinks while it is searched", `@{ var l = Enumerable.Range(0, 100).ToList(); return l.BinarySearch(50, Comparer<int>.Create((a, b) => { l.Clear(); return a - b; })); }`, failedOrder},
		{"a set that empties itself", `@{ var s = new HashSet<int> { 1, 2, 3 }; return s.RemoveWhere(x => { s.Clear(); return true; }); }`, "0"},
		{"too long", `@(Enumerable.Range(0, 1000000000).ToList().Count)`, "the expression used up its budget of steps"},
		{"sequence equal by comparer", `@(new[] { "a" }.SequenceEqual(new[] { "A" }, StringComparer.OrdinalIgnoreCase))`, "True"},
		{"aggregate of nothing", `@(new int[0].Aggregate((a, b) => a + b))`, noElements},
		{"count without enumeration", `@{ int n; return new List<int> { 1 }.TryGetNonEnumeratedCount(out n) + "," + n + "," + "ab".Where(c => true).TryGetNonEnumeratedCount(out n); }`, "True,1,False"},
		{"default if empty", `@(string.Join(",", new int[0].DefaultIfEmpty()) + string.Join(",", new int[0].DefaultIfEmpty(5)))`, "05"},
		{"append keeps order", `@(string.Join("", "b".Append('c').Prepend('a')))`, "abc"},
		{"disposes of the source", `@{ var log = ""; IEnumerable<int> F() { try { yield return 1; yield return 2; } finally { log += "x"; } } var a = F().Take(1).ToList(); var b = F().First(); return log; }`, "xx"},
	} {
		e.test(t)
	}
}
