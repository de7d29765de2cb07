package syntax

import "testing"

// validBlocks are statements of C# 7.3 that must be read without a mistake and print stably.
var validBlocks = []string{
	`foreach (var x in from a in b select a) ;`,
	`for (var e = x.GetEnumerator(); e.MoveNext();) ;`,
	`ref readonly int x = ref y; ref var z = ref c ? ref a : ref b; ref int F(ref int q) => ref q;`,
	`var x = y as string ?? "z"; var n = y as int? ?? 0; var m = (o as string)?.Length ?? 0;`,
	`var a = x is int ? 1 : 2; var b = x is string ? (a) : b; var c = x is Foo ? -1 : 1; var d = x is string s ? s : "";`,
	`if (o is int i && i > 0 || o is int[] q && q.Length > 0) return o is int[] ? 1 : 0;`,
	`var d = new Dictionary<string, List<int>> { ["a"] = { 1, 2 }, ["b"] = new List<int>() };`,
	`var a = new[,] { { 1, 2 }, { 3, 4 }, }; var b = new int[] { 1, 2, }; var c = new Foo { A = { B = 1 }, C = 2, };`,
	`switch (x) { case 'a': case "s": case E.A: case -1: case (1 + 2): case (int)3: { break; } case A.B c when c.D: break; }`,
	`switch (x) { case X: case Y when z: goto case "a"; case null when w: break; case string _: break; default: { } break; }`,
	`switch (x) { case var y when y > 0: return 1; case List<int> l: break; case int[] a: case (int, int) t: default: throw new E(); }`,
	`(string k, int v)[] a = { ("a", 1) }; (int, int)? x = null; List<(int, string)> l = null; Dictionary<string, Func<int, int>> d;`,
	`int.TryParse("1", out int n); F(out var _, out _, in x, ref y, named: 1);`,
	`var q = from x in xs let y = x * 2 where y > 2 group y by y % 2 into g orderby g.Key descending, g.Count() select new { g.Key, C = g.Count() };`,
	`var q = from x in xs join y in ys on x.A equals y.B into g from z in g.DefaultIfEmpty() select z ?? 1;`,
	`var q = (from int x in xs where x is string && x < 3 select x).First();`,
	`return $"{d["k"]}{(a ? 1 : 2)}{x,10:N2}{{}}{f(g => { return g; })}{global::A.B}";`,
	`return nameof(List<int>) + nameof(Dictionary<string, int>.Count) + typeof(Dictionary<,>) + typeof(int?) + typeof(void) + typeof(int[,]);`,
	`return default(int?) + default((int, string)) + sizeof(int) + checked((int)x) + unchecked(y << 1 >> 2);`,
	`f(a < b, c > d); if (i < n && j > (k)) ; for (; i < arr.Length;) ; var t = x < y ? 1 : 2; var u = x > y >> 1;`,
	`((Foo)x).Bar(); (a, b).ToString(); (a ?? b).c(); new Foo().Bar(); "a".Foo(); $"x".Foo(); 1.ToString(); 1f.ToString(); 0x1F.ToString();`,
	`catch1: try { } catch when (true) { } try { } catch (Exception e) when (e is X || e.Y) { } finally { }`,
	`T Id<T>(T x) => x; void F(int a = 1, params int[] r) { } (int a, string b) G() => (1, "a"); int[] H() => null; Foo? I() => null;`,
	`void F<T, U>() where T : class, IFoo<U>, new() where U : struct { }`,
	`Func<int, int> f = delegate (int x) { return x; }; Func<int> g = () => throw new E(); Action h = async;`,
	`Func<int, Func<int, int>> f = x => y => x + y; F((a, b) => a + b, (int a, string b) => { }, () => { });`,
	`a = b = c; a += b -= c; a <<= 1; a >>= 2; a ^= b; a |= c; a &= d; a %= e; a /= f; a *= g;`,
	`var from = 1; var select = from + 1; int when = 2, where = 3, into = 4, on = 5, by = 6, let = 7; yield = 1; var async = await;`,
	`dynamic d = 1; var var = 2; global::System.Int32 i = 3; System.Collections.Generic.List<int>.Enumerator e; A<B>.C<D[]>[] x;`,
	`if (a) if (b) c(); else d(); else if (e) ; else { } while (f) do g(); while (h);`,
	`using (var a = b, c = d) using (e) lock (f) checked { unchecked { } }`,
	`if (a?.b?[0]?.c() == null || !(d?.e is string)) { a?.b.c(); x = y?.z?.w ?? throw new E("q"); }`,
	`var n = -a - -b + +c - ~d; n++; --n; var o = !p ? (q)(-r) : (int)-s; var u = (T)(object)v; var w = (A.B<C>)x;`,
	`var r = ""; /* a */ // b` + "\n" + `r += @"c""d" + 'e' + '\'' + "\"\x41\u0042";`,
	`const int A = 1, B = A + 1; const string S = "s" + nameof(A);`,
	`int[][,] a = new int[2][,]; a[0][1, 2] = 3; var b = new List<int>[4]; var c = new int?[] { null }; var d = new (int, string)[] { (1, "a") };`,
	`(int a, (string b, var c)) = d; var (e, _) = f; foreach (var (k, v) in g) ; foreach ((int k, string v) in h) ; foreach (_ in i) ;`,
	`IEnumerable<int> G() { if (a) yield break; foreach (var x in y) yield return x; }`,
	`L1: L2: goto L1; ; { ; }`,
	`return new { a, b.c, D = 1, e?.f }.ToString();`,
	`return (a: 1, b: (c: 2, 3)).b.c == ((1, 2)).Item1;`,
}

func TestValidBlocksParseAndPrintStably(t *testing.T) {
	for _, body := range validBlocks {
		src := "@{ " + body + " }"
		u, diags := Parse(src)
		if len(diags) > 0 {
			t.Errorf("Parse(%s) reports %s %s at %s", src, diags[0].Code, diags[0].Message, place(src, diags[0]))
			continue
		}
		text := u.Print()
		again, diags := Parse(text)
		if len(diags) > 0 {
			t.Errorf("%s prints as %s, which reports %v", src, text, diags[0])
			continue
		}
		if second := again.Print(); second != text {
			t.Errorf("%s prints as %s, and that as %s", src, text, second)
		}
	}
}
