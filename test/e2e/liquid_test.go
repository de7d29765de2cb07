package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestLiquidTemplates puts a policy with templates through the management API: a JSON request becomes XML for the backend, whose XML
// becomes JSON; a template with a mistake is refused at its place.
func TestLiquidTemplates(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, "<r><Got>"+strings.ReplaceAll(string(body), "<", "&lt;")+"</Got></r>")
	}))
	defer backend.Close()
	p := start(t)
	p.api("orders", "orders", backend.URL, "POST /")
	p.policy("orders", `<policies><inbound><base />
  <set-header name="Content-Type" exists-action="override"><value>application/json</value></set-header>
  <set-body template="liquid"><order>{{ body.id | Plus: 1 }}{% for l in body.lines %}<l>{{ l | Upcase }}</l>{% endfor %}</order></set-body>
</inbound><backend><base /></backend><outbound><base /><set-body template="liquid">{"got":"{{ body.R.got }}"}</set-body></outbound><on-error><base /></on-error></policies>`)
	c := p.caller(callerOptions{})
	got := c.do(t, "POST", "/orders/", strings.NewReader(`{"id":41,"lines":["a","b"]}`))
	if want := `{"got":"<order>42<l>A</l><l>B</l></order>"}`; got.status != 200 || got.body != want {
		t.Errorf("answered %d %s; want %s", got.status, got.body, want)
	}
	status, text := p.arm("PUT", "/apis/orders/policies/policy", properties(object{"format": "rawxml", "value": "<policies><inbound>\n<set-body template=\"liquid\">\n  {% fro x in y %}</set-body></inbound></policies>"}))
	if status != 400 || !strings.Contains(text, "Unknown tag 'fro'") || !strings.Contains(text, "line 3, column 3") {
		t.Errorf("a mistake is answered %d %s", status, text)
	}
}
