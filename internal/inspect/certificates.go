package inspect

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"encoding/hex"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/pfx"
)

// certificateView is a certificate as `postern cert show --json` prints it, and its SHA-256 thumbprint.
type certificateView struct {
	cert.View
	ThumbprintSHA256 string `json:"thumbprintSha256"`
}

func newCertificateView(c *cert.Certificate, hasKey bool) certificateView {
	return certificateView{cert.NewView(c, hasKey), strings.ToUpper(hex.EncodeToString(c.SHA256[:]))}
}

// verdict is what Verify() says of a certificate, and why.
type verdict struct {
	OK          bool              `json:"ok"`
	Status      []chain.Flag      `json:"status"`
	Explanation chain.Explanation `json:"explanation"`
}

func newVerdict(r *chain.Result) verdict {
	v := verdict{r.Verdict, r.Status, r.Explanation}
	if v.Status == nil {
		v.Status = []chain.Flag{}
	}
	return v
}

// revocationState is what is known of the revocation of one certificate, by one list or responder.
type revocationState struct {
	Subject    string    `json:"subject"`
	Thumbprint string    `json:"thumbprint"`
	Kind       string    `json:"kind"`
	Source     string    `json:"source"`
	Number     string    `json:"number,omitempty"`
	ThisUpdate time.Time `json:"thisUpdate,omitzero"`
	NextUpdate time.Time `json:"nextUpdate,omitzero"`
	Status     string    `json:"status"`
	Detail     string    `json:"detail"`
}

// inspection is the answer about a certificate.
type inspection struct {
	Certificates       []certificateView `json:"certificates"`
	Leaf               int               `json:"leaf"`
	Verify             verdict           `json:"verify"`
	VerifyNoRevocation verdict           `json:"verifyNoRevocation"`
	Revocation         []revocationState `json:"revocation"`
	Admits             admission         `json:"admits"`
}

// maxExtra bounds the certificates that come beside the one inspected.
const maxExtra = 50

// inspectCertificate answers POST /postern/v1/certificates/inspect.
func (s *Server) inspectCertificate(w http.ResponseWriter, r *http.Request) (any, error) {
	var q struct {
		Data        string
		Password    *string
		Extra       []string
		At          time.Time
		ClientCheck *bool
	}
	if err := reply.Read(w, r, 2*maxBody, &q); err != nil {
		return nil, err
	}
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	identity, err := readIdentity(q.Data, q.Password)
	if err != nil {
		return nil, err
	}
	sent, err := readExtra(q.Extra)
	if err != nil {
		return nil, err
	}
	sent = append(append([]*cert.Certificate(nil), identity.Chain...), sent...)
	at := q.At
	if at.IsZero() {
		at = s.Now()
	}
	bare, full := s.Verdicts(svc, identity.Certificate, sent, at)
	out := inspection{
		Certificates: []certificateView{newCertificateView(identity.Certificate, identity.Key != nil)},
		Verify:       newVerdict(full), VerifyNoRevocation: newVerdict(bare), Revocation: revocationStates(full, identity.Certificate),
		Admits: admission{Hostnames: []hostnameAdmission{}, Policies: []policyAdmission{}},
	}
	for _, c := range sent {
		out.Certificates = append(out.Certificates, newCertificateView(c, false))
	}
	if q.ClientCheck == nil || *q.ClientCheck {
		out.Admits = s.admits(r.Context(), svc, &message.Peer{Leaf: identity.Certificate, Sent: sent})
	}
	return out, nil
}

// readIdentity reads PEM text, or base64 of DER or PKCS#12.
func readIdentity(data string, password *string) (*cert.Identity, error) {
	raw, err := fileBytes(data)
	if err != nil {
		return nil, targeted("data", "The data is neither PEM text nor base64: %s.", err)
	}
	load := pfx.Load
	if strings.Contains(data, "PRIVATE KEY-----") {
		load = pfx.LoadPEM
	}
	identity, err := load(raw, password)
	switch {
	case err == nil:
		return identity, nil
	case errors.Is(err, pfx.ErrPassword):
		return nil, targeted("password", "The password is wrong, or the file is damaged.")
	}
	return nil, targeted("data", "The certificate could not be read: %s", oneLine(err))
}

// readExtra reads certificates that stand beside the one inspected.
func readExtra(list []string) ([]*cert.Certificate, error) {
	var out []*cert.Certificate
	for _, text := range list {
		identity, err := readIdentity(text, nil)
		if err != nil {
			return nil, targeted("extra", "One of the other certificates could not be read: %s", err)
		}
		out = append(append(out, identity.Certificate), identity.Chain...)
	}
	if len(out) > maxExtra {
		return nil, targeted("extra", "There are %d other certificates; at most %d are taken.", len(out), maxExtra)
	}
	return out, nil
}

// fileBytes are the bytes of a file that came as text: PEM as it is, anything else in base64.
func fileBytes(text string) ([]byte, error) {
	if strings.Contains(text, "-----BEGIN") {
		return []byte(text), nil
	}
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// targeted is an input that is wrong in one member.
func targeted(target, format string, args ...any) error {
	e := fault.New(fault.Invalid, format, args...)
	e.Target = target
	return e
}

// oneLine is an error's text in one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", ": ") }

// revocationStates are the states of the certificates of the path that was judged, the root left out: a line for each list
// or answer. Where revocation was not asked, because the path ends in no trusted root, each is unknown.
func revocationStates(full *chain.Result, leaf *cert.Certificate) []revocationState {
	out := []revocationState{}
	reports := reportsOf(full)
	list := full.Chain
	if len(list) == 0 {
		list = []*cert.Certificate{leaf}
	}
	for n, c := range list {
		state := revocationState{Subject: c.SubjectName(), Thumbprint: c.Thumbprint(), Kind: "none", Status: chain.StatusUnknown.String()}
		if n >= len(reports) {
			if n == len(list)-1 && n > 0 {
				break // the root
			}
			state.Source, state.Detail = address(c), "Revocation was not asked: the path ends in no trusted root."
			if full.Verdict {
				state.Detail = "A root is its own issuer: nobody is asked whether it was revoked."
			}
			out = append(out, state)
			continue
		}
		state.Status, state.Detail = reports[n].Status, reports[n].Detail
		if len(reports[n].Evidence) == 0 {
			state.Source = address(c)
			if reports[n].Status != chain.StatusUnknown.String() {
				state.Kind = chain.EvidenceCRL
			}
			out = append(out, state)
		}
		for _, e := range reports[n].Evidence {
			x := state
			x.Kind, x.Source, x.Number, x.ThisUpdate, x.NextUpdate = e.Kind, e.Address, e.Number, e.ThisUpdate, e.NextUpdate
			if e.Address == "" {
				x.Kind = "local"
			}
			out = append(out, x)
		}
	}
	return out
}

// reportsOf is what was found out about the path that the verdict is about: the last that was tried where it is good, else
// the first.
func reportsOf(full *chain.Result) []chain.RevocationReport {
	paths := full.Explanation.Paths
	switch {
	case len(paths) == 0:
		return nil
	case full.Verdict:
		return paths[len(paths)-1].Revocation
	}
	return paths[0].Revocation
}

// address is where a certificate says that its revocation is told.
func address(c *cert.Certificate) string {
	i := chain.NewInfo(c)
	if i.CRLURL != "" {
		return i.CRLURL
	}
	return i.OCSPURL
}
