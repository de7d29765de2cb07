package revocation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// wrap is an element with the tag id.
func wrap(id byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := der.AppendLength([]byte{id}, n)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func mustDER(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// hugeSerial is the n-th serial number of a hugeList: 16 octets in no order.
func hugeSerial(n int) []byte {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], uint64(n))
	sum := sha256.Sum256(seed[:])
	sum[0] = sum[0]&0x7f | 1
	return sum[:16]
}

// hugeList is a list of n entries with reasons, signed by key, for the issuer whose name is given in DER.
func hugeList(t testing.TB, key *ecdsa.PrivateKey, issuer []byte, n int) []byte {
	t.Helper()
	now := time.Now().UTC()
	utc := func(at time.Time) []byte { return wrap(der.UTCTime, []byte(at.Format("060102150405Z"))) }
	entries := make([]byte, 0, n*52)
	date, tail := utc(now.Add(-time.Hour)), append(append([]byte{}, reasonHead...), 1)
	for i := range n {
		serial := hugeSerial(i)
		entries = append(entries, der.Sequence, byte(2+len(serial)+len(date)+len(tail)), der.Integer, byte(len(serial)))
		entries = append(append(append(entries, serial...), date...), tail...)
	}
	algorithm := mustDER(t, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}})
	tbs := wrap(der.Sequence, []byte{der.Integer, 1, 1}, algorithm, issuer, utc(now.Add(-time.Minute)), utc(now.Add(time.Hour)), wrap(der.Sequence, entries))
	digest := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return wrap(der.Sequence, tbs, algorithm, wrap(der.BitString, []byte{0}, signature))
}

func hugeFor(t testing.TB, n int) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return hugeList(t, key, mustDER(t, pkix.Name{CommonName: "Huge"}.ToRDNSequence()), n)
}
