package inspect

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/testkit"
)

// TestRehearsalsAskNobody has policies whose outcome depends on others: nothing goes out, and the outcome is not known.
func TestRehearsalsAskNobody(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	server := testkit.NewBackend(t, func(http.ResponseWriter, *http.Request) {})
	send := func(element, attributes string) string {
		return "<" + element + ` mode="new" ` + attributes + "><set-url>" + server.URL + "</set-url><set-method>GET</set-method>" +
			`<authentication-managed-identity resource="https://vault.azure.net" /></` + element + ">"
	}
	deny := `<choose><when condition="@(context.Variables["r"] == null)"><return-response><set-status code="403" /></return-response></when></choose>`
	documents := map[string]struct{ inbound, want string }{
		"asks":         {send("send-request", `response-variable-name="r"`), outcomeUnknown},
		"ignores":      {send("send-request", `response-variable-name="r" ignore-error="true"`), outcomeUnknown},
		"denies":       {send("send-request", `response-variable-name="r" ignore-error="true"`) + deny, outcomeUnknown},
		"refused":      {send("send-request", `response-variable-name="r"`), outcomeOut},
		"tells":        {send("send-one-way-request", ""), outcomeIn},
		"token":        {`<authentication-managed-identity resource="https://vault.azure.net" />`, outcomeIn},
		"limit":        {`<limit-concurrency key="k" max-count="1"><set-header name="a"><value>b</value></set-header></limit-concurrency>`, outcomeIn},
		"mock":         {`<mock-response />`, outcomeIn},
		"no-such-cert": {`<authentication-certificate thumbprint="` + strings.Repeat("0", 40) + `" />`, outcomeUnknown},
	}
	stranger := testkit.NewSelfSigned(t, "x")
	s := courtServer(t, newCourt(t, root), func(svc *apim.Service) {
		for id, d := range documents {
			check := `<validate-client-certificate validate-trust="` + map[bool]string{true: "true", false: "false"}[id == "refused"] + `" />`
			svc.APIs = append(svc.APIs, apim.API{ID: id, Path: id, ServiceURL: server.URL, Policy: &apim.Policy{Format: "rawxml",
				Text: "<policies><inbound>" + check + d.inbound + "</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"}})
		}
	})
	var got inspection
	if status := call(t, s, "POST", "/postern/v1/certificates/inspect", map[string]any{"data": string(stranger.PEM())}, &got); status != 200 {
		t.Fatal(status)
	}
	if len(got.Admits.Policies) != len(documents) {
		t.Errorf("%d documents, want %d", len(got.Admits.Policies), len(documents))
	}
	for _, p := range got.Admits.Policies {
		if p.Outcome != documents[p.API].want || p.Message == "" {
			t.Errorf("%s: %+v; want %s", p.API, p, documents[p.API].want)
		}
	}
	if n := server.Requests.Load(); n != 0 {
		t.Errorf("%d requests went out", n)
	}
}
