package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestKeyVaultPage runs the commands of docs/key-vault.md, all in one shell, and looks at what they print.
func TestKeyVaultPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "key-vault.md"))
	if err != nil {
		t.Fatal(err)
	}
	script := "set -eu\n"
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		script += block[1]
	}
	p := start(t)
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "DATA="+p.dir, "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the commands of the page: %v\n%s", err, out)
	}
	for _, want := range []string{
		`"rotates":true`, `"subject":"CN=backend"`, `{"value":"hello again"}`, `"certificateSource":"KeyVault"`, `/postern/v1/eventgrid?code=`,
		`{"count":0,"nextLink":"","value":[]}`, `in use by the certificate "backend"`, `kind="crl"`, "rotated; ", "wrote postern.backup", "restored ",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands do not print %q", want)
		}
	}
	if got := p.served(t); got != "gateway" {
		t.Errorf("the gateway serves %q", got)
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}
