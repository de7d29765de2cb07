package pfx

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/sha1"
	"errors"
	"fmt"
	"hash"
	"math/big"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// errPadding is a decryption that came out as nonsense: the key was wrong.
var errPadding = fmt.Errorf("%w: content does not decrypt", ErrPassword)

// oidPBES2 is the scheme that names its key derivation and its cipher (RFC 8018 section 6.2).
const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
)

// pbeScheme is a scheme that has its cipher in its name.
type pbeScheme struct {
	hash    func() hash.Hash
	keySize int
	// pkcs12 schemes derive key and vector as PKCS#12 does, the others as PBES1 does.
	pkcs12 bool
	cipher func(key []byte) (cipher.Block, error)
}

// pbeSchemes are those of RFC 7292 appendix C and RFC 8018 appendix A.3.
var pbeSchemes = map[string]pbeScheme{
	"1.2.840.113549.1.12.1.3": {sha1.New, 24, true, des.NewTripleDESCipher},
	"1.2.840.113549.1.12.1.4": {sha1.New, 16, true, twoKeyTripleDES},
	"1.2.840.113549.1.12.1.5": {sha1.New, 16, true, rc2Cipher(128)},
	"1.2.840.113549.1.12.1.6": {sha1.New, 5, true, rc2Cipher(40)},
	"1.2.840.113549.1.5.3":    {md5.New, 8, false, des.NewCipher},
	"1.2.840.113549.1.5.6":    {md5.New, 8, false, rc2Cipher(64)},
	"1.2.840.113549.1.5.10":   {sha1.New, 8, false, des.NewCipher},
	"1.2.840.113549.1.5.11":   {sha1.New, 8, false, rc2Cipher(64)},
}

func twoKeyTripleDES(key []byte) (cipher.Block, error) {
	return des.NewTripleDESCipher(append(append([]byte(nil), key...), key[:8]...))
}

func rc2Cipher(bits int) func([]byte) (cipher.Block, error) {
	return func(key []byte) (cipher.Block, error) { return newRC2(key, bits) }
}

// decrypt opens data that was sealed with the scheme and a password. ErrPassword is among the
// reasons if the password may be wrong.
func decrypt(scheme string, params, data []byte, p secret, w *work) ([]byte, error) {
	if scheme == oidPBES2 {
		return decryptPBES2(params, data, p, w)
	}
	s, ok := pbeSchemes[scheme]
	if !ok {
		return nil, fmt.Errorf("%w: encryption %s", ErrUnsupported, scheme)
	}
	salt, count, err := pbeParams(params)
	if err != nil {
		return nil, err
	}
	rounds, err := w.spend(count, 2)
	if err != nil {
		return nil, err
	}
	var key, iv []byte
	if s.pkcs12 {
		key = pkcs12KDF(s.hash, p.bmp, salt, rounds, purposeKey, s.keySize)
		iv = pkcs12KDF(s.hash, p.bmp, salt, rounds, purposeIV, des.BlockSize)
	} else {
		both := pbkdf1(s.hash, []byte(p.text), salt, rounds, 16)
		key, iv = both[:8], both[8:]
	}
	block, err := s.cipher(key)
	if err != nil {
		return nil, err
	}
	return decryptCBC(block, iv, data)
}

// pbeParams reads PBEParameter (RFC 8018 appendix A.3).
func pbeParams(params []byte) (salt []byte, rounds *big.Int, err error) {
	seq, err := der.One(params, der.Sequence, "encryption parameters")
	if err != nil {
		return nil, nil, err
	}
	r := der.NewReader(seq.Content)
	e, err := r.Read(der.OctetString, "salt")
	if err != nil {
		return nil, nil, err
	}
	if len(e.Content) > maxSalt {
		return nil, nil, errors.New("salt is too long")
	}
	if rounds, err = readInt(r, "iteration count"); err != nil {
		return nil, nil, err
	}
	return e.Content, rounds, r.End("encryption parameters")
}

