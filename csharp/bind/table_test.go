package bind

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// newBinder is a binder for one expression outside any function.
func newBinder(t *testing.T) *binder {
	env := recordedEnv(t)
	b := &binder{u: env.Universe, env: env, sink: &diagnostics{}, main: &Func{Result: types.Object_}}
	b.fn = &function{Func: b.main, result: types.Object_}
	b.scope = &scope{fn: b.fn, block: &Block{}}
	b.scope.declare(&symbol{name: "context", kind: globalSymbol, typ: env.Globals[0].Type, declared: true})
	return b
}

func (b *binder) parse(t *testing.T, src string) Expr {
	t.Helper()
	x, ds := syntax.ParseExpression(src)
	if len(ds) > 0 {
		t.Fatalf("%s: %v", src, ds)
	}
	return b.bindValue(x)
}

func (b *binder) typeCalled(t *testing.T, name string) *types.Type {
	t.Helper()
	return b.parse(t, "default("+name+")").Type()
}

// The standard and user-defined conversions between types (spec 10.2 and 10.3).
func TestConversionsBetweenTypes(t *testing.T) {
	b := newBinder(t)
	for _, c := range []struct{ from, to, want string }{
		{"int", "long", "implicit"}, {"long", "int", "explicit"}, {"int", "byte", "explicit"}, {"char", "int", "implicit"},
		{"int", "char", "explicit"}, {"char", "short", "explicit"}, {"ulong", "float", "implicit"}, {"float", "decimal", "explicit"},
		{"decimal", "double", "explicit"}, {"bool", "int", "none"}, {"int", "bool", "none"}, {"sbyte", "ulong", "explicit"},
		{"int", "int?", "implicit"}, {"int?", "int", "explicit"}, {"int?", "long?", "implicit"}, {"int", "long?", "implicit"}, {"long?", "int?", "explicit"},
		{"int?", "long", "explicit"}, {"DayOfWeek", "int", "explicit"}, {"int", "DayOfWeek", "explicit"}, {"DayOfWeek", "DateTimeKind", "explicit"},
		{"DayOfWeek?", "int?", "explicit"}, {"DayOfWeek", "Enum", "implicit"}, {"Enum", "DayOfWeek", "explicit"}, {"int", "object", "implicit"},
		{"object", "int", "explicit"}, {"int", "IComparable", "implicit"}, {"int?", "IComparable", "implicit"}, {"IComparable", "int?", "explicit"},
		{"string", "object", "implicit"}, {"object", "string", "explicit"}, {"string", "IEnumerable<char>", "implicit"},
		{"string", "StringBuilder", "none"}, {"List<string>", "IEnumerable<object>", "implicit"}, {"List<int>", "IEnumerable<object>", "explicit"},
		{"IEnumerable<object>", "IEnumerable<string>", "explicit"}, {"List<string>", "List<object>", "none"}, {"string[]", "object[]", "implicit"},
		{"object[]", "string[]", "explicit"}, {"int[]", "object[]", "none"}, {"string[]", "IList<object>", "implicit"}, {"int[]", "IEnumerable<int>", "implicit"},
		{"int[,]", "IEnumerable<int>", "none"}, {"int[,]", "System.Collections.IEnumerable", "implicit"}, {"Func<object>", "Func<string>", "explicit"},
		{"Func<string>", "Func<object>", "implicit"}, {"Func<int>", "Func<object>", "none"}, {"Action<object>", "Action<string>", "implicit"},
		{"(int, string)", "(long, object)", "implicit"}, {"(long, string)", "(int, string)", "explicit"}, {"(int a, int b)", "(int, int)", "implicit"},
		{"(int, int)", "object", "implicit"}, {"(int, int)", "(int, int, int)", "none"}, {"int", "JToken", "implicit"}, {"JToken", "int", "explicit"},
		{"int?", "JToken", "implicit"}, {"JToken", "int?", "explicit"}, {"JObject", "JToken", "implicit"}, {"JToken", "JObject", "explicit"},
		{"string", "XName", "implicit"}, {"XElement", "string", "explicit"}, {"XAttribute", "int", "explicit"}, {"DateTime", "DateTimeOffset", "implicit"},
		{"DateTime?", "DateTimeOffset?", "implicit"}, {"JToken", "StringBuilder", "none"},
		{"object", "IComparable", "explicit"}, {"IComparable", "IFormattable", "explicit"}, {"string", "IFormatProvider", "none"}, {"StringBuilder", "IFormatProvider", "none"}, {"JToken", "IFormatProvider", "explicit"},
		{"JToken", "long", "explicit"}, {"Exception", "ArgumentException", "explicit"}, {"ArgumentNullException", "Exception", "implicit"},
	} {
		from, to := b.typeCalled(t, c.from), b.typeCalled(t, c.to)
		x := &LocalRef{E: E{T: from}}
		got := "none"
		switch {
		case b.implicitFrom(x, to).ok():
			got = "implicit"
		case b.explicitFrom(x, to).ok():
			got = "explicit"
		}
		if got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// Which overload a call means (spec 12.6.4), and which operator an expression (spec 12.4.5).
func TestOverloads(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`Math.Max(1, 2L)`, "Math.Max(long, long)"},
		{`Math.Max(1, 2.0)`, "Math.Max(double, double)"},
		{`Math.Max((byte)1, (byte)2)`, "Math.Max(byte, byte)"},
		{`Math.Max((sbyte)1, (byte)2)`, "Math.Max(short, short)"},
		{`Math.Abs(-1)`, "Math.Abs(int)"},
		{`Math.Round(1.5m, 1)`, "Math.Round(decimal, int)"},
		{`Convert.ToString(1)`, "Convert.ToString(int)"},
		{`Convert.ToString('a')`, "Convert.ToString(char)"},
		{`Convert.ToString((object)"a")`, "Convert.ToString(object)"},
		{`string.Concat("a", "b")`, "string.Concat(string, string)"},
		{`string.Concat("a", 1)`, "string.Concat(object, object)"},
		{`string.Concat(new[] { "a" })`, "string.Concat(params string[])"},
		{`string.Concat(new List<string>())`, "string.Concat(IEnumerable<string>)"},
		{`string.Concat(new[] { 1 })`, "string.Concat<int>(IEnumerable<int>)"},
		{`string.Join(",", new[] { "a" })`, "string.Join(string, params string[])"},
		{`string.Join(",", new List<string>())`, "string.Join(string, IEnumerable<string>)"},
		{`string.Join(",", 1, "a")`, "string.Join(string, params object[])"},
		{`string.Join(",", "a", null)`, "string.Join(string, params string[])"},
		{`string.Join(",", new[] { 1 })`, "string.Join<int>(string, IEnumerable<int>)"},
		{`string.Join(",", new object[] { 1 })`, "string.Join(string, params object[])"},
		{`string.Format("{0}", 1)`, "string.Format(string, object)"},
		{`string.Format("{0}", new object[] { 1 })`, "string.Format(string, params object[])"},
		{`"a".Equals("b")`, "string.Equals(string)"},
		{`"a".Equals((object)"b")`, "string.Equals(object)"},
		{`1.Equals(2)`, "int.Equals(int)"},
		{`1.Equals(2L)`, "int.Equals(object)"},
		{`new StringBuilder().Append('a')`, "StringBuilder.Append(char)"},
		{`new StringBuilder().Append((byte)1)`, "StringBuilder.Append(byte)"},
		{`new StringBuilder().Append(new List<int>())`, "StringBuilder.Append(object)"},
		{`"a,b".Split(',')`, "string.Split(char, StringSplitOptions)"},
		{`"a".Split(null)`, "string.Split(params char[])"},
		{`"a".IndexOf('a')`, "string.IndexOf(char)"},
		{`new[] { 1 }.Sum(x => x)`, "Enumerable.Sum<int>(IEnumerable<int>, Func<int, int>)"},
		{`new[] { 1 }.Sum(x => (long)x)`, "Enumerable.Sum<int>(IEnumerable<int>, Func<int, long>)"},
		{`new[] { 1 }.Sum(x => (int?)x)`, "Enumerable.Sum<int>(IEnumerable<int>, Func<int, int?>)"},
		{`new[] { 1m }.Average()`, "Enumerable.Average(IEnumerable<decimal>)"},
		{`new[] { "a" }.Select((s, i) => s + i)`, "Enumerable.Select<string, string>(IEnumerable<string>, Func<string, int, string>)"},
		{`new[] { "a" }.SelectMany(s => s)`, "Enumerable.SelectMany<string, char>(IEnumerable<string>, Func<string, IEnumerable<char>>)"},
		{`new[] { "a" }.ToDictionary(s => s, s => s.Length)`, "Enumerable.ToDictionary<string, string, int>(IEnumerable<string>, Func<string, string>, Func<string, int>)"},
		{`new[] { "a" }.Select(int.Parse)`, "Enumerable.Select<string, int>(IEnumerable<string>, Func<string, int>)"},
		{`new[] { "a" }.Aggregate(0, (n, s) => n + s.Length)`, "Enumerable.Aggregate<string, int>(IEnumerable<string>, int, Func<int, string, int>)"},
		{`new List<object>().Concat(new List<string>())`, "Enumerable.Concat<object>(IEnumerable<object>, IEnumerable<object>)"},
		{`context.Variables.GetValueOrDefault<string>("a")`, "ContextExtensions.GetValueOrDefault<string>(IReadOnlyDictionary<string, object>, string, string)"},
		{`context.Request.Headers.GetValueOrDefault("a")`, "ContextExtensions.GetValueOrDefault(IReadOnlyDictionary<string, string[]>, string, string)"},
		{`context.Variables.GetValueOrDefault("a")`, "ContextExtensions.GetValueOrDefault(IReadOnlyDictionary<string, object>, string)"},
		{`DateTime.UtcNow - DateTime.UtcNow`, "DateTime.op_Subtraction(DateTime, DateTime)"},
		{`DateTime.UtcNow - TimeSpan.Zero`, "DateTime.op_Subtraction(DateTime, TimeSpan)"},
		{`JToken.FromObject(1)`, "JToken.FromObject(object)"},
		{`JObject.Parse("{}").Value<int>("a")`, "JToken.Value<int>(object)"},
	} {
		b := newBinder(t)
		got := "no call"
		switch x := b.parse(t, c.expr).(type) {
		case *Call:
			got = x.Method.Display(false)
		case *badExpr:
			got = b.firstMessage()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.expr, got, c.want)
		}
	}
}

