package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/inspect"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/portal"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/source"
)

// Version is what the binary calls itself; main sets it before Run.
var Version = "dev"

// portalFront is the portal with what it asks: its pages, its sessions, and the diagnostics API.
type portalFront struct {
	pages    http.Handler
	sessions *portal.Sessions
	inspect  *inspect.Server
}

func (c *components) newPortal() (*portalFront, error) {
	pages, err := portal.Handler()
	if err != nil {
		return nil, err
	}
	return &portalFront{
		pages: pages,
		sessions: portal.NewSessions(portal.SessionOptions{
			Authenticate: c.authenticateAdministrator, Describe: c.describe,
			Log: c.log.With(slog.String(logkey.Component, "portal")),
		}),
		inspect: inspect.New(c.inspectOptions()),
	}, nil
}

// handler puts the portal in front of the management endpoints of mux: a session stands for its bearer token there.
func (p *portalFront) handler(mux *http.ServeMux) http.Handler {
	mux.Handle("/postern/v1/", p.inspect)
	mux.Handle("/", p.pages)
	sessions, behind := p.sessions.Handler(), p.sessions.Middleware(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == portal.SessionPath || strings.HasPrefix(r.URL.Path, portal.SessionPath+"/") {
			sessions.ServeHTTP(w, r)
			return
		}
		behind.ServeHTTP(w, r)
	})
}

// announce prints the link that opens the portal signed in, once.
func (p *portalFront) announce(out io.Writer, management, token string) {
	fmt.Fprintf(out, "  portal      %s\n              (signs in once, within %d minutes; postern portal prints another)\n",
		portal.Link(management, p.sessions.NewCode(token)), int(portal.CodeLife.Minutes()))
}

// running is the service that the gateway runs, nil before the first.
func (c *components) running() *apim.Service {
	if s := c.gateway.Snapshot(); s != nil {
		return s.Service()
	}
	return nil
}

// describe is what a page needs to know of this Postern.
func (c *components) describe() portal.Description {
	d := portal.Description{
		Service: portal.Service{ID: c.admin.ServiceID(), Name: c.admin.ServiceName, SubscriptionID: c.admin.SubscriptionID, ResourceGroup: c.admin.ResourceGroup},
		URLs:    portal.URLs{Gateway: c.admin.GatewayURL, Management: c.admin.ManagementURL, Vault: c.admin.VaultURL, Ops: c.admin.OpsURL},
		Version: Version,
	}
	if svc := c.running(); svc != nil {
		d.Service.SKU = svc.SKU
	}
	return d
}

// diagnose compiles a document as a PUT of it would.
func (p *policies) diagnose(svc *apim.Service, scope policy.Scope, doc *apim.Policy) []source.Diagnostic {
	o := options(svc, scope, doc.Format)
	o.APIM = true
	_, diagnostics := p.compiler.Compile("policy", doc.Text, scope, o)
	return diagnostics
}

// verdicts judges a certificate as the gateway does, at any instant.
func (c *courts) verdicts(svc *apim.Service, leaf *cert.Certificate, sent []*cert.Certificate, at time.Time) (bare, full *chain.Result) {
	settings := svc.Settings()
	o := chain.Options{Sent: sent, Roots: chain.NewPool(c.roots(svc, settings)), Intermediates: chain.NewPool(svc.Intermediates), Strict: settings.Strict, Now: at}
	if settings.AIA {
		o.Issuers = c.checker
	}
	bare = chain.Build(leaf, o)
	o.Revocation = c.checker.With(serviceMode(settings))
	return bare, chain.Build(leaf, o)
}
