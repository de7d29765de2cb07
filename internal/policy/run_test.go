package policy

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/source"
)

// noLanguage refuses expressions; the steps of these tests are Go functions.
type noLanguage struct{}

func (noLanguage) Compile(string, Want, []string) (Expression, []source.Diagnostic) {
	return nil, []source.Diagnostic{{Code: "CS0000", Message: "no expressions here"}}
}

// does declares an element of that name that runs a function.
func does(name string, run func(x *Run) error) *Element {
	return &Element{Spec: Spec{Name: name}, Sections: AllSections, Scopes: AllScopes, Compile: func(*Node) Step { return run }}
}

func invocation() Invocation {
	u, err := message.ParseURL("https://gw.test/a?b=c")
	if err != nil {
		panic(err)
	}
	return Invocation{
		Exchange:   &message.Exchange{Context: context.Background(), Request: &message.Request{Method: "GET", URL: u, Body: message.NoBody()}},
		Deployment: &Deployment{},
	}
}

// execute runs an operation's document of the elements given, beneath an empty global one.
func execute(t *testing.T, text string, in Invocation, elements ...*Element) *message.Response {
	t.Helper()
	d, ds := NewCompiler(elements, noLanguage{}).Compile("p", text, Operation, CheckOptions{})
	if d == nil {
		t.Fatalf("Compile = %v", ds)
	}
	return Link(Chain{Global: &Document{}, Operation: d}, Op{}).Execute(in)
}

func bodyOf(t *testing.T, r *message.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const internalError = `{ "statusCode": 500, "message": "Internal server error", "activityId": "00000000-0000-0000-0000-000000000000" }`

func TestErrors(t *testing.T) {
	tests := []struct {
		name   string
		err    func() error
		status int
		body   string
		last   LastError
	}{
		{"failure with a public message", func() error {
			return &Failure{Reason: "R", Message: "m", Status: 401, Public: "p"}
		}, 401, `{ "statusCode": 401, "message": "p" }`, LastError{Source: "fail", Reason: "R", Message: "m", Status: 401}},
		{"failure without one", func() error { return &Failure{Reason: "R", Message: "m"} }, 500, internalError,
			LastError{Source: "fail", Reason: "R", Message: "m", Status: 500}},
		{"exception", func() error {
			return &types.Exception{T: types.FormatException, Text: types.NewString("Input string was not in a correct format.")}
		}, 500, internalError, LastError{Source: "fail", Reason: "ExpressionValueEvaluationFailure",
			Message: "Expression evaluation failed. Input string was not in a correct format.", Status: 500}},
		{"budget", func() error { return &types.Exceeded{What: "time"} }, 500, internalError,
			LastError{Source: "fail", Reason: "ExpressionValueEvaluationFailure",
				Message: "Expression evaluation failed. the expression used up its budget of time.", Status: 500}},
		{"backend", func() error { return &message.TransportError{Reason: "Timeout", Err: io.ErrUnexpectedEOF} }, 500, internalError,
			LastError{Source: "fail", Reason: "Timeout", Message: "unexpected EOF", Status: 500}},
		{"panic", func() error { panic("bug") }, 500, internalError,
			LastError{Source: "fail", Reason: "InternalServerError", Message: "The policy failed.", Status: 500}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var last *LastError
			text := `<policies><inbound><wrap><fail/><fail id="it"/></wrap></inbound><outbound><never/></outbound><on-error><look/></on-error></policies>`
			n := 0
			wrap := &Element{Spec: Spec{Name: "wrap", Policies: true}, Sections: AllSections, Scopes: AllScopes, Compile: func(n *Node) Step {
				return func(x *Run) error { return x.Do(n.Block()) }
			}}
			r := execute(t, text, invocation(), wrap,
				does("fail", func(*Run) error {
					if n++; n == 1 {
						return nil
					}
					return tt.err()
				}),
				does("never", func(*Run) error { t.Error("outbound runs after an error"); return nil }),
				does("look", func(x *Run) error { e := *x.LastError; last = &e; return nil }))
			if got := bodyOf(t, r); r.Status != tt.status || got != tt.body {
				t.Errorf("answer = %d %s; want %d %s", r.Status, got, tt.status, tt.body)
			}
			tt.last.Scope, tt.last.Section, tt.last.Path, tt.last.PolicyID = "operation", "inbound", "wrap[1]/fail[2]", "it"
			if last == nil || *last != tt.last {
				t.Errorf("LastError = %+v; want %+v", last, tt.last)
			}
		})
	}
}

