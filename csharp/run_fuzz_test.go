package csharp_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// fuzzBudget is what a fuzzed program may use; fuzzPatience is how long it may take over that on a busy machine.
var fuzzBudget = types.Budget{Steps: 20_000, Bytes: 1 << 22, Depth: 100, Time: time.Second}

const fuzzPatience = 5 * time.Second

// moody tells of programs whose runs differ by right.
var moody = regexp.MustCompile(`(?i)now|today|random|newguid|create|generate|rng|hashcode|ticks|sign|encrypt|date|time`)

// result is the outcome of a run as text.
func result(t *types.Thread, p *csharp.Program) (text string, exceeded bool) {
	v, err := p.Run(t)
	if err == nil {
		var name, value string
		if name, value, err = csharp.Canonical(t, v, p.Result()); err == nil {
			return name + " " + value, false
		}
	}
	var over *types.Exceeded
	return "error " + err.Error(), errors.As(err, &over)
}

// FuzzRun runs programs: none takes longer than its budget lets it, and a second run on the same thread gives what the first gave,
// whether that was a value, an exception or the end of the budget.
func FuzzRun(f *testing.F) {
	for i, v := range readVectors(f, "expressions.jsonl") {
		if i%10 == 3 {
			f.Add(v.Expr)
		}
	}
	for _, src := range []string{
		`@{ while (true) { } }`, `@{ var s = "a"; while (true) { s += s; } }`, `@{ Func<int, int> g = null; g = x => g(x + 1); return g(0); }`,
		`@{ try { while (true) { } } finally { while (true) { } } }`, `@(Enumerable.Range(0, int.MaxValue).Select(x => x / 2).Sum())`,
		`@(Regex.IsMatch(new string('a', 40), "^(a+)+$b"))`, `@(new byte[int.MaxValue])`, `@(string.Join(",", Enumerable.Repeat("abc", int.MaxValue)))`,
		`@(new string('x', int.MaxValue).PadLeft(int.MaxValue))`, `@{ var l = new List<object>(); while (true) { l.Add(l); } }`,
	} {
		f.Add(src)
	}
	u := clr.Universe()
	f.Fuzz(func(t *testing.T, src string) {
		p, _ := csharp.Compile(src, csharp.Env{Universe: u})
		if p == nil {
			return
		}
		thread := &types.Thread{U: u}
		thread.Start(fuzzBudget)
		began := time.Now()
		first, exceeded := result(thread, p)
		if took := time.Since(began); took > fuzzPatience {
			t.Errorf("%q took %v", src, took)
		}
		if exceeded || moody.MatchString(src) {
			return
		}
		thread.Start(fuzzBudget)
		if again, over := result(thread, p); again != first && !over {
			t.Errorf("%q: first %q, then %q", src, first, again)
		}
	})
}

// operands are two constants of a type as C# writes them.
func operands(kind byte, a, b int64) (of, x, y string) {
	float := func(n int64) string { return strconv.FormatFloat(float64(n)/64, 'g', -1, 64) }
	switch kind % 9 {
	case 0:
		return "int", fmt.Sprintf("(%d)", int32(a)), fmt.Sprintf("(%d)", int32(b))
	case 1:
		return "uint", fmt.Sprintf("%dU", uint32(a)), fmt.Sprintf("%dU", uint32(b))
	case 2:
		return "long", fmt.Sprintf("(%dL)", a), fmt.Sprintf("(%dL)", b)
	case 3:
		return "ulong", fmt.Sprintf("%dUL", uint64(a)), fmt.Sprintf("%dUL", uint64(b))
	case 4:
		return "double", "(" + float(a) + "D)", "(" + float(b) + "D)"
	case 5:
		return "float", "(" + float(a) + "F)", "(" + float(b) + "F)"
	case 6:
		return "decimal", fmt.Sprintf("(%d.%dM)", int32(a), uint8(b)), fmt.Sprintf("(%d.%dM)", int32(b), uint8(a))
	case 7:
		return "bool", strconv.FormatBool(a&1 == 1), strconv.FormatBool(b&1 == 1)
	}
	return "char", fmt.Sprintf("'\\u%04x'", uint16(a)), fmt.Sprintf("'\\u%04x'", uint16(b))
}

// FuzzFold checks that the compiler's arithmetic on constants is the arithmetic of running programs.
func FuzzFold(f *testing.F) {
	for kind := range byte(9) {
		for op := range byte(20) {
			f.Add(kind, op, int64(-9), int64(4))
		}
		f.Add(kind, byte(0), int64(1)<<62, int64(1)<<62)
		f.Add(kind, byte(2), int64(-1)<<63, int64(-1))
	}
	u := clr.Universe()
	operators := []string{"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "??", "as"}
	f.Fuzz(func(t *testing.T, kind, op byte, a, b int64) {
		of, x, y := operands(kind, a, b)
		operator := operators[int(op)%len(operators)]
		if operator == "<<" || operator == ">>" {
			y = fmt.Sprintf("(%d)", int32(b)) // the count is an int whatever is shifted
		}
		if (operator == "/" || operator == "%") && b == -1 {
			return // Roslyn folds the least integer by -1 without an overflow, where a program has one
		}
		folded, _ := csharp.Compile(fmt.Sprintf("@(unchecked(%s %s %s))", x, operator, y), csharp.Env{Universe: u})
		if folded == nil {
			return // no such operator, or a mistake that is told at compile time
		}
		second := of
		if operator == "<<" || operator == ">>" {
			second = "int"
		}
		src := fmt.Sprintf("@{ %s x = %s; %s y = %s; return unchecked(x %s y); }", of, x, second, y, operator)
		ran, ds := csharp.Compile(src, csharp.Env{Universe: u})
		if ran == nil {
			t.Fatalf("%s: %v", src, ds)
		}
		thread := &types.Thread{U: u}
		want, _ := result(thread, ran)
		if got, _ := result(thread, folded); got != want {
			t.Errorf("%s %s %s is folded to %q and runs to %q", x, operator, y, got, want)
		}
	})
}
