package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

func testConditions(t *testing.T, s store.Store) {
	a := put(t, s, "/a", []byte("a"))
	put(t, s, "/dir/x", []byte("x"))
	for _, tc := range []struct {
		name      string
		condition store.Condition
		holds     bool
	}{
		{"absent, and it is", store.Absent("/none"), true},
		{"absent, but it is not", store.Absent("/a"), false},
		{"revision zero is absent", store.AtRevision("/none", 0), true},
		{"at its revision", store.AtRevision("/a", a), true},
		{"at another revision", store.AtRevision("/a", a+1), false},
		{"at a revision, but absent", store.AtRevision("/none", a), false},
		{"exists", store.Exists("/a"), true},
		{"exists, but it does not", store.Exists("/none"), false},
		{"a prefix of others does not exist", store.Exists("/di"), false},
		{"empty", store.Empty("/a/"), true},
		{"not empty", store.Empty("/dir/"), false},
		{"a key itself is under its prefix", store.Empty("/a"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := s.Commit(t.Context(), store.Txn{If: []store.Condition{store.Exists("/dir/x"), tc.condition}})
			checkCondition(t, err, tc.condition, tc.holds)
			_, err = s.Commit(t.Context(), store.Txn{
				If:   []store.Condition{tc.condition, store.Exists("/a")},
				Then: []store.Op{store.Put("/made/"+strconv.FormatBool(tc.holds), nil)},
			})
			checkCondition(t, err, tc.condition, tc.holds)
		})
	}
	if _, err := s.Get(t.Context(), "/made/false"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a transaction with a condition that does not hold left its key: %v", err)
	}
	get(t, s, "/made/true")
	_, before := list(t, s, "")
	if got := commit(t, s); got != before {
		t.Errorf("an empty transaction answers %d, want the present revision %d", got, before)
	}
}

func checkCondition(t *testing.T, err error, c store.Condition, holds bool) {
	t.Helper()
	if holds {
		if err != nil {
			t.Errorf("Commit if %v: %v", c, err)
		}
		return
	}
	wantKind(t, "Commit if "+c.String(), err, fault.PreconditionFailed)
	var known *fault.Error
	if errors.As(err, &known) && known.Target != c.Key() {
		t.Errorf("the error's target is %q, want %q", known.Target, c.Key())
	}
	var failed *store.ConditionError
	if !errors.As(err, &failed) || failed.Condition != c {
		t.Errorf("error %v does not name condition %v", err, c)
	}
}

