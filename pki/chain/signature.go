package chain

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // signatures of the past
	"crypto/ed25519"
	_ "crypto/md5" //nolint:gosec // recognized in order to be refused by name
	"crypto/rsa"
	_ "crypto/sha1" //nolint:gosec // .NET takes SHA-1
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"errors"
	"math/big"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Algorithm is a signature algorithm: an AlgorithmIdentifier that was read.
type Algorithm struct {
	// key is the kind of key that makes such signatures; keyNone if OpenSSL 3.0 does not know the algorithm.
	key  keyKind
	hash crypto.Hash
	// pss are the parameters of RSASSA-PSS.
	pss pssParams
	// params says that there are parameters.
	params bool
}

// pssParams are RSASSA-PSS-params (RFC 4055 section 3.1); err says that they cannot be read.
type pssParams struct {
	hash, mask crypto.Hash
	salt       int
	err        error
}

// signatureAlgorithms are the algorithms of OpenSSL 3.0 (its obj_xref table) that verify here, by object identifier.
// RSA with SHA-512/224 and SHA-512/256 is not among them: OpenSSL 3.0 knows it by name only.
var signatureAlgorithms = map[string]Algorithm{
	"1.2.840.113549.1.1.4":    {key: keyRSA, hash: crypto.MD5},
	"1.2.840.113549.1.1.5":    {key: keyRSA, hash: crypto.SHA1},
	"1.3.14.3.2.29":           {key: keyRSA, hash: crypto.SHA1},
	"1.2.840.113549.1.1.14":   {key: keyRSA, hash: crypto.SHA224},
	"1.2.840.113549.1.1.11":   {key: keyRSA, hash: crypto.SHA256},
	"1.2.840.113549.1.1.12":   {key: keyRSA, hash: crypto.SHA384},
	"1.2.840.113549.1.1.13":   {key: keyRSA, hash: crypto.SHA512},
	"2.16.840.1.101.3.4.3.13": {key: keyRSA, hash: crypto.SHA3_224},
	"2.16.840.1.101.3.4.3.14": {key: keyRSA, hash: crypto.SHA3_256},
	"2.16.840.1.101.3.4.3.15": {key: keyRSA, hash: crypto.SHA3_384},
	"2.16.840.1.101.3.4.3.16": {key: keyRSA, hash: crypto.SHA3_512},
	"1.2.840.113549.1.1.10":   {key: keyRSAPSS},
	"1.2.840.10045.4.1":       {key: keyEC, hash: crypto.SHA1},
	"1.2.840.10045.4.3.1":     {key: keyEC, hash: crypto.SHA224},
	"1.2.840.10045.4.3.2":     {key: keyEC, hash: crypto.SHA256},
	"1.2.840.10045.4.3.3":     {key: keyEC, hash: crypto.SHA384},
	"1.2.840.10045.4.3.4":     {key: keyEC, hash: crypto.SHA512},
	"1.2.840.10040.4.3":       {key: keyDSA, hash: crypto.SHA1},
	"1.3.14.3.2.27":           {key: keyDSA, hash: crypto.SHA1},
	"2.16.840.1.101.3.4.3.1":  {key: keyDSA, hash: crypto.SHA224},
	"2.16.840.1.101.3.4.3.2":  {key: keyDSA, hash: crypto.SHA256},
	"1.3.101.112":             {key: keyEd25519},
	"1.3.101.113":             {key: keyEd448},
	// MD2 and MD4 are known to OpenSSL but computed nowhere here.
	"1.2.840.113549.1.1.2": {key: keyRSA},
	"1.2.840.113549.1.1.3": {key: keyRSA},
}

// ReadAlgorithm reads the DER of an AlgorithmIdentifier. An algorithm that is not known
// gives one that verifies nothing.
func ReadAlgorithm(raw []byte) Algorithm {
	seq, err := der.One(raw, der.Sequence, "algorithm")
	if err != nil {
		return Algorithm{}
	}
	r := der.NewReader(seq.Content)
	id, err := r.Read(der.OID, "algorithm")
	if err != nil {
		return Algorithm{}
	}
	oid, err := der.OIDText(id.Content)
	if err != nil {
		return Algorithm{}
	}
	a := signatureAlgorithms[oid]
	a.params = !r.Empty()
	if a.key == keyRSAPSS {
		a.pss = readPSS(r)
		a.hash = a.pss.hash
	}
	return a
}

// Weak reports whether the digest is broken for signatures whoever checks them: MD5 and older.
func (a Algorithm) Weak() bool {
	return a.hash == crypto.MD5 || (a.key == keyRSA && a.hash == 0)
}

// SHA1 reports whether the digest is SHA-1, which .NET takes.
func (a Algorithm) SHA1() bool { return a.hash == crypto.SHA1 }

