package verify

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/postern-gateway/postern/fault"
)

func TestSystemRoots(t *testing.T) {
	text, err := os.ReadFile("../chain/testdata/algorithms.pem")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "roots.pem")
	broken := "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	if err := os.WriteFile(file, append([]byte(broken), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	roots, err := SystemRoots()
	if err != nil || len(roots) < 45 {
		t.Errorf("SystemRoots = %d roots, %v", len(roots), err)
	}
	t.Setenv("SSL_CERT_FILE", file+".none")
	if _, err := SystemRoots(); fault.KindOf(err) != fault.NotFound {
		t.Errorf("SystemRoots without a file = %v, want fault.NotFound", err)
	}
}
