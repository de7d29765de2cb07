package inspect

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// publicPart is what the management API does not show of a stored certificate, and everyone may know.
type publicPart struct {
	Subject          string    `json:"subject"`
	Issuer           string    `json:"issuer"`
	Thumbprint       string    `json:"thumbprint"`
	ThumbprintSHA256 string    `json:"thumbprintSha256"`
	NotBefore        time.Time `json:"notBefore"`
	NotAfter         time.Time `json:"notAfter"`
	// PEM is the certificate, and after it those that were stored with it.
	PEM string `json:"pem"`
}

func publicPartOf(c *cert.Certificate, more ...*cert.Certificate) publicPart {
	var text strings.Builder
	for _, x := range append([]*cert.Certificate{c}, more...) {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: x.Raw}))
	}
	return publicPart{
		Subject: c.SubjectName(), Issuer: c.IssuerName(), Thumbprint: c.Thumbprint(), ThumbprintSHA256: fmt.Sprintf("%X", c.SHA256),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), PEM: text.String(),
	}
}

// storedCertificate is a certificate entity.
type storedCertificate struct {
	ID string `json:"id"`
	publicPart
	HasPrivateKey bool `json:"hasPrivateKey"`
	// Uses counts the places of policies that depend on it; absent in services with more than maxCounted certificates.
	Uses *int `json:"uses,omitempty"`
}

// maxCounted bounds the certificates whose uses are counted for the list: every document is searched for each.
const maxCounted = 1000

// storedCertificates answers GET /postern/v1/certificates: the certificate entities that the gateway has.
func (s *Server) storedCertificates(http.ResponseWriter, *http.Request) (any, error) {
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	used := newUsage(svc, documents(svc, s.ID))
	list := []storedCertificate{}
	for i := range svc.Certificates {
		e := &svc.Certificates[i]
		if e.Identity == nil {
			continue
		}
		shown := storedCertificate{
			ID:         s.ID.Of("certificates", e.ID).String(),
			publicPart: publicPartOf(e.Identity.Certificate, e.Identity.Chain...), HasPrivateKey: e.Identity.Key != nil,
		}
		if len(svc.Certificates) <= maxCounted {
			n := 0
			if used.has(e) {
				n = len(s.usesInPolicies(svc, func(text string) []mention { return certificateUses(svc, text, e) }))
			}
			shown.Uses = &n
		}
		list = append(list, shown)
	}
	return map[string]any{"certificates": list}, nil
}

// storedAuthority is a CA certificate of the service.
type storedAuthority struct {
	// Index is its place in properties.certificates of the service.
	Index     int    `json:"index"`
	StoreName string `json:"storeName"`
	publicPart
	// Parent is the index of the one that likely issued it; null for a root, and where that one is not there.
	Parent *int `json:"parent"`
}

// storedAuthorities answers GET /postern/v1/authorities: the CA certificates of the service, as a forest.
func (s *Server) storedAuthorities(_ http.ResponseWriter, r *http.Request) (any, error) {
	service, err := s.serviceResource(r)
	if err != nil {
		return nil, err
	}
	list := []storedAuthority{}
	var infos []*chain.Info
	for i, ca := range service.Objects("certificates") {
		c, err := cert.Parse(service.Hidden.Identities[fmt.Sprintf("ca/%d", i)].Certificate)
		if err != nil {
			return nil, fmt.Errorf("CA certificate %d of the service: %w", i, err)
		}
		name, _ := ca["storeName"].(string)
		list = append(list, storedAuthority{Index: i, StoreName: name, publicPart: publicPartOf(c)})
		infos = append(infos, chain.NewInfo(c))
	}
	for i := range list {
		list[i].Parent = parentOf(infos, i)
	}
	return map[string]any{"authorities": list}, nil
}

// parentOf is the index of the first that likely issued the certificate at i, nil for one that names itself as its issuer.
func parentOf(infos []*chain.Info, i int) *int {
	if infos[i].LikelyIssuedBy(infos[i]) {
		return nil
	}
	for j := range infos {
		if j != i && infos[i].LikelyIssuedBy(infos[j]) {
			return &j
		}
	}
	return nil
}

// serviceResource is the service as it is stored; an empty one where nothing is stored.
func (s *Server) serviceResource(r *http.Request) (*resource.Resource, error) {
	if s.Resources == nil {
		return &resource.Resource{}, nil
	}
	all, err := s.Resources(r.Context())
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if strings.EqualFold(x.ID.String(), s.ID.String()) {
			return x, nil
		}
	}
	return &resource.Resource{}, nil
}
