package csharp_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/source"
)

var showTopics = flag.String("conformance.show", "", "print the differing cases whose ids begin with one of these, comma-separated")

// vector is a line of testdata/conformance/*.jsonl; FORMAT.md beside them tells what the fields mean.
type vector struct {
	ID        string                      `json:"id"`
	Ctx       string                      `json:"ctx"`
	Expr      string                      `json:"expr"`
	Variables map[string]exprctx.Variable `json:"variables"`
	Want      want                        `json:"want"`
}

type want struct {
	Type  string  `json:"type"`
	Value *string `json:"value"`
	Error *struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
	CompileError string `json:"compileError"`
	At           string `json:"at"`
}

// outcome is what became of a case.
type outcome struct {
	name, value string           // of a result
	exception   *types.Exception // that was not caught
	refusal     *source.Diagnostic
	at          string
	failure     string // anything else: never right
}

// evalBudget is generous: a case that needs more hangs.
var evalBudget = types.Budget{Steps: 20_000_000, Bytes: 1 << 28, Depth: 500, Time: 10 * time.Second}

func evaluate(v vector) (got outcome) {
	defer func() {
		if p := recover(); p != nil {
			stack := string(debug.Stack())
			if i := strings.Index(stack, "panic("); i >= 0 {
				stack = stack[i:]
			}
			got = outcome{failure: fmt.Sprintf("panic: %v\n%.1500s", p, stack)}
		}
	}()
	env, t, err := contextOf(v)
	if err != nil {
		return outcome{failure: err.Error()}
	}
	program, diags := csharp.Compile(v.Expr, env)
	if program == nil {
		return refusal(v, diags)
	}
	t.Start(evalBudget)
	value, err := program.Run(t)
	if err == nil {
		got.name, got.value, err = csharp.Canonical(t, value, program.Result())
	}
	switch err := err.(type) {
	case nil:
	case *types.Exception:
		got.exception = err
	default:
		got.failure = err.Error()
	}
	return got
}

func refusal(v vector, diags []source.Diagnostic) outcome {
	i := slices.IndexFunc(diags, func(d source.Diagnostic) bool { return d.Severity == source.Error })
	if i < 0 {
		return outcome{failure: "refused without an error"}
	}
	if diags[i].Span.Start < 2 {
		return outcome{refusal: &diags[i]} // said of the whole
	}
	body := source.NewText("", v.Expr[2:]) // places count from after "@(" or "@{"
	return outcome{refusal: &diags[i], at: body.Position(diags[i].Span.Start - 2).String()}
}

// agrees tells whether the outcome is .NET's, and whether it is so in the text of the message, or the code and place, too.
func (got outcome) agrees(w want) (right, exact bool) {
	switch {
	case got.failure != "":
		return false, false
	case w.CompileError != "":
		if got.refusal == nil {
			return false, false
		}
		return true, strings.HasPrefix(w.CompileError, got.refusal.Code+" ") && got.at == w.At
	case got.refusal != nil:
		return false, false
	case w.Error != nil:
		if got.exception == nil || got.exception.T.FullName() != w.Error.Type {
			return false, false
		}
		return true, got.exception.Message() == w.Error.Message
	case got.exception != nil:
		return false, false
	case w.Value == nil:
		return got.name == "null", got.name == "null"
	}
	same := got.name == w.Type && got.value == *w.Value
	return same, same
}

func (got outcome) String() string {
	switch {
	case got.failure != "":
		return got.failure
	case got.refusal != nil:
		return fmt.Sprintf("%s %s at %s", got.refusal.Code, got.refusal.Message, got.at)
	case got.exception != nil:
		return got.exception.Error()
	}
	return got.name + " " + fmt.Sprintf("%q", got.value)
}

func (w want) String() string {
	switch {
	case w.CompileError != "":
		return w.CompileError + " at " + w.At
	case w.Error != nil:
		return w.Error.Type + ": " + w.Error.Message
	case w.Value == nil:
		return "null"
	}
	return w.Type + " " + fmt.Sprintf("%q", *w.Value)
}

func readVectors(t testing.TB, file string) []vector {
	f, err := os.Open(filepath.Join("..", "testdata", "conformance", file))
	if err != nil {
		t.Skipf("no vectors: %v", err)
	}
	defer f.Close()
	var out []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// topic is the id's first word, two for generated cases.
func topic(id string) string {
	parts := strings.Split(id, "-")
	if parts[0] == "gen" && len(parts) > 1 {
		return "gen-" + parts[1]
	}
	return parts[0]
}

// tally counts a topic's cases: all of them, those that agree, and those that agree in message, code and place too.
type tally struct{ all, right, exact int }

// floor is how many cases of each file agree at least. It only ever rises.
var floor = map[string]tally{
	"expressions.jsonl": {right: 1217, exact: 1217},
	"generated.jsonl":   {right: 4700, exact: 4670},
}

// TestConformance runs the expressions recorded from .NET and reports, topic by topic, how many agree.
func TestConformance(t *testing.T) {
	for _, file := range slices.Sorted(maps.Keys(floor)) {
		t.Run(file, func(t *testing.T) {
			topics, sum := map[string]*tally{}, tally{}
			for _, v := range readVectors(t, file) {
				n := topics[topic(v.ID)]
				if n == nil {
					n = &tally{}
					topics[topic(v.ID)] = n
				}
				got := evaluate(v)
				right, exact := got.agrees(v.Want)
				n.count(right, exact)
				sum.count(right, exact)
				if (!right || !exact) && shown(v.ID) {
					t.Logf("%s\n%s\n got  %v\n want %v", v.ID, v.Expr, got, v.Want)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(topics)) {
				n := topics[name]
				t.Logf("%-16s %4d of %4d agree, %4d to the letter", name, n.right, n.all, n.exact)
			}
			t.Logf("%-16s %4d of %4d agree, %4d to the letter", "all", sum.right, sum.all, sum.exact)
			if least := floor[file]; sum.right < least.right || sum.exact < least.exact {
				t.Errorf("%d cases agree, %d to the letter; there were %d and %d already", sum.right, sum.exact, least.right, least.exact)
			}
		})
	}
}

func (n *tally) count(right, exact bool) {
	n.all++
	if right {
		n.right++
	}
	if exact {
		n.exact++
	}
}

func shown(id string) bool {
	if *showTopics == "" {
		return false
	}
	for _, prefix := range strings.Split(*showTopics, ",") {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}
