package cert

import (
	"encoding/pem"
	"errors"
)

// ErrNoPEM is text without a certificate between PEM markers.
var ErrNoPEM = errors.New("no certificate in PEM form found")

// pemTypes are the labels of a certificate (RFC 7468 section 5.1 and what OpenSSL takes beside it).
var pemTypes = map[string]bool{"CERTIFICATE": true, "X509 CERTIFICATE": true, "TRUSTED CERTIFICATE": true}

// ParsePEM reads the first certificate in text; other blocks and text around them are skipped.
// The error is ErrNoPEM if there is none.
func ParsePEM(text []byte) (*Certificate, error) {
	list, err := parsePEM(text, 1)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// ParseAllPEM reads every certificate in text, in its order.
// The error is ErrNoPEM if there is none, and that of Parse if one is malformed.
func ParseAllPEM(text []byte) ([]*Certificate, error) { return parsePEM(text, -1) }

func parsePEM(text []byte, limit int) ([]*Certificate, error) {
	var list []*Certificate
	for block, rest := pem.Decode(text); block != nil && len(list) != limit; block, rest = pem.Decode(rest) {
		if !pemTypes[block.Type] {
			continue
		}
		c, err := Parse(block.Bytes)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, ErrNoPEM
	}
	return list, nil
}

// PEM is the certificate between PEM markers (RFC 7468).
func (c *Certificate) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
