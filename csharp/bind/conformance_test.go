package bind

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// recorded is the universe of the members that .NET's reflection gave, with what the vectors use beside them. It has no implementations.
var recorded = sync.OnceValues(func() (*types.Universe, error) {
	var decls []*types.Decl
	for _, file := range []string{filepath.Join("..", "..", "testdata", "conformance", "members.txt"), filepath.Join("testdata", "more.txt")} {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, line := range strings.Split(string(data), "\n") {
			switch {
			case strings.TrimSpace(line) == "":
			case line[0] != ' ':
				decls = append(decls, types.T(line))
			default:
				d := decls[len(decls)-1]
				d.Members = append(d.Members, types.M(withValue(d.Head, strings.TrimSpace(line))))
			}
		}
	}
	return types.NewUniverse(decls, types.Ops{}), nil
})

// limits are the constants whose values the recording leaves out.
var limits = map[string][2]string{
	"int": {"-2147483648", "2147483647"}, "uint": {"0", "4294967295"}, "long": {"-9223372036854775808", "9223372036854775807"},
	"ulong": {"0", "18446744073709551615"}, "short": {"-32768", "32767"}, "ushort": {"0", "65535"}, "byte": {"0", "255"}, "sbyte": {"-128", "127"},
	"double": {"-1.7976931348623157E+308", "1.7976931348623157E+308"}, "float": {"-3.4028235E+38", "3.4028235E+38"},
	"char": {"'\\u0000'", "'\\uFFFF'"},
}

// withValue adds the value to MinValue and MaxValue.
func withValue(head, member string) string {
	name := strings.Fields(head)[1]
	l, ok := limits[name]
	switch {
	case ok && strings.HasPrefix(member, "const ") && strings.HasSuffix(member, " MinValue"):
		return member + " = " + l[0]
	case ok && strings.HasPrefix(member, "const ") && strings.HasSuffix(member, " MaxValue"):
		return member + " = " + l[1]
	}
	return member
}

func recordedEnv(t testing.TB) Env {
	t.Helper()
	u, err := recorded()
	if err != nil {
		t.Fatal(err)
	}
	return Env{Universe: u, Globals: []Global{{Name: "context", Type: u.Type("IExpressionContext")}}}
}

type vector struct {
	ID   string
	Expr string
	Want struct {
		CompileError string
		At           string
	}
}

func vectors(t testing.TB) []vector {
	t.Helper()
	var out []vector
	for _, name := range []string{"expressions.jsonl", "generated.jsonl"} {
		f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		s.Buffer(nil, 1<<24)
		for s.Scan() {
			var v vector
			if err := json.Unmarshal(s.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
	}
	return out
}

// compiled is compile that reports a panic as a mistake.
func compiled(t *testing.T, v vector, env Env) (p *Program, d *source.Diagnostic) {
	defer func() {
		if r := recover(); r != nil {
			stack := string(debug.Stack())
			t.Errorf("%s: panic %v\n%.1800s\n%s", v.ID, r, stack[strings.Index(stack, "panic("):], v.Expr)
			d = &source.Diagnostic{Code: "panic"}
		}
	}()
	return compile(v.Expr, env)
}

// compile parses and binds, and gives the first mistake in the text, if there is one.
func compile(src string, env Env) (*Program, *source.Diagnostic) {
	unit, ds := syntax.Parse(src)
	env.Parse = ds
	p, more := Bind(unit, env)
	all := append(append([]source.Diagnostic{}, ds...), more...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].Span.Start < all[j].Span.Start })
	for i := range all {
		if all[i].Severity == source.Error {
			return nil, &all[i]
		}
	}
	return p, nil
}

// place is line:column in what follows "@(" or "@{"; "" for what is said of the whole.
func place(src string, d *source.Diagnostic) string {
	if d.Span.Start < 2 {
		return ""
	}
	return source.NewText("", src[2:]).Position(d.Span.Start - 2).String()
}

// The share of vectors that must agree; raise them as the binder gets better.
const (
	minAccepted = 1
	minRefused  = 1
	minCode     = 0.975
)

func TestVectorsAreTakenAndRefusedAsRoslynDoes(t *testing.T) {
	env := recordedEnv(t)
	show := os.Getenv("BIND_SHOW")
	var good, taken, bad, refused, code, at int
	for _, v := range vectors(t) {
		p, d := compiled(t, v, env)
		if v.Want.CompileError == "" {
			good++
			switch {
			case d == nil && p != nil:
				taken++
			case d == nil:
				t.Errorf("%s: no program and no mistake", v.ID)
			case show == "good":
				t.Logf("%s: %s %s at %s\n\t%s", v.ID, d.Code, d.Message, place(v.Expr, d), v.Expr)
			}
			continue
		}
		bad++
		want, _, _ := strings.Cut(v.Want.CompileError, " ")
		if d == nil {
			if show == "bad" {
				t.Logf("%s: taken, want %s at %s\n\t%s", v.ID, v.Want.CompileError, v.Want.At, v.Expr)
			}
			continue
		}
		refused++
		if d.Code == want {
			code++
			if place(v.Expr, d) == v.Want.At {
				at++
				if got := d.Code + " " + d.Message; show == "text" && got != v.Want.CompileError {
					t.Logf("%s\n\tgot  %s\n\twant %s", v.ID, got, v.Want.CompileError)
				}
				continue
			}
		}
		if show == "code" {
			t.Logf("%s: %s %s at %s, want %s at %s\n\t%s", v.ID, d.Code, d.Message, place(v.Expr, d), v.Want.CompileError, v.Want.At, v.Expr)
		}
	}
	t.Logf("taken %d of %d, refused %d of %d, with the code %d, at the place too %d", taken, good, refused, bad, code, at)
	if float64(taken) < minAccepted*float64(good) || float64(refused) < minRefused*float64(bad) || float64(code) < minCode*float64(bad) {
		t.Errorf("too few vectors agree")
	}
}
