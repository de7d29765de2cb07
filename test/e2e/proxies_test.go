package e2e

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// The addresses on the loopback network that the proxies call from: trusted ones, and this test from 127.0.0.1.
const (
	terminating = "127.0.0.2" // ends TLS, and may forward certificates
	relaying    = "127.0.0.3" // passes TLS on, and speaks the PROXY protocol
)

// freePort is a port that nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return fmt.Sprint(ln.Addr().(*net.TCPAddr).Port)
}

// startProxy runs a program in the foreground until the test ends, and waits until it listens on all the ports.
func startProxy(t *testing.T, ports []string, name string, args ...string) {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			t.Skipf("%s is not installed (make deps)", name)
		}
	}
	logs := &logBuffer{}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = logs, logs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s says:\n%s", name, logs)
		}
	})
	for _, port := range ports {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			c, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err == nil {
				_ = c.Close()
				break
			}
			select {
			case err := <-ended:
				ended <- err
				t.Fatalf("%s ended: %v\n%s", name, err, logs)
			default:
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s does not listen on %s", name, port)
			}
		}
	}
}

// pki writes what a proxy needs: its server certificate with its key, and the authorities of clients.
func writeProxyFiles(t *testing.T, root *testkit.Cert, clients ...*testkit.Cert) (dir string) {
	t.Helper()
	dir = t.TempDir()
	server := root.NewServer(t, "localhost")
	testkit.WriteFile(t, dir, "server.pem", append(server.PEM(), server.KeyPEM(t)...))
	var authorities []byte
	for _, c := range clients {
		authorities = append(authorities, c.PEM()...)
	}
	testkit.WriteFile(t, dir, "clients.pem", authorities)
	return dir
}

// haproxy ends TLS at one port and forwards the client's certificate as RFC 9440 says, and passes TLS on at another with
// the PROXY protocol. With a certificate of its own it calls with that, from the address that direct clients have.
func haproxy(t *testing.T, p *process, root, own *testkit.Cert, clients ...*testkit.Cert) (ends, passes string) {
	t.Helper()
	dir := writeProxyFiles(t, root, clients...)
	from := "source " + terminating
	if own != nil {
		from = "crt " + testkit.WriteFile(t, dir, "own.pem", append(own.PEM(), own.KeyPEM(t)...))
	}
	ends, passes = freePort(t), freePort(t)
	config := fmt.Sprintf(`
global
    maxconn 200
defaults
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend ends
    mode http
    bind 127.0.0.1:%[1]s ssl crt %[3]s/server.pem ca-file %[3]s/clients.pem verify optional crt-ignore-err all ca-ignore-err all
    http-request del-header Client-Cert
    http-request del-header Client-Cert-Chain
    http-request set-header Client-Cert ":%%[ssl_c_der,base64]:" if { ssl_c_used }
    http-request set-header Host local.gateway.localhost
    default_backend ended
backend ended
    mode http
    server postern 127.0.0.1:%[4]s %[5]s ssl verify required ca-file %[7]s sni str(local.gateway.localhost)
frontend passes
    mode tcp
    bind 127.0.0.1:%[2]s
    default_backend passed
backend passed
    mode tcp
    server postern 127.0.0.1:%[4]s source %[6]s send-proxy-v2
`, ends, passes, dir, port(t, p.admin.GatewayURL), from, relaying, p.admin.CAFile)
	startProxy(t, []string{ends, passes}, "haproxy", "-db", "-f", testkit.WriteFile(t, dir, "haproxy.cfg", []byte(config)))
	return ends, passes
}

// nginx ends TLS and forwards the client's certificate as URL-encoded PEM, which is what Application Gateway does.
func nginx(t *testing.T, p *process, root *testkit.Cert, clients ...*testkit.Cert) (ends string) {
	t.Helper()
	dir := writeProxyFiles(t, root, clients...)
	ends = freePort(t)
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	config := fmt.Sprintf(`
%[6]s
daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr warn;
events { worker_connections 128; }
http {
    access_log off;
    client_body_temp_path %[1]s/body;
    proxy_temp_path %[1]s/proxy;
    fastcgi_temp_path %[1]s/fastcgi;
    uwsgi_temp_path %[1]s/uwsgi;
    scgi_temp_path %[1]s/scgi;
    server {
        listen 127.0.0.1:%[2]s ssl;
        ssl_certificate %[1]s/server.pem;
        ssl_certificate_key %[1]s/server.pem;
        ssl_verify_client optional_no_ca;
        location / {
            proxy_pass https://127.0.0.1:%[3]s;
            proxy_bind %[4]s;
            proxy_http_version 1.1;
            proxy_ssl_server_name on;
            proxy_ssl_name localhost;
            proxy_ssl_verify on;
            proxy_ssl_verify_depth 3;
            proxy_ssl_trusted_certificate %[5]s;
            proxy_set_header Host localhost;
            proxy_set_header X-Client-Certificate $ssl_client_escaped_cert;
        }
    }
}
`, dir, ends, port(t, p.admin.GatewayURL), terminating, p.admin.CAFile, user)
	startProxy(t, []string{ends}, "nginx", "-p", dir, "-c", testkit.WriteFile(t, dir, "nginx.conf", []byte(config)))
	return ends
}

