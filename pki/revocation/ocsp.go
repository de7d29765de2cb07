package revocation

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // responders know CertIDs with SHA-1, and .NET sends no other
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Object identifiers of OCSP (RFC 6960 section 4.2).
const (
	oidBasicResponse = "1.3.6.1.5.5.7.48.1.1"
	oidNonce         = "1.3.6.1.5.5.7.48.1.2"
	oidArchiveCutoff = "1.3.6.1.5.5.7.48.1.6"
	oidServiceURL    = "1.3.6.1.5.5.7.48.1.7"
	oidSHA1          = "1.3.14.3.2.26"
)

// CertID names a certificate to a responder (RFC 6960 section 4.1.1), with SHA-1 as .NET does.
type CertID struct {
	hash              string
	nameHash, keyHash []byte
	serial            []byte
}

// NewCertID is the name of subject under issuer.
func NewCertID(subject, issuer *chain.Info) CertID {
	name, key := sha1.Sum(subject.Cert.RawIssuer), sha1.Sum(issuer.Cert.KeyBits)
	return CertID{oidSHA1, name[:], key[:], subject.Cert.Serial}
}

func (id CertID) equal(other CertID) bool {
	return id.sameIssuer(other) && bytes.Equal(id.serial, other.serial)
}

func (id CertID) sameIssuer(other CertID) bool {
	return id.hash == other.hash && bytes.Equal(id.nameHash, other.nameHash) && bytes.Equal(id.keyHash, other.keyHash)
}

// Request is the DER of an OCSPRequest about one certificate, without a nonce and unsigned.
func (id CertID) Request() ([]byte, error) { return id.request(nil) }

// request is Request with a nonce, unless that is nil (RFC 9654 section 2.1).
func (id CertID) request(nonce []byte) ([]byte, error) {
	type certID struct {
		Hash struct {
			Algorithm  asn1.ObjectIdentifier
			Parameters asn1.RawValue
		}
		Name, Key []byte
		Serial    asn1.RawValue
	}
	type request struct{ ID certID }
	type body struct {
		List       []request
		Extensions []pkix.Extension `asn1:"optional,omitempty,explicit,tag:2"`
	}
	var one certID
	one.Hash.Algorithm = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	one.Hash.Parameters = asn1.NullRawValue
	one.Name, one.Key = id.nameHash, id.keyHash
	one.Serial = asn1.RawValue{Tag: asn1.TagInteger, Bytes: id.serial}
	b := body{List: []request{{one}}}
	if nonce != nil {
		value, err := asn1.Marshal(nonce)
		if err != nil {
			return nil, fmt.Errorf("OCSP request: %w", err)
		}
		b.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: value}}
	}
	raw, err := asn1.Marshal(struct{ TBS body }{b})
	if err != nil {
		return nil, fmt.Errorf("OCSP request: %w", err)
	}
	return raw, nil
}

// requestURL is the address of a GET (RFC 6960 appendix A.1).
func requestURL(base string, request []byte) string {
	return strings.TrimSuffix(base, "/") + "/" + url.QueryEscape(base64.StdEncoding.EncodeToString(request))
}

// Response is a successful basic OCSP response (RFC 6960 section 4.2.1).
type Response struct {
	tbs       []byte
	algorithm chain.Algorithm
	signature []byte
	certs     []*chain.Info
	byName    string
	byKey     []byte
	produced  listTime
	singles   []single
	// doubt is something that OpenSSL overlooks and that makes the response no proof.
	doubt string
	// nonce is the nonce of the response, nil if there is none.
	nonce []byte
	// source is the responder's address, origin how the answer was got. They are set before it is shared.
	source, origin string
	// proved says that its signature was found good once.
	proved atomic.Bool
}

// single is the answer about one certificate.
type single struct {
	id         CertID
	status     chain.Status
	thisUpdate listTime
	nextUpdate listTime
	hasNext    bool
}

