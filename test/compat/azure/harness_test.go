package azure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// admin is DATA/admin.json.
type admin struct {
	ManagementURL, GatewayURL, VaultURL, OpsURL string
	SubscriptionID, ResourceGroup, ServiceName  string
	TenantID, ClientID, ClientSecret            string
	BearerToken, CAFile                         string
}

// postern is the running binary.
var postern struct {
	admin
	dir string
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	if _, err := net.LookupHost("default.vault.localhost"); err != nil {
		return 1, fmt.Errorf("default.vault.localhost does not resolve here, which Azure's clients need: run `make compat`, or add to /etc/hosts\n  127.0.0.1 default.vault.localhost vault.localhost")
	}
	dir, err := os.MkdirTemp("", "postern-compat-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "postern")
	build := exec.Command("go", "build", "-o", binary, "./cmd/postern")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w\n%s", err, out)
	}
	postern.dir = filepath.Join(dir, "data")
	var logs strings.Builder
	serve := exec.Command(binary, "serve", "--data-dir", postern.dir, "--gateway-listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0",
		"--vault-listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0")
	serve.Stderr = &logs
	out, err := serve.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := serve.Start(); err != nil {
		return 1, err
	}
	defer func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
	}()
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil { // the addresses are printed when it is ready
		return 1, fmt.Errorf("postern serve: %w\n%s", err, &logs)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	data, err := os.ReadFile(filepath.Join(postern.dir, "admin.json"))
	if err != nil {
		return 1, err
	}
	if err := json.Unmarshal(data, &postern.admin); err != nil {
		return 1, err
	}
	// The clients trust what the system does.
	if err := os.Setenv("SSL_CERT_FILE", postern.CAFile); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// theCloud is Postern as a cloud of Azure's.
func theCloud() cloud.Configuration {
	return cloud.Configuration{
		ActiveDirectoryAuthorityHost: postern.ManagementURL + "/",
		Services:                     map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: {Endpoint: postern.ManagementURL, Audience: postern.ManagementURL}},
	}
}

// secretCredential is the administrator's application.
func secretCredential(t *testing.T) azcore.TokenCredential {
	t.Helper()
	c, err := azidentity.NewClientSecretCredential(postern.TenantID, postern.ClientID, postern.ClientSecret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: azcore.ClientOptions{Cloud: theCloud()}, DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// arm calls the management API with the administrator's token.
func arm(t *testing.T, method, path, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, postern.ManagementURL+path+"?api-version=2024-05-01", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+postern.BearerToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&answer) // the status says whether it matters
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s = %d %v", method, path, resp.StatusCode, answer)
	}
	return answer
}

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ptr[T any](v T) *T { return &v }

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