// behind is a client of a proxy.
func behind(root, client *testkit.Cert, port string) *caller {
	cfg := testkit.ClientTLS(root, nil)
	cfg.ServerName = "localhost"
	if client != nil {
		pair := client.TLS()
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	transport := &http.Transport{TLSClientConfig: cfg, DisableCompression: true}
	return &caller{client: &http.Client{Transport: transport, Timeout: 20 * time.Second}, base: "https://127.0.0.1:" + port}
}

// with calls with header fields.
func (c *caller) with(t *testing.T, path string, fields ...string) reply {
	t.Helper()
	r, err := http.NewRequest("GET", c.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	resp, err := c.client.Do(r)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return reply{status: resp.StatusCode, body: string(data), header: resp.Header}
}

// TestBehindProxies runs the documented policies behind a real HAProxy and a real nginx that end TLS.
func TestBehindProxies(t *testing.T) {
	p := start(t, "--fetch-allow", "127.0.0.0/8", "--proxy-protocol-from", relaying, "--access-log", "on")
	who := newPeople(t)
	p.trust(true, []*testkit.Cert{who.root}, []*testkit.Cert{who.intermediate})
	forwarding := func(name, format string) object {
		return object{"type": "Proxy", "hostName": name, "negotiateClientCertificate": true,
			"forwardedClientCertificate": object{"format": format, "addresses": []string{terminating, relaying}}}
	}
	p.patch("", properties(object{"hostnameConfigurations": []object{forwarding("localhost", "UrlEncodedPem"), forwarding("local.gateway.localhost", "ClientCert")}}))
	for i, c := range []*testkit.Cert{who.right, who.revoked, who.selfSigned, who.noList} {
		p.put(fmt.Sprintf("/certificates/c%d", i), properties(object{"data": derOf(t, testkit.WriteFile(t, t.TempDir(), "c.pem", c.PEM()))}))
	}
	replace := strings.NewReplacer("trusted-issuer", "CN=Test Issuing CA", "expected-subject-name", "CN=client-01",
		"DESIRED-THUMBPRINT-IN-UPPER-CASE", who.right.Cert(t).Thumbprint())
	documents := seeds(t)
	for name, document := range documents {
		p.api(name, name, "", "GET /")
		p.policy(name, answered(replace.Replace(document)))
	}
	p.api("told", "told", "", "GET /")
	p.policy("told", `<policies><inbound><return-response><set-body>@((context.Request.Certificate == null ? "none" : context.Request.Certificate.Thumbprint)
		+ " " + context.Request.IpAddress + " " + string.Join(",", context.Request.Headers.Keys.Where(k => k.ToLower().Contains("cert"))))</set-body></return-response></inbound></policies>`)
	root := testkit.NewRoot(t, "proxies")
	t.Run("haproxy", func(t *testing.T) {
		ends, passes := haproxy(t, p, root, nil, who.root, who.intermediate, who.otherRoot)
		p.documented(t, who, root, ends, documents, false)
		if r := behind(root, who.right, ends).with(t, "/told", "Client-Cert", ":AAAA:"); r.body != who.right.Cert(t).Thumbprint()+" "+terminating+" client-cert" && r.body != who.right.Cert(t).Thumbprint()+" "+terminating+" Client-Cert" {
			t.Errorf("through HAProxy: %d %q", r.status, r.body)
		}
		p.relayed(t, who, passes)
	})
	t.Run("haproxy known by its certificate", func(t *testing.T) {
		own := root.NewClient(t, "haproxy")
		pinned := object{"type": "Proxy", "hostName": "local.gateway.localhost", "forwardedClientCertificate": object{
			"format": "ClientCert", "thumbprints": []string{hex.EncodeToString(own.Cert(t).SHA256[:])}}}
		p.patch("", properties(object{"hostnameConfigurations": []object{forwarding("localhost", "UrlEncodedPem"), pinned}}))
		ends, _ := haproxy(t, p, root, own, who.root, who.intermediate)
		for client, want := range map[*testkit.Cert]string{who.right: who.right.Cert(t).Thumbprint(), nil: "none"} {
			if r := behind(root, client, ends).with(t, "/told"); !strings.HasPrefix(r.body, want+" 127.0.0.1 ") {
				t.Errorf("%d %q, want %s", r.status, r.body, want)
			}
		}
	})
	t.Run("nginx", func(t *testing.T) {
		ends := nginx(t, p, root)
		p.documented(t, who, root, ends, documents, true)
	})
	t.Run("around the proxies", func(t *testing.T) {
		// A direct client's fields are removed, and its own certificate counts.
		direct := p.caller(callerOptions{certificate: who.wrongSubject})
		r := direct.with(t, "/told", "X-Client-Certificate", url.QueryEscape(string(who.right.PEM())), "X_Client_Certificate", "x")
		if r.body != who.wrongSubject.Cert(t).Thumbprint()+" 127.0.0.1 " {
			t.Errorf("direct: %d %q", r.status, r.body)
		}
	})
	t.Run("malformed", func(t *testing.T) {
		c := p.caller(callerOptions{})
		c.client.Transport.(*http.Transport).DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(terminating)}}).DialContext
		if r := c.with(t, "/told", "X-Client-Certificate", "-----BEGIN"); r.status != 400 || !strings.Contains(r.body, "forwarded client certificate") {
			t.Errorf("malformed: %d %q", r.status, r.body)
		}
		for deadline := time.Now().Add(5 * time.Second); !strings.Contains(p.logs.String(), "reason=ForwardedCertificateInvalid"); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the access log does not say why")
			}
		}
	})
	t.Run("the policy decodes the field itself", func(t *testing.T) { p.decoding(t, who, root) })
}

