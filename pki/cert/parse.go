package cert

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// MaxSize bounds the DER of one certificate in bytes.
const MaxSize = 1 << 20

// Parse reads the DER of one certificate. Bytes after it are ignored, as .NET ignores them.
// The error tells which part of the certificate is malformed.
func Parse(raw []byte) (*Certificate, error) {
	outer, err := der.NewReader(raw).Read(der.Sequence, "certificate")
	if err != nil {
		return nil, err
	}
	if len(outer.Full) > MaxSize {
		return nil, fmt.Errorf("certificate: %d bytes, more than %d", len(outer.Full), MaxSize)
	}
	c := &Certificate{Raw: append([]byte(nil), outer.Full...)}
	if err := c.parse(); err != nil {
		return nil, err
	}
	c.SHA1, c.SHA256 = sha1.Sum(c.Raw), sha256.Sum256(c.Raw)
	c.thumbprint = upperHex(c.SHA1[:])
	c.publicKey, c.publicKeyErr = parsePublicKey(c.keyAlgorithmText, c.KeyParams, c.KeyBits)
	return c, nil
}

func (c *Certificate) parse() error {
	outer, err := der.One(c.Raw, der.Sequence, "certificate")
	if err != nil {
		return err
	}
	r := der.NewReader(outer.Content)
	tbs, err := r.Read(der.Sequence, "certificate body")
	if err != nil {
		return err
	}
	c.RawTBS = tbs.Full
	sig, err := readAlgorithm(r, "signature algorithm")
	if err != nil {
		return err
	}
	c.SignatureAlgorithm, c.SignatureParams, c.signatureAlgorithmText = sig.id, sig.params, sig.text
	bits, err := r.Read(der.BitString, "signature")
	if err != nil {
		return err
	}
	if c.Signature, _, err = der.Bits(bits.Content); err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	if err := r.End("certificate"); err != nil {
		return err
	}
	return c.parseTBS(tbs.Content)
}

func (c *Certificate) parseTBS(content []byte) error {
	r := der.NewReader(content)
	steps := []func(*der.Reader) error{
		c.parseVersion, c.parseSerial, c.parseTBSSignature, c.parseIssuer,
		c.parseValidity, c.parseSubject, c.parseSPKI, c.parseUniqueIDs, c.parseExtensions,
	}
	for _, step := range steps {
		if err := step(r); err != nil {
			return err
		}
	}
	return r.End("certificate body")
}

func (c *Certificate) parseVersion(r *der.Reader) error {
	c.Version = 1
	e, ok, err := r.Optional(der.ContextConstructed, "version")
	if err != nil || !ok {
		return err
	}
	v, err := der.One(e.Content, der.Integer, "version")
	if err != nil {
		return err
	}
	n, err := der.Int(v.Content)
	if err != nil {
		return fmt.Errorf("version: %w", err)
	}
	c.Version = 0
	if n.IsInt64() && int32(n.Int64()) >= 0 {
		c.Version = int(int32(n.Int64())) + 1
	}
	return nil
}

func (c *Certificate) parseSerial(r *der.Reader) error {
	e, err := r.Read(der.Integer, "serial number")
	if err != nil {
		return err
	}
	if err := der.CheckInt(e.Content); err != nil {
		return fmt.Errorf("serial number: %w", err)
	}
	c.Serial = e.Content
	return nil
}

func (c *Certificate) parseTBSSignature(r *der.Reader) error {
	alg, err := readAlgorithm(r, "inner signature algorithm")
	c.TBSSignature, c.tbsSignatureText, c.tbsSignatureParams = alg.id, alg.text, alg.params
	return err
}

func (c *Certificate) parseIssuer(r *der.Reader) (err error) {
	c.Issuer, err = readName(r, "issuer")
	c.RawIssuer = c.Issuer.Raw
	return err
}

func (c *Certificate) parseSubject(r *der.Reader) (err error) {
	c.Subject, err = readName(r, "subject")
	c.RawSubject = c.Subject.Raw
	return err
}

