package devca

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/pki/cert"
)

type revocation struct {
	At time.Time `json:"at"`
}

// Revoke puts the client certificate (DER) on the CRL, for good. It fails with Kind Invalid for a certificate that the
// development CA did not sign. Revoking again changes nothing.
func (ca *CA) Revoke(ctx context.Context, der []byte) error {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "the certificate is unreadable")
	}
	if err := c.CheckSignatureFrom(ca.clientRoot.x509); err != nil {
		return fault.New(fault.Invalid, "the certificate is not one of this development CA (its issuer is %q)", c.Issuer)
	}
	value, err := json.Marshal(revocation{ca.now().UTC()})
	if err != nil {
		return err
	}
	key := revokedPrefix + c.SerialNumber.Text(16)
	_, err = ca.store.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(key)}, Then: []store.Op{store.Put(key, value)}})
	if err != nil && fault.KindOf(err) != fault.PreconditionFailed {
		return err
	}
	return ca.signCRL(ctx)
}

// signCRL makes the present CRL. Its number is the time, so that nodes that sign at the same time do not go backwards.
func (ca *CA) signCRL(ctx context.Context) error {
	entries, _, err := ca.store.List(ctx, revokedPrefix)
	if err != nil {
		return err
	}
	now := ca.now().UTC()
	list := &x509.RevocationList{Number: big.NewInt(now.UnixNano()), ThisUpdate: now.Add(-time.Minute), NextUpdate: now.Add(CRLLife)}
	for _, e := range entries {
		serial, ok := new(big.Int).SetString(strings.TrimPrefix(e.Key, revokedPrefix), 16)
		var r revocation
		if err := json.Unmarshal(e.Value, &r); err != nil || !ok {
			return fmt.Errorf("stored revocation %s is unreadable: %w", e.Key, err)
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.At})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, ca.clientRoot.x509, ca.clientRoot.key)
	if err != nil {
		return err
	}
	ca.crl.Store(&der)
	return nil
}

// CRL is the present CRL (DER).
func (ca *CA) CRL() []byte { return *ca.crl.Load() }

// CRLOf is the present CRL of the issuer, if it is the development CA's client root; nil otherwise. Revocation checks ask
// here before any fetch.
func (ca *CA) CRLOf(issuer *cert.Certificate) []byte {
	if issuer.SHA256 == ca.clientRoot.cert.SHA256 {
		return ca.CRL()
	}
	return nil
}

// Keep signs the CRL anew at half its life and whenever any node revokes a certificate, and calls changed after each,
// until ctx ends.
func (ca *CA) Keep(ctx context.Context, changed func(), failed func(error)) {
	changes := ca.store.Watch(ctx, revokedPrefix, 0)
	tick := time.NewTicker(CRLLife / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case _, ok := <-changes:
			if !ok {
				if !sleep(ctx, time.Second) {
					return
				}
				changes = ca.store.Watch(ctx, revokedPrefix, 0)
			}
		}
		if err := ca.signCRL(ctx); err != nil {
			failed(err)
			continue
		}
		changed()
	}
}

// sleep waits, and reports false if ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
