package chain_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"os/exec"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// hashes are digests with the identifiers of PKCS #1 and ECDSA signatures with them; nil where there is none.
var hashes = []struct {
	hash           crypto.Hash
	id, rsa, ecdsa []int
}{
	{crypto.SHA1, []int{1, 3, 14, 3, 2, 26}, []int{1, 2, 840, 113549, 1, 1, 5}, []int{1, 2, 840, 10045, 4, 1}},
	{crypto.SHA224, []int{2, 16, 840, 1, 101, 3, 4, 2, 4}, []int{1, 2, 840, 113549, 1, 1, 14}, []int{1, 2, 840, 10045, 4, 3, 1}},
	{crypto.SHA256, []int{2, 16, 840, 1, 101, 3, 4, 2, 1}, []int{1, 2, 840, 113549, 1, 1, 11}, []int{1, 2, 840, 10045, 4, 3, 2}},
	{crypto.SHA384, []int{2, 16, 840, 1, 101, 3, 4, 2, 2}, []int{1, 2, 840, 113549, 1, 1, 12}, []int{1, 2, 840, 10045, 4, 3, 3}},
	{crypto.SHA512, []int{2, 16, 840, 1, 101, 3, 4, 2, 3}, []int{1, 2, 840, 113549, 1, 1, 13}, []int{1, 2, 840, 10045, 4, 3, 4}},
	{crypto.SHA512_224, []int{2, 16, 840, 1, 101, 3, 4, 2, 5}, []int{1, 2, 840, 113549, 1, 1, 15}, nil},
	{crypto.SHA512_256, []int{2, 16, 840, 1, 101, 3, 4, 2, 6}, []int{1, 2, 840, 113549, 1, 1, 16}, nil},
	{crypto.SHA3_256, []int{2, 16, 840, 1, 101, 3, 4, 2, 8}, []int{2, 16, 840, 1, 101, 3, 4, 3, 14}, []int{2, 16, 840, 1, 101, 3, 4, 3, 10}},
}

var null = []byte{5, 0}

// signer makes signatures in forms right and wrong.
type signer struct {
	*generator
	rsa *rsa.PrivateKey
	ec  []*ecdsa.PrivateKey
	// plain leaves out the digests that OpenSSL does not know everywhere, for roots.
	plain bool
	// spki is the key that issue puts into a certificate; nil: its argument.
	spki []byte
}

// parameters are what stands behind an algorithm's identifier.
func (s *signer) parameters(usual []byte) []byte {
	if !s.rare() {
		return usual
	}
	return pick(s.generator, nil, null, tlv(0x30), []byte{2, 1, 0}, append(bytes.Clone(null), 5, 0), []byte{5, 1, 0}, oidDER(1, 2, 3))
}

// algorithm draws an algorithm for the key, RSA where ec is nil.
func (s *signer) algorithm(ec *ecdsa.PrivateKey) (id []byte, sign func(tbs []byte) []byte) {
	h := pick(s.generator, hashes...)
	if s.plain {
		h = hashes[2]
	}
	switch {
	case ec != nil:
		for h.ecdsa == nil {
			h = pick(s.generator, hashes...)
		}
		return tlv(0x30, oidDER(h.ecdsa...), s.parameters(nil)), func(tbs []byte) []byte {
			return must(ecdsa.SignASN1(rand.Reader, ec, digest(h.hash, tbs)))
		}
	case s.rng.IntN(2) == 0:
		return tlv(0x30, oidDER(h.rsa...), s.parameters(null)), func(tbs []byte) []byte {
			return must(rsa.SignPKCS1v15(rand.Reader, s.rsa, h.hash, digest(h.hash, tbs)))
		}
	}
	return s.pss()
}

