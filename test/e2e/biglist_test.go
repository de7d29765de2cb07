package e2e

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	bigendian "encoding/binary"
	"fmt"
	"io"
	mathrand "math/rand/v2"
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
	var list bytes.Buffer
	if err := newStreamedList(root, n, revoked...).write(&list); err != nil {
		t.Fatal(err)
	}
	return list.Bytes()
}

// signatureSize is the length of every signature of a streamedList: half of all of P-256 have it, and a list's length
// is to be known before it is signed.
const signatureSize = 71

// streamedList is a revocation list that is made while it is sent, so that many big ones need no memory.
type streamedList struct {
	root *testkit.Cert
	n    int
	// date and reason are the end of every entry, last the entries of certificates.
	date, reason, last []byte
	// head is what precedes the entries in the signed part, without its length.
	head []byte
}

func newStreamedList(root *testkit.Cert, n int, revoked ...*testkit.Cert) *streamedList {
	utc := func(at time.Time) []byte { return element(0x17, []byte(at.UTC().Format("060102150405Z"))) }
	l := &streamedList{root: root, n: n, date: utc(time.Now().Add(-time.Hour)), reason: []byte{0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 21, 4, 3, 10, 1, 1}}
	for _, r := range revoked {
		l.last = append(l.last, element(0x30, element(2, r.X509.SerialNumber.Bytes()), l.date, l.reason)...)
	}
	l.head = bytes.Join([][]byte{{2, 1, 1}, ecdsaWithSHA256, root.X509.RawSubject, utc(time.Now().Add(-time.Minute)), utc(time.Now().Add(24 * time.Hour))}, nil)
	return l
}

// ecdsaWithSHA256 is the identifier of the signature's algorithm.
var ecdsaWithSHA256 = []byte{0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}

// header is tag and length of an element, the length in the form that element uses too.
func header(tag byte, n int) []byte {
	return []byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

// sizes are the lengths of the entries, the signed part and the whole.
func (l *streamedList) sizes() (entries, signed, whole int) {
	entries = l.n*(2+2+16+len(l.date)+len(l.reason)) + len(l.last)
	signed = len(l.head) + 6 + entries
	return entries, signed, 6 + 6 + signed + len(ecdsaWithSHA256) + 3 + signatureSize
}

// write makes the list: n serial numbers of 16 octets in no order, then those of the certificates.
func (l *streamedList) write(w io.Writer) error {
	entries, signed, whole := l.sizes()
	out := bufio.NewWriterSize(w, 1<<16)
	_, _ = out.Write(header(0x30, whole-6)) // an error stays until Flush
	digest := sha256.New()
	tbs := bufio.NewWriterSize(io.MultiWriter(out, digest), 1<<16)
	_, _ = tbs.Write(header(0x30, signed))
	_, _ = tbs.Write(l.head)
	_, _ = tbs.Write(header(0x30, entries))
	entry := append([]byte{0x30, byte(18 + len(l.date) + len(l.reason)), 2, 16}, make([]byte, 16)...)
	entry = append(append(entry, l.date...), l.reason...)
	numbers := mathrand.NewPCG(uint64(l.n), bigendian.BigEndian.Uint64(l.root.X509.RawSubjectPublicKeyInfo[30:]))
	for range l.n {
		bigendian.BigEndian.PutUint64(entry[4:], numbers.Uint64())
		bigendian.BigEndian.PutUint64(entry[12:], numbers.Uint64())
		entry[4] = 0x51
		if _, err := tbs.Write(entry); err != nil {
			return err
		}
	}
	_, _ = tbs.Write(l.last)
	if err := tbs.Flush(); err != nil {
		return err
	}
	var signature []byte
	for len(signature) != signatureSize {
		var err error
		if signature, err = l.root.Key.Sign(rand.Reader, digest.Sum(nil), crypto.SHA256); err != nil {
			return err
		}
	}
	_, _ = out.Write(ecdsaWithSHA256)
	_, _ = out.Write(append([]byte{3, signatureSize + 1, 0}, signature...))
	return out.Flush()
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
	return processKiB(t, pid, "RssAnon:")
}

// processKiB is a line of /proc/PID/status; the test is skipped where there is none.
func processKiB(t *testing.T, pid int, line string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("there is no /proc")
	}
	_, rest, _ := strings.Cut(string(text), line)
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
