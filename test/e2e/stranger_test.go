package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
)

// shell runs a bash script with the environment given and returns what it printed.
func shell(t *testing.T, dir string, env []string, script string) string {
	t.Helper()
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, out)
	}
	return string(out)
}

// TestStranger drives the process as somebody would who has curl and openssl, and nothing else of ours than the binary's ports.
func TestStranger(t *testing.T) {
	crl := testkit.NewCRLHost(t)
	p := start(t, "--fetch-allow", "127.0.0.0/8")
	dir := t.TempDir()
	env := []string{"ARM=" + p.admin.ManagementURL + p.admin.ServiceID(), "GW=" + p.admin.GatewayURL, "TOKEN=" + p.admin.BearerToken,
		"CA=" + p.admin.CAFile, "CRL=" + crl.URL + "/ca.crl", "PORT=" + port(t, p.admin.GatewayURL)}
	shell(t, dir, env, `
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj '/O=Contoso/CN=Stranger Root' -days 30 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
		printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\ncrlDistributionPoints=URI:%s\n' "$CRL" > ext
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key -out c.csr -subj '/O=Contoso/CN=device 7' 2>/dev/null
		openssl x509 -req -in c.csr -CA ca.pem -CAkey ca.key -set_serial 0x1001 -days 10 -extfile ext -out c.pem 2>/dev/null
		touch index.txt; echo 01 > crlnumber
		printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=5\n' > ca.cnf
		openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out ca.crl.pem 2>/dev/null
		openssl crl -in ca.crl.pem -outform DER -out ca.crl
		openssl pkcs12 -export -inkey c.key -in c.pem -passout pass:pw -out c.pfx`)
	list, err := os.ReadFile(filepath.Join(dir, "ca.crl"))
	if err != nil {
		t.Fatal(err)
	}
	crl.Put("/ca.crl", list)

	out := shell(t, dir, env, `
		put() { curl -sS --fail-with-body --cacert "$CA" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -X "$1" "$ARM$2?api-version=2024-05-01" -d "$3" > last.json || { cat last.json; exit 1; }; }
		put PATCH '' "{\"properties\":{\"hostnameConfigurations\":[{\"type\":\"Proxy\",\"hostName\":\"localhost\",\"negotiateClientCertificate\":true}],\"certificates\":[{\"storeName\":\"Root\",\"encodedCertificate\":\"$(openssl x509 -in ca.pem -outform DER | base64 -w0)\"}]}}"
		put PUT /certificates/device "{\"properties\":{\"data\":\"$(base64 -w0 c.pfx)\",\"password\":\"pw\"}}"
		grep -o '"thumbprint":"[0-9A-F]*"' last.json
		openssl x509 -in c.pem -noout -fingerprint -sha1 | tr -d :
		put PUT /apis/s '{"properties":{"displayName":"s","path":"s","protocols":["https"],"subscriptionRequired":false}}'
		put PUT /apis/s/operations/any '{"properties":{"displayName":"any","method":"GET","urlTemplate":"/*"}}'
		put PUT /apis/s/policies/policy '{"properties":{"format":"xml","value":"<policies><inbound><choose><when condition=\"@(context.Request.Certificate == null || !context.Request.Certificate.Verify() || !context.Deployment.Certificates.Any(c =&gt; c.Value.Thumbprint == context.Request.Certificate.Thumbprint))\"><return-response><set-status code=\"403\" reason=\"Invalid client certificate\" /></return-response></when></choose><return-response><set-body>@(\"welcome \" + context.Request.Certificate.Subject)</set-body></return-response></inbound></policies>"}}'
		call() { curl -sS --cacert "$CA" -w ' %{http_code} %{http_version}\n' "$@" "$GW/s/x"; }
		call
		call --cert c.pem --key c.key
		call --cert c.pem --key c.key --http1.1 --tls-max 1.2
		call --cert c.pfx:pw --cert-type P12 --http2
		curl -sS --cacert "$CA" -w ' %{http_code}\n' "$GW/nowhere"
		curl -sS --cacert "$CA" -o /dev/null -w '%{http_code}\n' "$GW/status-0123456789abcdef"
		echo | openssl s_client -connect "127.0.0.1:$PORT" -servername localhost -CAfile "$CA" -cert c.pem -key c.key -tls1_2 2>&1 | grep -E 'Verify return code|Protocol  *:' | head -2`)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	thumb := strings.TrimSuffix(strings.TrimPrefix(lines[0], `"thumbprint":"`), `"`)
	for i, want := range []string{
		"", "sha1 Fingerprint=" + thumb,
		" 403 2", "welcome CN=device 7, O=Contoso 200 2", "welcome CN=device 7, O=Contoso 200 1.1", "welcome CN=device 7, O=Contoso 200 2",
		`{ "statusCode": 404, "message": "Resource not found" } 404`, "200",
	} {
		if want != "" && (i >= len(lines) || lines[i] != want) {
			t.Errorf("line %d of\n%s\nis not %q", i+1, out, want)
		}
	}
	if !strings.Contains(out, "Verify return code: 0 (ok)") {
		t.Errorf("openssl does not trust the gateway:\n%s", out)
	}
}

// TestLargeUploads sends big bodies with a client certificate through the gateway to a backend that gives their digest.
func TestLargeUploads(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		n, err := io.Copy(h, r.Body)
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Fprintf(w, "%s %d %s", r.Method, n, hex.EncodeToString(h.Sum(nil)))
	})
	p := start(t)
	ca := testkit.NewRoot(t, "CA")
	p.trust(true, []*testkit.Cert{ca}, nil)
	p.api("up", "up", backend.URL, "POST /", "PUT /")
	p.policy("up", `<policies><inbound><validate-client-certificate validate-revocation="false" /></inbound><backend><forward-request /></backend></policies>`)
	client := ca.NewClient(t, "client")
	for _, http2 := range []bool{false, true} {
		for _, size := range []int{1 << 10, 60 << 10, 64 << 10, 1 << 20, 100 << 20} {
			body := bytes.Repeat([]byte("postern "), size/8)
			want := sha256.Sum256(body)
			for _, method := range []string{"POST", "PUT"} {
				r := p.caller(callerOptions{certificate: client, http2: http2}).do(t, method, "/up", bytes.NewReader(body))
				if expect := fmt.Sprintf("%s %d %x", method, size, want); r.status != 200 || r.body != expect {
					t.Errorf("%s of %d bytes, http2=%t: %d %.120s, want %s", method, size, http2, r.status, r.body, expect)
				}
			}
		}
	}
}
