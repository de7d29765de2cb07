package bettertls

import (
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/Netflix/bettertls/test-suites/nameconstraints"
	"github.com/Netflix/bettertls/test-suites/pathbuilding"
	testcase "github.com/Netflix/bettertls/test-suites/test-case"
	executor "github.com/Netflix/bettertls/test-suites/test-executor"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

var update = flag.Bool("update", false, "write the results into ../bettertls.md")

const report = "../bettertls.md"

// modes are the ways in which chains are judged.
var modes = []struct {
	name   string
	strict bool
}{{"as .NET", false}, {"strict", true}}

// laxer are the faults of a path that .NET's Verify() does not look at, so that Postern's default does not either
// (docs/divergences.md); strict mode does.
var laxer = map[pathbuilding.InvalidReason]string{
	pathbuilding.INVALID_REASON_BAD_EKU:           "extended key usage of a CA",
	pathbuilding.INVALID_REASON_DEPRECATED_CRYPTO: "SHA-1",
}

// tally counts the cases of one suite in one mode by what was expected and what came out.
type tally map[[2]string]int

// TestSuites judges every case of both suites. The suites are about servers: their host name is compared by its own rules
// (hasName), since Postern judges clients, who have none. Leaves for servers are the only ones there are, so that strict
// mode refuses each of them for its purpose; that refusal alone is left out here.
func TestSuites(t *testing.T) {
	suites, err := executor.BuildTestSuites()
	if err != nil {
		t.Fatal(err)
	}
	root, err := cert.Parse(suites.GetRootCert().Raw)
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]tally{}
	for _, name := range suites.GetProviderNames() {
		provider := suites.GetProvider(name)
		count, err := provider.GetTestCaseCount()
		if err != nil {
			t.Fatal(err)
		}
		for index := range count {
			one, err := provider.GetTestCase(index)
			if err != nil {
				t.Fatal(err)
			}
			certs, err := suites.GetTestCaseCertificates(one)
			if err != nil {
				t.Fatalf("%s %d: %v", name, index, err)
			}
			for _, mode := range modes {
				key := name + ", " + mode.name
				if results[key] == nil {
					results[key] = tally{}
				}
				got, r := judge(t, certs.Certificate, root, one.GetHostname(), mode.strict)
				expected := one.ExpectedResult()
				results[key][[2]string{expected.String(), verdict(got)}]++
				if problem := problem(one, got, mode.strict, r); problem != "" {
					t.Errorf("%s %d, %s: %s, expected %s: %s\n%s", name, index, mode.name, verdict(got), expected, problem, r.Explanation)
				}
			}
		}
	}
	compare(t, text(results))
}

func verdict(ok bool) string {
	if ok {
		return "accepted"
	}
	return "refused"
}

// problem says what is wrong with a verdict; soft expectations may be missed.
func problem(one testcase.TestCase, got, strict bool, r *chain.Result) string {
	switch one.ExpectedResult() {
	case testcase.EXPECTED_RESULT_FAIL:
		if !got {
			return ""
		}
		if p, ok := one.(*pathbuilding.TestCaseImpl); ok && !strict && laxer[p.InvalidReason] != "" {
			return ""
		}
		return "a bad certificate is let in"
	case testcase.EXPECTED_RESULT_PASS:
		if !got && !addressAsHostName(one, r) {
			return "a good certificate is refused"
		}
	}
	return ""
}

// addressAsHostName reports whether a certificate is refused because OpenSSL, and so Postern, takes an address in the common
// name for a host name where there is no DNS name among the alternative names, and holds it against the constraints on those.
func addressAsHostName(one testcase.TestCase, r *chain.Result) bool {
	c, ok := one.(nameconstraints.NameConstraintsTestCase)
	return ok && c.CommonNameType == nameconstraints.CN_TYPE_IP && c.CommonNameValue != nameconstraints.EXTVAL_NONE &&
		c.DnsSan == nameconstraints.EXTVAL_NONE && c.NameConstraintsDnsWhitelist != nameconstraints.EXTVAL_NONE &&
		r.Has(chain.ReasonNotPermitted)
}