// documented asks for every documented policy as every client of a proxy that ends TLS. nginx refuses clients whose
// certificates are out of date itself, with 400.
func (p *process) documented(t *testing.T, who *people, root *testkit.Cert, port string, documents map[string]string, refusesDates bool) {
	t.Helper()
	for _, c := range []struct {
		name   string
		client *testkit.Cert
		in     func(policy string) bool
		dated  bool
	}{
		{"none", nil, never, false}, {"right", who.right, always, false}, {"wrong issuer", who.wrongIssuer, never, false},
		{"wrong subject", who.wrongSubject, never, false}, {"expired", who.expired, never, true}, {"not yet valid", who.future, never, true},
		{"untrusted", who.untrusted, never, false}, {"self-signed", who.selfSigned, never, false},
		{"revoked", who.revoked, withoutRevocation, false}, {"no revocation list", who.noList, withoutRevocation, false},
	} {
		caller := behind(root, c.client, port)
		for name := range documents {
			r, want := caller.with(t, "/"+name), 403
			if c.in(name) {
				want = 200
			}
			if r.status != want && !(r.status == 400 && refusesDates && c.dated) {
				t.Errorf("%s, %s: %d %q, want %d", name, c.name, r.status, r.body, want)
			}
		}
		caller.client.CloseIdleConnections()
	}
}

// relayed calls through the proxy that passes TLS on: the handshake's certificate counts, the address is the client's,
// and a forwarded field is nobody's, although the proxy's address is listed.
func (p *process) relayed(t *testing.T, who *people, port string) {
	t.Helper()
	c := p.caller(callerOptions{certificate: who.right})
	c.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP("127.0.0.9")}}).DialContext(ctx, network, "127.0.0.1:"+port)
	}
	want := who.right.Cert(t).Thumbprint() + " 127.0.0.9 "
	if r := c.with(t, "/told", "X-Client-Certificate", url.QueryEscape(string(who.revoked.PEM()))); r.body != want {
		t.Errorf("through the relay: %d %q, want %q", r.status, r.body, want)
	}
	// Without the header the proxy's address gets nowhere.
	c.client.Transport.(*http.Transport).DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(relaying)}}).DialContext
	c.client.CloseIdleConnections()
	if _, err := c.client.Get(c.base + "/told"); err == nil {
		t.Error("a connection from the relay without its header was served")
	}
}

// decoding switches forwarding off, so that the field is an ordinary one, and has the policy decode it as the
// documentation of Application Gateway says.
func (p *process) decoding(t *testing.T, who *people, root *testkit.Cert) {
	t.Helper()
	p.patch("", properties(object{"hostnameConfigurations": []object{{"type": "Proxy", "hostName": "localhost"}}}))
	p.api("decoding", "decoding", "", "GET /")
	p.policy("decoding", `<policies><inbound>
		<set-variable name="certificate" value="@{
			string text = System.Net.WebUtility.UrlDecode(context.Request.Headers.GetValueOrDefault("X-Client-Certificate", ""));
			text = text.Replace("-----BEGIN CERTIFICATE-----", "").Replace("-----END CERTIFICATE-----", "");
			return Convert.FromBase64String(text);
		}" />
		<choose><when condition="@(((byte[])context.Variables["certificate"]).Length == 0 || !new X509Certificate2((byte[])context.Variables["certificate"]).VerifyNoRevocation())">
			<return-response><set-status code="403" reason="Invalid client certificate" /></return-response>
		</when></choose>`+ok+`</inbound></policies>`)
	ends := nginx(t, p, root)
	for _, c := range []struct {
		client *testkit.Cert
		want   int
	}{{nil, 403}, {who.right, 200}, {who.untrusted, 403}} {
		if r := behind(root, c.client, ends).with(t, "/decoding"); r.status != c.want {
			t.Errorf("%v: %d %q, want %d", c.client, r.status, r.body, c.want)
		}
	}
}