func digest(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

// pss draws RSASSA-PSS parameters (RFC 4055 section 3.1).
func (s *signer) pss() (id []byte, sign func(tbs []byte) []byte) {
	h := pick(s.generator, hashes...)
	if s.plain {
		h = hashes[2]
	}
	mask := h
	if s.rare() {
		mask = pick(s.generator, hashes...)
	}
	salt := h.hash.Size()
	if s.rng.IntN(3) == 0 {
		salt = 1 + s.rng.IntN(40)
	}
	said := salt
	if s.rare() {
		said = pick(s.generator, 0, 20, 32, salt+1, 300, -1)
	}
	algorithm := func(id []int) []byte { return tlv(0x30, oidDER(id...), s.parameters(pick(s.generator, null, nil))) }
	var parts [][]byte
	if h.hash != crypto.SHA1 || s.rng.IntN(2) == 0 {
		parts = append(parts, tlv(0xa0, algorithm(h.id)))
	}
	if mask.hash != crypto.SHA1 || s.rng.IntN(2) == 0 {
		mgf := []int{1, 2, 840, 113549, 1, 1, 8}
		if s.rng.IntN(200) < s.odd {
			mgf = []int{1, 2, 840, 113549, 1, 1, 9}
		}
		parts = append(parts, tlv(0xa1, tlv(0x30, oidDER(mgf...), algorithm(mask.id))))
	}
	if said != 20 || s.rng.IntN(2) == 0 {
		parts = append(parts, tlv(0xa2, must(asn1.Marshal(said))))
	}
	if s.rare() {
		parts = append(parts, tlv(0xa3, must(asn1.Marshal(pick(s.generator, 1, 2)))))
	}
	value := tlv(0x30, parts...)
	if s.rng.IntN(100) < s.odd {
		value = pick(s.generator, nil, null, tlv(0x30), append(bytes.Clone(value), null...))
	}
	return tlv(0x30, oidDER(1, 2, 840, 113549, 1, 1, 10), value), func(tbs []byte) []byte {
		if mask.hash != h.hash {
			// Go has one hash for both; such a signature is wrong, and is to be refused by the same word.
			return must(rsa.SignPSS(rand.Reader, s.rsa, mask.hash, digest(mask.hash, tbs), &rsa.PSSOptions{SaltLength: min(salt, 20)}))
		}
		return must(rsa.SignPSS(rand.Reader, s.rsa, h.hash, digest(h.hash, tbs), &rsa.PSSOptions{SaltLength: salt}))
	}
}

// mangle draws another form of a signature.
func (s *signer) mangle(signature []byte, ec bool) []byte {
	if !s.rare() {
		return signature
	}
	if !ec {
		return pick(s.generator, append([]byte{0}, signature...), signature[1:], append(bytes.Clone(signature), 0), nil, make([]byte, len(signature)),
			new(big.Int).Add(new(big.Int).SetBytes(signature), s.rsa.N).Bytes())
	}
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &v); err != nil {
		s.t.Fatal(err)
	}
	r, t := must(asn1.Marshal(v.R)), must(asn1.Marshal(v.S))
	padded := tlv(2, append([]byte{0}, r[2:]...))
	return pick(s.generator, append(bytes.Clone(signature), 0), tlv(0x30, padded, t), tlv(0x30, t, r), tlv(0x30, r, t, null), tlv(0x30, r), nil, tlv(0x31, r, t),
		tlv(0x30, must(asn1.Marshal(new(big.Int).Neg(v.R))), t), tlv(0x30, []byte{2, 1, 0}, []byte{2, 1, 0}), append([]byte{0x30, 0x81, signature[1]}, signature[2:]...), tlv(0x30, tlv(2, r[2:], nil), t))
}

// issue makes a plain certificate with a drawn signature.
func (s *signer) issue(key any, ec *ecdsa.PrivateKey, serial int64, issuer, subject []byte, ca bool) []byte {
	id, sign := s.algorithm(ec)
	basic := tlv(0x30)
	if ca {
		basic = tlv(0x30, []byte{1, 1, 0xff})
	}
	inner, outer := id, id
	if s.rng.IntN(150) < s.odd {
		inner, _ = s.algorithm(ec)
	}
	spki := s.spki
	if spki == nil {
		spki = must(x509.MarshalPKIXPublicKey(key))
	}
	tbs := tlv(0x30, tlv(0xa0, []byte{2, 1, 2}), must(asn1.Marshal(serial)), inner, issuer, s.validity(), subject, spki, tlv(0xa3, tlv(0x30, extension(true, basic, 2, 5, 29, 19))))
	unused := []byte{0}
	if s.rng.IntN(200) < s.odd {
		unused = []byte{4}
	}
	return tlv(0x30, tbs, outer, tlv(3, unused, s.mangle(sign(tbs), ec != nil)))
}

// TestSignatureFormsAsOpenSSL draws signatures in many forms and compares the verdict with openssl verify.
func TestSignatureFormsAsOpenSSL(t *testing.T) {
	openssl := openSSL30(t)
	g := newGenerator(t, uint64(fromEnvironment("POSTERN_SEED", 1)))
	s := &signer{generator: g}
	var err error
	if s.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s.ec = append(s.ec, key)
	}
	dir := t.TempDir()
	good, cases := 0, fromEnvironment("POSTERN_CASES", 80)
	for n := 0; n < cases; {
		g.odd, s.plain = 0, true
		ec := s.ec[g.rng.IntN(len(s.ec))]
		public := any(&ec.PublicKey)
		if g.rng.IntN(2) == 0 {
			ec, public = nil, &s.rsa.PublicKey
		}
		name, leaf := g.subject(true, 0), g.subject(false, 1)
		root, err := cert.Parse(s.issue(public, ec, int64(2*n+1), name, name, true))
		if err != nil {
			t.Fatal(err)
		}
		g.odd, s.plain = pick(g, 0, 5, 15), false
		c, err := cert.Parse(s.issue(public, ec, int64(2*n+2), name, leaf, false))
		if err != nil {
			continue
		}
		n++
		d := drawn{leaf: c, roots: []*cert.Certificate{root}}
		want, found, text := verdictOfOpenSSL(t, openssl, dir, d)
		if strings.Contains(text, "Unable to load") {
			t.Errorf("case %d: OpenSSL cannot read a certificate that we read\n%s", n, c.PEM())
			continue
		}
		r := chain.Build(c, chain.Options{Roots: chain.NewPool(d.roots), MaxPaths: 1})
		if problem := disagreement(r, want, found, text); problem != "" {
			t.Errorf("case %d: %s\n%s\n%s\n%s%s", n, problem, text, r.Explanation, c.PEM(), root.PEM())
		}
		if want {
			good++
		}
	}
	t.Logf("%d of %d signatures are good", good, cases)
}

// openSSL30 is the openssl command, of the version that the vectors were recorded on.
func openSSL30(t *testing.T) string {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	version, _ := exec.Command(openssl, "version").Output()
	if !bytes.HasPrefix(version, []byte("OpenSSL 3.0.")) {
		t.Skipf("%s: the vectors were recorded on OpenSSL 3.0", bytes.TrimSpace(version))
	}
	return openssl
}
