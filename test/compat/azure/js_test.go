package azure

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestJavaScript runs Azure's JavaScript clients (js/vault.test.js) against the same binary.
func TestJavaScript(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("node is needed; install Node.js 20 or later")
	}
	if _, err := os.Stat("js/node_modules"); err != nil {
		if out, err := command(t, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	out, err := command(t, "node", "--test")
	if err != nil || !strings.Contains(out, "# fail 0") {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}

func command(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = "js"
	c.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+postern.CAFile, "POSTERN_VAULT="+postern.VaultURL, "POSTERN_AUTHORITY="+postern.ManagementURL,
		"POSTERN_TENANT="+postern.TenantID, "POSTERN_CLIENT="+postern.ClientID, "POSTERN_SECRET="+postern.ClientSecret)
	if name == "npm" {
		c.Env = os.Environ()
		for i, e := range c.Env {
			if strings.HasPrefix(e, "SSL_CERT_FILE=") {
				c.Env[i] = "SSL_CERT_FILE_UNUSED="
			}
		}
	}
	out, err := c.CombinedOutput()
	return string(out), err
}
