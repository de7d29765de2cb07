package csharp_test

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// run compiles and evaluates src and gives the canonical value, or the name of the exception in brackets.
func run(t *testing.T, src string) string {
	t.Helper()
	u := clr.Universe()
	p, diags := csharp.Compile(src, csharp.Env{Universe: u})
	if p == nil {
		t.Fatalf("%s: %v", src, diags)
	}
	thread := &types.Thread{U: u}
	thread.Start(types.Budget{Steps: 1_000_000, Bytes: 1 << 24, Depth: 200})
	v, err := p.Run(thread)
	if err != nil {
		return "<" + strings.SplitN(err.Error(), ":", 2)[0] + ">"
	}
	name, value, err := csharp.Canonical(thread, v, p.Result())
	switch {
	case err != nil:
		return "<" + strings.SplitN(err.Error(), ":", 2)[0] + ">"
	case name == "null":
		return name
	}
	return value
}

type languageTest struct{ name, src, want string }

func runAll(t *testing.T, tests []languageTest) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, tt.src); got != tt.want {
				t.Errorf("%s\n = %s, want %s", tt.src, got, tt.want)
			}
		})
	}
}

func TestOperators(t *testing.T) {
	runAll(t, []languageTest{
		{"int wraps by default", `@{ int i = int.MaxValue; i++; return i; }`, "-2147483648"},
		{"checked throws", `@{ int i = int.MaxValue; return checked(i + 1); }`, "<System.OverflowException>"},
		{"byte compound assignment wraps", `@{ byte b = 250; b += 10; return b; }`, "4"},
		{"checked compound assignment throws", `@{ byte b = 250; checked { b += 10; } return b; }`, "<System.OverflowException>"},
		{"division by zero", `@{ int z = 0; return 1 / z; }`, "<System.DivideByZeroException>"},
		{"decimal division by zero", `@{ decimal z = 0; return 1 / z; }`, "<System.DivideByZeroException>"},
		{"decimal keeps its scale", `@{ decimal a = 1.10m; return a + 2.2m; }`, "3.30"},
		{"operands are evaluated from the left", `@{ int i = 1; return i + i++ * 10 + i; }`, "13"},
		{"assignment evaluates its target first", `@{ int i = 0; var a = new int[3]; a[i++] = i++; return a[0] * 10 + i; }`, "12"},
		{"lifted arithmetic", `@{ int? a = 2, b = null; return (a + b) == null && (a * 3) == 6; }`, "True"},
		{"lifted comparison with null is false", `@{ int? a = null; return a < 1 || a >= 1; }`, "False"},
		{"three-valued and", `@{ bool? n = null; return (n & false) == false && (n & true) == null; }`, "True"},
		{"three-valued or", `@{ bool? n = null; return (n | true) == true && (n | false) == null; }`, "True"},
		{"lifted increment", `@{ int? a = 4; a++; int? n = null; n++; return a == 5 && n == null; }`, "True"},
		{"string equality is by content", `@{ string a = "ab", b = "a"; b += "b"; return a == b; }`, "True"},
		{"boxes are different objects", `@{ object a = 1, b = 1, c = a; return a == b ? "same" : a == c ? "copy" : "none"; }`, "copy"},
		{"equal literals are one object", `@{ object a = "x", b = "x"; return a == b; }`, "True"},
		{"null concatenates as nothing", `@{ string n = null; object o = null; return "[" + n + o + "]"; }`, "[]"},
		{"char and int make an int", `@('a' + 1)`, "98"},
		{"char joins text", `@("a" + 'b' + 1 + true)`, "ab1True"},
		{"coalescing", `@{ string n = null; int? i = null; return (n ?? "x") + (i ?? 7); }`, "x7"},
		{"null-conditional", `@{ string n = null; return n?.Length == null; }`, "True"},
		{"shift counts are masked", `@{ int s = 33; return 1 << s; }`, "2"},
		{"floats are single", `@{ float f = 16777216f; return f + 1f == f; }`, "True"},
		{"conversion saturates", `@{ double d = 1e20; return (int)d; }`, "2147483647"},
		{"unboxing to another type", `@{ object o = 1; return (long)o; }`, "<System.InvalidCastException>"},
		{"null dereference", `@{ string s = null; return s.Length; }`, "<System.NullReferenceException>"},
		{"index out of range", `@{ var a = new int[2]; return a[2]; }`, "<System.IndexOutOfRangeException>"},
		{"negative array size", `@{ int n = -1; return new int[n].Length; }`, "<System.OverflowException>"},
		{"array covariance is checked", `@{ object[] a = new string[1]; a[0] = 1; return 0; }`, "<System.ArrayTypeMismatchException>"},
		{"two dimensions", `@{ var a = new int[2, 3]; a[1, 2] = 5; return a[1, 2] + a.Length; }`, "11"},
		{"jagged", `@{ int[][] a = { new[] { 1 }, new[] { 2, 3 } }; return a[1][1]; }`, "3"},
		{"tuples are values", `@{ var a = (x: 1, y: 2); var b = a; b.x = 9; return a.x * 10 + b.x; }`, "19"},
		{"deconstruction swaps", `@{ int a = 1, b = 2; (a, b) = (b, a); return a * 10 + b; }`, "21"},
		{"delegates combine", `@{ var s = ""; Action a = () => s += "a"; Action b = () => s += "b"; a += b; a(); a -= b; a(); return s; }`, "aba"},
	})
}

