package portal

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, path, accept, etag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept", accept)
		r.Header.Set("If-None-Match", etag)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	page := get("GET", "/index.html", "text/html", "")
	if page.Code != 200 || !strings.Contains(page.Body.String(), "Postern") || page.Header().Get("Content-Security-Policy") != securityPolicy {
		t.Errorf("index.html: %d %v", page.Code, page.Header())
	}
	for _, c := range []struct {
		name, method, path, accept, etag string
		want                             int
	}{
		{"a route of the front end is the page", "GET", "/apis/orders", "text/html", "", 200},
		{"a missing file is not", "GET", "/x.js", "text/html", "", 404},
		{"nor is a missing resource", "GET", "/x", "application/json", "", 404},
		{"unchanged", "GET", "/index.html", "", page.Header().Get("ETag"), 304},
		{"no writing", "POST", "/", "", "", 405},
		{"no way out", "GET", "/../portal.go", "text/plain", "", 404},
	} {
		if got := get(c.method, c.path, c.accept, c.etag).Code; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
