package exprctx_test

import (
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// One program serves many requests at once, on one connection too, and none sees another's.
func TestProgramsRunSideBySide(t *testing.T) {
	client := certificate(t, "client-01")
	p := program(t, `<policies><inbound><set-variable name="v" value="@(context.Request.Headers.GetValueOrDefault("X-N"))" /><return-response><set-body>@{
		if (!context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint)) { return "unknown"; }
		return context.Request.Certificate.SubjectName.Name.Length + ":" + context.Request.Method + context.Variables["v"];
	}</set-body></return-response></inbound></policies>`)
	shared := request(t, client, lenient{true, true}, apim.Certificate{ID: "c", Identity: &cert.Identity{Certificate: client}})
	want := fmt.Sprintf("%d:GET", len(client.Subject.String()))
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 50 {
				in := shared
				exchange := *shared.Exchange
				exchange.Request = &message.Request{Method: "GET", URL: shared.Exchange.Request.URL, Body: message.NoBody(),
					Header: message.Header{{Name: "X-N", Value: fmt.Sprint(g, "-", n)}}}
				in.Exchange = &exchange
				b, err := io.ReadAll(p.Execute(in).Body)
				if err != nil || string(b) != want+fmt.Sprint(g, "-", n) {
					t.Errorf("answer = %q, %v; want %s%d-%d", b, err, want, g, n)
				}
			}
		})
	}
	all.Wait()
}