func TestErrorInOnError(t *testing.T) {
	fail := does("fail", func(*Run) error { return &Failure{Reason: "R", Message: "m", Status: 401, Public: "p"} })
	r := execute(t, `<policies><inbound><fail/></inbound><on-error><fail/></on-error></policies>`, invocation(), fail)
	if got := bodyOf(t, r); r.Status != 500 || got != internalError {
		t.Errorf("answer = %d %s; want a plain 500", r.Status, got)
	}
}

func TestOnErrorEditsTheDefaultAnswer(t *testing.T) {
	r := execute(t, `<policies><inbound><fail/></inbound><on-error><edit/></on-error></policies>`, invocation(),
		does("fail", func(*Run) error {
			return &Failure{Reason: "R", Status: 429, Public: "slow down", Header: message.Header{{Name: "Retry-After", Value: "5"}}}
		}),
		does("edit", func(x *Run) error { x.Answer().Header.Set("X-Error", x.LastError.Reason); return nil }))
	if r.Status != 429 || r.Header.Get("Retry-After") != "5" || r.Header.Get("X-Error") != "R" {
		t.Errorf("answer = %d %v; want 429 with both fields", r.Status, r.Header)
	}
}

func TestFailedBeforePolicies(t *testing.T) {
	in := invocation()
	in.Failed = &Failure{Source: "configuration", Reason: "OperationNotFound", Message: "Unable to match incoming request to an operation.", Status: 404, Public: "Resource not found"}
	ran := ""
	look := does("look", func(x *Run) error { ran += x.LastError.Source + "/" + x.LastError.Reason; return nil })
	r := execute(t, `<policies><inbound><look/></inbound><on-error><look/></on-error></policies>`, in, look)
	if got := bodyOf(t, r); r.Status != 404 || got != `{ "statusCode": 404, "message": "Resource not found" }` || ran != "configuration/OperationNotFound" {
		t.Errorf("answer = %d %s, on-error saw %q", r.Status, got, ran)
	}
}

// A document full of base must not multiply what the scopes above do without bound.
func TestBasesAreBounded(t *testing.T) {
	text := "<policies><inbound>" + strings.Repeat("<base/>", 1000) + "</inbound></policies>"
	if ds := NewCompiler(nil, noLanguage{}).Check("p", text, CheckOptions{}); !source.Errors(ds) {
		t.Errorf("Check of 1000 bases = %v; want an error", ds)
	}
}

func TestCodesAreDocumentedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if c.Meaning == "" || seen[c.Code] {
			t.Errorf("code %q has no meaning, or stands twice", c.Code)
		}
		seen[c.Code] = true
	}
}

func BenchmarkExecute(b *testing.B) {
	d, ds := NewCompiler([]*Element{does("step", func(*Run) error { return nil })}, noLanguage{}).
		Compile("p", `<policies><inbound><base/><step/><step/></inbound></policies>`, Operation, CheckOptions{})
	if d == nil {
		b.Fatal(ds)
	}
	p := Link(Chain{Global: &Document{}, Operation: d}, Op{})
	in := invocation()
	b.ReportAllocs()
	for b.Loop() {
		p.Execute(in)
	}
}

// TestRefusalIsPlaced notes the policy that ended the request with an error status, and none where the answer is good.
func TestRefusalIsPlaced(t *testing.T) {
	for status, placed := range map[int]bool{200: false, 403: true} {
		in := invocation()
		answer := does("answer", func(x *Run) error {
			x.Replace(&message.Response{Status: status, Body: message.NoBody()})
			return Done
		})
		execute(t, "<policies><inbound>\n  <answer/></inbound></policies>", in, answer)
		at, _ := in.Exchange.Notes.Place.(*Place)
		if (at != nil) != placed || placed && (at.Element != "answer" || at.Line != 2 || at.Column != 3) {
			t.Errorf("status %d: place %+v", status, at)
		}
	}
}
