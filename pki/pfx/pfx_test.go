package pfx

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/internal/der"
)

var reasons = map[string]error{
	"password": ErrPassword, "unsupported": ErrUnsupported, "key": ErrKey, "costly": ErrTooCostly, "none": ErrNoCertificate, "malformed": ErrMalformed,
}

// TestFilesOfOpenSSL loads testdata/openssl.jsonl: files that OpenSSL 3.0 made with each cipher,
// each MAC and each kind of key, and what has to come out.
func TestFilesOfOpenSSL(t *testing.T) {
	f, err := os.Open("testdata/openssl.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v struct {
			ID                  string
			Data                []byte
			Password            *string
			Subject, Key, Error string
			Chain               int
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		t.Run(v.ID, func(t *testing.T) {
			id, err := Load(v.Data, v.Password)
			if v.Error != "" {
				if !errors.Is(err, reasons[v.Error]) {
					t.Errorf("Load: %v, want %q", err, v.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			key := fmt.Sprintf("%T", id.Key)
			if id.Certificate.SubjectName() != v.Subject || key != v.Key || len(id.Chain) != v.Chain {
				t.Errorf("Load = %s with %s and %d others", id.Certificate.SubjectName(), key, len(id.Chain))
			}
			if usable := !strings.Contains(key, "Unusable") && id.Key != nil; usable != id.KeyMatches() {
				t.Errorf("KeyMatches = %t with %s", id.KeyMatches(), key)
			}
		})
	}
}

// TestBundlesInPEM reads PKCS#7 under each label that OpenSSL takes for it.
func TestBundlesInPEM(t *testing.T) {
	raw, _ := pair(t)
	signed := tlv(der.Sequence, intDER(1), tlv(der.Set), tlv(der.Sequence, oidDER(t, oidData)), tlv(0xa0, raw), tlv(der.Set))
	bundle := tlv(der.Sequence, oidDER(t, oidSignedData), tlv(0xa0, signed))
	for label := range pkcs7Labels {
		text := pem.EncodeToMemory(&pem.Block{Type: label, Bytes: bundle})
		if kind, err := ContentType(text); err != nil || kind != ContentPKCS7 {
			t.Errorf("%s: ContentType = %q, %v", label, kind, err)
		}
		if id, err := Load(text, nil); err != nil || !bytes.Equal(id.Certificate.Raw, raw) {
			t.Errorf("%s: %v", label, err)
		}
	}
	other := tlv(der.Sequence, oidDER(t, oidData), tlv(0xa0, tlv(der.OctetString)))
	if kind, err := ContentType(other); err != nil || kind != ContentPKCS7 {
		t.Errorf("data: ContentType = %q, %v", kind, err)
	}
	if _, err := Load(other, nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("data: Load: %v", err)
	}
}

func TestUnusableKeySaysWhy(t *testing.T) {
	k := &UnusableKey{errors.New("x")}
	if _, err := k.Sign(rand.Reader, nil, nil); err == nil || !strings.Contains(err.Error(), "cannot be used: x") || k.Public() != nil {
		t.Errorf("Sign: %v", err)
	}
}

// tlv encodes one element.
func tlv(id byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(der.AppendLength([]byte{id}, len(content)), content...)
}

func oidDER(t testing.TB, text string) []byte {
	t.Helper()
	id, err := x509.ParseOID(text)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := id.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return tlv(der.OID, raw)
}

func intDER(n int64) []byte {
	b := big.NewInt(n).Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return tlv(der.Integer, b)
}

// pair makes a certificate and its key.
func pair(t testing.TB) (raw, pkcs8 []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pair"}, NotAfter: time.Now().Add(time.Hour)}
	if raw, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		t.Fatal(err)
	}
	if pkcs8, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		t.Fatal(err)
	}
	return raw, pkcs8
}

func certificateBag(t testing.TB, raw []byte) []byte {
	inner := tlv(der.Sequence, oidDER(t, oidX509Cert), tlv(0xa0, tlv(der.OctetString, raw)))
	return tlv(der.Sequence, oidDER(t, oidCertBag), tlv(0xa0, inner))
}

func keyBag(t testing.TB, pkcs8 []byte) []byte {
	return tlv(der.Sequence, oidDER(t, oidKeyBag), tlv(0xa0, pkcs8))
}

// dataInfo is a ContentInfo of type data.
func dataInfo(t testing.TB, content []byte) []byte {
	return tlv(der.Sequence, oidDER(t, oidData), tlv(0xa0, tlv(der.OctetString, content)))
}

// file makes a PFX of bags in the clear; mac may be nil.
func file(t testing.TB, mac []byte, bags ...[]byte) []byte {
	safe := tlv(der.Sequence, dataInfo(t, tlv(der.Sequence, bags...)))
	return tlv(der.Sequence, intDER(3), dataInfo(t, safe), mac)
}

func TestPBMAC1(t *testing.T) {
	raw, pkcs8 := pair(t)
	safe := tlv(der.Sequence, dataInfo(t, tlv(der.Sequence, certificateBag(t, raw), keyBag(t, pkcs8))))
	salt := []byte("salt")
	key, err := pbkdf2.Key(sha256.New, "pw", salt, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	prf := tlv(der.Sequence, oidDER(t, "1.2.840.113549.2.9"))
	kdf := tlv(der.Sequence, oidDER(t, oidPBKDF2), tlv(der.Sequence, tlv(der.OctetString, salt), intDER(10), intDER(32), prf))
	algorithm := tlv(der.Sequence, oidDER(t, oidPBMAC1), tlv(der.Sequence, kdf, prf))
	digest := tlv(der.OctetString, sumMAC(sha256.New, key, safe))
	mac := tlv(der.Sequence, tlv(der.Sequence, algorithm, digest), tlv(der.OctetString), intDER(1))
	data := tlv(der.Sequence, intDER(3), dataInfo(t, safe), mac)
	for password, want := range map[string]error{"pw": nil, "other": ErrPassword} {
		if id, err := Load(data, &password); !errors.Is(err, want) || want == nil && !id.KeyMatches() {
			t.Errorf("Load with %q: %v, want %v", password, err, want)
		}
	}
}

func TestFilesInTheClear(t *testing.T) {
	raw, pkcs8 := pair(t)
	other, otherKey := pair(t)
	brokenMAC := tlv(der.Sequence, tlv(der.Sequence, tlv(der.Sequence, oidDER(t, "1.3.14.3.2.26")), tlv(der.OctetString, make([]byte, 20))), tlv(der.OctetString, []byte("salt")), intDER(1))
	manyRounds := tlv(der.Sequence, tlv(der.Sequence, tlv(der.Sequence, oidDER(t, "1.3.14.3.2.26")), tlv(der.OctetString, make([]byte, 20))), tlv(der.OctetString, []byte("salt")), intDER(1<<40))
	noRounds := tlv(der.Sequence, tlv(der.Sequence, tlv(der.Sequence, oidDER(t, "1.3.14.3.2.26")), tlv(der.OctetString, make([]byte, 20))), tlv(der.OctetString, []byte("salt")), intDER(0))
	for _, c := range []struct {
		name   string
		data   []byte
		hasKey bool
		err    error
	}{
		{"certificate and key", file(t, nil, certificateBag(t, raw), keyBag(t, pkcs8)), true, nil},
		{"trailing bytes", append(file(t, nil, certificateBag(t, raw)), 0, 0), false, nil},
		{"someone else's key", file(t, nil, certificateBag(t, raw), keyBag(t, otherKey)), false, nil},
		{"the key chooses among certificates", file(t, nil, certificateBag(t, raw), certificateBag(t, other), keyBag(t, pkcs8)), true, nil},
		{"a key alone", file(t, nil, keyBag(t, pkcs8)), false, ErrNoCertificate},
		{"a MAC that is wrong", file(t, brokenMAC, certificateBag(t, raw)), false, ErrPassword},
		{"a MAC of a trillion rounds", file(t, manyRounds, certificateBag(t, raw)), false, ErrTooCostly},
		{"a MAC of no rounds", file(t, noRounds, certificateBag(t, raw)), false, ErrMalformed},
		{"a certificate that is none", file(t, nil, certificateBag(t, []byte{0x30, 0})), false, ErrMalformed},
		{"too many certificates", file(t, nil, bytes.Repeat(certificateBag(t, raw), MaxItems+1)), false, ErrTooCostly},
		{"beyond the size", make([]byte, MaxSize+1), false, ErrTooCostly},
		{"in base64 lines", []byte(strings.Join(chunks(base64.StdEncoding.EncodeToString(file(t, nil, certificateBag(t, raw), keyBag(t, pkcs8))), 64), "\r\n")), true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, err := Load(c.data, nil)
			if !errors.Is(err, c.err) || c.err == nil && (id.Certificate.Thumbprint() == "" || id.KeyMatches() != c.hasKey) {
				t.Errorf("Load = %+v, %v; want key %t, error %v", id, err, c.hasKey, c.err)
			}
			if err != nil {
				if e, ok := errors.AsType[*cert.Exception](err); !ok || e.Type != cert.CryptographicException || e.Message == "" {
					t.Errorf("error is %#v", err)
				}
			}
		})
	}
}

func chunks(s string, size int) []string {
	var list []string
	for len(s) > size {
		list, s = append(list, s[:size]), s[size:]
	}
	return append(list, s)
}

// inBER rewrites DER with indefinite lengths, and octet strings in pieces of ten octets.
func inBER(t *testing.T, data []byte) []byte {
	t.Helper()
	var out []byte
	for r := der.NewReader(data); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Constructed():
			out = append(append(append(out, e.ID, 0x80), inBER(t, e.Content)...), 0, 0)
		case e.ID == der.OctetString && len(e.Content) > 10:
			out = append(out, 0x24, 0x80)
			for rest := e.Content; len(rest) > 0; {
				n := min(10, len(rest))
				out, rest = append(out, tlv(der.OctetString, rest[:n])...), rest[n:]
			}
			out = append(out, 0, 0)
		default:
			out = append(out, e.Full...)
		}
	}
	return out
}

