package verify

import (
	"encoding/pem"
	"os"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// systemFiles are where systems keep their roots in one file; the first that is there counts.
var systemFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Alpine
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
	"/etc/ssl/ca-bundle.pem",                            // SUSE
	"/etc/ssl/cert.pem",                                 // macOS, BSD
}

// SystemRoots are the roots of the system: those of the file that SSL_CERT_FILE names, or of the
// usual places. Certificates that cannot be read are left out; none at all is a fault.NotFound.
func SystemRoots() ([]*cert.Certificate, error) {
	files := systemFiles
	if named := os.Getenv("SSL_CERT_FILE"); named != "" {
		files = []string{named}
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if roots := readBundle(text); len(roots) > 0 {
			return roots, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no system roots found; name a file in SSL_CERT_FILE")
}

// readBundle reads the certificates of a PEM file, one block at a time.
func readBundle(text []byte) []*cert.Certificate {
	var roots []*cert.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if c, err := cert.Parse(block.Bytes); err == nil {
			roots = append(roots, c)
		}
	}
	return roots
}
