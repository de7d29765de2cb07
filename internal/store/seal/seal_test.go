package seal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"

	"github.com/postern-gateway/postern/fault"
)

func open(t testing.TB, dir string) *Sealer {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatalf("Open(%q): %v", dir, err)
	}
	return s
}

func seal(t testing.TB, s *Sealer, ad, plaintext string) string {
	t.Helper()
	token, err := s.Seal(ad, []byte(plaintext))
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return token
}

func wantOpen(t testing.TB, s *Sealer, ad, token, want string) {
	t.Helper()
	if got, err := s.Unseal(ad, token); err != nil || string(got) != want {
		t.Errorf("Unseal = %q, %v; want %q", got, err, want)
	}
}

func TestSealAndUnseal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	s := open(t, dir)
	for _, plaintext := range []string{"", "secret", strings.Repeat("key", 100_000)} {
		token := seal(t, s, "place", plaintext)
		if !IsSealed(token) || !strings.HasPrefix(token, "sealed:v1:") || plaintext != "" && strings.Contains(token, plaintext) {
			t.Errorf("Seal makes %.40q", token)
		}
		if seal(t, s, "place", plaintext) == token {
			t.Error("sealing twice gives the same token")
		}
		wantOpen(t, s, "place", token, plaintext)
		wantOpen(t, open(t, dir), "place", token, plaintext)
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the master key has mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("the directory has %v, want the master key alone", left)
	}
}

func TestUnsealRefuses(t *testing.T) {
	s := open(t, t.TempDir())
	other := open(t, t.TempDir())
	token := seal(t, s, "place", "secret")
	short := tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte{1, 2, 3})
	for _, tc := range []struct {
		name, ad, token string
		want            fault.Kind
	}{
		{"another place", "elsewhere", token, fault.Internal},
		{"another key", "place", seal(t, other, "place", "secret"), fault.Internal},
		{"plain text", "place", "secret", fault.Invalid},
		{"nothing", "place", "", fault.Invalid},
		{"a later format", "place", "sealed:v2:" + token[len(tokenPrefix):], fault.Invalid},
		{"no ciphertext", "place", tokenPrefix, fault.Internal},
		{"too short", "place", short, fault.Internal},
		{"cut", "place", token[:len(token)-8], fault.Internal},
		{"longer", "place", token + "AAAA", fault.Internal},
		{"not base64", "place", token[:20] + "!" + token[21:], fault.Invalid},
		{"a line break", "place", token + "\n", fault.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := s.Unseal(tc.ad, tc.token)
			if got != nil || fault.KindOf(err) != tc.want || err == nil {
				t.Errorf("Unseal = %q, %v; want nothing and kind %v", got, err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret\"") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

// TestEveryByteCounts changes each byte of a token in turn.
func TestEveryByteCounts(t *testing.T) {
	s := open(t, t.TempDir())
	token := seal(t, s, "place", "secret")
	for i := range token {
		changed := []byte(token)
		if changed[i]++; changed[i] == '{' {
			changed[i] = 'a'
		}
		if got, err := s.Unseal("place", string(changed)); err == nil {
			t.Errorf("with byte %d changed Unseal = %q", i, got)
		}
	}
}

func TestAssociatedDataIsUnambiguous(t *testing.T) {
	seen := map[string]string{}
	for _, place := range [][2]string{{"/a", "b"}, {"/a#b", ""}, {"/a", "#b"}, {"/a#", "b"}, {"", "/a#b"}, {"2:/a", "b"}} {
		ad := AssociatedData(place[0], place[1])
		if before, ok := seen[ad]; ok {
			t.Errorf("%q and %q are both %q", place, before, ad)
		}
		seen[ad] = fmt.Sprint(place)
	}
}

func TestRotate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	tokens := []string{seal(t, s, "place", "0")}
	for n := 1; n <= 3; n++ {
		if err := s.Rotate(); err != nil {
			t.Fatalf("Rotate: %v", err)
		}
		tokens = append(tokens, seal(t, s, "place", fmt.Sprint(n)))
	}
	for _, sealer := range []*Sealer{s, open(t, dir)} {
		for n, token := range tokens {
			wantOpen(t, sealer, "place", token, fmt.Sprint(n))
			if got, want := sealer.Stale(token), n < 3; got != want {
				t.Errorf("Stale(token of key %d) = %v, want %v", n, got, want)
			}
		}
	}
	if s.Stale("not a token") {
		t.Error("Stale of plain text = true")
	}
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("after rotating the master key has mode %v, %v", info.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	whole := t.TempDir()
	open(t, whole)
	text, err := os.ReadFile(filepath.Join(whole, FileName))
	if err != nil {
		t.Fatal(err)
	}
	macKey, err := keyset.NewHandle(mac.HMACSHA256Tag256KeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	var macText bytes.Buffer
	if err := insecurecleartextkeyset.Write(macKey, keyset.NewJSONWriter(&macText)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		content []byte
		mode    os.FileMode
		message string
	}{
		{"readable by the group", text, 0o640, "open to others"},
		{"readable by all", text, 0o604, "open to others"},
		{"writable by others", text, 0o602, "open to others"},
		{"empty", nil, 0o600, "damaged"},
		{"cut", text[:len(text)/2], 0o600, "damaged"},
		{"another purpose", macText.Bytes(), 0o600, "not for authenticated encryption"},
		{"huge", make([]byte, maxFileBytes+1), 0o600, "too large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.mode != 0o600 && runtime.GOOS == "windows" {
				t.Skip("Windows has no such modes")
			}
			dir := t.TempDir()
			file := filepath.Join(dir, FileName)
			if err := os.WriteFile(file, tc.content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, tc.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fmt.Sprint(err), tc.message) {
				t.Errorf("Open = %v, want kind invalid and %q", err, tc.message)
			}
			if after, _ := os.ReadFile(file); !bytes.Equal(after, tc.content) {
				t.Error("Open changed a keyset that it refused")
			}
		})
	}
}

func TestOpenExisting(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenExisting(dir); fault.KindOf(err) != fault.NotFound {
		t.Errorf("OpenExisting without a keyset: %v, want kind not found", err)
	}
	token := seal(t, open(t, dir), "place", "secret")
	s, err := OpenExisting(dir)
	if err != nil {
		t.Fatalf("OpenExisting: %v", err)
	}
	wantOpen(t, s, "place", token, "secret")
}

// TestOpenAtOnce has many make the keyset at the same time: one is kept, and all use it.
func TestOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	tokens := make([]string, 8)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			s, err := Open(dir)
			if err == nil {
				tokens[i], err = s.Seal("place", []byte("secret"))
			}
			if err != nil {
				t.Errorf("opener %d: %v", i, err)
			}
		})
	}
	all.Wait()
	s := open(t, dir)
	for _, token := range tokens {
		wantOpen(t, s, "place", token, "secret")
	}
}

