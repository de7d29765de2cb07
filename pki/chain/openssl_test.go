package chain_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// errorReasons are OpenSSL's verification errors (x509_vfy.h) by our words.
var errorReasons = map[int][]chain.Reason{
	2: {chain.ReasonIssuerNotFound}, 20: {chain.ReasonIssuerNotFound}, 21: {chain.ReasonIssuerNotFound},
	18: {chain.ReasonUntrustedRoot}, 19: {chain.ReasonUntrustedRoot}, 7: {chain.ReasonSignature},
	9: {chain.ReasonNotYetValid}, 10: {chain.ReasonExpired}, 13: {chain.ReasonBadTime}, 14: {chain.ReasonBadTime},
	24: {chain.ReasonNotCA}, 79: {chain.ReasonNotCA}, 25: {chain.ReasonPathLength}, 32: {chain.ReasonNoCertSign}, 34: {chain.ReasonCriticalExtension},
	40: {chain.ReasonProxy}, 47: {chain.ReasonNotPermitted}, 48: {chain.ReasonExcluded}, 49: {chain.ReasonConstraintBounds}, 51: {chain.ReasonConstraintType},
	1:  {chain.ReasonNameHost, chain.ReasonTooManyNames},
	52: {chain.ReasonNameSyntax}, 53: {chain.ReasonNameSyntax}, 94: {chain.ReasonExplicitCurve},
}

var errorLine = regexp.MustCompile(`(?m)^error (\d+) at (\d+) depth lookup: (.*)$`)

// verdictOfOpenSSL runs openssl verify, whose code is the one below .NET.
func verdictOfOpenSSL(t *testing.T, openssl, dir string, d drawn, more ...string) (ok bool, found []lookupError, text string) {
	t.Helper()
	write := func(name string, list ...*cert.Certificate) string {
		var b bytes.Buffer
		for _, c := range list {
			b.Write(c.PEM())
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{"verify", "-no-CApath", "-no-CAstore", "-check_ss_sig", "-no-CAfile"}
	if len(d.roots) > 0 {
		args = append(args[:len(args)-1], "-CAfile", write("roots.pem", d.roots...))
	}
	args = append(args, more...)
	if len(d.sent) > 0 {
		args = append(args, "-untrusted", write("sent.pem", d.sent...))
	}
	out, err := exec.Command(openssl, append(args, write("leaf.pem", d.leaf))...).CombinedOutput()
	text = string(out)
	for _, m := range errorLine.FindAllStringSubmatch(text, -1) {
		var e lookupError
		e.code, _ = strconv.Atoi(m[1])
		e.depth, _ = strconv.Atoi(m[2])
		found = append(found, e)
	}
	return err == nil, found, text
}

// lookupError is an error that openssl verify printed, of the certificate at a depth. It goes on after some, so that there
// may be several.
type lookupError struct{ code, depth int }

// TestAgreesWithOpenSSL draws infrastructures at random and compares the first path's verdict and first failure with
// openssl verify. POSTERN_CASES says how many, POSTERN_SEED which.
func TestAgreesWithOpenSSL(t *testing.T) {
	openssl := openSSL30(t)
	cases, seed := fromEnvironment("POSTERN_CASES", 150), fromEnvironment("POSTERN_SEED", 1)
	g, dir := newGenerator(t, uint64(seed)), t.TempDir()
	good, bad := 0, 0
	for n := 0; n < cases; {
		d, ok := g.draw()
		if !ok {
			continue
		}
		n++
		want, found, text := verdictOfOpenSSL(t, openssl, dir, d)
		r := chain.Build(d.leaf, chain.Options{Sent: d.sent, Roots: chain.NewPool(d.roots), MaxPaths: 1})
		if problem := disagreement(r, want, found, text); problem != "" {
			t.Errorf("seed %d case %d: %s\n%s\n%s\n%s%s", seed, n, problem, text, r.Explanation, d.leaf.PEM(), pems(d.sent))
			if bad++; bad >= 10 {
				t.FailNow()
			}
		}
		if want {
			good++
		}
	}
	t.Logf("%d of %d certificates are good", good, cases)
	if cases >= 150 && (good < cases/10 || good > cases*9/10) {
		t.Errorf("%d of %d certificates are good: the generator is lopsided", good, cases)
	}
}

func pems(list []*cert.Certificate) string {
	var b bytes.Buffer
	for _, c := range list {
		b.Write(c.PEM())
	}
	return b.String()
}

func fromEnvironment(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// disagreement says how a result differs from OpenSSL's: in the verdict, or by a failure that is not among ours.
func disagreement(r *chain.Result, want bool, found []lookupError, text string) string {
	first := r.Explanation.Paths[0]
	if want != (first.Reason == chain.ReasonNone) {
		return fmt.Sprintf("OpenSSL says %t, we %t (%s at %d)", want, !want, first.Reason, first.At)
	}
	if strings.Contains(text, "X509_PUBKEY_get0:decode error") && (r.Has(chain.ReasonUnknownKey) || r.Has(chain.ReasonExplicitCurve)) {
		return "" // the command ends in the middle where a key cannot be read
	}
	if !want && len(found) == 0 {
		return "OpenSSL gives no error that can be read"
	}
	for _, e := range found {
		if !slices.ContainsFunc(first.Failures, func(f chain.Failure) bool { return f.At == e.depth && slices.Contains(errorReasons[e.code], f.Reason) }) {
			return fmt.Sprintf("OpenSSL's error %d at %d is not among ours: %v", e.code, e.depth, first.Failures)
		}
	}
	return ""
}
