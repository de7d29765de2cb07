package portal

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// front is a small front end.
func front(t *testing.T) func(method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	h, err := handlerOf(fstest.MapFS{
		"index.html":                {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__">`)},
		"assets/index-Bq3xYz12.js":  {Data: []byte(strings.Repeat("let a = 1;\n", 1000))},
		"assets/plain.css":          {Data: []byte("a{}")},
		"assets/inter-Cq3xYz1_.wof": {Data: []byte{1, 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(method, path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
}

func TestPaths(t *testing.T) {
	get := front(t)
	for _, c := range []struct {
		name, method, path, accept string
		want                       int
	}{
		{"the page", "GET", "/index.html", "text/html", 200},
		{"the root is the page, whatever is asked for", "GET", "/", "", 200},
		{"a route of the front end is the page", "GET", "/apis/orders", "text/html", 200},
		{"a missing file is not", "GET", "/x.js", "text/html", 404},
		{"nor is a missing resource", "GET", "/x", "application/json", 404},
		{"no writing", "POST", "/", "", 405},
		{"no way out", "GET", "/../portal.go", "text/plain", 404},
	} {
		if got := get(c.method, c.path, "Accept", c.accept).Code; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestNonceIsNewEachTime(t *testing.T) {
	get := front(t)
	content := regexp.MustCompile(`content="([A-Za-z0-9_-]{24})"`)
	seen := map[string]bool{}
	for range 2 {
		w := get("GET", "/", "Accept", "text/html")
		m := content.FindStringSubmatch(w.Body.String())
		policy := w.Header().Get("Content-Security-Policy")
		if m == nil || !strings.Contains(policy, "style-src 'self' 'nonce-"+m[1]+"'") {
			t.Fatalf("page %q has policy %q", w.Body, policy)
		}
		if seen[m[1]] || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("the nonce %s is used again, or the page is kept: %v", m[1], w.Header())
		}
		seen[m[1]] = true
		for _, never := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
			if strings.Contains(policy, never) {
				t.Errorf("the policy %q has %s", policy, never)
			}
		}
	}
}

func TestAssets(t *testing.T) {
	get := front(t)
	script := get("GET", "/assets/index-Bq3xYz12.js", "Accept-Encoding", "br, gzip")
	if script.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || script.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("script: %v", script.Header())
	}
	z, err := gzip.NewReader(script.Body)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(z); err != nil || len(data) != 11000 {
		t.Errorf("script has %d bytes: %v", len(data), err)
	}
	for _, c := range []struct{ name, path, header, value, want string }{
		{"not asked for", "/assets/index-Bq3xYz12.js", "Accept", "*/*", ""},
		{"refused", "/assets/index-Bq3xYz12.js", "Accept-Encoding", "gzip;q=0", ""},
		{"no gain", "/assets/plain.css", "Accept-Encoding", "gzip", ""},
	} {
		if got := get("GET", c.path, c.header, c.value).Header().Get("Content-Encoding"); got != c.want {
			t.Errorf("%s: Content-Encoding %q, want %q", c.name, got, c.want)
		}
	}
	plain := get("GET", "/assets/plain.css")
	if plain.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("a name without hash is kept: %v", plain.Header())
	}
	if got := get("GET", "/assets/plain.css", "If-None-Match", plain.Header().Get("ETag")).Code; got != 304 {
		t.Errorf("unchanged: %d, want 304", got)
	}
	if got := get("HEAD", "/assets/plain.css"); got.Body.Len() != 0 || got.Code != 200 {
		t.Errorf("HEAD: %d with %d bytes", got.Code, got.Body.Len())
	}
}

func TestCommittedPageIsThere(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/index.html", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "Postern") {
		t.Errorf("index.html: %d %s", w.Code, w.Body)
	}
}
