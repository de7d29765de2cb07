package pfx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Object identifiers of PKCS#7 content types (RFC 2315 section 14).
const (
	oidData          = "1.2.840.113549.1.7.1"
	oidSignedData    = "1.2.840.113549.1.7.2"
	oidEncryptedData = "1.2.840.113549.1.7.6"
	pkcs7Arc         = "1.2.840.113549.1.7."
)

// pkcs7Labels are the PEM labels under which OpenSSL looks for PKCS#7.
var pkcs7Labels = map[string]bool{"PKCS7": true, "PKCS #7 SIGNED DATA": true, "CMS": true, "CERTIFICATE": true}

// pkcs7File is a ContentInfo of one of PKCS#7's types.
type pkcs7File struct {
	kind    string
	content []byte
}

// parsePKCS7 reads a PKCS#7 file in DER, BER or PEM; false if data is none.
func parsePKCS7(data []byte) (pkcs7File, bool) {
	candidates := [][]byte{data}
	for _, b := range pemBlocks(data) {
		if pkcs7Labels[b.Type] {
			candidates = append(candidates, b.Bytes)
		}
	}
	for _, c := range candidates {
		raw, err := der.FromBER(c)
		if err != nil {
			continue
		}
		kind, content, err := contentInfo(der.NewReader(raw))
		if err == nil && len(kind) == len(oidData) && strings.HasPrefix(kind, pkcs7Arc) {
			return pkcs7File{kind, content}, true
		}
	}
	return pkcs7File{}, false
}

// contentInfo reads a ContentInfo: its type, and the DER within its [0].
func contentInfo(r *der.Reader) (kind string, content []byte, err error) {
	seq, err := r.Read(der.Sequence, "content info")
	if err != nil {
		return "", nil, err
	}
	s := der.NewReader(seq.Content)
	if kind, err = readOID(s, "content type"); err != nil {
		return "", nil, err
	}
	e, ok, err := s.Optional(der.ContextConstructed, "content")
	if err != nil {
		return "", nil, err
	}
	if !ok {
		return kind, nil, s.End("content info")
	}
	return kind, e.Content, s.End("content info")
}

func readOID(r *der.Reader, what string) (string, error) {
	e, err := r.Read(der.OID, what)
	if err != nil {
		return "", err
	}
	id, err := der.OIDText(e.Content)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return id, nil
}

// loadPKCS7 reads a bundle of certificates; found tells whether data is one. The leaf is the
// first certificate that issued none of the others. (.NET refuses such files.)
func loadPKCS7(data []byte) (id *cert.Identity, found bool, err error) {
	file, ok := parsePKCS7(data)
	if !ok {
		return nil, false, nil
	}
	list, err := file.certificates()
	if err != nil {
		return nil, true, malformed(err)
	}
	if len(list) == 0 {
		return nil, true, fail(messageNoCert, ErrNoCertificate, nil)
	}
	leaf := 0
	for i := len(list) - 1; i >= 0; i-- {
		if !issuedAny(list[i], list) {
			leaf = i
		}
	}
	id = &cert.Identity{Certificate: list[leaf]}
	id.Chain = append(append(id.Chain, list[:leaf]...), list[leaf+1:]...)
	return id, true, nil
}

func issuedAny(issuer *cert.Certificate, list []*cert.Certificate) bool {
	for _, c := range list {
		if c != issuer && c.Issuer.Canonical() == issuer.Subject.Canonical() {
			return true
		}
	}
	return false
}

// certificates reads those of a SignedData (RFC 5652 section 5.1); signatures are not looked at.
func (f pkcs7File) certificates() ([]*cert.Certificate, error) {
	if f.kind != oidSignedData {
		return nil, fmt.Errorf("PKCS#7 content of type %s holds no certificates", f.kind)
	}
	seq, err := der.One(f.content, der.Sequence, "signed data")
	if err != nil {
		return nil, err
	}
	r := der.NewReader(seq.Content)
	for _, part := range []struct {
		id   byte
		what string
	}{{der.Integer, "version"}, {der.Set, "digest algorithms"}, {der.Sequence, "content"}} {
		if _, err := r.Read(part.id, part.what); err != nil {
			return nil, err
		}
	}
	e, ok, err := r.Optional(der.ContextConstructed, "certificates")
	if err != nil || !ok {
		return nil, err
	}
	var list []*cert.Certificate
	for s := der.NewReader(e.Content); !s.Empty(); {
		item, err := s.Next()
		if err != nil {
			return nil, err
		}
		if item.ID != der.Sequence {
			continue
		}
		if len(list) == MaxItems {
			return nil, errors.New("too many certificates")
		}
		c, err := cert.Parse(item.Full)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
