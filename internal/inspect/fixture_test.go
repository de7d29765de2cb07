package inspect

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/source"
)

const serviceID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/local"

var compiler = policy.NewCompiler(element.All(), exprctx.NewLanguage(exprctx.DefaultBudget))

// newServer is a server over a service that tests may change first.
func newServer(t testing.TB, change func(*Options, *apim.Service)) *Server {
	t.Helper()
	id, err := resource.ParseID(serviceID)
	if err != nil {
		t.Fatal(err)
	}
	svc := &apim.Service{Name: "local", SKU: "Developer"}
	o := Options{
		Authenticate: func(_ context.Context, token string) (*identity.Principal, error) {
			if token != "good" {
				return nil, fault.New(fault.Unauthenticated, "The access token is invalid.")
			}
			return &identity.Principal{ID: "1", Name: "administrator", Kind: identity.Administrator}, nil
		},
		Allowed: func(_ context.Context, p *identity.Principal, action, _ string) (bool, error) {
			return p.Kind == identity.Administrator, nil
		},
		Service: func() *apim.Service { return svc }, ID: id, Elements: compiler.Elements(), Log: slog.New(slog.DiscardHandler),
		Check: func(_ *apim.Service, scope policy.Scope, doc *apim.Policy) []source.Diagnostic {
			f, _ := policyxml.ParseFormat(doc.Format)
			_, ds := compiler.Compile("policy", doc.Text, scope, policy.CheckOptions{Format: f})
			return ds
		},
	}
	if change != nil {
		change(&o, svc)
	}
	return New(o)
}

// call sends body as JSON, signed in, and reads the answer into out; it returns the status.
func call(t testing.TB, s *Server, method, path string, body, out any) int {
	t.Helper()
	text := ""
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(data)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	r.Header.Set("Authorization", "Bearer good")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w.Code
}

// wrong is the error of an answer.
type wrong struct {
	Error struct{ Code, Message, Target string }
}

func TestNobodyAsksWithoutProof(t *testing.T) {
	s := newServer(t, nil)
	for _, authorization := range []string{"", "Bearer bad", "Basic good", "Bearer "} {
		for _, path := range []string{"/postern/v1/policies/elements", "/postern/v1/nothing"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Authorization", authorization)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 401 {
				t.Errorf("%s with %q: %d", path, authorization, w.Code)
			}
		}
	}
}

// TestWhatMayBeDone asks as principals that have no role, and one that reads.
func TestWhatMayBeDone(t *testing.T) {
	for _, c := range []struct {
		name    string
		allowed string
		want    map[string]int
	}{
		{"nothing", "", map[string]int{"GET /postern/v1/policies/elements": 403, "POST /postern/v1/try": 403, "GET /postern/v1/overview": 403}},
		{"reading", readAction, map[string]int{"GET /postern/v1/policies/elements": 200, "POST /postern/v1/try": 403, "GET /postern/v1/overview": 200}},
		{"writing", writeAction, map[string]int{"GET /postern/v1/policies/elements": 403, "POST /postern/v1/try": 403}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, func(o *Options, svc *apim.Service) {
				svc.Hostnames = []apim.Hostname{{Name: "localhost"}}
				o.Authenticate = func(context.Context, string) (*identity.Principal, error) {
					return &identity.Principal{ID: "2", Name: "program", Kind: identity.Application}, nil
				}
				o.Allowed = func(_ context.Context, _ *identity.Principal, action, id string) (bool, error) {
					return action == c.allowed && id == serviceID, nil
				}
				o.GatewayAddress = func() string { return "127.0.0.1:1" }
				o.IssueDevelopment = func([]byte, string) ([]byte, error) { t.Error("a certificate was issued"); return nil, nil }
			})
			for call1, want := range c.want {
				method, path, _ := strings.Cut(call1, " ")
				var body any
				if method == "POST" {
					body = map[string]any{"path": "/", "certificate": map[string]any{"development": map[string]any{"name": "x"}}}
				}
				if got := call(t, s, method, path, body, nil); got != want {
					t.Errorf("%s: %d, want %d", call1, got, want)
				}
			}
		})
	}
}

func TestMethods(t *testing.T) {
	s := newServer(t, nil)
	for call1, want := range map[string]int{
		"GET /postern/v1/policies/check": 405, "DELETE /postern/v1/overview": 405, "PUT /postern/v1/requests/x": 405, "GET /postern/v1/policies": 404,
	} {
		method, path, _ := strings.Cut(call1, " ")
		if got := call(t, s, method, path, nil, nil); got != want {
			t.Errorf("%s: %d, want %d", call1, got, want)
		}
	}
}