func decryptPBES2(params, data []byte, p secret, w *work) ([]byte, error) {
	seq, err := der.One(params, der.Sequence, "PBES2 parameters")
	if err != nil {
		return nil, err
	}
	r := der.NewReader(seq.Content)
	kdf, kdfParams, err := readAlgorithm(r, "key derivation")
	if err != nil {
		return nil, err
	}
	if kdf != oidPBKDF2 {
		return nil, fmt.Errorf("%w: key derivation %s", ErrUnsupported, kdf)
	}
	scheme, schemeParams, err := readAlgorithm(r, "cipher")
	if err != nil {
		return nil, err
	}
	c, iv, err := pbes2Cipher(scheme, schemeParams)
	if err != nil {
		return nil, err
	}
	key, err := pbkdf2Key(kdfParams, p.text, c.keySize, w)
	if err != nil {
		return nil, err
	}
	block, err := c.cipher(key)
	if err != nil {
		return nil, err
	}
	if len(iv) != block.BlockSize() {
		return nil, errors.New("initialization vector has the wrong length")
	}
	return decryptCBC(block, iv, data)
}

// pbes2Ciphers are ciphers in CBC mode whose parameter is the initialization vector.
var pbes2Ciphers = map[string]pbeScheme{
	"2.16.840.1.101.3.4.1.2":  {keySize: 16, cipher: aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {keySize: 24, cipher: aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {keySize: 32, cipher: aes.NewCipher},
	"1.2.840.113549.3.7":      {keySize: 24, cipher: des.NewTripleDESCipher},
	"1.3.14.3.2.7":            {keySize: 8, cipher: des.NewCipher},
}

const oidRC2CBC = "1.2.840.113549.3.2"

func pbes2Cipher(id string, params []byte) (pbeScheme, []byte, error) {
	if id == oidRC2CBC {
		return rc2Params(params)
	}
	c, ok := pbes2Ciphers[id]
	if !ok {
		return c, nil, fmt.Errorf("%w: cipher %s", ErrUnsupported, id)
	}
	iv, err := der.One(params, der.OctetString, "initialization vector")
	return c, iv.Content, err
}

// rc2Params reads RC2-CBC-Parameter (RFC 8018 appendix B.2.3): the version stands for the
// effective key length, which is also the length of the derived key here.
func rc2Params(params []byte) (c pbeScheme, iv []byte, err error) {
	seq, err := der.One(params, der.Sequence, "RC2 parameters")
	if err != nil {
		return c, nil, err
	}
	r, bits := der.NewReader(seq.Content), 32
	if r.Is(der.Integer) {
		version, err := readInt(r, "RC2 version")
		if err != nil {
			return c, nil, err
		}
		known := map[int64]int{160: 40, 120: 64, 58: 128}
		if bits = known[version.Int64()]; bits == 0 {
			return c, nil, fmt.Errorf("%w: RC2 version %s", ErrUnsupported, version)
		}
	}
	e, err := r.Read(der.OctetString, "initialization vector")
	return pbeScheme{keySize: bits / 8, cipher: rc2Cipher(bits)}, e.Content, err
}

// decryptCBC decrypts and takes the padding off (RFC 8018 section 6.1.1).
func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(data) == 0 || len(data)%size != 0 {
		return nil, errPadding
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	pad := int(out[len(out)-1])
	if pad == 0 || pad > size {
		return nil, errPadding
	}
	for _, b := range out[len(out)-pad:] {
		if int(b) != pad {
			return nil, errPadding
		}
	}
	return out[:len(out)-pad], nil
}

// decryptKey opens an EncryptedPrivateKeyInfo (RFC 5958 section 3).
func decryptKey(raw []byte, p secret, w *work) ([]byte, error) {
	seq, err := der.One(raw, der.Sequence, "encrypted private key")
	if err != nil {
		return nil, err
	}
	r := der.NewReader(seq.Content)
	scheme, params, err := readAlgorithm(r, "encryption")
	if err != nil {
		return nil, err
	}
	e, err := r.Read(der.OctetString, "encrypted key")
	if err != nil {
		return nil, err
	}
	return decrypt(scheme, params, e.Content, p, w)
}

// decryptFailure spells a failure to decrypt as .NET does.
func decryptFailure(err error) error {
	switch {
	case errors.Is(err, ErrPassword):
		return fail(messagePassword, ErrPassword, nil)
	case errors.Is(err, ErrUnsupported), errors.Is(err, ErrTooCostly):
		return &cert.Exception{Type: cert.CryptographicException, Message: messageNoMatch, Err: err}
	}
	return malformed(err)
}
