package inspect

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// court judges by one root, whose revocation list is at hand.
type court struct {
	root    *cert.Certificate
	checker *revocation.Checker
}

func newCourt(t testing.TB, root *testkit.Cert, revoked ...*testkit.Cert) *court {
	t.Helper()
	lists := &revocation.Registry{}
	if err := lists.Set(root.Cert(t), root.SignCRL(t, revoked...)); err != nil {
		t.Fatal(err)
	}
	return &court{root.Cert(t), revocation.NewChecker(revocation.Options{Local: lists})}
}

func (c *court) verdicts(_ *apim.Service, leaf *cert.Certificate, sent []*cert.Certificate, at time.Time) (bare, full *chain.Result) {
	o := chain.Options{Sent: sent, Roots: chain.NewPool([]*cert.Certificate{c.root}), Intermediates: chain.NewPool(nil), Now: at}
	bare = chain.Build(leaf, o)
	o.Revocation = c.checker
	return bare, chain.Build(leaf, o)
}

func (c *court) VerifyPeer(_ context.Context, p *message.Peer, revoked bool) policy.Verdict {
	bare, full := c.verdicts(nil, p.Leaf, p.Sent, time.Now())
	if !revoked {
		full = bare
	}
	return verdictOf(full)
}

func verdictOf(r *chain.Result) policy.Verdict {
	v := policy.Verdict{OK: r.Verdict, Judged: r, Explanation: r.Explanation.Summary}
	for _, f := range r.Status {
		v.Status = append(v.Status, string(f))
	}
	return v
}

func (c *court) VerifyPeerMode(_ context.Context, p *message.Peer, mode revocation.Mode) policy.Verdict {
	full := chain.Build(p.Leaf, chain.Options{Sent: p.Sent, Roots: chain.NewPool([]*cert.Certificate{c.root}), Intermediates: chain.NewPool(nil),
		Now: time.Now(), Revocation: c.checker.With(mode)})
	return verdictOf(full)
}

func (c *court) VerifyCertificate(ctx context.Context, x *cert.Certificate, revoked bool) policy.Verdict {
	return c.VerifyPeer(ctx, &message.Peer{Leaf: x}, revoked)
}

// pipeline links the documents of a service.
func pipelines(svc *apim.Service) func(api *apim.API, op *apim.Operation) (Pipeline, error) {
	return func(api *apim.API, op *apim.Operation) (Pipeline, error) { return pipeline(svc, api, op) }
}

func pipeline(svc *apim.Service, api *apim.API, op *apim.Operation) (Pipeline, error) {
	var c policy.Chain
	compile := func(scope policy.Scope, doc *apim.Policy) *policy.Document {
		if doc == nil {
			return nil
		}
		d, _ := compiler.Compile(scope.String(), doc.Text, scope, policy.CheckOptions{})
		return d
	}
	c.Global = compile(policy.Global, svc.Policy)
	if api != nil {
		c.API = compile(policy.API, api.Policy)
	}
	if op != nil {
		c.Operation = compile(policy.Operation, op.Policy)
	}
	return policy.Link(c, element.Forward()), nil
}

// courtServer is a server whose trust is the root.
func courtServer(t testing.TB, c *court, change func(*apim.Service)) *Server {
	return newServer(t, func(o *Options, svc *apim.Service) {
		o.Verdicts, o.Pipelines, o.Judge = c.verdicts, pipelines, func(*apim.Service) Judge { return c }
		svc.Hostnames = []apim.Hostname{{Name: "localhost", BuiltIn: true}, {Name: "api.example.com", NegotiateClientCertificate: true}}
		if change != nil {
			change(svc)
		}
	})
}

func encoded(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func TestInspect(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	good, gone, expired := root.NewClient(t, "good"), root.NewClient(t, "gone"), root.NewClient(t, "late", testkit.Expired)
	soon := root.NewClient(t, "soon", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(10 * time.Minute) })
	s := courtServer(t, newCourt(t, root, gone), nil)
	for _, c := range []struct {
		name             string
		body             map[string]any
		subject          string
		key              bool
		ok, noRevocation bool
		status           string
	}{
		{"PEM", map[string]any{"data": string(good.PEM())}, "CN=good", false, true, true, "good"},
		{"DER", map[string]any{"data": encoded(good.X509.Raw)}, "CN=good", false, true, true, "good"},
		{"PFX", map[string]any{"data": encoded(good.PFX(t, "secret")), "password": "secret"}, "CN=good", true, true, true, "good"},
		{"PEM with a key", map[string]any{"data": string(good.PEM()) + string(good.KeyPEM(t))}, "CN=good", true, true, true, "good"},
		{"revoked", map[string]any{"data": string(gone.PEM())}, "CN=gone", false, false, true, "revoked"},
		{"expired", map[string]any{"data": string(expired.PEM())}, "CN=late", false, false, false, "good"},
		{"not valid yet", map[string]any{"data": string(soon.PEM())}, "CN=soon", false, false, false, "good"},
		{"when it will be", map[string]any{"data": string(soon.PEM()), "at": time.Now().Add(11 * time.Minute)}, "CN=soon", false, true, true, "good"},
		{"of another root", map[string]any{"data": string(testkit.NewRoot(t, "Other").NewClient(t, "stranger").PEM())}, "CN=stranger", false, false, false, "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got inspection
			if status := call(t, s, "POST", "/postern/v1/certificates/inspect", c.body, &got); status != 200 {
				t.Fatal(status)
			}
			if x := got.Certificates[0]; x.Subject != c.subject || x.HasPrivateKey != c.key || len(x.ThumbprintSHA256) != 64 {
				t.Errorf("certificate %+v", x)
			}
			if got.Verify.OK != c.ok || got.VerifyNoRevocation.OK != c.noRevocation || got.Verify.Explanation.Summary == "" {
				t.Errorf("verdicts %+v, %+v", got.Verify, got.VerifyNoRevocation)
			}
			if r := got.Revocation[0]; r.Status != c.status || r.Detail == "" {
				t.Errorf("revocation %+v", r)
			}
		})
	}
}