// hashesByOID are the digests of RSASSA-PSS parameters (RFC 4055 section 2.1).
var hashesByOID = map[string]crypto.Hash{
	"1.3.14.3.2.26":           crypto.SHA1,
	"2.16.840.1.101.3.4.2.4":  crypto.SHA224,
	"2.16.840.1.101.3.4.2.1":  crypto.SHA256,
	"2.16.840.1.101.3.4.2.2":  crypto.SHA384,
	"2.16.840.1.101.3.4.2.3":  crypto.SHA512,
	"2.16.840.1.101.3.4.2.5":  crypto.SHA512_224,
	"2.16.840.1.101.3.4.2.6":  crypto.SHA512_256,
	"2.16.840.1.101.3.4.2.7":  crypto.SHA3_224,
	"2.16.840.1.101.3.4.2.8":  crypto.SHA3_256,
	"2.16.840.1.101.3.4.2.9":  crypto.SHA3_384,
	"2.16.840.1.101.3.4.2.10": crypto.SHA3_512,
}

// HashByOID is the digest with the given object identifier in dotted form, 0 if it is not known.
func HashByOID(oid string) crypto.Hash { return hashesByOID[oid] }

var errPSS = errors.New("RSASSA-PSS parameters are not supported")

// readPSS reads RSASSA-PSS-params.
func readPSS(outer *der.Reader) pssParams {
	p := pssParams{hash: crypto.SHA1, mask: crypto.SHA1, salt: 20}
	seq, err := outer.Read(der.Sequence, "parameters")
	if err != nil {
		return pssParams{err: errPSS}
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			return pssParams{err: errPSS}
		}
		switch e.ID {
		case der.ContextConstructed:
			p.hash = readHash(e.Content)
		case der.ContextConstructed + 1:
			p.mask = readMask(e.Content)
		case der.ContextConstructed + 2:
			p.salt = readSmall(e.Content)
		case der.ContextConstructed + 3:
			if readSmall(e.Content) != 1 {
				return pssParams{err: errPSS}
			}
		default:
			return pssParams{err: errPSS}
		}
	}
	if p.hash == 0 || p.mask == 0 || p.salt < 0 {
		return pssParams{err: errPSS}
	}
	return p
}

// allows reports whether a key with these limits may sign with the parameters p.
func (limits pssParams) allows(p pssParams) bool {
	if limits.err != nil {
		return false
	}
	return limits.hash == 0 || (limits.hash == p.hash && limits.mask == p.mask && p.salt >= limits.salt)
}

func readHash(raw []byte) crypto.Hash {
	oid, _ := readAlgorithmID(raw)
	return hashesByOID[oid]
}

// readMask reads the digest of mask generation function 1.
func readMask(raw []byte) crypto.Hash {
	oid, rest := readAlgorithmID(raw)
	if oid != "1.2.840.113549.1.1.8" {
		return 0
	}
	return readHash(rest)
}

func readAlgorithmID(raw []byte) (oid string, params []byte) {
	seq, err := der.One(raw, der.Sequence, "algorithm")
	if err != nil {
		return "", nil
	}
	r := der.NewReader(seq.Content)
	id, err := r.Read(der.OID, "algorithm")
	if err != nil {
		return "", nil
	}
	params = r.Rest()
	if len(params) > 0 && !anyValue(params) {
		return "", nil
	}
	oid, _ = der.OIDText(id.Content)
	return oid, params
}

// anyValue reports whether raw is one element in a form that OpenSSL takes for ANY.
func anyValue(raw []byte) bool {
	r := der.NewReader(raw)
	e, err := r.Next()
	return err == nil && r.Empty() && der.IsAny(e)
}

// readSmall reads an INTEGER that must be small; -1 if it is not.
func readSmall(raw []byte) int {
	e, err := der.One(raw, der.Integer, "integer")
	if err != nil || len(e.Content) == 0 || len(e.Content) > 3 || e.Content[0]&0x80 != 0 {
		return -1
	}
	n := 0
	for _, c := range e.Content {
		n = n<<8 | int(c)
	}
	return n
}

// mayBeBy reports whether a key of this kind could have made a signature of this algorithm
// (OpenSSL's check before a certificate is taken for an issuer).
func (a Algorithm) mayBeBy(k *publicKey) bool {
	if a.key == keyNone || k.kind == keyNone {
		return false
	}
	return a.key == k.kind || (a.key == keyRSAPSS && k.kind == keyRSA)
}

// Verify reports whether signature is one of signer's key over signed. It is false for
// every key and algorithm that is not known.
func (a Algorithm) Verify(signer *Info, signed, signature []byte) bool {
	return a.verify(&signer.key, signed, signature)
}

func (a Algorithm) verify(k *publicKey, signed, signature []byte) bool {
	if !a.mayBeBy(k) {
		return false
	}
	switch a.key {
	case keyEd25519:
		return !a.params && len(k.ed) == ed25519.PublicKeySize && ed25519.Verify(k.ed, signed, signature)
	case keyEd448:
		return !a.params && verifyEd448(k.ed, signed, signature)
	}
	if a.hash == 0 || !a.hash.Available() {
		return false
	}
	h := a.hash.New()
	h.Write(signed) //nolint:errcheck // never fails
	return a.verifyDigest(k, h.Sum(nil), signature)
}