// testCompareAndSwap counts with 16 writers that each read, add one and write
// on condition that nobody was quicker.
func testCompareAndSwap(t *testing.T, s store.Store) {
	const writers, each = 16, 10
	put(t, s, "/counter", []byte("0"))
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for done := 0; done < each; {
				e, err := s.Get(t.Context(), "/counter")
				if err != nil {
					t.Errorf("Get: %v", err)
					return
				}
				n, _ := strconv.Atoi(string(e.Value))
				_, err = s.Commit(t.Context(), store.Txn{
					If:   []store.Condition{store.AtRevision("/counter", e.ModRevision)},
					Then: []store.Op{store.Put("/counter", []byte(strconv.Itoa(n+1)))},
				})
				switch {
				case err == nil:
					done++
				case fault.KindOf(err) != fault.PreconditionFailed:
					t.Errorf("Commit: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	if got := get(t, s, "/counter"); string(got.Value) != strconv.Itoa(writers*each) {
		t.Errorf("the counter is %s, want %d", got.Value, writers*each)
	}
}

func testAtomic(t *testing.T, s store.Store) {
	put(t, s, "/old", nil)
	revision := commit(t, s, store.Put("/x", []byte("1")), store.Put("/y", []byte("2")), store.Delete("/old"))
	for _, key := range []string{"/x", "/y"} {
		if got := get(t, s, key); got.ModRevision != revision || got.CreateRevision != revision {
			t.Errorf("%s is at %d, made at %d; want both %d", key, got.ModRevision, got.CreateRevision, revision)
		}
	}
	if _, err := s.Get(t.Context(), "/old"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Get of the deleted key: %v", err)
	}
}

func testDeletions(t *testing.T, s store.Store) {
	for _, key := range []string{"/a", "/a/1", "/a/2", "/ab", "/b"} {
		put(t, s, key, nil)
	}
	commit(t, s, store.DeletePrefix("/a/"), store.Put("/c", nil), store.Delete("/none"), store.Delete("/b"))
	if got, _ := list(t, s, ""); strings.Join(keys(got), " ") != "/a /ab /c" {
		t.Errorf("after the deletions the store has %v", keys(got))
	}
	commit(t, s, store.DeletePrefix("/a"))
	commit(t, s, store.Delete("/c"))
	if got, _ := list(t, s, ""); len(got) != 0 {
		t.Errorf("after all deletions the store has %v", keys(got))
	}
	put(t, s, "/a", nil)
}

func testWrong(t *testing.T, s store.Store) {
	_, before := list(t, s, "")
	for _, tc := range []struct {
		name string
		txn  store.Txn
		want fault.Kind
	}{
		{"no key", store.Txn{Then: []store.Op{store.Put("", nil)}}, fault.Invalid},
		{"no prefix to delete", store.Txn{Then: []store.Op{store.DeletePrefix("")}}, fault.Invalid},
		{"NUL in the key", store.Txn{Then: []store.Op{store.Put("/a\x00", nil)}}, fault.Invalid},
		{"no UTF-8", store.Txn{Then: []store.Op{store.Delete("/\xff")}}, fault.Invalid},
		{"key too long", store.Txn{Then: []store.Op{store.Put(strings.Repeat("k", store.MaxKeyBytes+1), nil)}}, fault.Invalid},
		{"no key in a condition", store.Txn{If: []store.Condition{store.Exists("")}}, fault.Invalid},
		{"two puts of one key", store.Txn{Then: []store.Op{store.Put("/a", nil), store.Put("/b", nil), store.Put("/a", nil)}}, fault.Invalid},
		{"put and delete of one key", store.Txn{Then: []store.Op{store.Put("/a", nil), store.Delete("/a")}}, fault.Invalid},
		{"put under a deleted prefix", store.Txn{Then: []store.Op{store.Put("/a/b", nil), store.DeletePrefix("/a")}}, fault.Invalid},
		{"prefixes in each other", store.Txn{Then: []store.Op{store.DeletePrefix("/a/b"), store.DeletePrefix("/a")}}, fault.Invalid},
		{"too many operations", store.Txn{Then: make([]store.Op, store.MaxTxnKeys+1)}, fault.TooLarge},
		{"too many conditions", store.Txn{If: make([]store.Condition, store.MaxTxnKeys+1)}, fault.TooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := s.Commit(t.Context(), tc.txn)
			wantKind(t, "Commit", err, tc.want)
		})
	}
	if _, after := list(t, s, ""); after != before {
		t.Errorf("wrong transactions moved the revision from %d to %d", before, after)
	}
}

// testBigTransactions commits more than one etcd transaction holds, in
// operations and in bytes, and overwrites it with less.
func testBigTransactions(t *testing.T, s store.Store) {
	for _, tc := range []struct {
		name    string
		n, size int
	}{
		{"129 operations", 129, 10},
		{"values together over 1.5 MiB", 100, 40 << 10},
		{"one big among many", 200, 0},
		{"as many as may be", store.MaxTxnKeys, 8},
	} {
		t.Run(tc.name, func(t *testing.T) {
			prefix := "/" + tc.name + "/"
			ops := make([]store.Op, 0, tc.n)
			value := func(i int) []byte {
				if tc.size == 0 && i == 77 {
					return pattern(3<<20, 77)
				}
				return pattern(tc.size, uint32(i))
			}
			for i := range tc.n {
				ops = append(ops, store.Put(fmt.Sprintf("%s%05d", prefix, i), value(i)))
			}
			batches := s.Watch(t.Context(), prefix, 0)
			revision, err := s.Commit(t.Context(), store.Txn{If: []store.Condition{store.Empty(prefix)}, Then: ops})
			if err != nil {
				t.Fatalf("Commit: %v", err)
			}
			b := next(t, batches)
			entries, _ := list(t, s, prefix)
			if len(entries) != tc.n || len(b.Events) != tc.n || b.Revision != revision {
				t.Fatalf("%d entries, %d events at %d; want %d of each at %d", len(entries), len(b.Events), b.Revision, tc.n, revision)
			}
			for i, e := range entries {
				if e.ModRevision != revision || !bytes.Equal(e.Value, value(i)) || !same(e, b.Events[i].Entry) {
					t.Fatalf("entry %d at %d, or its event, is not what was put at %d", i, e.ModRevision, revision)
				}
			}
		})
	}
}

func testManyConditions(t *testing.T, s store.Store) {
	const n = 300
	var ops []store.Op
	for i := range n {
		ops = append(ops, store.Put(fmt.Sprintf("/m/%03d", i), nil))
	}
	made := commit(t, s, ops...)
	var conditions []store.Condition
	for _, op := range ops {
		conditions = append(conditions, store.AtRevision(op.Key(), made))
	}
	conditions = append(conditions, store.Empty("/n/"), store.Exists("/m/000"))
	revision, err := s.Commit(t.Context(), store.Txn{If: conditions, Then: ops})
	if err != nil || revision <= made {
		t.Fatalf("Commit with %d conditions = %d, %v", len(conditions), revision, err)
	}
	_, err = s.Commit(t.Context(), store.Txn{If: conditions, Then: ops})
	checkCondition(t, err, conditions[0], false)

	commit(t, s, store.DeletePrefix("/m/")) // the first commit after one that only deletes
	for i := range conditions[:n] {
		conditions[i] = store.Absent(ops[i].Key())
	}
	if _, err := s.Commit(t.Context(), store.Txn{If: conditions[:n], Then: ops}); err != nil {
		t.Errorf("Commit with %d conditions after a deletion: %v", n, err)
	}
	_, err = s.Commit(t.Context(), store.Txn{If: conditions[:n]})
	checkCondition(t, err, conditions[0], false)
}

// testManyConditionsBusy has transactions of many conditions succeed while
// others write all the time.
func testManyConditionsBusy(t *testing.T, s store.Store) {
	conditions := make([]store.Condition, 150)
	for i := range conditions {
		conditions[i] = store.Absent(fmt.Sprintf("/absent/%d", i))
	}
	var busy, many sync.WaitGroup
	done := make(chan struct{})
	for w := range 8 {
		busy.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(fmt.Sprintf("/busy/%d", w), nil)}}); err != nil {
					t.Errorf("Commit: %v", err)
					return
				}
			}
		})
	}
	for w := range 3 {
		many.Go(func() {
			for n := range 5 {
				op := store.Put(fmt.Sprintf("/done/%d/%d", w, n), nil)
				if _, err := s.Commit(t.Context(), store.Txn{If: conditions, Then: []store.Op{op}}); err != nil {
					t.Errorf("Commit with many conditions: %v", err)
				}
			}
		})
	}
	many.Wait()
	close(done)
	busy.Wait()
	if got, _ := list(t, s, "/done/"); len(got) != 15 {
		t.Errorf("%d transactions of many conditions are there, want 15", len(got))
	}
}

