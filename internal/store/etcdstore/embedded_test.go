package etcdstore

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

func TestLockedDirectory(t *testing.T) {
	dir := t.TempDir()
	first := openIn(t, Config{Dir: dir})
	_, err := Embedded(Config{Dir: dir})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(fmt.Sprint(err), "in use by another process") {
		t.Errorf("Embedded in a directory in use: %v, want kind conflict", err)
	}
	first.Close()
	openIn(t, Config{Dir: dir})
}

func TestDirectoryIsClosedToOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	openIn(t, Config{Dir: dir})
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the directory has mode %v, %v", info.Mode(), err)
	}
}

func TestStartIsQuiet(t *testing.T) {
	dir := t.TempDir()
	var log lockedBuffer
	for range 2 {
		s := openIn(t, Config{Dir: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		commit(t, s, store.Put("/a", nil))
		s.Close()
	}
	if log.String() != "" {
		t.Errorf("starting and closing logs\n%s", log.String())
	}
}

// lockedBuffer is a buffer for many writers.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestNothingListens looks in the kernel's tables for sockets of this process
// that listen: TCP and Unix.
func TestNothingListens(t *testing.T) {
	if _, err := os.Stat("/proc/self/net/tcp"); err != nil {
		t.Skip("only Linux tells")
	}
	before := listening(t)
	openIn(t, Config{Dir: t.TempDir()})
	for inode, line := range listening(t) {
		if before[inode] == "" {
			t.Errorf("an embedded store listens: %s", line)
		}
	}
}

// listening are the table lines of this process's listening sockets, by inode.
func listening(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, table := range []struct {
		name         string
		state, inode int
		listen       string
	}{
		{"tcp", 3, 9, "0A"}, {"tcp6", 3, 9, "0A"},
		{"unix", 3, 6, "00010000"}, // the flag of a socket that accepts
	} {
		text, err := os.ReadFile("/proc/self/net/" + table.name)
		if err != nil {
			continue // no IPv6 here
		}
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > table.inode && f[table.state] == table.listen {
				found["socket:["+f[table.inode]+"]"] = table.name + " " + line
			}
		}
	}
	mine := map[string]string{}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		target, _ := os.Readlink("/proc/self/fd/" + file.Name())
		if line, ok := found[target]; ok {
			mine[target] = line
		}
	}
	return mine
}

// TestFullStore fills the quota: puts are refused with a clear error,
// deletions are not, and after maintenance puts are taken again.
func TestFullStore(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, Config{Dir: dir, QuotaBytes: 16 << 20})
	value := bytes.Repeat([]byte("v"), 100<<10)
	var full error
	n := 0
	for ; n < 1000 && full == nil; n++ {
		_, full = s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(fmt.Sprintf("/full/%d", n), value)}})
	}
	if fault.KindOf(full) != fault.Unavailable || !strings.Contains(full.Error(), "the store is full") || !strings.Contains(full.Error(), "16 MiB") {
		t.Fatalf("after %d values: %v, want kind unavailable and the quota", n, full)
	}
	s.Close()
	s = openIn(t, Config{Dir: dir, QuotaBytes: 16 << 20})
	if entries, _, err := s.List(t.Context(), "/full/"); err != nil || len(entries) != n-1 {
		t.Errorf("a full store lists %d entries, %v; want %d", len(entries), err, n-1)
	}
	if err := s.Maintain(t.Context()); err != nil {
		t.Errorf("Maintain of a full store: %v", err)
	}
	if _, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put("/more", value)}}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("Commit while still full: %v", err)
	}
	if _, err := s.Commit(t.Context(), store.Txn{If: []store.Condition{store.Exists("/full/0")}, Then: []store.Op{store.DeletePrefix("/full/")}}); err != nil {
		t.Fatalf("a deletion in a full store: %v", err)
	}
	if err := s.Maintain(t.Context()); err != nil {
		t.Errorf("Maintain: %v", err)
	}
	if _, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put("/more", value)}}); err != nil {
		t.Errorf("Commit after space was made: %v", err)
	}
}

// TestSpaceIsGivenBack fills the file, empties it, and expects it to shrink.
func TestSpaceIsGivenBack(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100 MiB")
	}
	dir := t.TempDir()
	s := openIn(t, Config{Dir: dir})
	for n := range 100 {
		commit(t, s, store.Put(fmt.Sprintf("/%d", n), bytes.Repeat([]byte{byte(n)}, 1<<20)))
	}
	commit(t, s, store.DeletePrefix("/"))
	sweep(t, s, later())
	_, now, err := s.List(t.Context(), "/")
	if err == nil {
		err = s.Compact(t.Context(), now)
	}
	if err != nil {
		t.Fatalf("Compact: %v", err)
	}
	file := filepath.Join(dir, "member", "snap", "db")
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	// Freed pages count once the backend has committed, which it does ten times a second.
	after := before
	for range 50 {
		if err := s.Maintain(t.Context()); err != nil {
			t.Fatalf("Maintain: %v", err)
		}
		if after, err = os.Stat(file); err != nil {
			t.Fatal(err)
		}
		if after.Size() < before.Size()/2 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the file had %d MiB and has %d", before.Size()>>20, after.Size()>>20)
}

func TestWrongConfig(t *testing.T) {
	tls := func(c Cluster) *Cluster {
		c.CertFile, c.KeyFile, c.CAFile = "cert", "key", "ca"
		return &c
	}
	for _, tc := range []struct {
		name    string
		config  Config
		message string
	}{
		{"no directory", Config{}, "needs a directory"},
		{"cluster without TLS", Config{Cluster: &Cluster{Name: "a", Members: map[string]string{"a": "https://h:1"}}}, "needs a certificate"},
		{"member over http", Config{Cluster: tls(Cluster{Name: "a", Members: map[string]string{"a": "http://h:1"}})}, "https://host:port"},
		{"member without port", Config{Cluster: tls(Cluster{Name: "a", Members: map[string]string{"a": "https://h"}})}, "https://host:port"},
		{"member with a comma", Config{Cluster: tls(Cluster{Name: "a", Members: map[string]string{"a,b": "https://h:1"}})}, "https://host:port"},
		{"not a member itself", Config{Cluster: tls(Cluster{Name: "b", Members: map[string]string{"a": "https://h:1"}})}, "not one of"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.config.Cluster != nil {
				tc.config.Dir = t.TempDir()
			}
			_, err := Embedded(tc.config)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fmt.Sprint(err), tc.message) {
				t.Errorf("Embedded = %v, want kind invalid and %q", err, tc.message)
			}
		})
	}
}

func TestZapLogger(t *testing.T) {
	var log lockedBuffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	z := zapLogger(logger).With(zap.String("member", "m1"))
	z.Info("not worth telling")
	z.Warn("slow disk", zap.Int("ms", 7))
	z.Error("broken")
	z.Warn("simple token is not cryptographically signed")
	z.Error(listenerEnded, zap.Error(fmt.Errorf("accept: %w", net.ErrClosed)))
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("logged\n%s\nwant two lines", log.String())
	}
	for i, want := range [][]string{{"level=WARN", `etcd="slow disk"`, "ms=7", "member=m1"}, {"level=ERROR", "etcd=broken", "member=m1"}} {
		for _, part := range want {
			if !strings.Contains(lines[i], part) {
				t.Errorf("line %d is %s, want %s in it", i, lines[i], part)
			}
		}
	}
}

func commit(t testing.TB, s *Store, ops ...store.Op) int64 {
	t.Helper()
	revision, err := s.Commit(t.Context(), store.Txn{Then: ops})
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return revision
}
