package arm

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/verify"
)

// reportProperty is where the answers carry what there is to know of a certificate: an extension of ours, made anew for
// each answer, so that it is true when it is read. What a client sends there is dropped.
const reportProperty = "report"

// maxServiceFindings bounds the findings about entities in the answer of the service.
const maxServiceFindings = 100

// reports remembers what was found out about certificate entities, so that a list of thousands costs little to show.
type reports struct {
	mu   sync.Mutex
	kept map[string]keptReport
	// service is the key and revision that authorities and digest are of.
	service     string
	authorities *verify.Authorities
	digest      [sha256.Size]byte
}

// keptReport is what was found out about the entity at one revision, with one set of CA certificates.
type keptReport struct {
	revision    int64
	authorities [sha256.Size]byte
	thumbprint  string
	findings    []verify.Finding
	until       time.Time
}

// maxKeptReports bounds the memory; beyond it all is found out anew.
const maxKeptReports = 100_000

// authoritiesOf are the CA certificates of the stored service, with a digest of them.
func authoritiesOf(r *resource.Resource) (*verify.Authorities, [sha256.Size]byte, error) {
	var list []verify.Authority
	h := sha256.New()
	for i, ca := range r.Objects("certificates") {
		c, err := cert.Parse(r.Hidden.Identities[fmt.Sprintf("ca/%d", i)].Certificate)
		if err != nil {
			return nil, [sha256.Size]byte{}, err
		}
		name, _ := ca["storeName"].(string)
		list = append(list, verify.Authority{Certificate: c, Root: name == "Root"})
		fmt.Fprintf(h, "%t %x;", name == "Root", c.SHA256)
	}
	return verify.NewAuthorities(list), [sha256.Size]byte(h.Sum(nil)), nil
}

// authorities are authoritiesOf, remembered until the stored service changes.
func (s *Server) authorities(service *resource.Resource) (*verify.Authorities, [sha256.Size]byte, error) {
	version := fmt.Sprintf("%s %d", service.ID.Key(), service.Revision)
	s.reports.mu.Lock()
	known, digest, same := s.reports.authorities, s.reports.digest, s.reports.service == version
	s.reports.mu.Unlock()
	if same {
		return known, digest, nil
	}
	known, digest, err := authoritiesOf(service)
	if err != nil {
		return nil, digest, err
	}
	s.reports.mu.Lock()
	defer s.reports.mu.Unlock()
	s.reports.service, s.reports.authorities, s.reports.digest = version, known, digest
	return known, digest, nil
}

// entity is the report of the certificate entity with that key and revision, its certificate's thumbprint with it. load is
// called where it is not remembered.
func (s *Server) entity(key string, revision int64, load func() (*resource.Resource, error), authorities *verify.Authorities, digest [sha256.Size]byte) (keptReport, error) {
	now := time.Now()
	s.reports.mu.Lock()
	kept, ok := s.reports.kept[key]
	s.reports.mu.Unlock()
	if ok && kept.revision == revision && kept.authorities == digest && now.Before(kept.until) {
		return kept, nil
	}
	r, err := load()
	if err != nil {
		return keptReport{}, err
	}
	kept = keptReport{revision: revision, authorities: digest, until: now.Add(time.Hour)}
	// An entity whose certificate has not been fetched yet has nothing to report on.
	if stored := r.Hidden.Identities[""]; len(stored.Certificate) > 0 {
		leaf, sent, err := parsedIdentity(stored)
		if err != nil {
			return keptReport{}, err
		}
		kept.thumbprint = leaf.Thumbprint()
		kept.findings, kept.until = authorities.ReportClient(leaf, sent, now)
	}
	s.reports.mu.Lock()
	defer s.reports.mu.Unlock()
	if s.reports.kept == nil || len(s.reports.kept) >= maxKeptReports {
		s.reports.kept = map[string]keptReport{}
	}
	s.reports.kept[key] = kept
	return kept, nil
}

// parsedIdentity reads a stored certificate with those beside it.
func parsedIdentity(stored resource.Identity) (leaf *cert.Certificate, sent []*cert.Certificate, err error) {
	if leaf, err = cert.Parse(stored.Certificate); err != nil {
		return nil, nil, err
	}
	for _, der := range stored.Chain {
		c, err := cert.Parse(der)
		if err != nil {
			return nil, nil, err
		}
		sent = append(sent, c)
	}
	return leaf, sent, nil
}

