package pfx

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/pki/cert"
)

var utf8BOM = []byte("\xef\xbb\xbf")

// certificateBlocks are the contents of the PEM blocks with a certificate, in the order of the text.
func certificateBlocks(data []byte) [][]byte {
	var list [][]byte
	for _, b := range pemBlocks(data) {
		switch b.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
			list = append(list, b.Bytes)
		}
	}
	return list
}

func pemBlocks(data []byte) []*pem.Block {
	var list []*pem.Block
	rest := bytes.TrimPrefix(data, utf8BOM)
	for len(list) < 4*MaxItems {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		list = append(list, b)
	}
	return list
}

// LoadPEM reads PEM text with certificates and one private key: PKCS#8, plain or encrypted with
// password, PKCS#1 or SEC 1. The leaf is the certificate that the key belongs to, the others are
// the chain. Without a key in the text it does as Load does. Errors are those of Load.
func LoadPEM(data []byte, password *string) (*cert.Identity, error) {
	return loadPEM(data, password, newWork(MaxIterations))
}

func loadPEM(data []byte, password *string, w *work) (*cert.Identity, error) {
	if err := checkSize(data); err != nil {
		return nil, err
	}
	key, err := pemKey(data, password, w)
	if err != nil {
		return nil, err
	}
	id := loadCertificate(data)
	if id == nil {
		return nil, fail(messageMalformed, ErrNoCertificate, nil)
	}
	if key == nil {
		return id, nil
	}
	all := append([]*cert.Certificate{id.Certificate}, id.Chain...)
	for i, c := range all {
		if (&cert.Identity{Certificate: c, Key: key}).KeyMatches() {
			chain := append(append([]*cert.Certificate(nil), all[:i]...), all[i+1:]...)
			return &cert.Identity{Certificate: c, Key: key, Chain: chain}, nil
		}
	}
	return nil, fail(messageKey, ErrKey, errors.New("the private key belongs to none of the certificates"))
}

// pemKey is the first private key in the text; nil if there is none.
func pemKey(data []byte, password *string, w *work) (crypto.Signer, error) {
	for _, b := range pemBlocks(data) {
		switch b.Type {
		case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
			if b.Headers["DEK-Info"] != "" {
				return nil, fail(messageKey, ErrUnsupported, fmt.Errorf("%s is encrypted in the old PEM way", b.Type))
			}
			key, err := parsePEMKey(b.Type, b.Bytes)
			if err != nil {
				return nil, fail(messageKey, ErrKey, err)
			}
			return key, nil
		case "ENCRYPTED PRIVATE KEY":
			plain, err := decryptKey(b.Bytes, passwordOf(password), w)
			if err != nil {
				return nil, decryptFailure(err)
			}
			key, err := parsePKCS8(plain)
			if err != nil && !isSequence(plain) {
				return nil, fail(messagePassword, ErrPassword, err) // a wrong password whose padding fits by chance, once in 256 times
			}
			if err != nil {
				return nil, fail(messageKey, ErrKey, err)
			}
			return key, nil
		}
	}
	return nil, nil
}

// isSequence tells whether the octets are one SEQUENCE and nothing else, as every key is.
func isSequence(raw []byte) bool {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(raw, &v)
	return err == nil && len(rest) == 0 && v.Tag == asn1.TagSequence
}
