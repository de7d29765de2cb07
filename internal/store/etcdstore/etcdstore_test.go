package etcdstore

import (
	"log/slog"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/storetest"
)

// testLog writes what etcd reports to the test's log, which shows only of tests that fail.
func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func openIn(t testing.TB, config Config) *Store {
	t.Helper()
	if config.Logger == nil {
		config.Logger = testLog(t)
	}
	s, err := Embedded(config)
	if err != nil {
		t.Fatalf("Embedded(%+v): %v", config, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openIn(t, Config{Dir: t.TempDir()}) })
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	open := func(t *testing.T) store.Store { return openIn(t, Config{Dir: dir}) }
	storetest.RunReopen(t, open, func(t *testing.T, s store.Store) store.Store {
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		return open(t)
	})
}

func TestStartIsQuick(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"first", "again"} {
		start := time.Now()
		s := openIn(t, Config{Dir: dir})
		ready := time.Since(start)
		if _, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put("/a", nil)}}); err != nil {
			t.Fatalf("Commit: %v", err)
		}
		start = time.Now()
		s.Close()
		t.Logf("%s start: ready after %v, closed in %v", name, ready, time.Since(start))
		if ready > 20*time.Second { // a busy machine is slow; an idle one takes a tenth of a second
			t.Errorf("%s start took %v", name, ready)
		}
	}
}
