package gateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// TestSecretsAreMasked: what an expression quoted of secrets stands neither in the access log nor in a decision.
func TestSecretsAreMasked(t *testing.T) {
	told := make(chan *Decision, 1)
	secrets := []string{"named-secret", "bearer-credential", "key-in-field", "key-in-query", "cookie-value"}
	run := func(in policy.Invocation) *message.Response {
		in.Exchange.Notes.Reason, in.Exchange.Notes.Message = "ExpressionValueEvaluationFailure", "quoted: "+strings.Join(secrets, ", ")+", public, cat"
		return message.ErrorResponse(500, "Internal server error")
	}
	f := newFixture(t, run, func(f *fixture) {
		f.config.Observe = func(d *Decision) { told <- d }
		f.service.NamedValues = []apim.NamedValue{{Value: "named-secret", Secret: true}, {Value: "public"}, {Value: "cat", Secret: true}}
	})
	r, err := http.NewRequest("GET", "https://mtls.example.com/echo/items/1?subscription-key=key-in-query", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer bearer-credential")
	r.Header.Set("Ocp-Apim-Subscription-Key", "key-in-field")
	r.Header.Set("Cookie", "cookie-value")
	resp, err := f.client(f.tls("", nil), true).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	want := "quoted: ****, ****, ****, ****, ****, public, cat"
	if d := <-told; d.Message != want {
		t.Errorf("the decision says %q, want %q", d.Message, want)
	}
}