func TestStatements(t *testing.T) {
	runAll(t, []languageTest{
		{"break and continue", `@{ var s = ""; for (int i = 0; i < 9; i++) { if (i == 2) continue; if (i == 5) break; s += i; } return s; }`, "0134"},
		{"do runs once", `@{ int i = 9; do { i++; } while (i < 5); return i; }`, "10"},
		{"goto out of two loops", `@{ int n = 0; for (;;) { while (true) { if (++n == 3) goto done; } } done: return n; }`, "3"},
		{"goto back", `@{ int n = 0; again: n++; if (n < 4) goto again; return n; }`, "4"},
		{"goto case", `@{ var s = ""; switch (1) { case 1: s += "1"; goto case 3; case 2: s += "2"; break; case 3: s += "3"; goto default; default: s += "d"; break; } return s; }`, "13d"},
		{"switch on strings", `@{ string s = "b"; switch (s) { case "a": return 1; case "b": return 2; default: return 3; } }`, "2"},
		{"switch on types", `@{ object o = 5; switch (o) { case string s: return s; case int i when i > 9: return "big"; case int i: return "int" + i; default: return "none"; } }`, "int5"},
		{"switch on null", `@{ string s = null; switch (s) { case null: return "null"; default: return s; } }`, "null"},
		{"foreach over a string", `@{ var s = ""; foreach (var c in "abc") s = c + s; return s; }`, "cba"},
		{"foreach over an array", `@{ int s = 0; foreach (var i in new[] { 1, 2, 3 }) s += i; return s; }`, "6"},
		{"foreach over null", `@{ int[] a = null; foreach (var i in a) return 1; return 2; }`, "<System.NullReferenceException>"},
		{"each turn has its variable", `@{ var fs = new Func<int>[3]; int k = 0; foreach (var i in new[] { 1, 2, 3 }) fs[k++] = () => i; return fs[0]() * 100 + fs[1]() * 10 + fs[2](); }`, "123"},
		{"a for loop has one variable", `@{ var fs = new Func<int>[3]; for (int i = 0; i < 3; i++) fs[i] = () => i; return fs[0]() + fs[1]() + fs[2](); }`, "9"},
		{"closures share variables", `@{ int n = 0; Action up = () => n++; Func<int> get = () => n; up(); up(); return get() * 10 + n; }`, "22"},
		{"local function recursion", `@{ int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2); return Fib(15); }`, "610"},
		{"local function captures", `@{ int sum = 0; void Add(int n) { sum += n; } Add(3); Add(4); return sum; }`, "7"},
		{"ref and out", `@{ void Swap(ref int a, ref int b) { int t = a; a = b; b = t; } int x = 1, y = 2; Swap(ref x, ref y); return x * 10 + y; }`, "21"},
		{"ref to an element", `@{ void Up(ref int x) { x++; } var a = new[] { 1, 2 }; Up(ref a[1]); return a[1]; }`, "3"},
		{"pattern variables", `@{ object o = "text"; return o is string s && s.Length == 4 ? s : "no"; }`, "text"},
		{"endless recursion stops", `@{ int F(int n) => F(n + 1) + 1; return F(0); }`, "<the expression used up its budget of call depth>"},
		{"endless loop stops", `@{ while (true) { } }`, "<the expression used up its budget of steps>"},
	})
}

