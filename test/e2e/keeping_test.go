package e2e

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// stop is SIGTERM, and waits for the end.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		p.t.Fatal("postern does not end")
	}
}

// withSecrets gives a Postern something of every kind that is sealed, and an API that answers with some of it.
func (p *process) withSecrets() {
	root := testkit.NewRoot(p.t, "Root")
	p.put("/namedValues/secret", properties(object{"displayName": "secret", "value": "s3cret", "secret": true}))
	p.put("/certificates/key", properties(object{"data": base64.StdEncoding.EncodeToString(root.NewClient(p.t, "key").PFX(p.t, "pw")), "password": "pw"}))
	p.api("a", "a", "", "GET /")
	p.policy("a", `<policies><inbound><return-response><set-body>@("{{secret}}" + context.Deployment.Certificates.Count(c => c.Value.HasPrivateKey))</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>`)
}

const answerOfSecrets = "s3cret1"

// The master key is rotated while requests go on; afterwards nothing is sealed with the key that was.
func TestMasterKeyRotates(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "elsewhere", "key")
	dir := filepath.Join(t.TempDir(), "data")
	p := startIn(t, dir, "--master-key", keyFile)
	if strings.Contains(p.logs.String(), "the master key lies beside") {
		t.Error("it warns of a key that lies elsewhere")
	}
	p.withSecrets()
	run(t, 0, "", "dev", "issue", "--name", "c", "--out", t.TempDir(), "--data-dir", dir)

	c := p.caller(callerOptions{})
	var ended atomic.Bool
	done := make(chan int)
	go func() {
		n := 0
		for !ended.Load() {
			if r := c.get(t, "/a"); r.body != answerOfSecrets {
				t.Errorf("during the rotation: %d %q", r.status, r.body)
				break
			}
			n++
		}
		done <- n
	}()
	for range 3 {
		out, _ := run(t, 0, "", "key", "rotate", "--data-dir", dir)
		if !strings.HasPrefix(out, "rotated; ") || strings.HasPrefix(out, "rotated; 0 ") {
			t.Errorf("key rotate prints %q", out)
		}
	}
	ended.Store(true)
	if n := <-done; n == 0 {
		t.Error("no request was made meanwhile")
	}
	p.stop()
	again := startIn(t, dir, "--master-key", keyFile)
	if r := again.caller(callerOptions{}).get(t, "/a"); r.body != answerOfSecrets {
		t.Errorf("after a restart: %d %q", r.status, r.body)
	}
}

func TestBackupAndRestore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := startIn(t, dir)
	if !strings.Contains(p.logs.String(), "the master key lies beside") {
		t.Error("it does not warn of a master key in the data directory")
	}
	p.withSecrets()
	file := filepath.Join(t.TempDir(), "postern.backup")
	run(t, 0, "", "backup", "--data-dir", dir, file)
	data, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(data), "s3cret") || strings.Contains(string(data), "namedValues") {
		t.Errorf("the backup is readable, or not there: %v", err)
	}
	if _, stderr := run(t, 2, "", "backup", "--data-dir", dir, file); !strings.Contains(stderr, "is there already") {
		t.Errorf("a second backup to the same file: %s", stderr)
	}

	other := filepath.Join(t.TempDir(), "other")
	if _, stderr := run(t, 2, "", "restore", "--data-dir", other, file); !strings.Contains(stderr, "the master key that made the backup is needed") {
		t.Errorf("restore without the master key: %s", stderr)
	}
	run(t, 0, "", "restore", "--data-dir", other, "--master-key", filepath.Join(dir, "master.key"), file)
	if _, stderr := run(t, 1, "", "restore", "--data-dir", other, "--master-key", filepath.Join(dir, "master.key"), file); !strings.Contains(stderr, "empty store only") {
		t.Errorf("a second restore: %s", stderr)
	}
	restored := startIn(t, other, "--master-key", filepath.Join(dir, "master.key"))
	if restored.admin.BearerToken == p.admin.BearerToken {
		t.Error("the administrator's credential came with the backup")
	}
	if r := restored.caller(callerOptions{}).get(t, "/a"); r.body != answerOfSecrets {
		t.Errorf("restored: %d %q", r.status, r.body)
	}
	key := filepath.Join(t.TempDir(), "key")
	text, _ := run(t, 0, "", "key", "generate")
	if err := os.WriteFile(key, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr := run(t, 1, "", "restore", "--data-dir", t.TempDir(), "--master-key", key, file); !strings.Contains(stderr, "does not open") {
		t.Errorf("restore with another master key: %s", stderr)
	}
}
