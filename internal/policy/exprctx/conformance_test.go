package exprctx_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
)

const conformance = "../../../testdata/conformance"

var show = flag.Bool("show", false, "print the cases that differ from .NET")

// recordedCase is an expression with .NET's result (conformance/FORMAT.md).
type recordedCase struct {
	ID        string
	Expr      string
	Variables map[string]exprctx.Variable
	Want      struct {
		Type         string
		Value        *string
		Error        *struct{ Type, Message string }
		CompileError string
	}
}

// floor is how many of the cases that look into the context agree with .NET at least. It only rises.
const floor = 273

// TestContext runs the recorded expressions that look into the context.
func TestContext(t *testing.T) {
	s := loadScenario(t)
	all, right := 0, 0
	for _, file := range []string{"expressions.jsonl", "generated.jsonl"} {
		for _, c := range readCases(t, file) {
			if !strings.Contains(c.Expr, "context.") {
				continue
			}
			all++
			if got, ok := evaluate(s, c); ok {
				right++
			} else if *show {
				t.Logf("%s\n  %s\n  got  %s", c.ID, c.Expr, got)
			}
		}
	}
	t.Logf("%d of %d cases agree with .NET", right, all)
	if right < floor {
		t.Errorf("%d cases agree; they were %d", right, floor)
	}
}

func loadScenario(t *testing.T) *exprctx.Scenario {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(conformance, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s, err := exprctx.LoadScenario(read("contexts/default.json"), read("certificates.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readCases(t *testing.T, file string) []recordedCase {
	t.Helper()
	f, err := os.Open(filepath.Join(conformance, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []recordedCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c recordedCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// evaluate runs a case and reports whether it agrees, and what came of it.
func evaluate(s *exprctx.Scenario, c recordedCase) (got string, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			got, ok = fmt.Sprintf("panic: %v", r), false
		}
	}()
	p, ds := csharp.Compile(c.Expr, exprctx.Env())
	if p == nil {
		return fmt.Sprintf("%v\n  want %+v", ds, c.Want), c.Want.CompileError != ""
	}
	thread, err := s.Thread(c.Variables)
	if err != nil {
		return err.Error(), false
	}
	thread.Start(exprctx.DefaultBudget)
	name, value := "", ""
	v, err := p.Run(thread)
	if err == nil {
		name, value, err = csharp.Canonical(thread, v, p.Result())
	}
	if err != nil {
		e, is := err.(*types.Exception)
		ok = is && c.Want.Error != nil && e.T.FullName() == c.Want.Error.Type
		return fmt.Sprintf("%v\n  want %+v %+v", err, c.Want, c.Want.Error), ok
	}
	want := "null"
	if c.Want.Value != nil {
		want = *c.Want.Value
	}
	ok = c.Want.Error == nil && c.Want.CompileError == "" && name == c.Want.Type && (c.Want.Value == nil && name == "null" || c.Want.Value != nil && value == want)
	return fmt.Sprintf("%s %q\n  want %s %q %+v", name, value, c.Want.Type, want, c.Want.Error), ok
}
