package clr

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"encoding/binary"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// The numbers of CipherMode and PaddingMode.
const (
	modeCBC, modeECB, modeOFB, modeCFB, modeCTS  = 1, 2, 3, 4, 5
	padNone, padPKCS7, padZeros, padX923, padISO = 1, 2, 3, 4, 5
)

const (
	msgKeySize       = "Specified key is not a valid size for this algorithm."
	msgIVSize        = "Specified initialization vector (IV) does not match the block size for this algorithm."
	msgPartialBlock  = "The input data is not a complete block."
	msgBadPadding    = "Padding is invalid and cannot be removed."
	msgBadCipherMode = "Specified cipher mode is not valid for this algorithm."
)

// symmetricKind is a block cipher of the library.
type symmetricKind struct {
	name string
	// keys are the sizes of keys in bits, block that of a block.
	keys     []int
	key      int
	block    int
	make     func(key []byte) (cipher.Block, error)
	feedback int
}

var (
	aesKind = &symmetricKind{"Aes", []int{128, 192, 256}, 256, 128, aes.NewCipher, 8}
	tripleX = &symmetricKind{"TripleDES", []int{128, 192}, 192, 64, newTripleDES, 8}
	desKind = &symmetricKind{"DES", []int{64}, 64, 64, des.NewCipher, 8}
)

// newTripleDES takes keys of two parts too, the first of which is then the third.
func newTripleDES(key []byte) (cipher.Block, error) {
	if len(key) == 16 {
		key = append(append([]byte{}, key...), key[:8]...)
	}
	return des.NewTripleDESCipher(key)
}

// weakDES are the keys of DES that make encryption its own inverse, without the parity bits.
var weakDES = map[uint64]bool{0: true, 0xFEFEFEFEFEFEFEFE: true, 0x1E1E1E1E0E0E0E0E: true, 0xE0E0E0E0F0F0F0F0: true}

// weak reports a key of Triple DES that makes a single DES of it, and a weak key of DES.
func (k *symmetricKind) weak(key []byte) bool {
	switch k {
	case tripleX:
		return bytes.Equal(key[:8], key[8:16]) || len(key) == 24 && bytes.Equal(key[8:16], key[16:])
	case desKind:
		return weakDES[binary.BigEndian.Uint64(key)&0xFEFEFEFEFEFEFEFE]
	}
	return false
}

// symmetric is a SymmetricAlgorithm.
type symmetric struct {
	kind    *symmetricKind
	typ     func() *types.Type
	key, iv []byte
	keySize int
	// trims: of a vector that is too long the beginning is taken.
	trims    bool
	feedback int
	mode     int
	padding  int
}

// ClrType is the concrete class.
func (s *symmetric) ClrType() *types.Type { return s.typ() }

// Dispose forgets the key.
func (s *symmetric) Dispose(*types.Thread) { s.key, s.iv = nil, nil }

func newSymmetric(k *symmetricKind, class string) *symmetric {
	return &symmetric{kind: k, typ: lateType(cryptoNS + class), trims: strings.HasSuffix(class, "CryptoServiceProvider"),
		keySize: k.key, feedback: k.feedback, mode: modeCBC, padding: padPKCS7}
}

// symmetricByName makes the object that .NET's table of names has, name in lower case and without namespace; nil for an unknown name.
func symmetricByName(name string, full bool) any {
	switch name {
	case "aes", "aescryptoserviceprovider":
		if name == "aes" && full {
			return nil
		}
		return newSymmetric(aesKind, "AesCryptoServiceProvider")
	case "aesmanaged":
		return newSymmetric(aesKind, "AesManaged")
	case "rijndael", "rijndaelmanaged":
		return newSymmetric(aesKind, "RijndaelManaged")
	case "symmetricalgorithm":
		if full {
			return newSymmetric(aesKind, "RijndaelManaged")
		}
	case "tripledes", "3des", "triple des":
		return newSymmetric(tripleX, "TripleDESCryptoServiceProvider")
	case "des":
		return newSymmetric(desKind, "DESCryptoServiceProvider")
	}
	return nil
}

func (s *symmetric) keyNow() []byte {
	for s.key == nil || s.kind.weak(s.key) {
		s.key = randomBytes(s.keySize / 8)
	}
	return s.key
}

func (s *symmetric) ivNow() []byte {
	if s.iv == nil {
		s.iv = randomBytes(s.kind.block / 8)
	}
	return s.iv
}

func (s *symmetric) validKeySize(bits int) bool {
	for _, n := range s.kind.keys {
		if n == bits {
			return true
		}
	}
	return false
}

// transform is CreateEncryptor(key, iv) or CreateDecryptor(key, iv).
func (s *symmetric) transform(key, iv []byte, encrypt bool) *transform {
	if key == nil {
		types.ThrowNull("rgbKey")
	}
	if !s.validKeySize(len(key) * 8) {
		types.ThrowArgument(types.ArgumentException, msgKeySize, "rgbKey")
	}
	if s.trims && len(iv)*8 > s.kind.block {
		iv = iv[:s.kind.block/8]
	}
	if iv != nil && len(iv)*8 != s.kind.block {
		types.ThrowArgument(types.ArgumentException, msgIVSize, "rgbIV")
	}
	if s.kind.weak(key) {
		types.Throw(types.CryptographicException, "Specified key is a known weak key for '"+s.kind.name+"' and cannot be used.")
	}
	if iv == nil && s.mode != modeECB {
		types.Throw(types.CryptographicException, "The cipher mode specified requires that an initialization vector (IV) be used.")
	}
	block, err := s.kind.make(key)
	if err != nil {
		types.ThrowArgument(types.ArgumentException, msgKeySize, "rgbKey")
	}
	x := &transform{block: block, encrypt: encrypt, mode: s.mode, padding: s.padding, unit: block.BlockSize(), iv: append([]byte(nil), iv...)}
	if s.mode == modeCFB {
		if s.feedback != 8 && s.feedback != s.kind.block {
			types.Throw(types.CryptographicException, "The specified feedback size '"+itoa(s.feedback)+"' for CipherMode 'CFB' is not supported.")
		}
		x.unit = s.feedback / 8
	}
	x.reset()
	return x
}

// oneShot is EncryptCbc and its like: the object's own key with another mode, vector and padding.
func (s *symmetric) oneShot(t *types.Thread, data, iv []byte, mode, padding, feedback int, encrypt bool) types.Value {
	if padding < padNone || padding > padISO {
		types.ThrowArgument(types.ArgumentOutOfRangeException, "Specified padding mode is not valid for this algorithm.", "paddingMode")
	}
	if mode != modeECB && len(iv)*8 != s.kind.block {
		types.ThrowArgument(types.ArgumentException, msgIVSize, "iv")
	}
	copied := *s
	copied.mode, copied.padding, copied.feedback = mode, padding, feedback
	return types.Ref(&types.Bytes{B: copied.transform(s.keyNow(), iv, encrypt).final(t, data)})
}