func judge(t *testing.T, raw [][]byte, root *cert.Certificate, host string, strict bool) (bool, *chain.Result) {
	t.Helper()
	refused := &chain.Result{}
	var list []*cert.Certificate
	for _, r := range raw {
		c, err := cert.Parse(r)
		if err != nil && len(list) == 0 {
			return false, refused // a leaf that cannot be read never becomes a peer
		}
		if err == nil {
			list = append(list, c)
		}
	}
	if !hasName(list[0], host) {
		return false, refused
	}
	r := chain.Build(list[0], chain.Options{Sent: list[1:], Roots: chain.NewPool([]*cert.Certificate{root}), Strict: strict})
	return r.Verdict || strict && purposeOnly(r), r
}

// purposeOnly reports whether some path is refused for nothing but the leaf's purpose.
func purposeOnly(r *chain.Result) bool {
	for _, p := range r.Explanation.Paths {
		if p.Trusted && len(p.Failures) == 1 && p.Failures[0] == (chain.Failure{Reason: chain.ReasonPurpose, Flag: chain.NotValidForUsage}) {
			return true
		}
	}
	return false
}

// hasName compares a host name or address of the suites with the alternative names (RFC 9525).
func hasName(c *cert.Certificate, host string) bool {
	names, _, err := c.SubjectAltNames()
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	for _, n := range names {
		if err != nil && n.Kind == cert.DNSName && strings.EqualFold(n.Text(), host) {
			return true
		}
		if other, ok := netip.AddrFromSlice(n.Value); err == nil && n.Kind == cert.IPAddress && ok && other == address {
			return true
		}
	}
	return false
}

// text is the report.
func text(results map[string]tally) string {
	var b strings.Builder
	b.WriteString(`# BetterTLS

The suites of [BetterTLS](https://github.com/Netflix/bettertls) (Apache 2.0, version in bettertls/go.mod) about path building and name
constraints, run against ` + "`pki/chain`" + ` by ` + "`make compat`" + `, which fails if a case comes out otherwise than described here, and rewritten by
` + "`go test -update`" + ` in test/compat/bettertls.

| Suite, mode | Expected | Accepted | Refused |
|---|---|---|---|
`)
	for _, key := range slices.Sorted(maps.Keys(results)) {
		for _, expected := range []string{"PASS", "SOFT_PASS", "SOFT_FAIL", "FAIL"} {
			yes, no := results[key][[2]string{expected, "accepted"}], results[key][[2]string{expected, "refused"}]
			if yes+no > 0 {
				fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", key, expected, yes, no)
			}
		}
	}
	b.WriteString(`
What differs from the expectation, and why:

- **PASS, refused, name constraints**: an address stands in the common name, there is no DNS name among the alternative names, and DNS names are
  constrained. OpenSSL, on which .NET stands, takes the address for a host name then, and so does Postern.
- **FAIL, accepted, as .NET, path building**: the paths whose only fault is the extended key usage of a CA or ECDSA with SHA-1.
  .NET's ` + "`Verify()`" + ` lets both through, and Postern's default verdict is .NET's. Strict mode (` + "`Postern.Trust.Strict`" + `) refuses them.
- **SOFT_FAIL and SOFT_PASS** are cases about which readers may differ. A violated constraint on any alternative name refuses
  the certificate here, whether or not that name is the one asked for; a host name in the common name alone is no name of the certificate.

The suites are about servers. Their host name is compared by the test itself, since Postern judges clients, and the refusal of a server's
leaf for its purpose, which strict mode gives, is left out.
`)
	return b.String()
}

func compare(t *testing.T, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(report, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(report); err != nil || string(got) != want {
		t.Errorf("%s is not what came out (%v); run this test with -update and read what changed", report, err)
	}
}