func TestInspectTellsTheListThatSpoke(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	s := courtServer(t, newCourt(t, root), nil)
	var got inspection
	call(t, s, "POST", "/postern/v1/certificates/inspect", map[string]any{"data": string(root.NewClient(t, "good").PEM())}, &got)
	if r := got.Revocation[0]; len(got.Revocation) != 1 || r.Kind != "local" || r.ThisUpdate.IsZero() || r.NextUpdate.IsZero() || r.Subject != "CN=good" {
		t.Errorf("revocation %+v", got.Revocation)
	}
}

func TestInspectRefuses(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	good := root.NewClient(t, "good")
	s := courtServer(t, newCourt(t, root), nil)
	for _, c := range []struct {
		name   string
		body   map[string]any
		target string
	}{
		{"no base64", map[string]any{"data": "äöü"}, "data"},
		{"nothing", map[string]any{"data": ""}, "data"},
		{"no certificate", map[string]any{"data": encoded([]byte("hello, world, this is no certificate"))}, "data"},
		{"a wrong password", map[string]any{"data": encoded(good.PFX(t, "secret")), "password": "wrong"}, "password"},
		{"a bad companion", map[string]any{"data": string(good.PEM()), "extra": []string{"x"}}, "extra"},
	} {
		var got wrong
		if status := call(t, s, "POST", "/postern/v1/certificates/inspect", c.body, &got); status != 400 || got.Error.Target != c.target || strings.Contains(got.Error.Message, "wrong\"") {
			t.Errorf("%s: %d %+v", c.name, status, got)
		}
	}
}

func TestAdmits(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	good, gone := root.NewClient(t, "good"), root.NewClient(t, "gone")
	doc := func(inbound string) *apim.Policy {
		return &apim.Policy{Format: "rawxml", Text: "<policies>\n<inbound><base />\n" + inbound + "</inbound>\n<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"}
	}
	s := courtServer(t, newCourt(t, root, gone), func(svc *apim.Service) {
		svc.APIs = []apim.API{
			{ID: "element", Path: "element", Policy: doc(`<validate-client-certificate />`)},
			{ID: "condition", Path: "condition", Policy: doc(refuse(unrevocable + ` || context.Request.Certificate.Thumbprint != "` + good.Cert(t).Thumbprint() + `"`))},
			{ID: "none", Path: "none", Policy: doc(`<set-header name="a"><value>b</value></set-header>`)},
			{ID: "answers", Path: "answers", Policy: doc(`<validate-client-certificate /><return-response><set-status code="204" /></return-response>`)},
			{ID: "other", Path: "other", Policy: doc(`<check-header name="X" failed-check-httpcode="401" failed-check-error-message="no" ignore-case="true" /><validate-client-certificate />`)},
			{ID: "operation", Path: "operation", Operations: []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/items/{id}",
				Policy: doc(`<choose><when condition="@(context.Request.Certificate != null && context.Request.MatchedParameters["id"] == "1")" /><otherwise><return-response><set-status code="403" /></return-response></otherwise></choose>`)}}},
			{ID: "on-error", Path: "on-error", Policy: &apim.Policy{Format: "rawxml", Text: `<policies><inbound><validate-client-certificate /></inbound><backend><base /></backend><outbound /><on-error><return-response><set-status code="400" /></return-response></on-error></policies>`}},
		}
	})
	for _, c := range []struct {
		name string
		peer *testkit.Cert
		want map[string]string
	}{
		{"a good one", good, map[string]string{"element": "in", "condition": "in", "answers": "in", "other": "unknown", "operation": "in", "on-error": "in"}},
		{"a revoked one", gone, map[string]string{"element": "out", "condition": "out", "answers": "out", "other": "unknown", "operation": "in", "on-error": "out"}},
		{"a stranger", testkit.NewSelfSigned(t, "x"), map[string]string{"element": "out", "condition": "out", "answers": "out", "other": "unknown", "operation": "in", "on-error": "out"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got inspection
			if status := call(t, s, "POST", "/postern/v1/certificates/inspect", map[string]any{"data": string(c.peer.PEM())}, &got); status != 200 {
				t.Fatal(status)
			}
			if len(got.Admits.Policies) != len(c.want) {
				t.Errorf("%d documents, want %d", len(got.Admits.Policies), len(c.want))
			}
			for _, p := range got.Admits.Policies {
				if p.Outcome != c.want[p.API] || p.Message == "" {
					t.Errorf("%s: %+v, want %s", p.API, p, c.want[p.API])
				}
				if p.Outcome == "out" && (p.Element == "" || p.Line == 0 || p.Column == 0) {
					t.Errorf("%s says not where: %+v", p.API, p)
				}
			}
			if h := got.Admits.Hostnames; len(h) != 2 || h[0].Asks || !h[1].Asks || h[0].Why == "" {
				t.Errorf("host names %+v", h)
			}
		})
	}
}