// Hash is the digest of a message that its signature is over; 0 where that is the message itself (SignsMessage), and
// where the algorithm is not known or its digest is computed nowhere here.
func (a Algorithm) Hash() crypto.Hash {
	if a.SignsMessage() || a.hash == 0 || !a.hash.Available() {
		return 0
	}
	return a.hash
}

// SignsMessage reports whether a signature is over the message itself and not over a digest of it: Ed25519 and Ed448.
func (a Algorithm) SignsMessage() bool { return a.key == keyEd25519 || a.key == keyEd448 }

// VerifyDigest is Verify of a message whose digest by Hash is given, for messages too big to be held. It is false
// where Hash is 0.
func (a Algorithm) VerifyDigest(signer *Info, digest, signature []byte) bool {
	hash := a.Hash()
	return hash != 0 && len(digest) == hash.Size() && a.mayBeBy(&signer.key) && a.verifyDigest(&signer.key, digest, signature)
}

func (a Algorithm) verifyDigest(k *publicKey, digest, signature []byte) bool {
	switch a.key {
	case keyRSA:
		return k.rsa != nil && rsa.VerifyPKCS1v15(k.rsa, a.hash, digest, signature) == nil
	case keyRSAPSS:
		return a.verifyPSS(k, digest, signature)
	case keyEC:
		return verifyECDSA(k.ec, k.rare, digest, signature)
	case keyDSA:
		return verifyDSA(k.dsa, digest, signature)
	}
	return false
}

func (a Algorithm) verifyPSS(k *publicKey, digest, signature []byte) bool {
	if a.pss.err != nil || k.rsa == nil || !k.limits.allows(a.pss) {
		return false
	}
	if a.pss.salt > 0 && a.pss.mask == a.hash {
		return rsa.VerifyPSS(k.rsa, a.hash, digest, signature, &rsa.PSSOptions{SaltLength: a.pss.salt}) == nil
	}
	return verifyRarePSS(k.rsa, a.pss, digest, signature)
}

// verifyRarePSS checks RSASSA-PSS with the parameters that crypto/rsa has no spelling for: an empty
// salt (its SaltLength 0 means "any"), and a mask with another digest than the message's. The check
// is EMSA-PSS-VERIFY of RFC 8017 section 9.1.2.
func verifyRarePSS(key *rsa.PublicKey, p pssParams, digest, signature []byte) bool {
	s := new(big.Int).SetBytes(signature)
	if len(signature) != key.Size() || s.Cmp(key.N) >= 0 || !p.mask.Available() {
		return false
	}
	bits := key.N.BitLen() - 1
	size, hashSize := (bits+7)/8, p.hash.Size()
	m := s.Exp(s, big.NewInt(int64(key.E)), key.N)
	if m.BitLen() > bits || size < hashSize+p.salt+2 {
		return false
	}
	em := m.FillBytes(make([]byte, size))
	db, h := em[:size-hashSize-1], em[size-hashSize-1:size-1]
	if em[size-1] != 0xbc {
		return false
	}
	mask(db, p.mask, h)
	if bits%8 != 0 {
		db[0] &= 1<<(bits%8) - 1
	}
	padding, salt := db[:len(db)-p.salt], db[len(db)-p.salt:]
	for i, c := range padding {
		last := i == len(padding)-1
		if (last && c != 1) || (!last && c != 0) {
			return false
		}
	}
	want := p.hash.New()
	for _, part := range [][]byte{make([]byte, 8), digest, salt} {
		want.Write(part) //nolint:errcheck // never fails
	}
	return string(want.Sum(nil)) == string(h)
}

// mask xors out with the output of mask generation function 1 (RFC 8017 appendix B.2.1).
func mask(out []byte, hash crypto.Hash, seed []byte) {
	for counter, done := uint32(0), 0; done < len(out); counter++ {
		h := hash.New()
		h.Write(seed)                                                                                //nolint:errcheck // never fails
		h.Write([]byte{byte(counter >> 24), byte(counter >> 16), byte(counter >> 8), byte(counter)}) //nolint:errcheck // never fails
		for _, c := range h.Sum(nil) {
			if done == len(out) {
				return
			}
			out[done] ^= c
			done++
		}
	}
}

func verifyDSA(key *dsa.PublicKey, digest, signature []byte) bool {
	if key == nil {
		return false
	}
	r, s, ok := signatureIntegers(signature)
	if !ok {
		return false
	}
	if size := (key.Q.BitLen() + 7) / 8; len(digest) > size {
		digest = digest[:size]
	}
	return dsa.Verify(key, digest, r, s)
}