func TestExceptions(t *testing.T) {
	runAll(t, []languageTest{
		{"first fitting clause", `@{ try { throw new ArgumentNullException(); } catch (FormatException) { return 1; } catch (ArgumentException) { return 2; } catch { return 3; } }`, "2"},
		{"finally runs on return", `@{ var s = ""; int F() { try { s += "t"; return 1; } finally { s += "f"; } } F(); return s; }`, "tf"},
		{"the value returned is fixed before finally", `@{ int F() { int i = 1; try { return i; } finally { i = 2; } } return F(); }`, "1"},
		{"finally runs on break and continue", `@{ var s = ""; for (int i = 0; i < 3; i++) { try { if (i == 0) continue; if (i == 1) break; } finally { s += i; } } return s; }`, "01"},
		{"finally runs on goto", `@{ var s = ""; try { goto done; } finally { s += "f"; } done: return s + "d"; }`, "fd"},
		{"filters run before inner finally blocks", `@{ var s = ""; bool Log(string x) { s += x; return true; }
			try { try { throw new Exception(); } finally { s += "f"; } } catch (Exception) when (Log("w")) { s += "c"; } return s; }`, "wfc"},
		{"filters run from the inside out", `@{ var s = ""; bool Log(string x, bool r) { s += x; return r; }
			try { try { throw new Exception(); } catch when (Log("a", false)) { s += "1"; } finally { s += "f"; } } catch when (Log("b", true)) { s += "2"; } return s; }`, "abf2"},
		{"an exception in a filter is false", `@{ bool Bad() { throw new FormatException(); } try { throw new Exception("x"); } catch (Exception) when (Bad()) { return 1; } catch (Exception e) { return e.Message; } }`, "x"},
		{"throw; keeps the exception", `@{ try { try { throw new FormatException("m"); } catch (Exception) { throw; } } catch (FormatException e) { return e.Message; } }`, "m"},
		{"an exception in a catch clause leaves", `@{ var s = ""; try { try { throw new Exception("1"); } catch { throw new Exception("2"); } finally { s += "f"; } } catch (Exception e) { return s + e.Message; } }`, "f2"},
		{"an exception in finally replaces", `@{ try { try { throw new Exception("1"); } finally { throw new Exception("2"); } } catch (Exception e) { return e.Message; } }`, "2"},
		{"a try inside finally", `@{ var s = ""; try { try { throw new Exception("1"); } finally { try { throw new Exception("2"); } catch (Exception e) { s += e.Message; } } } catch (Exception e) { s += e.Message; } return s; }`, "21"},
		{"through functions", `@{ var s = ""; void F() { try { G(); } finally { s += "F"; } } void G() { try { throw new Exception("x"); } finally { s += "G"; } } try { F(); } catch (Exception e) { s += e.Message; } return s; }`, "GFx"},
		{"throwing null", `@{ Exception e = null; throw e; }`, "<System.NullReferenceException>"},
		{"not caught", `@{ throw new InvalidOperationException("x"); }`, "<System.InvalidOperationException>"},
		{"a budget cannot be caught", `@{ try { while (true) { } } catch { return 1; } finally { } }`, "<the expression used up its budget of steps>"},
		{"after an exception the stack is as before", `@{ int n = 0; for (int i = 0; i < 300; i++) { try { int F(int k) => k == 0 ? throw new Exception() : F(k - 1); F(20); } catch { n++; } } return n; }`, "300"},
	})
}

