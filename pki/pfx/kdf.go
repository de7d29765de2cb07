package pfx

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"math/big"
	"unicode/utf16"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// digests are the hash functions of a PKCS#12 MAC.
var digests = map[string]func() hash.Hash{
	"1.2.840.113549.2.5":     md5.New,
	"1.3.14.3.2.26":          sha1.New,
	"2.16.840.1.101.3.4.2.4": sha256.New224,
	"2.16.840.1.101.3.4.2.1": sha256.New,
	"2.16.840.1.101.3.4.2.2": sha512.New384,
	"2.16.840.1.101.3.4.2.3": sha512.New,
	"2.16.840.1.101.3.4.2.5": sha512.New512_224,
	"2.16.840.1.101.3.4.2.6": sha512.New512_256,
}

// hmacs are the pseudo-random functions of PBKDF2 (RFC 8018 appendix B.1).
var hmacs = map[string]func() hash.Hash{
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
	"1.2.840.113549.2.12": sha512.New512_224,
	"1.2.840.113549.2.13": sha512.New512_256,
}

// work counts the rounds of key derivation that are left for one file.
type work struct {
	left int
	// charge, if not nil, is told of rounds before they are done.
	charge func(rounds int)
}

func newWork(rounds int) *work { return &work{left: rounds} }

// spend takes times × rounds from the budget and charges them. A count below one is malformed.
func (w *work) spend(rounds *big.Int, times int) (int, error) {
	if rounds.Sign() <= 0 {
		return 0, fmt.Errorf("%w: iteration count %s", ErrMalformed, rounds)
	}
	if !rounds.IsInt64() || rounds.Int64() > int64(w.left/times) {
		return 0, fmt.Errorf("%w: it asks for %d-bit many rounds of key derivation", ErrTooCostly, rounds.BitLen())
	}
	total := int(rounds.Int64()) * times
	w.left -= total
	if w.charge != nil {
		w.charge(total)
	}
	return int(rounds.Int64()), nil
}

// secret is a password in the forms that the schemes ask for.
type secret struct {
	// text is the password in UTF-8: PBES2 and PBES1.
	text string
	// bmp is the password in UTF-16 with two zero octets at the end: PKCS#12. A password that
	// was never given is without them.
	bmp []byte
}

func passwordOf(password *string) secret {
	if password == nil {
		return secret{}
	}
	var bmp []byte
	for _, u := range utf16.Encode([]rune(*password + "\x00")) {
		bmp = append(bmp, byte(u>>8), byte(u))
	}
	return secret{*password, bmp}
}

// candidates are the passwords to try, as .NET does: an empty one may be there or not.
func candidates(password *string) []secret {
	empty := ""
	switch {
	case password == nil:
		return []secret{{}, passwordOf(&empty)}
	case *password == "":
		return []secret{passwordOf(&empty), {}}
	}
	return []secret{passwordOf(password)}
}

// Purposes of material derived by pkcs12KDF (RFC 7292 appendix B.3).
const (
	purposeKey = 1
	purposeIV  = 2
	purposeMAC = 3
)

// pkcs12KDF derives size octets from a password (RFC 7292 appendix B.2).
func pkcs12KDF(newHash func() hash.Hash, password, salt []byte, rounds, purpose, size int) []byte {
	h := newHash()
	u, v := h.Size(), h.BlockSize()
	diversifier := make([]byte, v)
	for i := range diversifier {
		diversifier[i] = byte(purpose)
	}
	input := append(fillBlocks(salt, v), fillBlocks(password, v)...)
	var out []byte
	for len(out) < size {
		h.Reset()
		h.Write(diversifier)
		h.Write(input)
		a := h.Sum(nil)
		for range rounds - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		out = append(out, a[:u]...)
		addBlocks(input, a, v)
	}
	return out[:size]
}

// fillBlocks repeats b up to a whole number of blocks of v octets.
func fillBlocks(b []byte, v int) []byte {
	if len(b) == 0 {
		return nil
	}
	out := make([]byte, (len(b)+v-1)/v*v)
	for i := range out {
		out[i] = b[i%len(b)]
	}
	return out
}

// addBlocks adds a, repeated to one block, and one to each block of input.
func addBlocks(input, a []byte, v int) {
	for start := 0; start < len(input); start += v {
		carry := 1
		for j := v - 1; j >= 0; j-- {
			carry += int(input[start+j]) + int(a[j%len(a)])
			input[start+j] = byte(carry)
			carry >>= 8
		}
	}
}

// pbkdf1 derives size octets (RFC 8018 section 5.1); no more than the hash has.
func pbkdf1(newHash func() hash.Hash, password, salt []byte, rounds, size int) []byte {
	h := newHash()
	h.Write(password)
	h.Write(salt)
	a := h.Sum(nil)
	for range rounds - 1 {
		h.Reset()
		h.Write(a)
		a = h.Sum(a[:0])
	}
	return a[:size]
}

// maxSalt bounds a salt in bytes, which PKCS#12's derivation hashes whole.
const maxSalt = 1024

// pbkdf2Key reads PBKDF2-params (RFC 8018 appendix A.2) and derives size octets, the key length
// that the cipher has; 0 takes the one of the parameters.
func pbkdf2Key(params []byte, password string, size int, w *work) ([]byte, error) {
	seq, err := der.One(params, der.Sequence, "PBKDF2 parameters")
	if err != nil {
		return nil, err
	}
	r := der.NewReader(seq.Content)
	salt, err := r.Read(der.OctetString, "salt")
	if err != nil {
		return nil, err
	}
	count, err := readInt(r, "iteration count")
	if err != nil {
		return nil, err
	}
	if r.Is(der.Integer) {
		length, err := readInt(r, "key length")
		if err != nil {
			return nil, err
		}
		if !length.IsInt64() || length.Int64() < 1 || length.Int64() > 64 || size != 0 && length.Int64() != int64(size) {
			return nil, fmt.Errorf("%w: key length %s", ErrMalformed, length)
		}
		size = int(length.Int64())
	}
	prf := sha1.New
	if !r.Empty() {
		id, _, err := readAlgorithm(r, "pseudo-random function")
		if err != nil {
			return nil, err
		}
		if prf = hmacs[id]; prf == nil {
			return nil, fmt.Errorf("%w: pseudo-random function %s", ErrUnsupported, id)
		}
	}
	if size == 0 || len(salt.Content) > maxSalt {
		return nil, fmt.Errorf("%w: PBKDF2 parameters", ErrMalformed)
	}
	blocks := (size + prf().Size() - 1) / prf().Size()
	rounds, err := w.spend(count, blocks)
	if err != nil {
		return nil, err
	}
	return pbkdf2.Key(prf, password, salt.Content, rounds, size)
}

func readInt(r *der.Reader, what string) (*big.Int, error) {
	e, err := r.Read(der.Integer, what)
	if err != nil {
		return nil, err
	}
	n, err := der.Int(e.Content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}

// readAlgorithm reads an AlgorithmIdentifier; params is the DER of its parameters, nil if absent.
func readAlgorithm(r *der.Reader, what string) (id string, params []byte, err error) {
	seq, err := r.Read(der.Sequence, what)
	if err != nil {
		return "", nil, err
	}
	s := der.NewReader(seq.Content)
	if id, err = readOID(s, what); err != nil || s.Empty() {
		return id, nil, err
	}
	e, err := s.Next()
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", what, err)
	}
	return id, e.Full, s.End(what)
}

// sumMAC is HMAC over data.
func sumMAC(newHash func() hash.Hash, key, data []byte) []byte {
	m := hmac.New(newHash, key)
	m.Write(data)
	return m.Sum(nil)
}
