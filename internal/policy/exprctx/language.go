package exprctx

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/compile"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/source"
)

// DefaultBudget bounds one evaluation: the five seconds are API Management's; the others keep one request from
// taking the gateway with it.
var DefaultBudget = types.Budget{Steps: 200_000_000, Bytes: 256 << 20, Depth: 400, Time: 5 * time.Second}

// Language compiles expressions that see the context. It is immutable and safe for concurrent use.
type Language struct {
	budget types.Budget
}

// NewLanguage makes a language whose evaluations have the budget given; the zero Budget stands for DefaultBudget.
func NewLanguage(budget types.Budget) *Language {
	if budget == (types.Budget{}) {
		budget = DefaultBudget
	}
	return &Language{budget}
}

var _ policy.Language = (*Language)(nil)

// Env is what an expression may refer to: the class library, and context.
func Env() csharp.Env {
	return csharp.Env{Universe: Universe(), Globals: []csharp.Global{{Name: "context", Type: ContextType()}}}
}

// Compile implements policy.Language. An expression over which the compiler itself fails is refused, and the process that was
// asked about it goes on.
func (l *Language) Compile(code string, want policy.Want, dynamic []string) (x policy.Expression, ds []source.Diagnostic) {
	defer func() {
		if r := recover(); r != nil {
			x, ds = nil, []source.Diagnostic{{Code: policy.CodeInternal, Span: source.Span{End: len(code)},
				Message: "The expression cannot be compiled; this is a mistake of Postern. " + clip(fmt.Sprint(r))}}
		}
	}()
	env, unknown := environment(want, dynamic)
	p, ds := csharp.Compile(code, env)
	if p == nil {
		return nil, ds
	}
	return &expression{program: p, result: p.Result(), budget: l.budget, dynamic: unknown}, ds
}

// environment is Env with the type wanted and the placeholders given, each once; unknown is how many those are.
func environment(want policy.Want, dynamic []string) (env csharp.Env, unknown int) {
	env = Env()
	if want == policy.WantBool {
		env.Want = types.BoolType
	}
	seen := map[string]bool{}
	for _, name := range dynamic {
		if !seen[name] {
			seen[name] = true
			env.Globals = append(env.Globals, csharp.Global{Name: name, Type: types.DynamicType})
		}
	}
	return env, len(seen)
}

// expression is a compiled expression.
type expression struct {
	program *csharp.Program
	// result is the type of the Value that the program gives: bool where that was asked for, else object.
	result *types.Type
	budget types.Budget
	// dynamic is the number of placeholders, which only an offline check has; they have no value.
	dynamic int
}

// eval runs the program and hands its result to use, which may run more of the language (ToString).
func (e *expression) eval(x *policy.Run, use func(t *types.Thread, v types.Value)) (err error) {
	if e.dynamic > 0 {
		return &types.Exception{T: types.InvalidOperationException, Text: types.NewString("A named value of the expression is not known.")}
	}
	t := &contextOf(x).thread
	t.Start(e.budget)
	v, err := e.program.Run(t)
	if err != nil {
		return err
	}
	return compile.Protect(t, func() { use(t, v) })
}

// textOf is the ToString() of a result.
func (e *expression) textOf(t *types.Thread, v types.Value) (s string, null bool) {
	o := types.Box(e.result, v)
	switch x := o.(type) {
	case nil:
		return "", true
	case *types.String:
		return x.Go(), false
	}
	if str := t.U.Ops.ToString(t, o); str != nil {
		return str.Go(), false
	}
	return "", false
}

// Text implements policy.Expression.
func (e *expression) Text(x *policy.Run) (s string, null bool, err error) {
	err = e.eval(x, func(t *types.Thread, v types.Value) { s, null = e.textOf(t, v) })
	return s, null, err
}

// Bool implements policy.Expression.
func (e *expression) Bool(x *policy.Run) (b bool, err error) {
	if e.result == types.BoolType && e.dynamic == 0 {
		t := &contextOf(x).thread
		t.Start(e.budget)
		v, err := e.program.Run(t)
		return v.Bool() && err == nil, err
	}
	err = e.eval(x, func(t *types.Thread, v types.Value) {
		s, _ := e.textOf(t, v)
		switch {
		case strings.EqualFold(strings.TrimSpace(s), "true"):
			b = true
		case !strings.EqualFold(strings.TrimSpace(s), "false"):
			types.Throw(types.FormatException, "String '"+clip(s)+"' was not recognized as a valid Boolean.")
		}
	})
	return b, err
}

// Number implements policy.Expression.
func (e *expression) Number(x *policy.Run) (f float64, err error) {
	err = e.eval(x, func(t *types.Thread, v types.Value) {
		s, _ := e.textOf(t, v)
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			types.Throw(types.FormatException, "The input string '"+clip(s)+"' was not in a correct format.")
		}
		f = n
	})
	return f, err
}

// Bytes implements policy.Expression.
func (e *expression) Bytes(x *policy.Run) (b []byte, err error) {
	err = e.eval(x, func(t *types.Thread, v types.Value) {
		if bytes, ok := v.Ref.(*types.Bytes); ok {
			b = bytes.B
			return
		}
		s, _ := e.textOf(t, v)
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "\ufffd")
		}
		b = []byte(s)
	})
	return b, err
}

// Object implements policy.Expression.
func (e *expression) Object(x *policy.Run) (o any, err error) {
	err = e.eval(x, func(_ *types.Thread, v types.Value) { o = types.Box(e.result, v) })
	return o, err
}

// clip keeps a text that goes into a message short.
func clip(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}