// TestBER loads the recorded files with their outer form rewritten as old programs write it.
func TestBER(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Want["contentType"] != "Pfx" || v.Want["thumbprint"] == nil {
			continue
		}
		data := inBER(t, v.Data)
		if kind, err := ContentType(data); err != nil || kind != ContentPFX {
			t.Errorf("%s: ContentType = %q, %v", v.ID, kind, err)
		}
		id, err := Load(data, v.Password)
		if err != nil || id.Certificate.Thumbprint() != v.Want["thumbprint"] {
			t.Errorf("%s: %v", v.ID, err)
		}
	}
}

func TestLoadPEM(t *testing.T) {
	raw, pkcs8 := pair(t)
	other, otherKey := pair(t)
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(parsed.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	certificates := block("CERTIFICATE", other) + block("CERTIFICATE", raw)
	sealed := block("ENCRYPTED PRIVATE KEY", sealKey(t, pkcs8, "pw"))
	for _, c := range []struct {
		name, text, password string
		key                  bool
		err                  error
	}{
		{"PKCS#8", certificates + block("PRIVATE KEY", pkcs8), "", true, nil},
		{"key first, text around", "hello\n" + block("PRIVATE KEY", pkcs8) + "between\n" + certificates, "", true, nil},
		{"line ends of Windows and a mark", "\xef\xbb\xbf" + strings.ReplaceAll(certificates+block("PRIVATE KEY", pkcs8), "\n", "\r\n"), "", true, nil},
		{"SEC 1", certificates + block("EC PRIVATE KEY", sec1), "", true, nil},
		{"encrypted", certificates + sealed, "pw", true, nil},
		{"encrypted, wrong password", certificates + sealed, "other", false, ErrPassword},
		{"encrypted, wrong password with padding that fits", certificates + block("ENCRYPTED PRIVATE KEY", sealKey(t, []byte("no key at all"), "other")), "other", false, ErrPassword},
		{"no key", certificates, "", false, nil},
		{"a key of none", block("CERTIFICATE", raw) + block("PRIVATE KEY", otherKey), "", false, ErrKey},
		{"a malformed key", certificates + block("PRIVATE KEY", []byte{0x30, 0}), "", false, ErrKey},
		{"no certificate", block("PRIVATE KEY", pkcs8), "", false, ErrNoCertificate},
		{"encrypted in the old way", certificates + "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "", false, ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, err := LoadPEM([]byte(c.text), &c.password)
			if !errors.Is(err, c.err) {
				t.Fatalf("LoadPEM: %v, want %v", err, c.err)
			}
			if c.err == nil && (id.KeyMatches() != c.key || len(id.Chain) != 1) {
				t.Errorf("LoadPEM = key %v, %d others", id.Key, len(id.Chain))
			}
			if c.err == nil && c.key && !bytes.Equal(id.Certificate.Raw, raw) {
				t.Error("LoadPEM chose another certificate than the key's")
			}
		})
	}
}