func TestRevokedReasonAndPlace(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	gone := root.NewClient(t, "gone")
	s := courtServer(t, newCourt(t, root, gone), func(svc *apim.Service) {
		svc.Policy = &apim.Policy{Text: "<policies>\n  <inbound>\n    <validate-client-certificate />\n  </inbound><backend><forward-request /></backend><outbound /><on-error /></policies>"}
	})
	var got inspection
	call(t, s, "POST", "/postern/v1/certificates/inspect", map[string]any{"data": string(gone.PEM())}, &got)
	p := got.Admits.Policies[0]
	if p.ID != serviceID+"/policies/policy" || p.Scope != "global" || p.Reason != "ClientCertificateRevoked" || p.PlaceScope != "global" ||
		p.Element != "validate-client-certificate" || p.Line != 3 || p.Column != 5 || !strings.Contains(p.Message, "revoked") {
		t.Errorf("%+v", p)
	}
}

func TestAdmitsInThePolicysOwnMode(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	middle := root.NewIntermediate(t, "Middle") // whose list nobody has
	client := middle.NewClient(t, "client")
	s := courtServer(t, newCourt(t, root), func(svc *apim.Service) {
		for _, mode := range []string{"FailOpen", "FailClosed"} {
			svc.APIs = append(svc.APIs, apim.API{ID: mode, Path: mode, Policy: &apim.Policy{
				Text: `<policies><inbound><validate-client-certificate revocation-mode="` + mode + `" /></inbound></policies>`}})
		}
	})
	var got inspection
	call(t, s, "POST", "/postern/v1/certificates/inspect", map[string]any{"data": string(client.PEM()), "extra": []string{string(middle.PEM())}}, &got)
	p := got.Admits.Policies
	if len(p) != 2 || p[0].Outcome != "in" || p[1].Outcome != "out" || p[1].Reason != "ClientCertificateRevocationStatusUnknown" {
		t.Errorf("%+v", p)
	}
}

// TestRevocationOfThePathOfTheVerdict has two paths: one ends in the trusted root and is revoked, the other in none.
func TestRevocationOfThePathOfTheVerdict(t *testing.T) {
	root, other := testkit.NewRoot(t, "Root"), testkit.NewRoot(t, "Root")
	gone := root.NewClient(t, "gone")
	s := courtServer(t, newCourt(t, root, gone), nil)
	for _, extra := range [][]string{{}, {string(other.PEM())}} {
		var got inspection
		call(t, s, "POST", "/postern/v1/certificates/inspect", map[string]any{"data": string(gone.PEM()), "extra": extra}, &got)
		if len(got.Revocation) != 1 || got.Revocation[0].Status != "revoked" || got.Revocation[0].Subject != "CN=gone" {
			t.Errorf("with %d others: %+v", len(extra), got.Revocation)
		}
	}
}

func TestHostnamesBehindProxies(t *testing.T) {
	h := apim.Hostname{Name: "a", Forwarded: &apim.ForwardedCertificate{Header: "Client-Cert"}}
	if a := newHostnameAdmission(&apim.Service{}, &h); a.Asks || !strings.Contains(a.Why, "Client-Cert") || strings.Contains(a.Why, "no certificate") {
		t.Errorf("%+v", a)
	}
	for _, c := range []struct {
		sku  string
		asks bool
	}{{"Developer", false}, {"Consumption", true}, {"StandardV2", true}} {
		svc := apim.Service{SKU: c.sku, EnableClientCertificate: true}
		if a := newHostnameAdmission(&svc, &apim.Hostname{Name: "a"}); a.Asks != c.asks || a.Why == "" {
			t.Errorf("%s: %+v", c.sku, a)
		}
	}
}
