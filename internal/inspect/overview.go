package inspect

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/pki/cert"
)

// Bounds of the overview.
const (
	maxRecent   = 50
	maxExpiring = 200
)

// Address is where one part of this Postern is reached.
type Address struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// The kinds of things that expire.
const (
	ExpiringClient = "client"
	ExpiringCA     = "ca"
	ExpiringServer = "server"
	ExpiringVault  = "vault"
	ExpiringCRL    = "crl"
)

// Expiring is something that ends at a time.
type Expiring struct {
	// Kind is one of the kinds above; ID is the ARM or vault id of what holds it.
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Name is what people call it.
	Name       string    `json:"name"`
	Subject    string    `json:"subject"`
	Thumbprint string    `json:"thumbprint"`
	NotAfter   time.Time `json:"notAfter"`
	// DaysLeft are whole days, less than zero for what has expired; the server sets it.
	DaysLeft int `json:"daysLeft"`
	// InUse tells whether something depends on it.
	InUse bool `json:"inUse"`
}

// NewExpiring is a certificate that expires.
func NewExpiring(kind, id, name string, c *cert.Certificate, inUse bool) Expiring {
	return Expiring{Kind: kind, ID: id, Name: name, Subject: c.SubjectName(), Thumbprint: c.Thumbprint(), NotAfter: c.NotAfter.UTC(), InUse: inUse}
}

// overview answers GET /postern/v1/overview.
func (s *Server) overview(_ http.ResponseWriter, r *http.Request) (any, error) {
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	addresses := []Address{}
	gateway := ""
	if s.Addresses != nil {
		addresses = s.Addresses()
	}
	for _, a := range addresses {
		if a.Name == "gateway" {
			gateway = a.URL
		}
	}
	return map[string]any{
		"service": map[string]any{
			"id": s.ID.String(), "name": svc.Name, "subscriptionId": s.ID.Subscription, "resourceGroup": s.ID.Group, "sku": svc.SKU,
			"location": svc.Location, "gatewayUrl": gateway, "enableClientCertificate": svc.EnableClientCertificate,
			"apis": len(svc.APIs), "certificates": len(svc.Certificates), "hostnames": len(svc.Hostnames),
		},
		"addresses": addresses, "expiring": s.expiring(r.Context(), svc), "refusals": s.refusals(),
	}, nil
}

// refusals are the counts and the newest refusals.
func (s *Server) refusals() map[string]any {
	if s.Recorder == nil {
		return map[string]any{"since": s.Now().UTC(), "total": 0, "byReason": []reasonCount{}, "recent": []*decisionView{}}
	}
	byReason, total := s.Recorder.counts()
	recent := []*decisionView{}
	for _, d := range s.Recorder.recent(maxRecent) {
		recent = append(recent, d.view())
	}
	return map[string]any{"since": s.Recorder.since.UTC(), "total": total, "byReason": byReason, "recent": recent}
}

// decision answers GET /postern/v1/requests/{requestId}.
func (s *Server) decision(_ http.ResponseWriter, r *http.Request) (any, error) {
	id := r.PathValue("requestId")
	if s.Recorder != nil {
		if d := s.Recorder.find(id); d != nil {
			return d.view(), nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no refusal of request %q among the last %d.", id, KeptDecisions)
}

// expiring are those of AllExpiring that the overview shows.
func (s *Server) expiring(ctx context.Context, svc *apim.Service) []Expiring {
	list := s.AllExpiring(ctx, svc, caller(ctx))
	return list[:min(len(list), maxExpiring)]
}

// AllExpiring are the certificates of the service and of what else Options.Expiring shows the principal, the next to
// expire first.
func (s *Server) AllExpiring(ctx context.Context, svc *apim.Service, p *identity.Principal) []Expiring {
	list := s.serviceExpiring(svc)
	if s.Expiring != nil {
		list = append(list, s.Expiring(ctx, p)...)
	}
	slices.SortStableFunc(list, func(a, b Expiring) int { return a.NotAfter.Compare(b.NotAfter) })
	now, objects := s.Now(), map[string]bool{}
	if slices.ContainsFunc(list, func(x Expiring) bool { return x.Kind == ExpiringVault }) {
		objects = s.objectsInUse(ctx)
	}
	for i := range list {
		if list[i].Kind == ExpiringVault {
			list[i].InUse = objects[objectID(list[i].ID)]
		}
		list[i].DaysLeft = int(math.Floor(list[i].NotAfter.Sub(now).Hours() / 24))
	}
	return list
}

// serviceExpiring are the certificates that the service's resources hold.
func (s *Server) serviceExpiring(svc *apim.Service) []Expiring {
	list := []Expiring{}
	used := newUsage(svc, documents(svc, s.ID))
	for i := range svc.Certificates {
		if e := &svc.Certificates[i]; e.Identity != nil {
			list = append(list, NewExpiring(ExpiringClient, s.ID.Of("certificates", e.ID).String(), e.ID, e.Identity.Certificate, used.has(e)))
		}
	}
	for _, store := range []struct {
		name  string
		certs []*cert.Certificate
	}{{"Root", svc.Roots}, {"CertificateAuthority", svc.Intermediates}} {
		for _, c := range store.certs {
			list = append(list, NewExpiring(ExpiringCA, s.ID.String(), store.name, c, true))
		}
	}
	for i := range svc.Hostnames {
		if h := &svc.Hostnames[i]; h.Identity != nil {
			list = append(list, NewExpiring(ExpiringServer, s.ID.String(), h.Name, h.Identity.Certificate, true))
		}
	}
	return list
}

// lower is a text for comparison without case.
func lower(s string) string { return strings.ToLower(s) }
