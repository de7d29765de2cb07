package vault

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
)

// encodeBundle is what the secret of a certificate holds: base64 of a PFX with an empty password, or PEM with the key
// first. A key that may not be exported (nil) is left out.
func encodeBundle(contentType string, leaf []byte, chain [][]byte, key crypto.Signer) (string, error) {
	if contentType == ContentPEM {
		return encodePEM(leaf, chain, key)
	}
	certificates := make([]*x509.Certificate, 0, len(chain)+1)
	for _, der := range append([][]byte{leaf}, chain...) {
		// The encoder reads nothing of a certificate but these two; crypto/x509 would refuse some that Key Vault takes.
		certificates = append(certificates, &x509.Certificate{Raw: der})
	}
	var data []byte
	var err error
	if key != nil {
		// 3DES, as Key Vault's own: readable everywhere. The empty password protects nothing, whatever the cipher.
		data, err = pkcs12.LegacyDES.Encode(key, certificates[0], certificates[1:], "")
	} else {
		data, err = pkcs12.LegacyDES.EncodeTrustStore(certificates, "")
	}
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "a PFX cannot be written")
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

func encodePEM(leaf []byte, chain [][]byte, key crypto.Signer) (string, error) {
	var b bytes.Buffer
	if key != nil {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return "", fault.Wrap(fault.Internal, err, "a private key cannot be written")
		}
		_ = pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: der}) // a buffer takes everything
	}
	for _, der := range append([][]byte{leaf}, chain...) {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return b.String(), nil
}

// Messages of files that cannot be imported, as Key Vault has them.
const (
	messagePFX   = "The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format."
	messageText  = "The specified Base64-encoded PKCS#12 X.509 certificate content can not be read. Please check if certificate is valid, and is correctly Base64 encoded."
	messagePEM   = "The specified PEM X.509 certificate content is in an unexpected format. Please check if certificate is in valid PEM format."
	messageNoKey = "Private key is not specified in the specified X.509 %s certificate content. Please specify private key in the X.509 %[1]s certificate content."
)

// decodeBundle reads what a client imports: base64 of a PFX, or PEM, as the content type says; without one, whatever it is.
func decodeBundle(value string, password *string, contentType string) (*cert.Identity, string, error) {
	data := []byte(value)
	isPEM := strings.Contains(value, "-----BEGIN ")
	if !isPEM {
		var err error
		if data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), "")); err != nil || len(data) == 0 {
			return nil, "", badParameter("%s", messageText)
		}
		isPEM = bytes.Contains(data, []byte("-----BEGIN "))
	}
	found, form, load := ContentPKCS12, "PKCS#12", pfx.Load
	if isPEM {
		found, form, load = ContentPEM, "PEM", pfx.LoadPEM
	}
	if contentType != "" && contentType != found {
		return nil, "", unreadable(contentType, nil)
	}
	id, err := load(data, password)
	if err != nil {
		return nil, "", unreadable(found, err)
	}
	if id.Key == nil {
		return nil, "", badParameter(messageNoKey, form)
	}
	if !id.KeyMatches() {
		return nil, "", badParameter("The private key is not the certificate's.")
	}
	return id, found, nil
}

func unreadable(contentType string, cause error) error {
	message := messagePFX
	if contentType == ContentPEM {
		message = messagePEM
	}
	e := fault.Wrap(fault.Invalid, cause, "%s", message)
	e.Code = "BadParameter"
	return e
}

// orderChain puts the certificates that issued the leaf first, in the order of the path, and the others behind them.
func orderChain(leaf *cert.Certificate, others []*cert.Certificate) []*cert.Certificate {
	rest := slices.Clone(others)
	var path []*cert.Certificate
	for c := leaf; ; c = path[len(path)-1] {
		if bytes.Equal(c.RawSubject, c.RawIssuer) {
			break
		}
		i := slices.IndexFunc(rest, func(x *cert.Certificate) bool { return bytes.Equal(x.RawSubject, c.RawIssuer) })
		if i < 0 {
			break
		}
		path = append(path, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return append(path, rest...)
}
