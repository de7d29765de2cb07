package gateway

import (
	"testing"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// TestObserve shows what the observer is told, and that requests which were let through cost it nothing.
func TestObserve(t *testing.T) {
	place := &policy.Place{Element: "return-response", Scope: policy.API, Path: "return-response[1]", Document: "api", Line: 4, Column: 9}
	run := func(in policy.Invocation) *message.Response {
		switch {
		case in.Failed != nil:
			return withoutPipeline(in.Exchange, in.Failed)
		case in.Route.Operation.ID == "get":
			in.Exchange.Notes.Place = place
			return message.ErrorResponse(403, "no")
		}
		return message.ErrorResponse(404, "the backend's own answer")
	}
	for _, all := range []bool{false, true} {
		told := make(chan *Decision, 4)
		f := newFixture(t, run, func(f *fixture) {
			f.config.Observe, f.config.ObserveAll = func(d *Decision) { told <- d }, all
		})
		client := f.root.NewClient(t, "c")
		c := f.client(f.tls("", client), true)
		call := func(path string) *Decision {
			f.get(c, "https://mtls.example.com"+path)
			select {
			case d := <-told:
				return d
			default:
				return nil
			}
		}
		d := call("/echo/items/1?key=secret")
		if d == nil || !d.Refused || d.Status != 403 || d.Element != "return-response" || d.Scope != "api" || d.Line != 4 || d.Column != 9 ||
			d.Path != "/echo/items/1" || d.API != "echo" || d.Operation != "get" || d.Host != "mtls.example.com" || d.RequestID == "" ||
			d.Peer == nil || d.Peer.Leaf.Thumbprint() != client.Cert(t).Thumbprint() || !d.Remote.IsValid() {
			t.Errorf("all=%v: a policy's refusal is told as %+v", all, d)
		}
		if d := call("/nothing"); d == nil || d.Reason != "OperationNotFound" || d.Element != "" || !d.Refused {
			t.Errorf("all=%v: an unknown path is told as %+v", all, d)
		}
		if d := call("/echo/"); (d != nil) != all || all && (d.Refused || d.Status != 404) {
			t.Errorf("all=%v: a backend's answer is told as %+v", all, d)
		}
	}
}
