package verify_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
	"github.com/postern-gateway/postern/pki/verify"
)

// vector is a line of chains.jsonl.
type vector struct {
	verify.Case
	About     string              `json:"about"`
	HTTP      map[string]resource `json:"http"`
	MayRefuse string              `json:"mayRefuse"`
	MayAccept string              `json:"mayAccept"`
	Want      struct {
		Verify       bool         `json:"verify"`
		VerifyStatus []chain.Flag `json:"verifyStatus"`
	} `json:"want"`
}

type resource struct {
	ContentType string `json:"contentType"`
	Body        string `json:"body"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	_, self, _, _ := runtime.Caller(0)
	f, err := os.Open(filepath.Join(filepath.Dir(self), "..", "..", "testdata", "conformance", "chains.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
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

// serve answers as http://pki.test/ did when the vectors were recorded. A GET of OCSP has the
// request behind the path; without gets a responder takes only a POST.
func serve(t testing.TB, list []vector, gets bool, allow ...string) *revocation.Fetcher {
	t.Helper()
	files := make(map[string]resource)
	for _, v := range list {
		for path, r := range v.HTTP {
			files[path] = r
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if at := strings.Index(r.URL.Path, "/MF"); !ok && at > 0 && gets {
			f, ok = files[r.URL.Path[:at]]
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		body, err := base64.StdEncoding.DecodeString(f.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", f.ContentType)
		w.Write(body) //nolint:errcheck // the client says so
	}))
	t.Cleanup(server.Close)
	prefixes, err := revocation.ParseAllow(allow)
	if err != nil {
		t.Fatal(err)
	}
	f := revocation.NewFetcher(revocation.FetchOptions{Allow: prefixes, Resolve: map[string]string{
		net.JoinHostPort("pki.test", "80"): server.Listener.Addr().String(),
	}})
	t.Cleanup(f.Close)
	return f
}

// TestConformance compares Verify() with .NET: every verdict within the rule of the vectors'
// README, every flag where the verdict is .NET's.
func TestConformance(t *testing.T) {
	list := vectors(t)
	t.Run("get", func(t *testing.T) { conform(t, list, serve(t, list, true, "127.0.0.0/8")) })
	// What --resolve names needs no --fetch-allow.
	t.Run("post", func(t *testing.T) { conform(t, list, serve(t, list, false)) })
}

// leastExact is how many of the 320 vectors are to agree exactly. The others are those where
// Postern refuses, or accepts, with good reason: see docs/divergences.md.
const leastExact = 292

func conform(t *testing.T, list []vector, fetcher *revocation.Fetcher) {
	checker := revocation.NewChecker(revocation.Options{Fetcher: fetcher})
	exact := 0
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			r := verify.Run(v.Case, verify.Options{Checker: checker})
			if r.Verify != v.Want.Verify {
				if (r.Verify && v.MayAccept == "") || (!r.Verify && v.MayRefuse == "") {
					t.Errorf("%s: Verify = %v, want %v; %v\n%s", v.About, r.Verify, v.Want.Verify, r.VerifyStatus, r.Explanation)
				}
				return
			}
			if !slices.Equal(r.VerifyStatus, v.Want.VerifyStatus) {
				t.Errorf("%s: status = %v, want %v\n%s", v.About, r.VerifyStatus, v.Want.VerifyStatus, r.Explanation)
				return
			}
			exact++
		})
	}
	if exact < leastExact {
		t.Errorf("%d of %d exactly as .NET, want at least %d", exact, len(list), leastExact)
	}
}
