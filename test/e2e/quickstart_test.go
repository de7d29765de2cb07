package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var fence = regexp.MustCompile("(?s)<!-- quick start, run by a test -->\n+```sh\n(.*?)```")

// TestQuickStart runs each command of the README's quick start as it stands, but for the ports, which are free ones.
func TestQuickStart(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := fence.FindSubmatch(readme)
	if m == nil {
		t.Fatal("the README has no quick start")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{binary: "bin/postern", filepath.Join(root, "examples"): "examples"} {
		if err := os.Symlink(from, filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	script := string(m[1])
	for _, must := range []string{"bin/postern serve", "bin/postern dev issue --name client-01", "bin/postern apply examples/quickstart", "curl"} {
		if !strings.Contains(script, must) {
			t.Errorf("the quick start has no %q", must)
		}
	}
	script = strings.ReplaceAll(script, "make build\n", "")
	script = strings.ReplaceAll(script, "localhost:8443", "localhost:$GATEWAY_PORT")
	script = strings.ReplaceAll(script, "~/.local/state", "$XDG_STATE_HOME")
	script = strings.Replace(script, "bin/postern serve &\n", "bin/postern serve > ready.txt &\nserver=$!; trap 'kill $server' EXIT; until grep -q 'postern is ready' ready.txt; do sleep 0.1; done\n"+
		"GATEWAY_PORT=$(sed -n 's/.*gateway *https:..localhost:\\([0-9]*\\)$/\\1/p' ready.txt)\n", 1)
	out := shell(t, dir, []string{"XDG_STATE_HOME=" + filepath.Join(dir, "state"), "POSTERN_GATEWAY_LISTEN=127.0.0.1:0",
		"POSTERN_MANAGEMENT_LISTEN=127.0.0.1:0", "POSTERN_VAULT_LISTEN=127.0.0.1:0", "POSTERN_OPS_LISTEN=127.0.0.1:0"}, script)
	refused := regexp.MustCompile(`HTTP/1\.1 403 Invalid client certificate`)
	if !refused.MatchString(out) || !strings.Contains(out, "Hello, CN=client-01") {
		t.Errorf("the quick start printed\n%s", out)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
