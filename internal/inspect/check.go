package inspect

import (
	"net/http"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/source"
)

// diagnostic is the wire form of a mistake or remark. Lines and columns are from 1, columns in characters (Unicode code
// points); the end is behind the last character.
type diagnostic struct {
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Code      string `json:"code"`
	Severity  string `json:"severity"`
	Message   string `json:"message"`
}

// check answers POST /postern/v1/policies/check.
func (s *Server) check(w http.ResponseWriter, r *http.Request) (any, error) {
	var q struct{ ID, Scope, Text, Format string }
	if err := reply.Read(w, r, maxBody, &q); err != nil {
		return nil, err
	}
	scope, err := scopeOf(q.ID, q.Scope)
	if err != nil {
		return nil, err
	}
	if q.Format == "" {
		q.Format = "rawxml"
	}
	if f, ok := policyxml.ParseFormat(q.Format); !ok || f == policyxml.Auto {
		e := fault.New(fault.Invalid, "The format %q is not one of rawxml, xml.", q.Format)
		e.Target = "format"
		return nil, e
	}
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	text := source.NewText("policy", q.Text)
	out := []diagnostic{}
	for _, d := range s.Check(svc, scope, &apim.Policy{Text: q.Text, Format: q.Format}) {
		out = append(out, newDiagnostic(text, d))
	}
	return map[string]any{"diagnostics": out}, nil
}

func newDiagnostic(text *source.Text, d source.Diagnostic) diagnostic {
	from, to := text.Position(d.Span.Start), text.Position(max(d.Span.Start, d.Span.End))
	out := diagnostic{from.Line, from.Column, to.Line, to.Column, d.Code, "warning", d.Message}
	if d.Severity == source.Error {
		out.Severity = "error"
	}
	return out
}

// scopeOf is the scope that is named, or that the policy of the id belongs to.
func scopeOf(id, name string) (policy.Scope, error) {
	if name != "" {
		if scope, ok := policy.ParseScope(name); ok {
			return scope, nil
		}
		e := fault.New(fault.Invalid, "There is no scope %q; there are global, workspace, product, api and operation.", name)
		e.Target = "scope"
		return 0, e
	}
	if id == "" {
		e := fault.New(fault.Invalid, "Name the scope, or the id of the policy.")
		e.Target = "scope"
		return 0, e
	}
	parsed, err := resource.ParseID(id)
	if err != nil {
		return 0, fault.Wrap(fault.Invalid, err, "%q is not the id of a policy.", id)
	}
	switch parsed.Collection() {
	case "policies":
		return policy.Global, nil
	case "apis/policies":
		return policy.API, nil
	case "apis/operations/policies":
		return policy.Operation, nil
	case "products/policies":
		return policy.Product, nil
	case "workspaces/policies":
		return policy.Workspace, nil
	}
	e := fault.New(fault.Invalid, "%q is not the id of a policy.", id)
	e.Target = "id"
	return 0, e
}
