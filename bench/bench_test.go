// Package bench measures Postern beside its peers, in one run on one machine:
// CPU time per request of the gateway with the third documented policy (the
// client certificate verified and found among the uploaded ones) beside nginx
// that compares one fixed fingerprint, both proxying a reply of 100 bytes over
// mutual TLS on kept connections.
//
// `make bench` prints the table; results with machine and commit are in results.md.
package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/testkit"
)

var (
	requests    = flag.Int("requests", 400, "requests a round and peer")
	rounds      = flag.Int("rounds", 1, "rounds; the peers take turns")
	connections = flag.Int("connections", 16, "kept connections")
)

// peer is a gateway under measurement.
type peer struct {
	name string
	url  string
	pid  int
}

// scene is what both peers share.
type scene struct {
	ca, server, client *testkit.Cert
	crl                *testkit.CRLHost
	backend            string
}

func newScene(t *testing.T) *scene {
	s := &scene{crl: testkit.NewCRLHost(t)}
	s.ca = testkit.NewRoot(t, "Bench Root")
	s.server = s.ca.NewServer(t, "localhost", "127.0.0.1")
	s.client = s.ca.NewClient(t, "client-01", testkit.CRL(s.crl.URL+"/ca"))
	s.crl.Put("/ca", s.ca.SignCRL(t))
	reply := bytes.Repeat([]byte("x"), 100)
	s.backend = testkit.NewBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write(reply)
	}).URL
	return s
}

// TestGate is the measurement; without flags it is a short run that shows that both peers answer.
func TestGate(t *testing.T) {
	s := newScene(t)
	peers := []peer{startPostern(t, s), startNginx(t, s)}
	for _, p := range peers {
		s.load(t, p, *connections*4) // warm: connections, verdicts, pools
	}
	cost := map[string][]float64{}
	for range *rounds {
		for _, p := range peers {
			before := cpu(t, p.pid)
			s.load(t, p, *requests)
			cost[p.name] = append(cost[p.name], (cpu(t, p.pid)-before).Seconds()*1e6/float64(*requests))
		}
	}
	for _, p := range peers {
		slices.Sort(cost[p.name])
		t.Logf("%-8s %6.1f µs of CPU a request (median of %d rounds; %.1f to %.1f)", p.name, median(cost[p.name]), *rounds, cost[p.name][0], cost[p.name][*rounds-1])
	}
	t.Logf("ratio    %6.2f (postern to nginx)", median(cost["postern"])/median(cost["nginx"]))
}

func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

// load sends n requests over the kept connections and insists on the reply.
func (s *scene) load(t *testing.T, p peer, n int) {
	t.Helper()
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	failed := make(chan error, *connections)
	var wg sync.WaitGroup
	for i := range *connections {
		wg.Go(func() {
			client := s.clientOf(p, i)
			for range work {
				if err := call(client, p.url); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		t.Fatalf("%s: %v", p.name, err)
	default:
	}
}

var (
	clientsMu sync.Mutex
	clients   = map[string]*http.Client{}
)

// clientOf is the i-th client of the peer, with one connection of its own that stays from round to round.
func (s *scene) clientOf(p peer, i int) *http.Client {
	clientsMu.Lock()
	defer clientsMu.Unlock()
	key := p.url + strconv.Itoa(i)
	if clients[key] == nil {
		roots := s.ca.Pool()
		if p.name == "postern" {
			pem, err := os.ReadFile(posternCA)
			if err == nil {
				roots.AppendCertsFromPEM(pem)
			}
		}
		pair := s.client.TLS()
		clients[key] = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			MaxConnsPerHost: 1, DisableCompression: true, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
			TLSClientConfig: &tls.Config{RootCAs: roots, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }},
		}}
	}
	return clients[key]
}

func call(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil || resp.StatusCode != 200 || n != 100 {
		return fmt.Errorf("status %d with %d bytes, %v", resp.StatusCode, n, err)
	}
	return nil
}