// ParseResponse reads an OCSPResponse. One that does not say "successful" is an error.
// Octets after it are left unread, as OpenSSL leaves them.
func ParseResponse(data []byte) (*Response, error) {
	whole, err := der.NewReader(data).Read(der.Sequence, "OCSP response")
	if err != nil {
		return nil, err
	}
	r := der.NewReader(whole.Content)
	status, err := r.Read(der.Enumerated, "OCSP response: status")
	if err != nil {
		return nil, err
	}
	if len(status.Content) != 1 || status.Content[0] != 0 {
		return nil, fmt.Errorf("OCSP response: the responder answers with status %x", status.Content)
	}
	explicit, err := r.Read(der.ContextConstructed, "OCSP response: bytes")
	if err != nil {
		return nil, err
	}
	holder, err := der.One(explicit.Content, der.Sequence, "OCSP response: bytes")
	if err != nil {
		return nil, err
	}
	h := der.NewReader(holder.Content)
	id, err := h.Read(der.OID, "OCSP response: type")
	if err != nil {
		return nil, err
	}
	if oid, err := der.OIDText(id.Content); err != nil || oid != oidBasicResponse {
		return nil, errors.New("OCSP response: not a basic response")
	}
	octets, err := h.Read(der.OctetString, "OCSP response: body")
	if err != nil {
		return nil, err
	}
	p := &Response{}
	return p, p.parseBasic(octets.Content)
}

func (p *Response) parseBasic(data []byte) error {
	seq, err := der.One(data, der.Sequence, "OCSP response: body")
	if err != nil {
		return err
	}
	r := der.NewReader(seq.Content)
	tbs, err := r.Read(der.Sequence, "OCSP response: data")
	if err != nil {
		return err
	}
	algorithm, err := r.Read(der.Sequence, "OCSP response: algorithm")
	if err != nil {
		return err
	}
	bits, err := r.Read(der.BitString, "OCSP response: signature")
	if err != nil {
		return err
	}
	p.tbs, p.algorithm = tbs.Full, chain.ReadAlgorithm(algorithm.Full)
	if p.signature, err = wholeOctets(bits.Content); err != nil {
		return fmt.Errorf("OCSP response: signature: %w", err)
	}
	certs, ok, err := r.Optional(der.ContextConstructed, "OCSP response: certificates")
	if err != nil {
		return err
	}
	if ok {
		if err := p.parseCerts(certs.Content); err != nil {
			return err
		}
	}
	if err := r.End("OCSP response: body"); err != nil {
		return err
	}
	return p.parseData(tbs.Content)
}

// maxResponseCerts bounds the certificates of a response that are looked at.
const maxResponseCerts = 16

func (p *Response) parseCerts(content []byte) error {
	list, err := der.One(content, der.Sequence, "OCSP response: certificates")
	if err != nil {
		return err
	}
	for r := der.NewReader(list.Content); !r.Empty() && len(p.certs) < maxResponseCerts; {
		e, err := r.Read(der.Sequence, "OCSP response: certificate")
		if err != nil {
			return err
		}
		c, err := cert.Parse(e.Full)
		if err != nil {
			return fmt.Errorf("OCSP response: certificate: %w", err)
		}
		p.certs = append(p.certs, chain.NewInfo(c))
	}
	return nil
}

func (p *Response) parseData(content []byte) error {
	r := der.NewReader(content)
	if _, _, err := r.Optional(der.ContextConstructed, "OCSP response: version"); err != nil {
		return err
	}
	if err := p.parseResponder(r); err != nil {
		return err
	}
	produced, err := r.Read(der.GeneralizedTime, "OCSP response: producedAt")
	if err != nil {
		return err
	}
	p.produced = readTime(produced)
	list, err := r.Read(der.Sequence, "OCSP response: answers")
	if err != nil {
		return err
	}
	for l := der.NewReader(list.Content); !l.Empty(); {
		e, err := l.Read(der.Sequence, "OCSP response: answer")
		if err != nil {
			return err
		}
		s, err := p.parseSingle(e.Content)
		if err != nil {
			return err
		}
		p.singles = append(p.singles, s)
	}
	extensions, ok, err := r.Optional(der.ContextConstructed+1, "OCSP response: extensions")
	if err != nil {
		return err
	}
	if ok {
		if err := p.judgeExtensions(extensions.Content); err != nil {
			return err
		}
	}
	return r.End("OCSP response: data")
}

