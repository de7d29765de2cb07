package chain_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// publicKey draws a SubjectPublicKeyInfo in forms right and wrong.
func (s *signer) publicKey() []byte {
	integer := func(n *big.Int) []byte { return must(asn1.Marshal(n)) }
	bits := func(content []byte) []byte {
		unused := byte(0)
		if s.rng.IntN(100) < s.odd {
			unused = 3
		}
		return tlv(3, []byte{unused}, content)
	}
	switch s.rng.IntN(5) {
	case 0, 1:
		return tlv(0x30, s.rsaID(), bits(s.rsaKey(integer)))
	case 2, 3:
		return tlv(0x30, tlv(0x30, oidDER(1, 2, 840, 10045, 2, 1), s.curve()), bits(s.point()))
	}
	ed := make([]byte, pick(s.generator, 32, 32, 57, 31, 33, 0))
	return tlv(0x30, tlv(0x30, oidDER(1, 3, 101, pick(s.generator, 112, 110, 113, 111)), s.parameters(nil)), bits(ed))
}

func (s *signer) rsaID() []byte {
	id := oidDER(1, 2, 840, 113549, 1, 1, 1)
	if s.rng.IntN(4) == 0 {
		id = oidDER(1, 2, 840, 113549, 1, 1, 10)
		return tlv(0x30, id, pick(s.generator, nil, null, tlv(0x30), tlv(0x30, tlv(0xa0, tlv(0x30, oidDER(hashes[2].id...)))), tlv(0x30, tlv(0xa2, []byte{2, 1, 0xff})), tlv(0x30, tlv(0xa3, []byte{2, 1, 2}))))
	}
	return tlv(0x30, id, s.parameters(null))
}

func (s *signer) rsaKey(integer func(*big.Int) []byte) []byte {
	n, e := s.rsa.N, big.NewInt(int64(s.rsa.E))
	if s.rare() {
		e = pick(s.generator, big.NewInt(3), new(big.Int).Lsh(big.NewInt(1), 70), new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 40), big.NewInt(1)))
	}
	value := tlv(0x30, integer(n), integer(e))
	if !s.rare() {
		return value
	}
	padded := tlv(2, append([]byte{0}, n.FillBytes(make([]byte, 257))...))
	return pick(s.generator, append(bytes.Clone(value), 0), tlv(0x30, integer(n)), tlv(0x30, integer(new(big.Int).Neg(n)), integer(e)), tlv(0x30, integer(n), integer(e), null),
		tlv(0x30, padded, integer(e)), value[:len(value)-1], nil, tlv(0x31, integer(n), integer(e)), tlv(0x30, integer(new(big.Int).Lsh(n, 40)), integer(e)), tlv(0x30, integer(new(big.Int)), integer(e)))
}

// curve draws parameters of an EC key.
func (s *signer) curve() []byte {
	p256 := oidDER(1, 2, 840, 10045, 3, 1, 7)
	if !s.rare() {
		return p256
	}
	return pick(s.generator, nil, null, oidDER(1, 3, 132, 0, 34), oidDER(1, 3, 132, 0, 10), oidDER(1, 2, 3), tlv(0x30), append(bytes.Clone(p256), null...), oidDER(1, 3, 36, 3, 3, 2, 8, 1, 1, 7))
}

// point draws a point of P-256.
func (s *signer) point() []byte {
	key := s.keys[1]
	full := elliptic.Marshal(elliptic.P256(), key.X, key.Y) //nolint:staticcheck // the octets themselves are wanted
	compressed := elliptic.MarshalCompressed(elliptic.P256(), key.X, key.Y)
	if !s.rare() {
		return full
	}
	hybrid := append([]byte{6 | full[64]&1}, full[1:]...)
	wrongHybrid := append([]byte{7 ^ full[64]&1}, full[1:]...)
	off := bytes.Clone(full)
	off[64] ^= 1
	return pick(s.generator, compressed, hybrid, wrongHybrid, off, full[:64], append(bytes.Clone(full), 0), []byte{0}, nil, append([]byte{5}, full[1:]...), append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...), make([]byte, 65))
}

// TestKeysAsOpenSSL draws public keys in many forms and compares the verdict on a certificate with them with openssl verify.
func TestKeysAsOpenSSL(t *testing.T) {
	openssl := openSSL30(t)
	g := newGenerator(t, uint64(fromEnvironment("POSTERN_SEED", 1)))
	s := &signer{generator: g}
	var err error
	if s.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	s.ec = append(s.ec, g.keys[2])
	dir, good := t.TempDir(), 0
	s.plain = true
	name := g.subject(true, 0)
	root, err := cert.Parse(s.issue(&g.keys[2].PublicKey, g.keys[2], 1, name, name, true))
	if err != nil {
		t.Fatal(err)
	}
	cases := fromEnvironment("POSTERN_CASES", 80)
	for n := 0; n < cases; {
		g.odd = pick(g, 0, 10, 30)
		spki := s.publicKey()
		g.odd, s.spki = 0, spki
		c, err := cert.Parse(s.issue(nil, g.keys[2], int64(n+2), name, g.subject(false, 1), false))
		if err != nil {
			n++
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
		if want && onlyWeak(r) {
			continue // refused on purpose
		}
		if problem := disagreement(r, want, found, text); problem != "" {
			t.Errorf("case %d: %s\n%s\n%s\n%s", n, problem, text, r.Explanation, c.PEM())
		}
		if want {
			good++
		}
	}
	t.Logf("%d of %d keys are good", good, cases)
}

// onlyWeak reports whether nothing speaks against the first path but a weak key.
func onlyWeak(r *chain.Result) bool {
	failures := r.Explanation.Paths[0].Failures
	return len(failures) > 0 && !slices.ContainsFunc(failures, func(f chain.Failure) bool { return f.Reason != chain.ReasonWeakKey })
}
