package chain_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// vector is a line of chains.jsonl or pkits.jsonl.
type vector struct {
	ID            string   `json:"id"`
	Leaf          string   `json:"leaf"`
	Sent          []string `json:"sent"`
	Roots         []string `json:"roots"`
	Intermediates []string `json:"intermediates"`
	HTTP          map[string]struct {
		Body string `json:"body"`
	} `json:"http"`
	MayRefuse string `json:"mayRefuse"`
	MayAccept string `json:"mayAccept"`
	Want      struct {
		VerifyNoRevocation       bool     `json:"verifyNoRevocation"`
		VerifyNoRevocationStatus []string `json:"verifyNoRevocationStatus"`
		ChainLength              *int     `json:"chainLength"`
	} `json:"want"`
}

// Issuer serves the vector's own addresses, so that the vector is an IssuerSource.
func (v vector) Issuer(subject *chain.Info) (*cert.Certificate, error) {
	f, ok := v.HTTP[strings.TrimPrefix(subject.IssuerURL, "http://pki.test")]
	if !ok {
		return nil, errors.New("404")
	}
	body, err := base64.StdEncoding.DecodeString(f.Body)
	if err != nil {
		return nil, err
	}
	return cert.Parse(body)
}

func vectors(t testing.TB, file string) []vector {
	t.Helper()
	_, self, _, _ := runtime.Caller(0)
	f, err := os.Open(filepath.Join(filepath.Dir(self), "..", "..", "testdata", "conformance", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func parseAll(t testing.TB, pems []string) []*cert.Certificate {
	t.Helper()
	var list []*cert.Certificate
	for _, p := range pems {
		c, err := cert.ParsePEM([]byte(p))
		if err != nil {
			t.Fatalf("ParsePEM: %v", err)
		}
		list = append(list, c)
	}
	return list
}

func (v vector) options(t testing.TB) chain.Options {
	return chain.Options{
		Sent:          parseAll(t, v.Sent),
		Roots:         chain.NewPool(parseAll(t, v.Roots)),
		Intermediates: chain.NewPool(parseAll(t, v.Intermediates)),
		Issuers:       v,
	}
}

// TestConformance compares VerifyNoRevocation() with .NET: every verdict within the rule of the
// vectors' README, every flag where the verdict is .NET's.
func TestConformance(t *testing.T) {
	for _, file := range []string{"chains.jsonl", "pkits.jsonl"} {
		exact, total := 0, 0
		for _, v := range vectors(t, file) {
			t.Run(v.ID, func(t *testing.T) {
				leaf, err := cert.ParsePEM([]byte(v.Leaf))
				if err != nil {
					t.Fatal(err)
				}
				r := chain.Build(leaf, v.options(t))
				total++
				if r.Verdict != v.Want.VerifyNoRevocation {
					if (r.Verdict && v.MayAccept == "") || (!r.Verdict && v.MayRefuse == "") {
						t.Errorf("verdict = %v, want %v; got %v want %v\n%s", r.Verdict, v.Want.VerifyNoRevocation, r.Status, v.Want.VerifyNoRevocationStatus, r.Explanation)
					}
					exact++
					return
				}
				if flags := flagNames(r.Status); !slices.Equal(flags, v.Want.VerifyNoRevocationStatus) {
					t.Errorf("status = %v, want %v\n%s", flags, v.Want.VerifyNoRevocationStatus, r.Explanation)
					return
				}
				if n := len(r.Chain); v.Want.ChainLength != nil && n != *v.Want.ChainLength && v.MayAccept == "" {
					t.Errorf("chain length = %d, want %d\n%s", n, *v.Want.ChainLength, r.Explanation)
					return
				}
				exact++
			})
		}
		if exact != total {
			t.Errorf("%s: %d of %d within the rule and with .NET's flags", file, exact, total)
		}
	}
}

func flagNames(flags []chain.Flag) []string {
	names := []string{}
	for _, f := range flags {
		names = append(names, string(f))
	}
	return names
}

// TestStrictMode refuses everything that the vectors call refusable for a reason other than
// revocation, and nothing else that .NET accepts.
func TestStrictMode(t *testing.T) {
	for _, v := range vectors(t, "chains.jsonl") {
		t.Run(v.ID, func(t *testing.T) {
			leaf, err := cert.ParsePEM([]byte(v.Leaf))
			if err != nil {
				t.Fatal(err)
			}
			opts := v.options(t)
			opts.Strict = true
			r := chain.Build(leaf, opts)
			switch {
			case !v.Want.VerifyNoRevocation:
				if r.Verdict && v.MayAccept == "" {
					t.Error("strict mode accepts what .NET refuses")
				}
			case strictReasons[v.MayRefuse]:
				if r.Verdict {
					t.Errorf("accepted, although %s", v.MayRefuse)
				}
			case r.Has(chain.ReasonPolicy) && !hasPolicies(leaf):
				// A certificate without policies cannot fulfil a demand for one, whatever .NET says.
				if r.Verdict {
					t.Errorf("accepted with status %v", r.Status)
				}
			case v.MayRefuse == "" && !r.Verdict:
				t.Errorf("refused without need: %v\n%s", r.Status, r.Explanation)
			}
		})
	}
}

func hasPolicies(c *cert.Certificate) bool {
	_, present, _ := c.CertificatePolicies()
	return present
}

// strictReasons are the values of mayRefuse that concern the path.
var strictReasons = map[string]bool{
	"the certificate is not for this purpose": true, "weak key or signature": true, "name constraints, read strictly": true,
	"a form that RFC 5280 forbids": true, "certificate policies are not fulfilled": true,
}

// TestStrictPolicies compares strict mode with what NIST says of its policy tests under the default
// settings, which the names of the end entities tell.
func TestStrictPolicies(t *testing.T) {
	for _, v := range vectors(t, "pkits.jsonl") {
		name := strings.TrimPrefix(v.ID, "pkits-")
		if !strings.Contains(strings.ToLower(name), "policy") {
			continue
		}
		valid, invalid := strings.HasPrefix(name, "Valid"), strings.HasPrefix(name, "Invalid")
		if !valid && !invalid {
			continue
		}
		t.Run(v.ID, func(t *testing.T) {
			leaf, err := cert.ParsePEM([]byte(v.Leaf))
			if err != nil {
				t.Fatal(err)
			}
			opts := v.options(t)
			opts.Strict = true
			r := chain.Build(leaf, opts)
			if r.Verdict != valid || r.Has(chain.ReasonPolicy) != invalid {
				t.Errorf("verdict %v, status %v: %s", r.Verdict, r.Status, r.Explanation)
			}
		})
	}
}