// cpu is the CPU time that the process and its children, living ones included, have used.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	total := time.Duration(0)
	for _, p := range family(pid) {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", p))
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			data, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", p, task.Name()))
			if err != nil {
				continue // the thread has ended
			}
			ns, err := strconv.ParseInt(strings.Fields(string(data))[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			total += time.Duration(ns)
		}
	}
	return total
}

// family is the process and its children.
func family(pid int) []int {
	all := []int{pid}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return all
	}
	for _, f := range strings.Fields(string(data)) {
		if child, err := strconv.Atoi(f); err == nil {
			all = append(all, family(child)...)
		}
	}
	return all
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func waitFor(t *testing.T, address string) {
	t.Helper()
	for range 300 {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing listens at %s", address)
}

func startNginx(t *testing.T, s *scene) peer {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx = "/usr/sbin/nginx"; !exists(nginx) {
			t.Fatal("there is no nginx: run make deps")
		}
	}
	dir := t.TempDir()
	port := freePort(t)
	testkit.WriteFile(t, dir, "server.pem", s.server.PEM())
	testkit.WriteFile(t, dir, "server.key", s.server.KeyPEM(t))
	testkit.WriteFile(t, dir, "ca.pem", s.ca.PEM())
	conf := strings.NewReplacer("@dir@", dir, "@port@", port, "@backend@", strings.TrimPrefix(s.backend, "http://"),
		"@fingerprint@", strings.ToLower(s.client.Cert(t).Thumbprint())).Replace(readFile(t, "nginx.conf"))
	file := testkit.WriteFile(t, dir, "nginx.conf", []byte(conf))
	cmd := exec.Command(nginx, "-p", dir, "-c", file)
	var logs bytes.Buffer
	cmd.Stderr = &logs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx: %s", &logs)
		}
	})
	waitFor(t, "127.0.0.1:"+port)
	return peer{"nginx", "https://localhost:" + port + "/bench", cmd.Process.Pid}
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// posternCA is the file of the CA of the postern under measurement.
var posternCA string

func startPostern(t *testing.T, s *scene) peer {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "postern")
	build := exec.Command("go", "build", "-o", binary, "./cmd/postern")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(binary, "serve", "--data-dir", data, "--gateway-listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0",
		"--vault-listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--fetch-allow", "127.0.0.0/8")
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // one core, as nginx's one worker
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	cmd.Stderr = &logs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("postern: %s", &logs)
		}
	})
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatalf("postern serve: %v\n%s", err, &logs)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	admin, err := config.ReadAdmin(data)
	if err != nil {
		t.Fatal(err)
	}
	posternCA = admin.CAFile
	configure(t, s, admin)
	return peer{"postern", admin.GatewayURL + "/bench", cmd.Process.Pid}
}

// configure sets up negotiation, trust, the uploaded certificate and the third documented policy.
func configure(t *testing.T, s *scene, admin config.Admin) {
	t.Helper()
	type object = map[string]any
	client, err := admin.Client()
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path string, properties object) {
		t.Helper()
		body, err := json.Marshal(object{"properties": properties})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(context.Background(), method, admin.ManagementURL+admin.ServiceID()+path+"?api-version=2024-05-01", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+admin.BearerToken)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
			t.Fatalf("%s %s = %d: %s", method, path, resp.StatusCode, text)
		}
	}
	encode := func(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }
	send("PATCH", "", object{
		"hostnameConfigurations": []object{{"type": "Proxy", "hostName": "localhost", "negotiateClientCertificate": true}},
		"certificates":           []object{{"storeName": "Root", "encodedCertificate": encode(s.ca.X509)}},
	})
	send("PUT", "/certificates/client", object{"data": encode(s.client.X509)})
	send("PUT", "/apis/bench", object{"displayName": "bench", "path": "bench", "subscriptionRequired": false, "serviceUrl": s.backend})
	send("PUT", "/apis/bench/operations/get", object{"displayName": "get", "method": "GET", "urlTemplate": "/"})
	send("PUT", "/apis/bench/policies/policy", object{"format": "rawxml", "value": readFile(t, filepath.Join("..", "testdata", "conformance", "seed", "uploaded.xml"))})
}
