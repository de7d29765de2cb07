package seal

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
)

// plainOwner owns entries whose tokens are sealed for their key.
func plainOwner(prefix string) Owner {
	return Owner{prefix, func(e store.Entry) []string { return []string{"elsewhere", e.Key} }}
}

func put(t *testing.T, st store.Store, key, value string) {
	t.Helper()
	if _, err := st.Commit(context.Background(), store.Txn{Then: []store.Op{store.Put(key, []byte(value))}}); err != nil {
		t.Fatal(err)
	}
}

func TestResealAll(t *testing.T) {
	ctx := context.Background()
	s, st := open(t, t.TempDir()), memstore.New()
	for i := range 5 {
		key := fmt.Sprintf("/mine/%d", i)
		put(t, st, key, `{"a":"`+seal(t, s, key, key)+`","b":1}`)
	}
	put(t, st, "/mine/moved", seal(t, s, "/mine/elsewhere", "x"))
	put(t, st, "/nobody/1", seal(t, s, "/nobody/1", "x"))
	put(t, st, "/mine/open", "sealed:v2:later")
	owners := []Owner{plainOwner("/mine/")}
	if r, err := s.ResealAll(ctx, st, owners); err != nil || r.Tokens != 0 || len(r.Left) != 0 {
		t.Errorf("before a rotation: %+v, %v; want nothing to do", r, err)
	}
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}
	r, err := s.ResealAll(ctx, st, owners)
	if want := "[/mine/moved /nobody/1]"; err != nil || r.Entries != 5 || r.Tokens != 5 || fmt.Sprint(r.Left) != want {
		t.Errorf("ResealAll = %+v, %v; want 5 entries, and left %s", r, err, want)
	}
	for i := range 5 {
		key := fmt.Sprintf("/mine/%d", i)
		e, err := st.Get(ctx, key)
		token, ok := strings.CutPrefix(strings.TrimSuffix(string(e.Value), `","b":1}`), `{"a":"`)
		if err != nil || !ok || s.Stale(token) {
			t.Errorf("%s is still sealed with the older key: %s, %v", key, e.Value, err)
		}
		wantOpen(t, s, key, token, key)
	}
}

// Somebody who writes an entry while it is sealed anew wins.
func TestResealAllLosesNoWrite(t *testing.T) {
	ctx := context.Background()
	s, st := open(t, t.TempDir()), memstore.New()
	put(t, st, "/mine/1", seal(t, s, "/mine/1", "old"))
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}
	written := false
	owner := plainOwner("/mine/")
	places := owner.Places
	owner.Places = func(e store.Entry) []string {
		if !written {
			written = true
			put(t, st, "/mine/1", seal(t, s, "/mine/1", "new"))
		}
		return places(e)
	}
	if r, err := s.ResealAll(ctx, st, []Owner{owner}); err != nil || len(r.Left) != 0 {
		t.Fatalf("ResealAll = %+v, %v", r, err)
	}
	e, _ := st.Get(ctx, "/mine/1")
	wantOpen(t, s, "/mine/1", string(e.Value), "new")
}

// Two processes share a file; what one seals after it has rotated, the other opens.
func TestAnotherProcessRotates(t *testing.T) {
	dir := t.TempDir()
	one, other := open(t, dir), open(t, dir)
	if err := one.Rotate(); err != nil {
		t.Fatal(err)
	}
	wantOpen(t, other, "place", seal(t, one, "place", "secret"), "secret")
	if other.Stale(seal(t, other, "place", "x")) {
		t.Error("the other process still seals with the older key")
	}
}

func encoding64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestKeysetOfTheEnvironment(t *testing.T) {
	text, err := Generate("")
	if err != nil {
		t.Fatal(err)
	}
	first, err := OpenConfig(Config{Keyset: text})
	if err != nil {
		t.Fatal(err)
	}
	token := seal(t, first, "place", "secret")
	more, err := Generate(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{more, encoding64(more) + "\n"} {
		s, err := OpenConfig(Config{Keyset: given})
		if err != nil {
			t.Fatal(err)
		}
		wantOpen(t, s, "place", token, "secret")
		if !s.Stale(token) {
			t.Error("the further key does not seal")
		}
		if err := s.Rotate(); fault.KindOf(err) != fault.Unsupported {
			t.Errorf("Rotate = %v, want Unsupported", err)
		}
	}
	if _, err := OpenConfig(Config{Keyset: "{}"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a keyset of nothing: %v, want Invalid", err)
	}
	if _, err := Generate("no keyset"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Generate of no keyset: %v, want Invalid", err)
	}
}

// flip is a key management service that can be away.
type flip struct{ away bool }

func (f *flip) Encrypt(plain, ad []byte) ([]byte, error)  { return f.turn(plain, ad) }
func (f *flip) Decrypt(sealed, ad []byte) ([]byte, error) { return f.turn(sealed, ad) }

func (f *flip) turn(in, ad []byte) ([]byte, error) {
	if f.away {
		return nil, fault.New(fault.Unavailable, "the service is away")
	}
	out := bytes.Clone(in)
	for i := range out {
		out[i] ^= 0x5A
	}
	return out, nil
}

func TestKeyManagementService(t *testing.T) {
	kms, file := &flip{}, t.TempDir()+"/sub/key"
	c := Config{File: file, KMS: kms}
	s, err := OpenConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	token := seal(t, s, "place", "secret")
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	wantOpen(t, again, "place", token, "secret")
	kms.away = true
	if _, err := OpenConfig(c); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without its service: %v, want Unavailable", err)
	}
	if _, err := OpenConfig(Config{File: file}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("read in the clear: %v, want Invalid", err)
	}
	if _, err := OpenConfig(Config{File: file + "2", Existing: true}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a file that must be there: %v, want NotFound", err)
	}
}
