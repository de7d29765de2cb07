package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

// policies compiles the documents of services. It keeps what it compiled as long as a service uses it.
type policies struct {
	compiler *policy.Compiler
	log      *slog.Logger

	mu   sync.Mutex
	docs map[docKey]*policy.Document
}

// docKey is all that a compiled document depends on.
type docKey struct {
	scope        policy.Scope
	format, text string
	surroundings [sha256.Size]byte
}

func newPolicies(budget types.Budget, log *slog.Logger) *policies {
	return &policies{compiler: policy.NewCompiler(element.All(), exprctx.NewLanguage(budget)),
		log: log.With(slog.String(logkey.Component, "policy")), docs: map[docKey]*policy.Document{}}
}

// options are the surroundings of svc's documents.
func options(svc *apim.Service, scope policy.Scope, format string) policy.CheckOptions {
	f, _ := policyxml.ParseFormat(format) // the management API stores no other
	return policy.CheckOptions{
		Scope: &scope, Format: f,
		NamedValues: func(name string) (policyxml.NamedValue, bool) {
			for _, v := range svc.NamedValues {
				if v.DisplayName == name {
					return policyxml.NamedValue{Text: v.Value, Secret: v.Secret}, true
				}
			}
			return policyxml.NamedValue{}, false
		},
		HasCertificate: func(id string) bool {
			for _, c := range svc.Certificates {
				if strings.EqualFold(c.ID, id) {
					return true
				}
			}
			return false
		},
	}
}

// surroundings is a digest of what documents may refer to.
func surroundings(svc *apim.Service) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, v := range svc.NamedValues {
		fmt.Fprintf(h, "%q=%q,%t;", v.DisplayName, v.Value, v.Secret)
	}
	for _, c := range svc.Certificates {
		fmt.Fprintf(h, "%q;", strings.ToLower(c.ID))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// CheckPolicy implements arm.PolicyChecker.
func (p *policies) CheckPolicy(svc *apim.Service, scope string, doc *apim.Policy) (faults []fault.Detail, remarks []string) {
	s, ok := policy.ParseScope(scope)
	if !ok {
		return []fault.Detail{{Message: fmt.Sprintf("there is no scope %q", scope)}}, nil
	}
	o := options(svc, s, doc.Format)
	o.APIM = true
	_, diagnostics := p.compiler.Compile("policy", doc.Text, s, o)
	text := source.NewText("policy", doc.Text)
	for _, d := range diagnostics {
		at := text.Position(d.Span.Start)
		if d.Severity == source.Error {
			faults = append(faults, fault.Detail{Code: "ValidationError", Target: "representation",
				Message: fmt.Sprintf("Error on line %d, column %d: %s (%s)", at.Line, at.Column, d.Message, d.Code)})
		} else {
			remarks = append(remarks, fmt.Sprintf("Line %d, column %d: %s (%s)", at.Line, at.Column, oneLine(d.Message), d.Code))
		}
	}
	return faults, remarks
}

// oneLine keeps a message fit for a header field: printable ASCII.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// FormatPolicy implements arm.PolicyChecker.
func (p *policies) FormatPolicy(doc *apim.Policy, format string) (string, error) {
	from, _ := policyxml.ParseFormat(doc.Format)
	to, ok := policyxml.ParseFormat(format)
	if !ok {
		return "", fault.New(fault.Invalid, "format '%s' is not one of xml, rawxml", format)
	}
	return policyxml.Convert(doc.Text, from, to)
}

// compilation is one service being compiled: what it used is kept, the rest is dropped at its end.
type compilation struct {
	p      *policies
	svc    *apim.Service
	around [sha256.Size]byte
	used   map[docKey]*policy.Document
	broken map[docKey]error
}

func (p *policies) begin(svc *apim.Service) *compilation {
	return &compilation{p: p, svc: svc, around: surroundings(svc), used: map[docKey]*policy.Document{}, broken: map[docKey]error{}}
}

func (c *compilation) end() {
	c.p.mu.Lock()
	c.p.docs = c.used
	c.p.mu.Unlock()
}

func (c *compilation) document(scope policy.Scope, doc *apim.Policy) (*policy.Document, error) {
	if doc == nil {
		return nil, nil
	}
	key := docKey{scope, doc.Format, doc.Text, c.around}
	if d := c.used[key]; d != nil {
		return d, nil
	}
	if err := c.broken[key]; err != nil {
		return nil, err
	}
	c.p.mu.Lock()
	d := c.p.docs[key]
	c.p.mu.Unlock()
	if d == nil {
		var diagnostics []source.Diagnostic
		if d, diagnostics = c.p.compiler.Compile(scope.String(), doc.Text, scope, options(c.svc, scope, doc.Format)); d == nil {
			text := source.NewText(scope.String()+" policy", doc.Text)
			c.broken[key] = fmt.Errorf("the stored policy does not compile: %s", text.Snippet(diagnostics[0]))
			return nil, c.broken[key]
		}
	}
	c.used[key] = d
	return d, nil
}

// pipeline links the documents that apply to an operation. A stored document that does not compile any more closes what it
// stands over: those requests are answered with 500.
func (c *compilation) pipeline(api *apim.API, op *apim.Operation) (gateway.Pipeline, error) {
	var chain policy.Chain
	var err error
	chain.Global, err = c.document(policy.Global, c.svc.Policy)
	if api != nil && err == nil {
		chain.API, err = c.document(policy.API, api.Policy)
	}
	if op != nil && err == nil {
		chain.Operation, err = c.document(policy.Operation, op.Policy)
	}
	if err != nil {
		c.p.log.LogAttrs(context.Background(), slog.LevelError, "requests are refused because their policy does not compile", slog.Any(logkey.Error, err))
		return closed{}, nil
	}
	return policy.Link(chain, element.Forward()), nil
}

// closed is the pipeline that refuses everything.
type closed struct{}

// Execute implements gateway.Pipeline.
func (closed) Execute(in policy.Invocation) *message.Response {
	in.Failed = &policy.Failure{Source: "configuration", Reason: policy.ReasonInternal, Message: "The policy does not compile.", Status: 500}
	return policy.Link(policy.Chain{}, element.Forward()).Execute(in)
}
