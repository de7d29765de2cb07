package azure

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/postern-gateway/postern/pki/pfx"
)

// loadCertificate are the certificates of a PFX or a PEM file, the leaf first, with the leaf's key.
func loadCertificate(data []byte, password string) ([]*x509.Certificate, crypto.PrivateKey, error) {
	if bytes.Contains(data, []byte("-----BEGIN")) {
		return azidentity.ParseCertificates(data, nil) // of PEM we load certificates alone
	}
	loaded, err := pfx.Load(data, &password)
	if err != nil {
		return nil, nil, err
	}
	if loaded.Key == nil {
		return nil, nil, errors.New("there is no private key")
	}
	leaf, err := x509.ParseCertificate(loaded.Certificate.Raw)
	if err != nil {
		return nil, nil, err
	}
	all := []*x509.Certificate{leaf}
	for _, c := range loaded.Chain {
		x, err := x509.ParseCertificate(c.Raw)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, x)
	}
	return all, loaded.Key, nil
}
