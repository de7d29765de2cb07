// Package e2e tests the built binary through its ports and its command line,
// as those do who use it.
package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/testkit"
)

// binary is the built postern, root the top of the checkout.
var binary, root string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "postern-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	root, err = filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = filepath.Join(dir, "postern")
	build := exec.Command("go", "build", "-o", binary, "./cmd/postern")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a running postern.
type process struct {
	t      testing.TB
	dir    string
	admin  config.Admin
	client *http.Client
	cmd    *exec.Cmd
	logs   *logBuffer
	exited chan struct{}
}

// logBuffer is a buffer that may be read while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start runs postern serve on free ports and waits until it is ready.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	return startIn(t, filepath.Join(t.TempDir(), "data"), args...)
}

func startIn(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	p := &process{t: t, dir: dir, logs: &logBuffer{}, exited: make(chan struct{})}
	all := append([]string{"serve", "--data-dir", dir, "--gateway-listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0",
		"--vault-listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"}, args...)
	p.cmd = exec.Command(binary, all...)
	p.cmd.Stderr = p.logs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		defer close(p.exited)
		first := make([]byte, 1)
		_, err := io.ReadFull(out, first) // the addresses are printed when it is ready
		ready <- err == nil
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait() // tests that care look at ProcessState
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of postern:\n%s", p.logs)
		}
	})
	select {
	case ok := <-ready:
		if !ok {
			<-p.exited
			t.Fatalf("postern serve ended: %v\n%s", p.cmd.ProcessState, p.logs)
		}
	case <-time.After(60 * time.Second):
		t.Fatalf("postern serve was not ready in a minute")
	}
	if p.admin, err = config.ReadAdmin(dir); err != nil {
		t.Fatal(err)
	}
	if p.client, err = p.admin.Client(); err != nil {
		t.Fatal(err)
	}
	return p
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	<-p.exited
}

// arm calls the management API below the service and returns status and body.
func (p *process) arm(method, path string, body any, header ...string) (int, string) {
	p.t.Helper()
	status, text, err := p.tryARM(context.Background(), method, path, body, header...)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, text
}

func (p *process) tryARM(ctx context.Context, method, path string, body any, header ...string) (int, string, error) {
	var payload io.Reader
	switch x := body.(type) {
	case nil:
	case string:
		payload = strings.NewReader(x)
	case io.Reader:
		payload = x
	default:
		data, err := json.Marshal(x)
		if err != nil {
			return 0, "", err
		}
		payload = bytes.NewReader(data)
	}
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	r, err := http.NewRequestWithContext(ctx, method, p.admin.ManagementURL+p.admin.ServiceID()+path+separator+"api-version=2024-05-01", payload)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+p.admin.BearerToken)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("If-Match", "*")
	if method == "PUT" {
		r.Header.Del("If-Match")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// put insists on success.
func (p *process) put(path string, body any) {
	p.t.Helper()
	if status, text := p.arm("PUT", path, body); status != 200 && status != 201 {
		p.t.Fatalf("PUT %s = %d: %s", path, status, text)
	}
}

// patch insists on success.
func (p *process) patch(path string, body any) {
	p.t.Helper()
	if status, text := p.arm("PATCH", path, body); status != 200 {
		p.t.Fatalf("PATCH %s = %d: %s", path, status, text)
	}
}

type object = map[string]any

// properties wraps a resource's properties.
func properties(p object) object { return object{"properties": p} }

// api makes an API at path with an operation for every method given ("GET /x") and returns its id.
func (p *process) api(id, path, backend string, operations ...string) {
	p.t.Helper()
	p.put("/apis/"+id, properties(object{"displayName": id, "path": path, "protocols": []string{"https"}, "subscriptionRequired": false, "serviceUrl": backend}))
	for i, o := range operations {
		method, template, _ := strings.Cut(o, " ")
		p.put(fmt.Sprintf("/apis/%s/operations/op%d", id, i), properties(object{"displayName": o, "method": method, "urlTemplate": template}))
	}
}

// policy puts a rawxml document on an API.
func (p *process) policy(api, document string) {
	p.t.Helper()
	p.put("/apis/"+api+"/policies/policy", properties(object{"format": "rawxml", "value": document}))
}

// trust sets negotiation for localhost and the CA certificates.
func (p *process) trust(negotiate bool, roots, intermediates []*testkit.Cert) {
	p.t.Helper()
	certificates := []object{}
	for _, list := range []struct {
		store string
		certs []*testkit.Cert
	}{{"Root", roots}, {"CertificateAuthority", intermediates}} {
		for _, c := range list.certs {
			certificates = append(certificates, object{"storeName": list.store, "encodedCertificate": base64.StdEncoding.EncodeToString(c.X509.Raw)})
		}
	}
	p.patch("", properties(object{
		"hostnameConfigurations": []object{{"type": "Proxy", "hostName": "localhost", "negotiateClientCertificate": negotiate}},
		"certificates":           certificates,
	}))
}

// caller calls the gateway as one client in one way.
type caller struct {
	client *http.Client
	base   string
}

// callerOptions say how a caller speaks.
type callerOptions struct {
	certificate *testkit.Cert
	version     uint16
	http2       bool
	sessions    tls.ClientSessionCache
	serverName  string
}

func (p *process) caller(o callerOptions) *caller {
	p.t.Helper()
	pem, err := os.ReadFile(p.admin.CAFile)
	if err != nil {
		p.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c := &tls.Config{RootCAs: roots, MinVersion: o.version, MaxVersion: o.version, ClientSessionCache: o.sessions, ServerName: o.serverName}
	if o.certificate != nil {
		pair := o.certificate.TLS()
		// whatever the server asks for: the gateway names no authorities
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	if o.http2 {
		c.NextProtos = []string{"h2"}
	} else {
		c.NextProtos = []string{"http/1.1"}
	}
	transport := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: o.http2, DisableCompression: true}
	if !o.http2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	p.t.Cleanup(transport.CloseIdleConnections)
	return &caller{client: &http.Client{Transport: transport, Timeout: time.Minute}, base: p.admin.GatewayURL}
}

// reply is what a gateway answered.
type reply struct {
	status  int
	reason  string
	body    string
	header  http.Header
	proto   string
	resumed bool
}

func (c *caller) get(t testing.TB, path string) reply {
	t.Helper()
	return c.do(t, "GET", path, nil)
}

func (c *caller) do(t testing.TB, method, path string, body io.Reader) reply {
	t.Helper()
	r, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{resp.StatusCode, strings.TrimSpace(strings.TrimPrefix(resp.Status, fmt.Sprint(resp.StatusCode))), string(data), resp.Header, resp.Proto, resp.TLS.DidResume}
}

// run runs the postern command and returns what it printed, insisting on the exit code.
func run(t testing.TB, want int, stdin string, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Fatalf("postern %s: exit %d (%v), want %d\n%s%s", strings.Join(args, " "), code, err, want, &out, &errs)
	}
	return out.String(), errs.String()
}

// port is the port of a URL of the process.
func port(t testing.TB, url string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(url[strings.Index(url, "://")+3:])
	if err != nil {
		t.Fatal(err)
	}
	return port
}
