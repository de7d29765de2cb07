package csharp_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// body is a document as callers send it, of 190 bytes or so.
const body = `{"id":"8f14e45f","user":{"name":"Ada Lovelace","mail":"ada@example.org","roles":["admin","writer"]},"order":{"number":4711,"total":129.95,"currency":"EUR","items":[1,2,3]},"tags":["a","b"]}`

// twin is an expression with the same in Go. dotnet is what compiled .NET took, on another machine, in nanoseconds; 0: not measured.
type twin struct {
	name, src string
	dotnet    float64
	byHand    func(text string, n int32) any
	want      any
}

var twins = []twin{
	{"arithmetic", `@((n * 3 + 7) % 11 - n / 4)`, 0,
		func(_ string, n int32) any { return (n*3+7)%11 - n/4 }, int32(-1016)},
	{"loop of 1000 additions", `@{ int s = 0; for (int i = 0; i < 1000; i++) { s += i; } return s; }`, 750,
		func(string, int32) any {
			s := int32(0)
			for i := int32(0); i < 1000; i++ {
				s += i
			}
			return s
		}, int32(499500)},
	{"collatz", `@{ int x = n, steps = 0; while (x != 1) { if (x % 2 == 0) { x /= 2; } else { x = 3 * x + 1; } steps++; } return steps; }`, 0,
		func(_ string, n int32) any {
			steps := int32(0)
			for x := n; x != 1; steps++ {
				if x%2 == 0 {
					x /= 2
				} else {
					x = 3*x + 1
				}
			}
			return steps
		}, int32(12)},
	{"concatenation", `@("user-" + text + ":" + n)`, 0,
		func(text string, n int32) any { return "user-" + text + ":" + fmt.Sprint(n) }, "user-Ada Lovelace, Analyst, London:4096"},
	{"interpolation", `@($"{text} has {n} points")`, 0,
		func(text string, n int32) any { return fmt.Sprintf("%s has %d points", text, n) }, "Ada Lovelace, Analyst, London has 4096 points"},
	{"split and join", `@(string.Join("|", text.Split(',')))`, 0,
		func(text string, _ int32) any { return strings.Join(strings.Split(text, ","), "|") }, "Ada Lovelace| Analyst| London"},
	{"upper and replace", `@(text.ToUpperInvariant().Replace("LONDON", "PARIS"))`, 0,
		func(text string, _ int32) any { return strings.ReplaceAll(strings.ToUpper(text), "LONDON", "PARIS") }, "ADA LOVELACE, ANALYST, PARIS"},
	{"substring", `@(text.Substring(text.IndexOf(',') + 1).Trim())`, 0,
		func(text string, _ int32) any { return strings.TrimSpace(text[strings.IndexByte(text, ',')+1:]) }, "Analyst, London"},
	{"member of JSON", "@((string)JObject.Parse(body)[\"user\"][\"name\"])", 5600,
		func(string, int32) any {
			var doc map[string]any
			if err := json.Unmarshal([]byte(body), &doc); err != nil {
				return err
			}
			return doc["user"].(map[string]any)["name"]
		}, "Ada Lovelace"},
}

const twinText, twinNumber = "Ada Lovelace, Analyst, London", 4096

func (w twin) compile(tb testing.TB) (*csharp.Program, *types.Thread) {
	tb.Helper()
	u := clr.Universe()
	p, ds := csharp.Compile(w.src, csharp.Env{Universe: u, Globals: []csharp.Global{
		{Name: "text", Type: types.StringType}, {Name: "n", Type: types.Int32Type}, {Name: "body", Type: types.StringType}}})
	if p == nil {
		tb.Fatal(w.src, ds)
	}
	return p, &types.Thread{U: u, Globals: []types.Value{types.Ref(types.NewString(twinText)), types.Int(twinNumber), types.Ref(types.NewString(body))}}
}

// TestTwins holds expressions and their twins to one result.
func TestTwins(t *testing.T) {
	for _, tt := range twins {
		p, thread := tt.compile(t)
		thread.Start(evalBudget)
		v, err := p.Run(thread)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := types.Box(p.Result(), v)
		if s, ok := got.(*types.String); ok {
			got = s.Go()
		}
		if byHand := tt.byHand(twinText, twinNumber); got != tt.want || byHand != tt.want {
			t.Errorf("%s: C# %v, Go %v; want %v", tt.name, got, byHand, tt.want)
		}
	}
}

// BenchmarkTwins runs each expression and its twin.
func BenchmarkTwins(b *testing.B) {
	for _, bb := range twins {
		b.Run(bb.name+"/csharp", func(b *testing.B) {
			p, t := bb.compile(b)
			b.ReportAllocs()
			for b.Loop() {
				t.Start(evalBudget)
				if _, err := p.Run(t); err != nil {
					b.Fatal(err)
				}
			}
			if bb.dotnet > 0 {
				b.ReportMetric(bb.dotnet, "dotnet-ns/op")
			}
		})
		b.Run(bb.name+"/go", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if bb.byHand(twinText, twinNumber) != bb.want {
					b.Fatal("another result")
				}
			}
		})
	}
}

// BenchmarkCompileSet compiles the recorded expressions, one after the other.
func BenchmarkCompileSet(b *testing.B) {
	vectors := slices.Concat(readVectors(b, "expressions.jsonl"), readVectors(b, "generated.jsonl"))
	env, _, err := contextOf(vector{})
	if err != nil {
		b.Skip(err)
	}
	b.ReportAllocs()
	start, n := time.Now(), 0
	for b.Loop() {
		csharp.Compile(vectors[n%len(vectors)].Expr, env)
		n++
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "expressions/s")
}