func TestIterators(t *testing.T) {
	runAll(t, []languageTest{
		{"yields in a loop", `@{ IEnumerable<int> F(int n) { for (int i = 0; i < n; i++) yield return i * i; } var s = ""; foreach (var i in F(4)) s += i; return s; }`, "0149"},
		{"yield break", `@{ IEnumerable<int> F() { yield return 1; yield break; yield return 2; } int n = 0; foreach (var i in F()) n += i; return n; }`, "1"},
		{"nothing runs before MoveNext", `@{ var s = ""; IEnumerable<int> F() { s += "f"; yield return 1; } var e = F(); s += "-"; foreach (var i in e) s += i; return s; }`, "-f1"},
		{"each enumeration starts anew", `@{ IEnumerable<int> F(int n) { while (n > 0) yield return n--; } var e = F(2); var s = ""; foreach (var i in e) s += i; foreach (var i in e) s += i; return s; }`, "2121"},
		{"leaving early runs finally", `@{ var s = ""; IEnumerable<int> F() { try { yield return 1; yield return 2; } finally { s += "f"; } } foreach (var i in F()) { s += i; break; } return s; }`, "1f"},
		{"nested loops and if", `@{ IEnumerable<string> F() { foreach (var a in "ab") for (int i = 0; i < 2; i++) { if (i == 1) { yield return a + "!"; } else yield return a + "?"; } } var s = ""; foreach (var x in F()) s += x; return s; }`, "a?a!b?b!"},
		{"yields in a switch", `@{ IEnumerable<int> F(int k) { switch (k) { case 1: yield return 10; yield return 11; break; default: yield return 0; break; } yield return 99; } int n = 0; foreach (var x in F(1)) n += x; return n; }`, "120"},
		{"recursive", `@{ IEnumerable<int> Down(int n) { if (n == 0) yield break; yield return n; foreach (var x in Down(n - 1)) yield return x; } var s = ""; foreach (var x in Down(4)) s += x; return s; }`, "4321"},
		{"an exception ends it", `@{ var s = ""; IEnumerable<int> F() { try { yield return 1; throw new FormatException(); } finally { s += "f"; } } try { foreach (var x in F()) s += x; } catch (FormatException) { s += "c"; } return s; }`, "1fc"},
	})
}

func TestDynamic(t *testing.T) {
	runAll(t, []languageTest{
		{"arithmetic", `@{ dynamic a = 3, b = 4L; return a * b; }`, "12"},
		{"overload by the run-time type", `@{ dynamic a = "x", b = 1; return a + b; }`, "x1"},
		{"comparison as a condition", `@{ dynamic a = 3; return a > 2 ? "more" : "less"; }`, "more"},
		{"member", `@{ dynamic s = "abc"; return s.Length + 1; }`, "4"},
		{"one site, several types", `@{ var s = ""; foreach (dynamic d in new object[] { 1, "b", 'c', 2.5 }) { s += d + d; } return s; }`, "2bb1985"},
		{"conversion back", `@{ dynamic d = 5; int i = d; long l = d; return i + l; }`, "10"},
		{"conversion that is not", `@{ dynamic d = "x"; int i = d; return i; }`, "<Microsoft.CSharp.RuntimeBinder.RuntimeBinderException>"},
		{"missing member", `@{ dynamic d = "x"; try { return d.Nothing; } catch (Exception e) { return e.Message; } }`, "'string' does not contain a definition for 'Nothing'"},
		{"null receiver", `@{ dynamic d = null; try { return d.Length; } catch (Exception e) { return e.Message; } }`, "Cannot perform runtime binding on a null reference"},
		{"increment", `@{ dynamic d = 1; d++; d += 2.5; return d; }`, "4.5"},
		{"array element", `@{ dynamic a = new[] { 1, 2, 3 }; a[1] = 7; return a[1] + a[2]; }`, "10"},
		{"delegate", `@{ Func<int, int> f = x => x * 2; dynamic d = f; return d(21); }`, "42"},
		{"checked", `@{ dynamic d = 2147483647; return checked(d + 1); }`, "<System.OverflowException>"},
	})
}