func readName(r *der.Reader, what string) (dn.Name, error) {
	e, err := r.Read(der.Sequence, what)
	if err != nil {
		return dn.Name{}, err
	}
	n, err := dn.Parse(e.Full)
	if err != nil {
		return dn.Name{}, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}

func (c *Certificate) parseValidity(r *der.Reader) error {
	e, err := r.Read(der.Sequence, "validity")
	if err != nil {
		return err
	}
	v := der.NewReader(e.Content)
	if c.NotBefore, c.badNotBefore, err = readTime(v, "notBefore"); err != nil {
		return err
	}
	if c.NotAfter, c.badNotAfter, err = readTime(v, "notAfter"); err != nil {
		return err
	}
	c.notBefore, c.notAfter = c.NotBefore, c.NotAfter
	if c.badNotBefore || c.badNotAfter {
		c.NotBefore, c.NotAfter = never, time.Time{}
	}
	return v.End("validity")
}

func (c *Certificate) parseSPKI(r *der.Reader) error {
	e, err := r.Read(der.Sequence, "public key")
	if err != nil {
		return err
	}
	c.RawSPKI = e.Full
	s := der.NewReader(e.Content)
	alg, err := readAlgorithm(s, "public key algorithm")
	if err != nil {
		return err
	}
	c.KeyAlgorithm, c.KeyParams, c.keyAlgorithmText = alg.id, alg.params, alg.text
	bits, err := s.Read(der.BitString, "public key")
	if err != nil {
		return err
	}
	if c.KeyBits, _, err = der.Bits(bits.Content); err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	return s.End("public key")
}

func (c *Certificate) parseUniqueIDs(r *der.Reader) error {
	for _, id := range []byte{der.Context + 1, der.Context + 2} {
		e, ok, err := r.Optional(id, "unique identifier")
		if err != nil {
			return err
		}
		if ok {
			if _, _, err := der.Bits(e.Content); err != nil {
				return fmt.Errorf("unique identifier: %w", err)
			}
		}
	}
	return nil
}

func (c *Certificate) parseExtensions(r *der.Reader) error {
	e, ok, err := r.Optional(der.ContextConstructed+3, "extensions")
	if err != nil || !ok {
		return err
	}
	list, err := der.One(e.Content, der.Sequence, "extensions")
	if err != nil {
		return err
	}
	for l := der.NewReader(list.Content); !l.Empty(); {
		item, err := l.Read(der.Sequence, "extension")
		if err != nil {
			return err
		}
		x, err := parseExtension(item.Content)
		if err != nil {
			return err
		}
		c.Extensions = append(c.Extensions, x)
	}
	return nil
}

func parseExtension(content []byte) (x Extension, err error) {
	r := der.NewReader(content)
	id, err := r.Read(der.OID, "extension type")
	if err != nil {
		return x, err
	}
	if x.oid, err = der.OIDText(id.Content); err != nil {
		return x, fmt.Errorf("extension type: %w", err)
	}
	if x.ID, err = der.ObjectIdentifier(id.Content); err != nil {
		return x, fmt.Errorf("extension type: %w", err)
	}
	critical, ok, err := r.Optional(der.Boolean, "critical flag")
	if err != nil {
		return x, err
	}
	if ok {
		if len(critical.Content) != 1 {
			return x, errors.New("critical flag: malformed boolean")
		}
		x.Critical = critical.Content[0] != 0
	}
	value, err := r.Read(der.OctetString, "extension "+x.oid)
	if err != nil {
		return x, err
	}
	x.Value = value.Content
	return x, r.End("extension " + x.oid)
}

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	id     asn1.ObjectIdentifier
	text   string
	params []byte
}

func readAlgorithm(r *der.Reader, what string) (a algorithm, err error) {
	seq, err := r.Read(der.Sequence, what)
	if err != nil {
		return a, err
	}
	s := der.NewReader(seq.Content)
	id, err := s.Read(der.OID, what)
	if err != nil {
		return a, err
	}
	if a.text, err = der.OIDText(id.Content); err != nil {
		return a, fmt.Errorf("%s: %w", what, err)
	}
	if a.id, err = der.ObjectIdentifier(id.Content); err != nil {
		return a, fmt.Errorf("%s: %w", what, err)
	}
	if s.Empty() {
		return a, nil
	}
	params, err := s.Next()
	if err != nil {
		return a, fmt.Errorf("%s: %w", what, err)
	}
	if !der.IsAny(params) {
		return a, fmt.Errorf("%s: malformed parameters", what)
	}
	a.params = params.Full
	return a, s.End(what)
}

const hexDigits = "0123456789ABCDEF"

func upperHex(b []byte) string {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return string(out)
}

// ParsePublicKey reads a SubjectPublicKeyInfo (DER) by itself. Of the Certificate that it gives, only what concerns the key is set.
func ParsePublicKey(spki []byte) (*Certificate, error) {
	c := &Certificate{}
	r := der.NewReader(append([]byte(nil), spki...))
	if err := c.parseSPKI(r); err != nil {
		return nil, err
	}
	c.publicKey, c.publicKeyErr = parsePublicKey(c.keyAlgorithmText, c.KeyParams, c.KeyBits)
	return c, r.End("public key")
}