// The types of expressions.
func TestTypesOfExpressions(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`1`, "int"}, {`1u`, "uint"}, {`3000000000`, "uint"}, {`5000000000`, "long"}, {`10000000000000000000`, "ulong"}, {`-2147483648`, "int"}, {`-(2147483648)`, "long"},
		{`1 + 1u`, "uint"}, {`(int)'a' + 1u`, "uint"}, {`context.Request.Url.Port + 1u`, "long"}, {`'a' + 'b'`, "int"}, {`(byte)1 + (byte)2`, "int"}, {`1f + 1.0`, "double"},
		{`1 + 1m`, "decimal"}, {`1UL + 1`, "ulong"}, {`(int?)1 + 1L`, "long?"}, {`(int?)1 == 1`, "bool"}, {`(bool?)true & false`, "bool?"}, {`"a" + 1`, "string"},
		{`DayOfWeek.Monday + 1`, "DayOfWeek"}, {`DayOfWeek.Monday - DayOfWeek.Sunday`, "int"}, {`true ? 1 : 2L`, "long"}, {`true ? (int?)null : 1`, "int?"},
		{`(int?)1 ?? 2`, "int"}, {`(int?)1 ?? (int?)2`, "int?"}, {`"a" ?? new object()`, "object"}, {`"a"?.Length`, "int?"}, {`"a"?.Trim()`, "string"},
		{`new[] { 1, 2L }`, "long[]"}, {`new[] { null, "a" }`, "string[]"}, {`new[] { 1, (int?)null }`, "int?[]"}, {`(1, "a")`, "(int, string)"},
		{`(a: 1, context.RequestId)`, "(int a, Guid RequestId)"}, {`new { A = 1 }`, "<anonymous type: int A>"}, {`from x in new[] { 1 } select x.ToString()`, "IEnumerable<string>"},
		{`typeof(int)`, "Type"}, {`nameof(context)`, "string"}, {`1 is int`, "bool"}, {`(object)1 as int?`, "int?"}, {`~1u`, "uint"}, {`-1u`, "long"}, {`+'a'`, "int"}, {`1 << 2`, "int"}, {`1L << 2`, "long"},
		{`(dynamic)1`, "dynamic"}, {`(DateTime?)null - (DateTime?)null`, "TimeSpan?"}, {`new int[2, 3]`, "int[,]"}, {`new int[2][]`, "int[][]"}, {`$"{1}"`, "string"},
	} {
		b := newBinder(t)
		x := b.parse(t, c.expr)
		got := ""
		if x.Type() != nil {
			got = x.Type().Short()
		}
		if b.sink.errors {
			got = b.firstMessage()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.expr, got, c.want)
		}
	}
}