// viewCertificate shows a certificate entity with its report.
func viewCertificate(s *Server, q *request, r *resource.Resource) (map[string]any, error) {
	service, err := s.fetch(q.Context(), r.ID.Parent())
	if err != nil || service == nil {
		return envelope(r, r.Properties), err
	}
	authorities, digest, err := s.authorities(service)
	if err != nil {
		return nil, err
	}
	kept, err := s.entity(r.ID.Key(), r.Revision, func() (*resource.Resource, error) { return r, nil }, authorities, digest)
	if err != nil {
		return nil, err
	}
	p := maps.Clone(r.Properties)
	p[reportProperty] = shownFindings(kept.findings)
	p, err = s.viewKeyVault(q.Context(), r, p)
	return envelope(r, p), err
}

// shownFindings is a list of findings as JSON has it: never null.
func shownFindings(list []verify.Finding) []verify.Finding {
	if list == nil {
		return []verify.Finding{}
	}
	return list
}

// reportAuthorities says of each CA certificate of the stored service what there is to know.
func reportAuthorities(r *resource.Resource) ([][]verify.Finding, error) {
	authorities, _, err := authoritiesOf(r)
	if err != nil {
		return nil, err
	}
	return authorities.Report(time.Now()), nil
}

// serviceFinding is a finding about one of the service's entities.
type serviceFinding struct {
	verify.Finding
	// Target is the entity's path below the service.
	Target string `json:"target"`
}

// reportService is the report of the service as a whole: which certificate entities chain to no installed CA certificate,
// which are out of date, and which hold the same certificate. It shows at most maxServiceFindings.
func (s *Server) reportService(q *request, r *resource.Resource) ([]serviceFinding, error) {
	list := []serviceFinding{}
	if q == nil { // a list of services
		return list, nil
	}
	authorities, digest, err := s.authorities(r)
	if err != nil {
		return nil, err
	}
	prefix := r.ID.Key() + "/certificates/"
	entries, _, err := s.Store.List(q.Context(), prefix)
	if err != nil {
		return nil, err
	}
	first, more := map[string]string{}, 0
	note := func(name string, f verify.Finding) {
		if len(list) >= maxServiceFindings {
			more++
			return
		}
		f.Message = fmt.Sprintf("Certificate entity '%s': %s", name, f.Message)
		list = append(list, serviceFinding{f, "certificates/" + name})
	}
	for _, e := range entries {
		name := e.Key[len(prefix):]
		if strings.Contains(name, "/") {
			continue
		}
		kept, err := s.entity(e.Key, e.ModRevision, func() (*resource.Resource, error) { return resource.Decode(e) }, authorities, digest)
		if err != nil {
			return nil, err
		}
		for _, f := range kept.findings {
			if f.Code == verify.FindingNoPath || f.Code == verify.FindingBrokenChain || f.Code == verify.FindingExpired || f.Code == verify.FindingExpiresSoon {
				note(name, f)
			}
		}
		if other := first[kept.thumbprint]; other != "" {
			note(name, verify.Finding{Code: verify.FindingDuplicate, Severity: verify.SeverityInfo, Message: fmt.Sprintf("It holds the same certificate as '%s'.", other)})
		} else if kept.thumbprint != "" {
			first[kept.thumbprint] = name
		}
	}
	if more > 0 {
		list = append(list, serviceFinding{verify.Finding{Code: "more", Severity: verify.SeverityInfo, Message: fmt.Sprintf("There are %d more findings about certificate entities; each entity has its own.", more)}, "certificates"})
	}
	return list, nil
}

// remarkReport says in the answer's remarks what was found about certificates that this change brings.
func (c *change) remarkReport(target string, list []verify.Finding) {
	for _, f := range list {
		c.remarks = append(c.remarks, headerText(fmt.Sprintf("%s: %s (%s)", target, f.Message, f.Code)))
	}
}

// headerText keeps a text fit for a header field: printable ASCII.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// remarkCertificate reports on the certificate of the changed entity. It refuses nothing.
func (c *change) remarkCertificate() error {
	service, err := c.s.fetch(c.ctx, c.q.id.Parent())
	if err != nil || service == nil {
		return err
	}
	authorities, _, err := c.s.authorities(service)
	if err != nil {
		return err
	}
	leaf, sent, err := parsedIdentity(c.next.Hidden.Identities[""])
	if err != nil {
		return err
	}
	list, _ := authorities.ReportClient(leaf, sent, time.Now())
	c.remarkReport("The certificate", list)
	return nil
}

// remarkAuthorities reports on the CA certificates that the change brings anew.
func (c *change) remarkAuthorities() error {
	reported, err := reportAuthorities(c.next)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for slot, i := range c.old.Hidden.Identities {
		if strings.HasPrefix(slot, "ca/") {
			known[string(i.Certificate)] = true
		}
	}
	for i, list := range reported {
		if !known[string(c.next.Hidden.Identities[fmt.Sprintf("ca/%d", i)].Certificate)] {
			c.remarkReport(fmt.Sprintf("certificates[%d]", i), list)
		}
	}
	return nil
}
