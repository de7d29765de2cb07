package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

func filled(t *testing.T, n int) *memstore.Store {
	t.Helper()
	st := memstore.New()
	for i := range n {
		key := fmt.Sprintf("/resources/%05d", i)
		value := bytes.Repeat([]byte{byte(i), 0, '\n'}, i%7*100)
		if _, err := st.Commit(context.Background(), store.Txn{Then: []store.Op{store.Put(key, value)}}); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func sealer(t *testing.T) *seal.Sealer {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestThereAndBack(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 11, 26, 1, 2, 3, 0, time.UTC)
	for _, n := range []int{0, 1, 1203} {
		s, from := sealer(t), filled(t, n)
		var file bytes.Buffer
		h, err := Write(ctx, from, s, &file, now)
		if err != nil || h.Entries != n || !h.Created.Equal(now) {
			t.Fatalf("Write = %+v, %v", h, err)
		}
		if strings.Contains(file.String(), "/resources/") {
			t.Error("the backup shows keys")
		}
		if err := s.Rotate(); err != nil { // an older key still opens it
			t.Fatal(err)
		}
		read, entries, err := Read(&file, s)
		if err != nil || read != h {
			t.Fatalf("Read = %+v, %v; want %+v", read, err, h)
		}
		to := memstore.New()
		if err := Restore(ctx, to, entries); err != nil {
			t.Fatal(err)
		}
		want, _, _ := from.List(ctx, "/")
		got, _, _ := to.List(ctx, "/")
		if len(got) != len(want) {
			t.Fatalf("%d entries came back of %d", len(got), len(want))
		}
		for i := range want {
			if got[i].Key != want[i].Key || !bytes.Equal(got[i].Value, want[i].Value) {
				t.Fatalf("entry %q differs", want[i].Key)
			}
		}
		if unfinished, err := Unfinished(ctx, to); unfinished || err != nil {
			t.Errorf("Unfinished = %v, %v", unfinished, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	s := sealer(t)
	var file bytes.Buffer
	if _, err := Write(context.Background(), filled(t, 50), s, &file, time.Now()); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	header := bytes.IndexByte(whole, '\n')
	change := func(at int) []byte {
		b := bytes.Clone(whole)
		b[at] ^= 1
		return b
	}
	for _, tc := range []struct {
		name string
		data []byte
		want fault.Kind
	}{
		{"nothing", nil, fault.Invalid},
		{"another file", []byte("PK\x03\x04\n"), fault.Invalid},
		{"a later format", []byte(`{"format":"postern-backup","version":2}` + "\n"), fault.Invalid},
		{"cut in the header", whole[:header], fault.Invalid},
		{"cut behind the header", whole[:header+1], fault.Invalid},
		{"cut at the end", whole[:len(whole)-1], fault.Invalid},
		{"changed at the end", change(len(whole) - 1), fault.Invalid},
		{"changed in the middle", change(header + 100), fault.Invalid},
		{"another number of entries", bytes.Replace(whole, []byte(`"entries":50`), []byte(`"entries":51`), 1), fault.Invalid},
	} {
		if _, _, err := Read(bytes.NewReader(tc.data), s); err == nil || fault.KindOf(err) != tc.want {
			t.Errorf("%s: %v, want Kind %v", tc.name, err, tc.want)
		}
	}
	if _, _, err := Read(bytes.NewReader(whole), sealer(t)); err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("with another master key: %v", err)
	}
}

// failing takes so many transactions.
type failing struct {
	store.Store
	left int
}

func (f *failing) Commit(ctx context.Context, txn store.Txn) (int64, error) {
	if f.left--; f.left < 0 {
		return 0, fault.New(fault.Unavailable, "the disk is full")
	}
	return f.Store.Commit(ctx, txn)
}

func TestRestoreNeedsAnEmptyStore(t *testing.T) {
	ctx := context.Background()
	full := filled(t, 1)
	if err := Restore(ctx, full, nil); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("Restore = %v, want ErrNotEmpty", err)
	}
	entries, _, _ := filled(t, 2*batchKeys).List(ctx, "/")
	half := &failing{memstore.New(), 1}
	if err := Restore(ctx, half, entries); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("Restore = %v", err)
	}
	if unfinished, err := Unfinished(ctx, half); !unfinished || err != nil {
		t.Errorf("Unfinished = %v, %v; want true", unfinished, err)
	}
}