// Constants are folded with .NET's arithmetic.
func TestConstantFolding(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`7 / 2`, "3"}, {`-7 / 2`, "-3"}, {`-7 % 3`, "-1"}, {`1 << 33`, "2"}, {`-8 >> 1`, "-4"}, {`0xFFFFFFFF >> 4`, "268435455"}, {`~5`, "-6"}, {`5 & 3 | 8 ^ 1`, "9"},
		{`unchecked(int.MaxValue + 1)`, "-2147483648"}, {`unchecked((byte)300)`, "44"}, {`(int)3.99`, "3"}, {`(int)-3.99`, "-3"}, {`1.0 / 0`, "∞"}, {`0.1 + 0.2`, "0.30000000000000004"},
		{`1m / 3`, "0.3333333333333333333333333333M"}, {`1.10m + 2.2m`, "3.30M"}, {`(float)0.1`, "0.1"}, {`1e20 * 1e20`, "1E+40"}, {`"a" + "b"`, "ab"}, {`"a" == "a"`, "true"},
		{`'a' + 1`, "98"}, {`(char)98`, "b"}, {`true && !false || false`, "true"}, {`1 < 2 ? 3 : 4`, "3"}, {`(int)DayOfWeek.Friday`, "5"}, {`int.MinValue % -1`, "0"}, {`sizeof(long)`, "8"},
		{`5 > 3m`, "true"}, {`0.0 / 0 == 0.0 / 0`, "false"}, {`unchecked((uint)-1)`, "4294967295"}, {`unchecked((int)1e20)`, "0"}, {`(long)1e15`, "1000000000000000"}, {`nameof(context.Request)`, "Request"},
	} {
		b := newBinder(t)
		got := "not constant"
		x := b.parse(t, c.expr)
		if k, ok := x.(*Const); ok {
			got = constText(k)
		}
		if b.sink.errors {
			got = b.firstMessage()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.expr, got, c.want)
		}
	}
}

