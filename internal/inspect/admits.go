package inspect

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/revocation"
)

// Pipeline runs the policies of an operation, as the gateway would.
type Pipeline interface {
	Execute(in policy.Invocation) *message.Response
}

// Judge judges certificates by the trust of the service.
type Judge interface {
	VerifyPeer(ctx context.Context, p *message.Peer, revocation bool) policy.Verdict
	VerifyCertificate(ctx context.Context, c *cert.Certificate, revocation bool) policy.Verdict
}

// admission is whom a certificate would get past.
type admission struct {
	Hostnames []hostnameAdmission `json:"hostnames"`
	Policies  []policyAdmission   `json:"policies"`
}

// hostnameAdmission says whether a host name asks its clients for a certificate.
type hostnameAdmission struct {
	Name string `json:"name"`
	Asks bool   `json:"asks"`
	Why  string `json:"why"`
}

// The outcomes of a policy document for a certificate.
const (
	outcomeIn      = "in"
	outcomeOut     = "out"
	outcomeUnknown = "unknown"
)

// policyAdmission is what the policies of a document's scope and of those above would do with a client.
type policyAdmission struct {
	ID        string `json:"id"`
	Scope     string `json:"scope"`
	API       string `json:"api,omitempty"`
	Operation string `json:"operation,omitempty"`
	Outcome   string `json:"outcome"`
	Reason    string `json:"reason"`
	Message   string `json:"message"`
	// PlaceScope, Element, Line and Column are where it was decided, in the document of that scope; empty where nothing refused.
	PlaceScope string `json:"placeScope,omitempty"`
	Element    string `json:"element"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
}

// usesCertificates finds documents that look at the client's certificate.
var usesCertificates = regexp.MustCompile(`\bRequest\s*\.\s*Certificate\b|<\s*validate-client-certificate\b`)

// Bounds of the work for one certificate.
const (
	maxDocuments = 200
	dryRunTime   = 5 * time.Second
	allRunsTime  = 30 * time.Second
)

func (s *Server) admits(ctx context.Context, svc *apim.Service, peer *message.Peer) admission {
	out := admission{Hostnames: []hostnameAdmission{}, Policies: []policyAdmission{}}
	for i := range svc.Hostnames {
		out.Hostnames = append(out.Hostnames, newHostnameAdmission(svc, &svc.Hostnames[i]))
	}
	ctx, cancel := context.WithTimeout(ctx, allRunsTime)
	defer cancel()
	pipelines := s.Pipelines(svc)
	for _, d := range documents(svc, s.ID) {
		if !usesCertificates.MatchString(d.doc.Text) {
			continue
		}
		if len(out.Policies) == maxDocuments || ctx.Err() != nil {
			break
		}
		out.Policies = append(out.Policies, s.dryRun(ctx, svc, pipelines, d, peer))
	}
	return out
}

// newHostnameAdmission says what the handshakes of a host name do, and by which setting.
func newHostnameAdmission(svc *apim.Service, h *apim.Hostname) hostnameAdmission {
	a := hostnameAdmission{Name: h.Name}
	asking := svc.EnableClientCertificate && (svc.Consumption() || strings.HasSuffix(strings.ToLower(svc.SKU), "v2"))
	switch {
	case h.NegotiateClientCertificate:
		a.Asks, a.Why = true, "negotiateClientCertificate of the host name is on."
	case asking:
		a.Asks, a.Why = true, "enableClientCertificate of the service is on."
	default:
		a.Why = "negotiateClientCertificate of the host name is off: no client is asked, and policies see no certificate."
		if h.Forwarded != nil {
			a.Why = "negotiateClientCertificate of the host name is off: no client is asked."
		}
	}
	if h.Forwarded != nil {
		a.Why += fmt.Sprintf(" Policies see the certificates that its proxies forward in the field %s.", h.Forwarded.Header)
	}
	return a
}

// document is a policy document with what it belongs to.
type document struct {
	id        resource.ID
	scope     policy.Scope
	doc       *apim.Policy
	api       *apim.API
	operation *apim.Operation
}

// documents are the policy documents of a service, the widest first.
func documents(svc *apim.Service, id resource.ID) []document {
	var out []document
	if svc.Policy != nil {
		out = append(out, document{id.Of("policies", "policy"), policy.Global, svc.Policy, nil, nil})
	}
	for i := range svc.APIs {
		api := &svc.APIs[i]
		if api.Policy != nil {
			out = append(out, document{id.Of("apis", api.ID, "policies", "policy"), policy.API, api.Policy, api, nil})
		}
		for j := range api.Operations {
			op := &api.Operations[j]
			if op.Policy != nil {
				out = append(out, document{id.Of("apis", api.ID, "operations", op.ID, "policies", "policy"), policy.Operation, op.Policy, api, op})
			}
		}
	}
	return out
}

// rehearsal is the gateway of a run that reaches nobody.
type rehearsal struct {
	Judge
	// reached tells that the request would have gone to the backend, asked that a policy wanted to ask somebody else.
	reached, asked atomic.Bool
}

var (
	_ policy.Sender      = (*rehearsal)(nil)
	_ policy.TokenSource = (*rehearsal)(nil)
	_ policy.Limiter     = (*rehearsal)(nil)
)

// VerifyPeerMode implements policy.RevocationJudge, as far as the service's judge knows modes.
func (g *rehearsal) VerifyPeerMode(ctx context.Context, p *message.Peer, mode revocation.Mode) policy.Verdict {
	if knows, ok := g.Judge.(policy.RevocationJudge); ok {
		return knows.VerifyPeerMode(ctx, p, mode)
	}
	return g.VerifyPeer(ctx, p, true)
}

// Forward implements policy.Gateway: it answers for the backend.
func (g *rehearsal) Forward(context.Context, *message.Request, policy.ForwardOptions) (*message.Response, error) {
	g.reached.Store(true)
	return &message.Response{Status: 200, Body: message.NoBody()}, nil
}

// Send implements policy.Sender: nothing is sent, and what would have been answered is not known.
func (g *rehearsal) Send(context.Context, *message.Request, policy.SendOptions) (*message.Response, error) {
	g.asked.Store(true)
	return nil, &policy.Failure{Reason: policy.ReasonBackendConnection, Message: "Requests of policies are not sent in a rehearsal."}
}

// SendAway implements policy.Sender: nothing is sent, and nobody waits for what would come of it.
func (*rehearsal) SendAway(*message.Request, policy.SendOptions) error { return nil }

// Token implements policy.TokenSource: a token is for others, to whom nothing is sent; none is fetched.
func (*rehearsal) Token(context.Context, string, string) (string, error) { return "rehearsal", nil }

// Enter implements policy.Limiter: a rehearsal is not counted.
func (*rehearsal) Enter(string, int) (leave func(), ok bool) { return func() {}, true }

// dryRun runs the policies of a document and of the scopes above for a made-up request of the client.
func (s *Server) dryRun(ctx context.Context, svc *apim.Service, pipelines func(*apim.API, *apim.Operation) (Pipeline, error), d document, peer *message.Peer) policyAdmission {
	out := policyAdmission{ID: d.id.String(), Scope: d.scope.String(), Outcome: outcomeUnknown}
	if d.api != nil {
		out.API = d.api.ID
	}
	if d.operation != nil {
		out.Operation = d.operation.ID
	}
	pipeline, err := pipelines(d.api, d.operation)
	if err != nil || pipeline == nil {
		out.Reason, out.Message = "PolicyInvalid", "The policy does not compile, so that all requests are refused."
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, dryRunTime)
	defer cancel()
	gate := &rehearsal{Judge: s.Judge(svc)}
	in := invocation(ctx, svc, d, peer)
	in.Gateway = gate
	resp := pipeline.Execute(in)
	_ = resp.Body.Close() // nobody reads it
	if out.decide(gate.reached.Load(), resp, &in.Exchange.Notes); gate.asked.Load() {
		out.Outcome = outcomeUnknown
		out.Message = "The policy asks another service by send-request, whose answer decides; a rehearsal sends nothing."
	}
	return out
}

// invocation is a request to the document's API, over TLS, by the client of the certificate.
func invocation(ctx context.Context, svc *apim.Service, d document, peer *message.Peer) policy.Invocation {
	host := "localhost"
	for i := range svc.Hostnames {
		if h := &svc.Hostnames[i]; newHostnameAdmission(svc, h).Asks {
			host = strings.Replace(h.Name, "*", "example", 1)
			break
		}
	}
	request := &message.Request{Method: "GET", Host: host, Proto: "HTTP/2.0", Body: message.NoBody(),
		URL: message.URL{Scheme: "https", Host: host, Port: 443, Path: "/"}}
	in := policy.Invocation{
		ID: message.NewID(), Route: policy.Route{API: d.api, Operation: d.operation, Parameters: map[string]string{}}, Suffix: "/",
		Deployment: &policy.Deployment{ServiceName: svc.Name, ServiceID: svc.Name, Region: svc.Location, GatewayID: "managed", Certificates: svc.Certificates},
	}
	if d.operation != nil {
		if d.operation.Method != "*" {
			request.Method = d.operation.Method
		}
		in.Suffix = samplePath(d.operation.URLTemplate, in.Route.Parameters)
	}
	if d.api != nil {
		request.URL.Path = "/" + strings.Trim(d.api.Path, "/")
		request.URL.Path = strings.TrimSuffix(request.URL.Path, "/") + in.Suffix
		if base, err := message.ParseURL(d.api.ServiceURL); err == nil && d.api.ServiceURL != "" {
			in.Base = base
		}
	}
	in.Exchange = &message.Exchange{
		Context: ctx, Request: request, ID: in.ID, Received: time.Now(),
		Conn: &message.Conn{Remote: netip.MustParseAddrPort("127.0.0.1:1"), Local: netip.MustParseAddrPort("127.0.0.1:443"),
			TLS: &message.TLS{Version: 0x0304, ServerName: host, Protocol: "h2", Hostname: host, Peer: peer}},
	}
	return in
}

// templateParameter is {name} or {*name} in a URL template.
var templateParameter = regexp.MustCompile(`\{\*?([^{}]*)\}`)

// samplePath is a path that a URL template matches, with "1" for each parameter.
func samplePath(template string, parameters map[string]string) string {
	path, _, _ := strings.Cut(template, "?")
	path = templateParameter.ReplaceAllStringFunc(path, func(m string) string {
		parameters[strings.Trim(m, "{*}")] = "1"
		return "1"
	})
	path = strings.ReplaceAll(path, "*", "1")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// deciding are the policies by which documents refuse a client for its certificate; what others refuse may be the made-up
// request's fault.
var deciding = map[string]bool{"validate-client-certificate": true, "return-response": true}

// decide says what came of a run.
func (a *policyAdmission) decide(reached bool, resp *message.Response, notes *message.Notes) {
	if place, ok := notes.Place.(*policy.Place); ok && place != nil {
		a.PlaceScope, a.Element, a.Line, a.Column = place.Scope.String(), place.Element, place.Line, place.Column
	}
	a.Reason, a.Message = notes.Reason, notes.Message
	answer := fmt.Sprintf("The policy answers %d", resp.Status)
	if resp.Reason != "" {
		answer += " " + resp.Reason
	}
	refused := resp.Status == 401 || resp.Status == 403 || resp.Status >= 400 && strings.HasPrefix(notes.Reason, "ClientCertificate")
	switch {
	case reached && resp.Status < 400:
		*a = policyAdmission{ID: a.ID, Scope: a.Scope, API: a.API, Operation: a.Operation, Outcome: outcomeIn, Message: "The request goes to the backend."}
	case resp.Status < 400:
		a.Outcome = outcomeIn
		a.Message = answer + ", without the backend."
	case refused && !reached && deciding[a.Element]:
		a.Outcome = outcomeOut
		if a.Message == "" {
			a.Message = answer + "."
		}
	case reached:
		a.Message = answer + " after the backend; a real backend may change that."
	default:
		if a.Message == "" {
			a.Message = answer + "."
		}
		a.Message += " The request that was tried is made up, and may lack what the policy wants."
	}
	if a.Outcome == outcomeOut && notes.Certificate != "" {
		a.Message += " " + notes.Certificate
	}
}
