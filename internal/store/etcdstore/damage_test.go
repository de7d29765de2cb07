package etcdstore

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// TestDamagedFiles overwrites what etcd left behind: starting on it is an
// error that names the place, not the end of the process.
func TestDamagedFiles(t *testing.T) {
	for _, tc := range []struct{ name, files string }{
		{"database", "member/snap/db"},
		{"log", "member/wal/*.wal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			s := openIn(t, Config{Dir: dir})
			commit(t, s, store.Put("/a", nil))
			s.Close()
			files, err := filepath.Glob(filepath.Join(dir, tc.files))
			if err != nil || len(files) == 0 {
				t.Fatalf("etcd left no %s: %v", tc.files, err)
			}
			for _, file := range files {
				if err := os.WriteFile(file, bytes.Repeat([]byte("damaged "), 8192), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err = Embedded(Config{Dir: dir, Logger: testLog(t)})
			if err == nil {
				s.Close()
			}
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fmt.Sprint(err), dir) {
				t.Errorf("Embedded on damaged files = %v, want kind unavailable and the directory", err)
			}
		})
	}
}