// What the run-time binder says of types that it is given.
func TestBindRuntime(t *testing.T) {
	env := recordedEnv(t)
	u := env.Universe
	program, d := compile(`@{ dynamic d = context; return (int)d.a.b(1)["x"] + d; }`, env)
	if d != nil {
		t.Fatal(d)
	}
	var nodes []Expr
	var walk func(x Expr)
	walk = func(x Expr) {
		switch n := x.(type) {
		case *DynGet, *DynCall, *DynIndex, *DynBinary:
			nodes = append(nodes, x)
		case *Convert:
			if n.Kind == FromDynamic {
				nodes = append(nodes, x)
			}
		}
		parts(x, walk)
	}
	var stmts func(s Stmt)
	stmts = func(s Stmt) { within(s, walk, stmts) }
	stmts(program.Main.Body)
	jobject, jvalue := u.Type("Newtonsoft.Json.Linq.JObject"), u.Type("Newtonsoft.Json.Linq.JValue")
	for _, c := range []struct {
		node     string
		operands []*types.Type
		want     string
	}{
		{"*bind.DynGet", []*types.Type{jobject}, ""},
		{"*bind.DynGet", []*types.Type{types.StringType}, "'string' does not contain a definition for 'a'"},
		{"*bind.DynGet", []*types.Type{types.NullType}, "Cannot perform runtime binding on a null reference"},
		{"*bind.DynCall", []*types.Type{jobject, types.Int32Type}, "'Newtonsoft.Json.Linq.JObject' does not contain a definition for 'b'"},
		{"*bind.DynIndex", []*types.Type{jobject, types.StringType}, ""},
		{"*bind.DynIndex", []*types.Type{types.StringType, types.StringType}, "Argument 1: cannot convert from 'string' to 'int'"},
		{"*bind.Convert", []*types.Type{jvalue}, ""},
		{"*bind.Convert", []*types.Type{types.Int64Type}, ""},
		{"*bind.Convert", []*types.Type{types.StringType}, "Cannot convert type 'string' to 'int'"},
		{"*bind.DynBinary", []*types.Type{types.Int32Type, types.StringType}, ""},
		{"*bind.DynBinary", []*types.Type{types.Int32Type, types.BoolType}, "Operator '+' cannot be applied to operands of type 'int' and 'bool'"},
		{"*bind.DynBinary", []*types.Type{jvalue, types.Int32Type}, ""},
	} {
		for _, n := range nodes {
			if name := typeName(n); name != c.node {
				continue
			}
			p, err := BindRuntime(u, n, Evaluate, c.operands)
			got := ""
			if err != nil {
				got = err.Error()
			} else if len(p.Main.Params) != len(c.operands) {
				got = "wrong parameters"
			}
			if got != c.want {
				t.Errorf("%s of %v: %q, want %q", c.node, c.operands, got, c.want)
			}
			break
		}
	}
}

func typeName(x Expr) string {
	switch x.(type) {
	case *DynGet:
		return "*bind.DynGet"
	case *DynCall:
		return "*bind.DynCall"
	case *DynIndex:
		return "*bind.DynIndex"
	case *DynBinary:
		return "*bind.DynBinary"
	}
	return strings.TrimSpace("*bind.Convert")
}
