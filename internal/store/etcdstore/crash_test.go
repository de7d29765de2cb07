package etcdstore

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/internal/store"
)

// crashDir in the environment makes the test binary a writer to be killed.
const crashDir = "POSTERN_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(dir, os.Getenv(crashDir+"_ROUND")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// crashWriters write at the same time; every eighth value is bigger than a chunk.
const crashWriters = 16

func crashValue(writer, n int) []byte {
	text := fmt.Sprintf("value %d of writer %d;", n, writer)
	if n%8 == 3 {
		return bytes.Repeat([]byte(text), 700<<10/len(text))
	}
	return []byte(text)
}

// writeUntilKilled commits pairs of keys and, once acknowledged, names them on standard output.
func writeUntilKilled(dir, round string) error {
	s, err := Embedded(Config{Dir: dir})
	if err != nil {
		return err
	}
	var out sync.Mutex
	failed := make(chan error, crashWriters)
	for writer := range crashWriters {
		go func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("/%s/%d/%d/", round, writer, n)
				revision, err := s.Commit(context.Background(), store.Txn{
					If:   []store.Condition{store.Empty(key)},
					Then: []store.Op{store.Put(key+"a", crashValue(writer, n)), store.Put(key+"b", crashValue(writer, n))},
				})
				if err != nil {
					failed <- err
					return
				}
				out.Lock()
				fmt.Printf("%s %d %d %d\n", key, writer, n, revision)
				out.Unlock()
			}
		}()
	}
	return <-failed
}

// TestKilledWriterLosesNothing kills a process in the middle of its commits:
// each one that it had acknowledged is there afterwards, and none by half.
func TestKilledWriterLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	for round, kill := range []int{1, 150, 400} {
		lines := runUntil(t, dir, round, kill)
		s := openIn(t, Config{Dir: dir})
		sweep(t, s, later()) // what the killed process uploaded and did not commit
		for _, line := range lines {
			var key string
			var writer, n int
			var revision int64
			if _, err := fmt.Sscan(line, &key, &writer, &n, &revision); err != nil {
				t.Fatalf("the writer wrote %q: %v", line, err)
			}
			for _, half := range []string{"a", "b"} {
				e, err := s.Get(t.Context(), key+half)
				if err != nil || e.ModRevision != revision || !bytes.Equal(e.Value, crashValue(writer, n)) {
					t.Errorf("acknowledged %s at %d is lost: %d bytes at %d, %v", key+half, revision, len(e.Value), e.ModRevision, err)
				}
			}
		}
		entries, _, err := s.List(t.Context(), fmt.Sprintf("/%d/", round))
		if err != nil || len(entries)%2 != 0 || len(entries) < 2*len(lines) {
			t.Errorf("round %d: %d entries for %d acknowledged pairs, %v", round, len(entries), len(lines), err)
		}
		t.Logf("round %d: %d pairs acknowledged, %d found", round, len(lines), len(entries)/2)
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// runUntil runs a writer, kills it after so many lines and returns all of its lines.
func runUntil(t *testing.T, dir string, round, kill int) []string {
	t.Helper()
	writer := exec.Command(os.Args[0], "-test.run=^$")
	writer.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("%s_ROUND=%d", crashDir, round))
	writer.Stderr = os.Stderr
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		if len(lines) == kill {
			writer.Process.Kill()
		}
	}
	writer.Wait()
	if len(lines) < kill {
		t.Fatalf("the writer ended after %d lines", len(lines))
	}
	return lines
}