// TestRotateAtOnce has two sealers of one file rotate by turns and together: no key is lost.
func TestRotateAtOnce(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := a.Rotate(); err != nil {
				t.Errorf("Rotate: %v", err)
			}
		})
	}
	all.Wait()
	first := seal(t, a, "place", "first")
	if err := b.Rotate(); err != nil {
		t.Fatalf("Rotate: %v", err)
	}
	second := seal(t, b, "place", "second")
	s := open(t, dir)
	wantOpen(t, b, "place", first, "first")
	wantOpen(t, s, "place", first, "first")
	wantOpen(t, s, "place", second, "second")
}

func TestNewTakesAnyAEAD(t *testing.T) {
	handle, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	s := New(a)
	token := seal(t, s, "place", "secret")
	wantOpen(t, s, "place", token, "secret")
	if err := s.Rotate(); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("Rotate of a key kept elsewhere: %v, want kind unsupported", err)
	}
	if s.Stale(token) {
		t.Error("Stale of a key kept elsewhere = true")
	}
}

func FuzzUnseal(f *testing.F) {
	s := open(f, f.TempDir())
	f.Add(seal(f, s, "place", "secret"))
	f.Add("sealed:v1:AQ")
	f.Fuzz(func(t *testing.T, token string) {
		plaintext, err := s.Unseal("elsewhere", token)
		if err == nil {
			t.Errorf("%q opens as %q", token, plaintext)
		}
	})
}

func Example() {
	dir, err := os.MkdirTemp("", "seal")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	sealer, err := Open(dir)
	if err != nil {
		panic(err)
	}
	place := AssociatedData("/services/local/certificates/bob", "password")
	token, err := sealer.Seal(place, []byte("correct horse"))
	if err != nil {
		panic(err)
	}
	secret, err := sealer.Unseal(place, token)
	fmt.Println(IsSealed(token), string(secret), err)
	_, err = sealer.Unseal(AssociatedData("/services/local/certificates/eve", "password"), token)
	fmt.Println(err != nil)
	// Output:
	// true correct horse <nil>
	// true
}
