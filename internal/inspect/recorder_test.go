package inspect

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/postern-gateway/postern/internal/testkit"
)

func refusal(n int, reason string) *Decision {
	return &Decision{RequestID: fmt.Sprintf("id-%d", n), Time: time.Now(), Refused: true, Reason: reason, Status: 401}
}

func TestRecorderKeepsTheLast(t *testing.T) {
	r := NewRecorder()
	for n := range KeptDecisions + 10 {
		r.Add(refusal(n, "ClientCertificateNotFound"))
	}
	r.Add(&Decision{RequestID: "let in", Status: 200})
	recent := r.recent(3)
	if len(recent) != 3 || recent[0].RequestID != fmt.Sprintf("id-%d", KeptDecisions+9) || recent[2].RequestID != fmt.Sprintf("id-%d", KeptDecisions+7) {
		t.Errorf("recent: %v", recent)
	}
	if r.find("id-9") != nil || r.find("ID-10") == nil || r.find("let in") != nil {
		t.Error("the oldest are not gone, or the others not found, or one that was let in is kept")
	}
	if counts, total := r.counts(); total != KeptDecisions+10 || len(counts) != 1 || counts[0].Count != total || counts[0].Last.IsZero() {
		t.Errorf("counts %v, %d in all", counts, total)
	}
}

func TestRecorderBoundsReasons(t *testing.T) {
	r := NewRecorder()
	for n := range 2 * maxReasons {
		r.Add(refusal(n, fmt.Sprint("reason ", n)))
	}
	r.Add(&Decision{Refused: true, Status: 403})
	counts, total := r.counts()
	if len(counts) != maxReasons+1 || counts[0].Reason != otherReason || total != 2*maxReasons+1 {
		t.Errorf("%d reasons, the first %v", len(counts), counts[0])
	}
	if r.recent(1)[0].Reason != ReasonPolicyAnswer {
		t.Errorf("a refusal without reason has %q", r.recent(1)[0].Reason)
	}
}

func TestRecorderBoundsTexts(t *testing.T) {
	r := NewRecorder()
	r.Add(&Decision{RequestID: "long", Refused: true, Path: "/" + strings.Repeat("ä", maxText)})
	if path := r.find("long").Path; len(path) > maxText+len("…") || !utf8.ValidString(path) || !strings.HasSuffix(path, "ä…") {
		t.Errorf("a path of %d bytes ends in %q", len(path), path[len(path)-8:])
	}
}

func TestRecorderAwaits(t *testing.T) {
	r := NewRecorder()
	me, other := netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("127.0.0.1:2")
	if r.Awaits(me) {
		t.Error("awaited before")
	}
	decided, done := r.await(me)
	if !r.Awaits(me) || r.Awaits(other) {
		t.Error("not awaited, or another")
	}
	r.Add(&Decision{Remote: other, RequestID: "other"})
	r.Add(&Decision{Remote: me, RequestID: "mine"})
	r.Add(&Decision{Remote: me, RequestID: "a second one does no harm"})
	if d := <-decided; d.RequestID != "mine" {
		t.Errorf("got %v", d)
	}
	done()
	if r.Awaits(me) {
		t.Error("awaited afterwards")
	}
}

func TestOverview(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	recorder := NewRecorder()
	s := courtServer(t, newCourt(t, root), nil)
	s.Recorder = recorder
	s.Addresses = func() []Address { return []Address{{"gateway", "https://localhost:8443"}} }
	svc := s.Service()
	svc.Certificates = entities(t, root.NewClient(t, "spare"), root.NewClient(t, "late", testkit.Expired))
	svc.Policy = document1(svc.Certificates[1].Identity.Certificate.Thumbprint())
	recorder.Add(&Decision{RequestID: "r", Time: time.Now(), Refused: true, Reason: "ClientCertificateExpired", Status: 401,
		Scope: "global", Section: "inbound", Element: "validate-client-certificate", Line: 3, Column: 5, Certificate: root.NewClient(t, "x").Cert(t)})
	var got struct {
		Service  struct{ Name, GatewayURL string }
		Expiring []Expiring
		Refusals struct {
			Total    int
			ByReason []reasonCount
			Recent   []decisionView
		}
	}
	if status := call(t, s, "GET", "/postern/v1/overview", nil, &got); status != 200 {
		t.Fatal(status)
	}
	if got.Service.Name != "local" || got.Service.GatewayURL != "https://localhost:8443" {
		t.Errorf("service %+v", got.Service)
	}
	if len(got.Expiring) != 2 || got.Expiring[0].Name != "c1" || got.Expiring[0].DaysLeft >= 0 || !got.Expiring[0].InUse || got.Expiring[1].InUse || got.Expiring[1].DaysLeft < 0 {
		t.Errorf("expiring %+v", got.Expiring)
	}
	if r := got.Refusals; r.Total != 1 || r.ByReason[0].Reason != "ClientCertificateExpired" || r.Recent[0].Policy.Line != 3 || r.Recent[0].Certificate.Subject != "CN=x" {
		t.Errorf("refusals %+v", r)
	}
	var one decisionView
	if status := call(t, s, "GET", "/postern/v1/requests/r", nil, &one); status != 200 || one.RequestID != "r" {
		t.Errorf("%d %+v", status, one)
	}
	if status := call(t, s, "GET", "/postern/v1/requests/unknown", nil, nil); status != 404 {
		t.Error(status)
	}
}
