package e2e

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// element is a DER element.
func element(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := []byte{tag, 0x84, 0, 0, 0, 0}
	if n < 128 {
		out = []byte{tag, byte(n)}
	} else {
		out[2], out[3], out[4], out[5] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// bigList is a list of root's with n entries beside those of the certificates given. crypto/x509 would take minutes.
func bigList(t *testing.T, root *testkit.Cert, n int, revoked ...*testkit.Cert) []byte {
	t.Helper()
	utc := func(at time.Time) []byte { return element(0x17, []byte(at.UTC().Format("060102150405Z"))) }
	date := utc(time.Now().Add(-time.Hour))
	reason := []byte{0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 21, 4, 3, 10, 1, 1}
	entries := make([]byte, 0, n*52)
	for i := range n {
		sum := sha256.Sum256([]byte{byte(i >> 16), byte(i >> 8), byte(i)})
		sum[0] = 0x51
		entries = append(entries, 0x30, byte(18+len(date)+len(reason)), 2, 16)
		entries = append(append(append(entries, sum[:16]...), date...), reason...)
	}
	for _, r := range revoked {
		serial, err := asn1.Marshal(r.X509.SerialNumber)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, element(0x30, serial, date, reason)...)
	}
	algorithm, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}})
	if err != nil {
		t.Fatal(err)
	}
	tbs := element(0x30, []byte{2, 1, 1}, algorithm, root.X509.RawSubject, utc(time.Now().Add(-time.Minute)), utc(time.Now().Add(time.Hour)), element(0x30, entries))
	digest := sha256.Sum256(tbs)
	signature, err := root.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return element(0x30, tbs, algorithm, element(3, []byte{0}, signature))
}

// TestAListOfAMillionEntries has the gateway judge by a list of a million entries, and looks at its memory.
func TestAListOfAMillionEntries(t *testing.T) {
	h := testkit.NewCRLHost(t)
	root := testkit.NewRoot(t, "Big Root")
	good, revoked := root.NewClient(t, "good", testkit.CRL(h.URL+"/root")), root.NewClient(t, "revoked", testkit.CRL(h.URL+"/root"))
	list := bigList(t, root, 1_000_000, revoked)
	h.Put("/root", list)
	p := start(t, "--fetch-allow", "127.0.0.0/8")
	p.trust(true, []*testkit.Cert{root}, nil)
	p.api("verified", "verified", "", "GET /")
	p.policy("verified", verified)
	before := residentKiB(t, p.cmd.Process.Pid)
	begun := time.Now()
	soon(t, p.caller(callerOptions{certificate: good}), 200, 30*time.Second, "a good certificate")
	took := time.Since(begun)
	if r := p.caller(callerOptions{certificate: revoked}).get(t, "/verified"); r.status != 403 {
		t.Errorf("a revoked certificate: %d", r.status)
	}
	const limit = 40 << 10
	after := 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if after = residentKiB(t, p.cmd.Process.Pid); after-before < limit {
			break
		}
	}
	t.Logf("a list of %d MB: %v to the first answer, %d MiB of memory more", len(list)/1e6, took, (after-before)>>10)
	if after-before >= limit {
		t.Errorf("%d KiB of memory more, want less than %d", after-before, limit)
	}
}

// residentKiB is the memory of a process that is its own; the test is skipped where /proc does not tell.
func residentKiB(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("there is no /proc")
	}
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
