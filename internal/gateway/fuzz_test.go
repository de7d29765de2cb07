package gateway

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/message"
)

// FuzzRoute asserts that no path makes the router fail, that a cleaned path stays as it is and has no dot segments,
// and that what follows the API's path is the end of the request's.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{"/", "/a/b", "/echo;rev=2/x", "/a/%2e%2e/b", "/odata(1,2)", "//", "/é/%zz", "/;rev=", "/echo/items/1?x"} {
		f.Add(seed, "kind=1&x")
	}
	r := new(router)
	for _, a := range []*struct {
		path string
		ops  []string
	}{{"", []string{"GET /{a}/{b}", "GET /*", "GET /odata({k},{l})", "GET /x({k})y({l})z"}}, {"echo", []string{"GET /items/{id}", "GET /?kind={kind}", "GET /{*rest}"}}} {
		if err := r.add(apiWith("api"+a.path, a.path, a.ops...), noPipelines); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if path == "" || path[0] != '/' {
			return
		}
		clean := cleanPath(path)
		if again := cleanPath(clean); again != clean || clean == "" || clean[0] != '/' {
			t.Fatalf("cleanPath(%q) = %q, and again %q", path, clean, again)
		}
		for part := range strings.SplitSeq(clean, "/") {
			if dotSegment(part) != 0 {
				t.Fatalf("cleanPath(%q) = %q has a dot segment", path, clean)
			}
		}
		route, suffix := r.find(clean)
		if !strings.HasSuffix(clean, suffix) {
			t.Fatalf("the suffix %q is not the end of %q", suffix, clean)
		}
		if route != nil {
			route.match("GET", suffix, query)
		}
	})
}

// FuzzResolve asserts that a redirection yields a URL that can be sent, or an error.
func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"/a", "a?b", "//h/x", "https://h", "?x", "../../a", "#f", "http://[::1]:80/", ""} {
		f.Add(seed)
	}
	base, err := message.ParseURL("https://h/a/b?c")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, location string) {
		u, err := resolve(base, location)
		if err != nil {
			return
		}
		if again, err := message.ParseURL(u.String()); err != nil || again != u {
			t.Fatalf("%q resolves to %q, which reads as %v, %v", location, u.String(), again, err)
		}
	})
}

// FuzzTemplate asserts that a template is refused or matches without failing.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"/", "/a/{b}", "/{*x}", "/a({b})", "/?a={b}&c", "{", "/{}/", "*"} {
		f.Add(seed, "/a/b")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		tmpl, err := parseTemplate(text)
		if err != nil || path == "" || path[0] != '/' {
			return
		}
		a := &apiRoute{}
		op := apiWith("a", "", "GET /x").Operations[0]
		a.operation.add(tmpl, &opRoute{operation: &op})
		a.operation.sort()
		a.match("GET", path, "a=b&c")
	})
}
