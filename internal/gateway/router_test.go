package gateway

import (
	"fmt"
	"maps"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
)

// noPipelines compiles nothing.
func noPipelines(*apim.API, *apim.Operation) (Pipeline, error) { return nil, nil }

func newRouter(t testing.TB, apis ...*apim.API) *router {
	t.Helper()
	r := new(router)
	for _, a := range apis {
		if err := r.add(a, noPipelines); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// apiWith makes an API whose operations' ids are "METHOD template".
func apiWith(id, path string, operations ...string) *apim.API {
	a := &apim.API{ID: id, Path: path, Current: true, Revision: "1"}
	for _, o := range operations {
		var method, tmpl string
		if _, err := fmt.Sscanf(o, "%s %s", &method, &tmpl); err != nil {
			panic(err)
		}
		a.Operations = append(a.Operations, apim.Operation{ID: o, Method: method, URLTemplate: tmpl})
	}
	return a
}

func TestRouterFindsAPI(t *testing.T) {
	old := apiWith("echo;rev=2", "echo")
	old.Current, old.Revision = false, "2"
	r := newRouter(t, apiWith("root", ""), apiWith("echo", "echo"), old, apiWith("deep", "Echo/v1"), apiWith("accent", "caf%C3%A9"))
	for _, c := range []struct{ path, api, suffix string }{
		{"/", "root", "/"},
		{"/other", "root", "/other"},
		{"/echo", "echo", ""},
		{"/echo/", "echo", "/"},
		{"/ECHO/x", "echo", "/x"},
		{"/e%63ho/x", "echo", "/x"},
		{"/echoes/x", "root", "/echoes/x"},
		{"/echo/v1/x/y", "deep", "/x/y"},
		{"/echo/v10", "echo", "/v10"},
		{"/echo%2Fv1", "root", "/echo%2Fv1"},
		{"/Caf%c3%89/x", "accent", "/x"},
		{"/echo;rev=2/x", "echo;rev=2", "/x"},
		{"/echo;rev=1", "echo", ""},
		{"/echo;rev=3/x", "", ""},
		{"/;rev=1/x", "root", "/x"},
		{"/none;rev=1/x", "", ""},
	} {
		route, suffix := r.find(c.path)
		switch {
		case c.api == "" && route == nil:
		case route == nil || route.api.ID != c.api || suffix != c.suffix:
			t.Errorf("find(%q) = %v, %q, want %s, %q", c.path, route, suffix, c.api, c.suffix)
		}
	}
	if route, _ := newRouter(t, apiWith("echo", "echo")).find("/x"); route != nil {
		t.Errorf("found %s without a root API", route.api.ID)
	}
}

func TestRouterMatchesOperation(t *testing.T) {
	r := newRouter(t, apiWith("a", "",
		"GET /", "GET /items", "GET /items/{id}", "GET /items/special", "POST /items/{id}", "HEAD /items",
		"GET /items/{id}/parts/{part}", "GET /files/*", "GET /files/readme", "GET /rest/{*path}", "GET /odata({key})", "GET /odata({key},{other})",
		"GET /find?kind={kind}&x=1", "GET /find?kind={kind}", "GET /find", "GET /trailing/", "GET /{any}/mid/*", "GET /two/*/end", "GET /é"))
	for _, c := range []struct {
		method, path, query, want string
		parameters                map[string]string
	}{
		{"GET", "", "", "GET /", nil},
		{"GET", "/", "", "GET /", nil},
		{"GET", "/Items", "", "GET /items", nil},
		{"HEAD", "/items", "", "HEAD /items", nil},
		{"HEAD", "/items/1", "", "", nil},
		{"OPTIONS", "/items", "", "", nil},
		{"get", "/items", "", "", nil},
		{"GET", "/items/42", "", "GET /items/{id}", map[string]string{"id": "42"}},
		{"GET", "/items/A%20b%2Fc", "", "GET /items/{id}", map[string]string{"id": "A b%2Fc"}},
		{"GET", "/items/%zz", "", "GET /items/{id}", map[string]string{"id": "%zz"}},
		{"GET", "/items/special", "", "GET /items/special", nil},
		{"POST", "/items/special", "", "POST /items/{id}", map[string]string{"id": "special"}},
		{"GET", "/items/", "", "", nil},
		{"GET", "/items/1/parts/2", "", "GET /items/{id}/parts/{part}", map[string]string{"id": "1", "part": "2"}},
		{"GET", "/items//parts/2", "", "", nil},
		{"GET", "/files", "", "GET /files/*", nil},
		{"GET", "/files/", "", "GET /files/*", nil},
		{"GET", "/files/a/b", "", "GET /files/*", nil},
		{"GET", "/files/readme", "", "GET /files/readme", nil},
		{"GET", "/rest/a/b%20c", "", "GET /rest/{*path}", map[string]string{"path": "a/b c"}},
		{"GET", "/rest", "", "GET /rest/{*path}", map[string]string{"path": ""}},
		{"GET", "/odata(7)", "", "GET /odata({key})", map[string]string{"key": "7"}},
		{"GET", "/OData(7,8)", "", "GET /odata({key},{other})", map[string]string{"key": "7", "other": "8"}},
		{"GET", "/odata()", "", "", nil},
		{"GET", "/find", "", "GET /find", nil},
		{"GET", "/find", "kind=a+b", "GET /find?kind={kind}", map[string]string{"kind": "a b"}},
		{"GET", "/find", "x=1&KIND=z", "GET /find?kind={kind}&x=1", map[string]string{"kind": "z"}},
		{"GET", "/find", "x=2&kind=z", "GET /find?kind={kind}", map[string]string{"kind": "z"}},
		{"GET", "/trailing/", "", "GET /trailing/", nil},
		{"GET", "/trailing", "", "", nil},
		{"GET", "/q/mid/z", "", "GET /{any}/mid/*", map[string]string{"any": "q"}},
		{"GET", "/two/x/end", "", "GET /two/*/end", nil},
		{"GET", "/%C3%89", "", "GET /é", nil},
	} {
		route, suffix := r.find(c.path)
		op, parameters := route.match(c.method, suffix, c.query)
		got := ""
		if op != nil {
			got = op.operation.ID
		}
		if got != c.want || !maps.Equal(parameters, c.parameters) {
			t.Errorf("%s %s?%s matches %q %v, want %q %v", c.method, c.path, c.query, got, parameters, c.want, c.parameters)
		}
	}
}

func TestRouterRefuses(t *testing.T) {
	for name, apis := range map[string][]*apim.API{
		"same path":      {apiWith("a", "x"), apiWith("b", "X")},
		"open brace":     {apiWith("a", "x", "GET /{id")},
		"closing brace":  {apiWith("a", "x", "GET /id}")},
		"empty name":     {apiWith("a", "x", "GET /{}")},
		"broken query":   {apiWith("a", "x", "GET /?a={b")},
		"bad servic URL": {{ID: "a", Current: true, ServiceURL: "ftp://x"}},
	} {
		var err error
		r := new(router)
		for _, a := range apis {
			if err == nil {
				err = r.add(a, noPipelines)
			}
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCleanPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/a/b": "/a/b", "/a/./b": "/a/b", "/a/../b": "/b", "/../../a": "/a", "/a/..": "/", "/a/b/..": "/a/", "/a/.": "/a/",
		"/a/%2e%2E/b": "/b", "/a/.%2e/b": "/b", "/a/...": "/a/...", "/.well-known/x": "/.well-known/x", "/a/..b/c": "/a/..b/c",
		"/a%2F..%2Fb": "/a%2F..%2Fb", "/a//../b": "/a/b", "/%2e": "/", "/%41/b": "/%41/b",
	} {
		if got := cleanPath(in); got != want {
			t.Errorf("cleanPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func benchmarkRouter(b *testing.B) *router {
	r := new(router)
	for i := range 200 {
		a := apiWith(fmt.Sprint("api", i), fmt.Sprintf("team%d/service%d", i%10, i))
		for j := range 50 {
			id := fmt.Sprintf("GET /resource%d", j)
			a.Operations = append(a.Operations,
				apim.Operation{ID: id, Method: "GET", URLTemplate: fmt.Sprintf("/resource%d", j)},
				apim.Operation{ID: id + "/{id}", Method: "GET", URLTemplate: fmt.Sprintf("/resource%d/{id}/parts", j)})
		}
		if err := r.add(a, noPipelines); err != nil {
			b.Fatal(err)
		}
	}
	return r
}

func BenchmarkRoute(b *testing.B) {
	r := benchmarkRouter(b)
	for name, path := range map[string]string{"literal": "/team7/Service137/resource33", "parameter": "/team7/service137/resource33/42/parts", "none": "/team7/service137/nothing/at/all"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				route, suffix := r.find(path)
				route.match("GET", suffix, "")
			}
		})
	}
}

func TestRoutingDoesNotAllocate(t *testing.T) {
	r := newRouter(t, apiWith("a", "team/echo", "GET /items/{id}/x", "GET /items/list", "GET /*"))
	if n := testing.AllocsPerRun(100, func() {
		route, suffix := r.find("/Team/echo/items/list")
		route.match("GET", suffix, "a=b")
		route.match("GET", "/other/path", "")
	}); n != 0 {
		t.Errorf("routing allocates %v times", n)
	}
}