func (p *Response) parseResponder(r *der.Reader) error {
	e, err := r.Next()
	if err != nil {
		return fmt.Errorf("OCSP response: responder: %w", err)
	}
	switch e.ID {
	case der.ContextConstructed + 1:
		if _, err := dn.Parse(e.Content); err != nil {
			return fmt.Errorf("OCSP response: responder: %w", err)
		}
		p.byName = chain.CanonicalName(e.Content)
		return nil
	case der.ContextConstructed + 2:
		key, err := der.One(e.Content, der.OctetString, "OCSP response: responder")
		p.byKey = append([]byte{}, key.Content...)
		return err
	}
	return errors.New("OCSP response: malformed responder")
}

func (p *Response) parseSingle(content []byte) (s single, err error) {
	r := der.NewReader(content)
	id, err := r.Read(der.Sequence, "OCSP response: certificate id")
	if err != nil {
		return s, err
	}
	if s.id, err = readCertID(id.Content); err != nil {
		return s, err
	}
	status, err := r.Next()
	if err != nil {
		return s, fmt.Errorf("OCSP response: status: %w", err)
	}
	switch status.ID {
	case der.Context:
		s.status = chain.StatusGood
	case der.ContextConstructed + 1:
		s.status = chain.StatusRevoked
	case der.Context + 2:
	default:
		return s, errors.New("OCSP response: malformed status")
	}
	this, err := r.Read(der.GeneralizedTime, "OCSP response: thisUpdate")
	if err != nil {
		return s, err
	}
	s.thisUpdate = readTime(this)
	next, ok, err := r.Optional(der.ContextConstructed, "OCSP response: nextUpdate")
	if err != nil {
		return s, err
	}
	if ok {
		e, err := der.One(next.Content, der.GeneralizedTime, "OCSP response: nextUpdate")
		if err != nil {
			return s, err
		}
		s.nextUpdate, s.hasNext = readTime(e), true
	}
	extensions, ok, err := r.Optional(der.ContextConstructed+1, "OCSP response: extensions")
	if err != nil {
		return s, err
	}
	if ok {
		if err := p.judgeExtensions(extensions.Content); err != nil {
			return s, err
		}
	}
	return s, r.End("OCSP response: answer")
}

func readCertID(content []byte) (id CertID, err error) {
	parts, err := der.All(content)
	if err != nil || len(parts) != 4 || parts[0].ID != der.Sequence || parts[1].ID != der.OctetString ||
		parts[2].ID != der.OctetString || parts[3].ID != der.Integer {
		return id, errors.New("OCSP response: malformed certificate id")
	}
	oid, err := der.NewReader(parts[0].Content).Read(der.OID, "OCSP response: digest")
	if err != nil {
		return id, err
	}
	if id.hash, err = der.OIDText(oid.Content); err != nil {
		return id, err
	}
	id.nameHash, id.keyHash, id.serial = parts[1].Content, parts[2].Content, parts[3].Content
	return id, strictInteger(id.serial)
}

// skew is how far another clock may be ahead.
const skew = 5 * time.Minute

// answer is what the response says of one certificate. Expired answers still revoke; nothing
// but a sound answer of the present says good.
func (p *Response) answer(id CertID, j judgement) (status chain.Status, detail string, until time.Time) {
	var first *single
	now := j.now
	for n := range p.singles {
		s := &p.singles[n]
		if !s.id.equal(id) {
			continue
		}
		if s.status == chain.StatusRevoked {
			return chain.StatusRevoked, "the responder says revoked", s.until(now)
		}
		if first == nil {
			first = s
		}
	}
	latest := now.Add(skew).Unix()
	switch {
	case first == nil:
		return chain.StatusUnknown, "the responder answers about other certificates", time.Time{}
	case first.status != chain.StatusGood:
		return chain.StatusUnknown, "the responder does not know the certificate", time.Time{}
	case first.hasNext && (first.nextUpdate.bad || first.nextUpdate.at <= now.Add(-j.grace).Unix()):
		return chain.StatusUnknown, "the answer is expired", time.Time{}
	case j.lax && p.nonce != nil:
		return chain.StatusUnknown, "the answer has a nonce that nobody sent", time.Time{}
	case j.lax:
	case first.thisUpdate.bad || first.thisUpdate.at > latest:
		return chain.StatusUnknown, "the answer is not valid yet", time.Time{}
	case p.produced.bad || p.produced.at > latest || p.produced.at < first.thisUpdate.at-int64(skew/time.Second):
		return chain.StatusUnknown, "the answer's times do not fit", time.Time{}
	case p.doubt != "":
		return chain.StatusUnknown, "the answer is not understood: " + p.doubt, time.Time{}
	case p.algorithm.SHA1() || p.algorithm.Weak():
		return chain.StatusUnknown, "the answer's signature is too weak", time.Time{}
	}
	return chain.StatusGood, "the responder says good", first.until(now)
}