func testConcurrentWriters(t *testing.T, s store.Store) {
	const writers = 1000
	var all sync.WaitGroup
	revisions := make([]int64, writers)
	for i := range writers {
		all.Go(func() {
			key := fmt.Sprintf("/w/%04d", i)
			var err error
			revisions[i], err = s.Commit(t.Context(), store.Txn{
				If: []store.Condition{store.Absent(key)}, Then: []store.Op{store.Put(key, []byte(key))},
			})
			if err != nil {
				t.Errorf("Commit %d: %v", i, err)
			}
		})
	}
	all.Wait()
	entries, _ := list(t, s, "/w/")
	if len(entries) != writers {
		t.Fatalf("%d entries, want %d", len(entries), writers)
	}
	seen := map[int64]bool{}
	for i, e := range entries {
		if e.ModRevision != revisions[i] || seen[e.ModRevision] || string(e.Value) != e.Key {
			t.Errorf("entry %+v; want revision %d, not used by another", e, revisions[i])
		}
		seen[e.ModRevision] = true
	}
}

// testListConsistent writes pairs of equal values, and lists until all are written.
func testListConsistent(t *testing.T, s store.Store) {
	pair := func(n string) []store.Op {
		return []store.Op{store.Put("/first", []byte(n)), store.Put("/second", []byte(n))}
	}
	commit(t, s, pair("0")...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range 100 {
			if _, err := s.Commit(t.Context(), store.Txn{Then: pair(strconv.Itoa(n))}); err != nil {
				t.Errorf("Commit: %v", err)
				return
			}
		}
	}()
	for {
		entries, revision := list(t, s, "")
		if len(entries) != 2 || !bytes.Equal(entries[0].Value, entries[1].Value) || entries[0].ModRevision > revision {
			t.Errorf("List = %+v at %d; want two equal values", entries, revision)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
