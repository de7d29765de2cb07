// Package pfx loads the files in which certificates and their private keys travel, as .NET's
// X509Certificate2 does on Linux: PKCS#12 of every kind (RFC 7292), single certificates in DER
// and PEM; and beyond .NET base64 text without markers, PKCS#7 bundles and Ed25519 keys.
//
// A hostile file can cost no more than MaxSize bytes and MaxIterations rounds of hashing. What a
// file says of its integrity is checked before anything in it is used. Passwords and keys are in
// no error and no log.
package pfx

import (
	"bytes"
	"encoding/base64"
	"errors"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/internal/der"
)

const (
	// MaxSize bounds a file, in bytes.
	MaxSize = 4 << 20
	// MaxIterations bounds the rounds of key derivation that all parts of one file may ask for
	// together; each candidate for an empty password counts. It is a few seconds of one core.
	MaxIterations = 6_000_000
	// MaxItems bounds the certificates, and the keys, in one file.
	MaxItems = 200
)

// Reasons why a file is not loaded; errors.Is tells them apart in what Load returns.
var (
	// ErrPassword is a wrong password, or a file that was changed after it was made: nobody can tell.
	ErrPassword = errors.New("wrong password or damaged file")
	// ErrMalformed is a file that is nothing that can be loaded.
	ErrMalformed = errors.New("malformed file")
	// ErrNoCertificate is a sound file without a certificate.
	ErrNoCertificate = errors.New("no certificate in the file")
	// ErrKey is a certificate that names a private key which cannot be read.
	ErrKey = errors.New("private key cannot be read")
	// ErrUnsupported is a way of encryption that is not known.
	ErrUnsupported = errors.New("unsupported algorithm")
	// ErrTooCostly is a file beyond MaxSize, MaxIterations or MaxItems.
	ErrTooCostly = errors.New("file is too large or too costly to open")
)

// .NET's messages.
const (
	messagePassword  = "The certificate data cannot be read with the provided password, the password may be incorrect."
	messageMalformed = "ASN1 corrupted data."
	messageNoCert    = "The provided PFX data contains no certificates."
	messageKey       = "A certificate referenced a private key which was already referenced, or could not be loaded."
	messageNoMatch   = "Error occurred during a cryptographic operation."
	messageEmpty     = "Array may not be empty or null. (Parameter 'rawData')"
)

// fail makes the exception that .NET throws: text is its message, kind one of the reasons above,
// detail what exactly is wrong, nil if there is no more to say.
func fail(text string, kind, detail error) error {
	if detail != nil {
		kind = errors.Join(kind, detail)
	}
	return &cert.Exception{Type: cert.CryptographicException, Message: text, Err: kind}
}

func malformed(detail error) error { return fail(messageMalformed, ErrMalformed, detail) }

// Load reads a file with a certificate and, in PKCS#12, its private key. Password is nil if none
// was given, which for PKCS#12 is the same as the empty one. Every error is a *cert.Exception of
// the type and text that .NET throws; errors.Is finds the reason (ErrPassword and its like).
//
// Of several certificates the leaf is chosen as .NET chooses it: in PKCS#12 the last that has a
// key, or the last; in PEM the first. A private key in PEM text is left alone: see LoadPEM.
func Load(data []byte, password *string) (*cert.Identity, error) {
	return load(data, password, newWork(MaxIterations))
}

// LoadCharged is Load for a caller who has a budget of his own: charge is told of the rounds of hashing that a part of the
// file asks for before they are done, once for each part and each password tried. It may panic, which ends the load and
// reaches the caller.
func LoadCharged(data []byte, password *string, charge func(rounds int)) (*cert.Identity, error) {
	return load(data, password, &work{left: MaxIterations, charge: charge})
}

func load(data []byte, password *string, w *work) (*cert.Identity, error) {
	if err := checkSize(data); err != nil {
		return nil, err
	}
	if id := loadCertificate(data); id != nil {
		return id, nil
	}
	if id, found, err := loadPKCS7(data); found {
		return id, err
	}
	if _, err := parsePFX(data); err != nil {
		if raw, ok := fromBase64(data); ok && !bytes.Equal(raw, data) {
			return load(raw, password, w)
		}
		return nil, malformed(err)
	}
	return loadPKCS12(data, password, w)
}

func checkSize(data []byte) error {
	if len(data) == 0 {
		return &cert.Exception{Type: cert.ArgumentException, Message: messageEmpty, Err: ErrMalformed}
	}
	if len(data) > MaxSize {
		return fail(messageMalformed, ErrTooCostly, nil)
	}
	return nil
}

// loadCertificate reads a certificate in DER or PEM; nil if data is neither. The other
// certificates of PEM text are the chain, up to the first that is malformed.
func loadCertificate(data []byte) *cert.Identity {
	if c, err := cert.Parse(data); err == nil {
		return &cert.Identity{Certificate: c}
	}
	blocks := certificateBlocks(data)
	if len(blocks) == 0 {
		return nil
	}
	first, err := cert.Parse(blocks[0])
	if err != nil {
		return nil
	}
	id := &cert.Identity{Certificate: first}
	for _, b := range blocks[1:] {
		c, err := cert.Parse(b)
		if err != nil || len(id.Chain) >= MaxItems {
			break
		}
		id.Chain = append(id.Chain, c)
	}
	return id
}

// fromBase64 decodes text that is nothing but base64, blanks aside.
func fromBase64(data []byte) ([]byte, bool) {
	text := bytes.Join(bytes.Fields(bytes.TrimPrefix(data, utf8BOM)), nil)
	if len(text) < 16 {
		return nil, false
	}
	raw, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || len(raw) == 0 || raw[0] != der.Sequence {
		return nil, false
	}
	return raw, true
}

// Content types as X509Certificate2.GetCertContentType names them.
const (
	ContentCert  = "Cert"
	ContentPKCS7 = "Pkcs7"
	ContentPFX   = "Pfx"
)

// ContentType is X509Certificate2.GetCertContentType: what kind of file data is. As there, the
// error is a *cert.Exception where it is none, base64 text without markers included.
func ContentType(data []byte) (string, error) {
	if err := checkSize(data); err != nil {
		return "", err
	}
	if loadCertificate(data) != nil {
		return ContentCert, nil
	}
	if _, ok := parsePKCS7(data); ok {
		return ContentPKCS7, nil
	}
	if _, err := parsePFX(data); err == nil {
		return ContentPFX, nil
	}
	return "", fail(messageNoMatch, ErrMalformed, nil)
}
