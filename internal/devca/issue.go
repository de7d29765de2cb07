package devca

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

var (
	oidServerAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	oidClientAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
)

// Issue signs the certificate of a template that is complete but for its serial number, for the key of the CSR (PKCS#10
// DER), whose proof of possession is checked. It returns the leaf and the root that signed it, in DER.
//
// The root is chosen by what the certificate is for: a certificate for servers whose names are all below localhost has
// the server root, any other that clients may use the client root. crlURL is where the CRL of the latter can be had. A
// certificate for servers of other names is refused: nobody's computer may come to trust such a one.
func (ca *CA) Issue(template *x509.Certificate, csr []byte, crlURL string) ([][]byte, error) {
	request, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The certificate request is unreadable")
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The certificate request is not signed by its own key")
	}
	t := *template
	root := ca.clientRoot
	switch {
	case mayBe(&t, oidServerAuth, x509.ExtKeyUsageServerAuth) && isLocal(t.DNSNames):
		root = ca.serverRoot
	case mayBe(&t, oidClientAuth, x509.ExtKeyUsageClientAuth):
		t.CRLDistributionPoints = []string{crlURL}
	default:
		return nil, fault.New(fault.Invalid, "The development CA signs certificates for clients, and for servers whose DNS names are all localhost or below it.")
	}
	if t.NotAfter.After(root.x509.NotAfter) {
		return nil, fault.New(fault.Invalid, "The certificate must end before its root does, on %s.", root.x509.NotAfter.Format("2006-01-02"))
	}
	if t.NotBefore.Before(root.x509.NotBefore) {
		t.NotBefore = root.x509.NotBefore
	}
	t.SerialNumber, t.IsCA = newSerial(), false
	der, err := x509.CreateCertificate(rand.Reader, &t, root.x509, request.PublicKey, root.key)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The certificate could not be made")
	}
	return [][]byte{der, root.x509.Raw}, nil
}

// mayBe reports whether the template's extended key usages hold this one; without any, all is allowed.
func mayBe(t *x509.Certificate, id asn1.ObjectIdentifier, usage x509.ExtKeyUsage) bool {
	if len(t.UnknownExtKeyUsage)+len(t.ExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(t.ExtKeyUsage, usage) || slices.ContainsFunc(t.UnknownExtKeyUsage, id.Equal)
}

// isLocal reports whether there are names, all of them localhost or below it.
func isLocal(names []string) bool {
	return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool {
		n = strings.ToLower(n)
		return n != "localhost" && !strings.HasSuffix(n, ".localhost")
	})
}