// until is when the answer has to be asked for again.
func (s *single) until(now time.Time) time.Time {
	if s.hasNext && !s.nextUpdate.bad && s.nextUpdate.at > now.Unix() {
		return time.Unix(s.nextUpdate.at, 0)
	}
	return now.Add(withoutNextUpdate)
}

// judgeExtensions notes critical extensions that are not understood; OpenSSL overlooks them.
func (p *Response) judgeExtensions(content []byte) error {
	list, err := der.One(content, der.Sequence, "OCSP response: extensions")
	if err != nil {
		return err
	}
	for r := der.NewReader(list.Content); !r.Empty(); {
		oid, critical, value, err := readExtension(r)
		if err != nil {
			return fmt.Errorf("OCSP response: %w", err)
		}
		if oid == oidNonce {
			p.nonce = readNonce(value)
		}
		known := oid == oidNonce || oid == oidArchiveCutoff || oid == oidServiceURL
		if critical && !known && p.doubt == "" {
			p.doubt = "critical extension " + oid
		}
	}
	return nil
}

// readNonce is the content of a nonce, or what stands in its place in responders that do not wrap it.
func readNonce(value []byte) []byte {
	if e, err := der.One(value, der.OctetString, "nonce"); err == nil {
		return e.Content
	}
	return value
}

// signer is who answered, as OpenSSL finds it: among the certificates of the path above the
// subject, the root first, then among those of the response.
func (p *Response) signer(above []*chain.Info) (signer *chain.Info, delegated bool) {
	for n := len(above) - 1; n >= 0; n-- {
		if p.isResponder(above[n]) {
			return above[n], false
		}
	}
	for _, c := range p.certs {
		if p.isResponder(c) {
			return c, true
		}
	}
	return nil, false
}

func (p *Response) isResponder(c *chain.Info) bool {
	if p.byKey == nil {
		return c.Subject == p.byName
	}
	sum := sha1.Sum(c.Cert.KeyBits)
	return bytes.Equal(p.byKey, sum[:])
}

// authorize finds the response's signer and checks that it may speak for issuer and that it signed.
// delegate is the certificate of a responder that the issuer named, nil if it is the issuer itself. As .NET does, lax
// takes any certificate above the subject for one that may speak.
func (p *Response) authorize(above []*chain.Info, now time.Time, lax bool) (delegate *chain.Info, err error) {
	issuer := above[0]
	signer, delegated := p.signer(above)
	switch {
	case signer == nil:
		return nil, errors.New("the responder's certificate is not there")
	case !delegated && !lax && !signer.SameKey(issuer):
		return nil, fmt.Errorf("the answer is signed by %q, which is not the issuer", signer.Name())
	case delegated:
		if err := p.authorizeDelegate(signer, above, now); err != nil {
			return nil, err
		}
		delegate = signer
	}
	if !p.algorithm.Verify(signer, p.tbs, p.signature) {
		return nil, errors.New("the answer's signature is wrong")
	}
	return delegate, nil
}

// authorizeDelegate checks RFC 6960 section 4.2.2.2: the issuer itself has issued the responder's
// certificate, for OCSP signing, and the certificate is good in every respect but revocation.
func (p *Response) authorizeDelegate(signer *chain.Info, above []*chain.Info, now time.Time) error {
	if len(p.singles) == 0 {
		return errors.New("the response answers nothing")
	}
	if !signer.OCSPSigning {
		return errors.New("the responder's certificate is not for OCSP signing")
	}
	if !signer.LikelyIssuedBy(above[0]) {
		return errors.New("the responder's certificate is not of the issuer")
	}
	path := append([]*chain.Info{signer}, above...)
	if reason, detail := chain.CheckPath(path, now); reason != chain.ReasonNone {
		return fmt.Errorf("the responder's certificate: %s %s", reason, detail)
	}
	for _, s := range p.singles[1:] {
		if s.id.hash == p.singles[0].id.hash && !s.id.sameIssuer(p.singles[0].id) {
			return errors.New("the answers are about certificates of several issuers")
		}
	}
	return nil
}
