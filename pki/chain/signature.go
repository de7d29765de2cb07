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
	// pss says that the parameters are those of RSASSA-PSS; pssErr that they are not readable.
	pss    bool
	pssErr error
	salt   int
}

// signatureAlgorithms are the algorithms of OpenSSL 3.0 (its obj_xref table) that verify here, by object identifier.
var signatureAlgorithms = map[string]Algorithm{
	"1.2.840.113549.1.1.4":    {key: keyRSA, hash: crypto.MD5},
	"1.2.840.113549.1.1.5":    {key: keyRSA, hash: crypto.SHA1},
	"1.3.14.3.2.29":           {key: keyRSA, hash: crypto.SHA1},
	"1.2.840.113549.1.1.14":   {key: keyRSA, hash: crypto.SHA224},
	"1.2.840.113549.1.1.11":   {key: keyRSA, hash: crypto.SHA256},
	"1.2.840.113549.1.1.12":   {key: keyRSA, hash: crypto.SHA384},
	"1.2.840.113549.1.1.13":   {key: keyRSA, hash: crypto.SHA512},
	"1.2.840.113549.1.1.15":   {key: keyRSA, hash: crypto.SHA512_224},
	"1.2.840.113549.1.1.16":   {key: keyRSA, hash: crypto.SHA512_256},
	"2.16.840.1.101.3.4.3.13": {key: keyRSA, hash: crypto.SHA3_224},
	"2.16.840.1.101.3.4.3.14": {key: keyRSA, hash: crypto.SHA3_256},
	"2.16.840.1.101.3.4.3.15": {key: keyRSA, hash: crypto.SHA3_384},
	"2.16.840.1.101.3.4.3.16": {key: keyRSA, hash: crypto.SHA3_512},
	"1.2.840.113549.1.1.10":   {key: keyRSAPSS, pss: true},
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
	if a.pss {
		a.hash, a.salt, a.pssErr = readPSS(r)
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
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.4": crypto.SHA224,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
	"2.16.840.1.101.3.4.2.5": crypto.SHA512_224,
	"2.16.840.1.101.3.4.2.6": crypto.SHA512_256,
}

// HashByOID is the digest with the given object identifier in dotted form, 0 if it is not known.
func HashByOID(oid string) crypto.Hash { return hashesByOID[oid] }

var errPSS = errors.New("RSASSA-PSS parameters are not supported")

// readPSS reads RSASSA-PSS-params (RFC 4055 section 3.1). The mask's digest must be the message's.
func readPSS(outer *der.Reader) (hash crypto.Hash, salt int, err error) {
	hash, salt = crypto.SHA1, 20
	mask := crypto.SHA1
	seq, err := outer.Read(der.Sequence, "parameters")
	if err != nil {
		return 0, 0, errPSS
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			return 0, 0, errPSS
		}
		switch e.ID {
		case der.ContextConstructed:
			hash = readHash(e.Content)
		case der.ContextConstructed + 1:
			mask = readMask(e.Content)
		case der.ContextConstructed + 2:
			salt = readSmall(e.Content)
		case der.ContextConstructed + 3:
			if readSmall(e.Content) != 1 {
				return 0, 0, errPSS
			}
		default:
			return 0, 0, errPSS
		}
	}
	if hash == 0 || mask != hash || salt < 0 {
		return 0, 0, errPSS
	}
	return hash, salt, nil
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
	oid, _ = der.OIDText(id.Content)
	return oid, r.Rest()
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
		return len(k.ed) == ed25519.PublicKeySize && ed25519.Verify(k.ed, signed, signature)
	case keyEd448:
		return verifyEd448(k.ed, signed, signature)
	}
	if a.hash == 0 || !a.hash.Available() {
		return false
	}
	h := a.hash.New()
	h.Write(signed) //nolint:errcheck // never fails
	digest := h.Sum(nil)
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
	if a.pssErr != nil || k.rsa == nil {
		return false
	}
	salt := a.salt
	if salt == 0 {
		return verifyPSSNoSalt(k.rsa, a.hash, digest, signature)
	}
	return rsa.VerifyPSS(k.rsa, a.hash, digest, signature, &rsa.PSSOptions{SaltLength: salt}) == nil
}

// verifyPSSNoSalt checks RSASSA-PSS with an empty salt, for which crypto/rsa has no spelling:
// its SaltLength 0 means "any". The check is EMSA-PSS-VERIFY of RFC 8017 section 9.1.2.
func verifyPSSNoSalt(key *rsa.PublicKey, hash crypto.Hash, digest, signature []byte) bool {
	if len(signature) != key.Size() {
		return false
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(key.N) >= 0 {
		return false
	}
	bits := key.N.BitLen() - 1
	size := (bits + 7) / 8
	hashSize := hash.Size()
	m := s.Exp(s, big.NewInt(int64(key.E)), key.N)
	if m.BitLen() > size*8 || size < hashSize+2 {
		return false
	}
	em := m.FillBytes(make([]byte, size))
	db, h := em[:size-hashSize-1], em[size-hashSize-1:size-1]
	if em[size-1] != 0xbc || (bits%8 != 0 && em[0]>>(bits%8) != 0) {
		return false
	}
	mask(db, hash, h)
	if bits%8 != 0 {
		db[0] &= 1<<(bits%8) - 1
	}
	for i, c := range db {
		if (i < len(db)-1 && c != 0) || (i == len(db)-1 && c != 1) {
			return false
		}
	}
	want := hash.New()
	want.Write(make([]byte, 8)) //nolint:errcheck // never fails
	want.Write(digest)          //nolint:errcheck // never fails
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