// sealKey encrypts a key with PBES2 and AES-256.
func sealKey(t *testing.T, plain []byte, password string) []byte {
	t.Helper()
	salt, iv := []byte("saltsalt"), make([]byte, aes.BlockSize)
	key, err := pbkdf2.Key(sha256.New, password, salt, 100, 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	padded := append(append([]byte(nil), plain...), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(padded, padded)
	kdf := tlv(der.Sequence, oidDER(t, oidPBKDF2), tlv(der.Sequence, tlv(der.OctetString, salt), intDER(100), tlv(der.Sequence, oidDER(t, "1.2.840.113549.2.9"))))
	scheme := tlv(der.Sequence, oidDER(t, "2.16.840.1.101.3.4.1.42"), tlv(der.OctetString, iv))
	return tlv(der.Sequence, tlv(der.Sequence, oidDER(t, oidPBES2), tlv(der.Sequence, kdf, scheme)), tlv(der.OctetString, padded))
}

// TestRC2 has the vectors of RFC 2268 section 5.
func TestRC2(t *testing.T) {
	for _, c := range []struct {
		bits               int
		key, plain, sealed string
	}{
		{63, "0000000000000000", "0000000000000000", "ebb773f993278eff"},
		{64, "ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
		{64, "3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
		{64, "88", "0000000000000000", "61a8a244adacccf0"},
		{64, "88bca90e90875a", "0000000000000000", "6ccf4308974c267f"},
		{64, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "1a807d272bbe5db1"},
		{128, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
		{129, "88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", "0000000000000000", "5b78d3a43dfff1f1"},
	} {
		key, _ := hex.DecodeString(c.key)
		plain, _ := hex.DecodeString(c.plain)
		block, err := newRC2(key, c.bits)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]byte, 8)
		if block.Encrypt(out, plain); hex.EncodeToString(out) != c.sealed {
			t.Errorf("RC2-%d with %s: %x, want %s", c.bits, c.key, out, c.sealed)
		}
		if block.Decrypt(out, out); !bytes.Equal(out, plain) {
			t.Errorf("RC2-%d with %s does not decrypt", c.bits, c.key)
		}
	}
	for _, key := range [][]byte{nil, make([]byte, 129)} {
		if _, err := newRC2(key, 64); err == nil {
			t.Errorf("a key of %d octets is taken", len(key))
		}
	}
}

func TestErrorsHoldNoPassword(t *testing.T) {
	password := "a-very-secret-password"
	for _, v := range vectors(t) {
		if _, err := Load(v.Data, &password); err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), password) {
			t.Errorf("%s: the error tells the password: %v", v.ID, err)
		}
	}
}

// fuzzIterations is a budget with which one input takes no more than a few milliseconds.
const fuzzIterations = 20_000

// FuzzLoad: no file panics or spends more than its budget, and none loads without a certificate.
func FuzzLoad(f *testing.F) {
	for _, v := range vectors(f) {
		if len(v.Data) < 3000 {
			f.Add(v.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		password, w := "secret", newWork(fuzzIterations)
		id, err := load(data, &password, w)
		if (err == nil) != (id != nil && id.Certificate != nil) {
			t.Fatalf("load = %v, %v", id, err)
		}
		if _, ok := errors.AsType[*cert.Exception](err); err != nil && !ok {
			t.Fatalf("error is %#v", err)
		}
		if w.left < 0 {
			t.Fatalf("%d rounds beyond the budget", -w.left)
		}
		_, _ = ContentType(data)
		_, _ = loadPEM(data, &password, newWork(fuzzIterations))
	})
}
