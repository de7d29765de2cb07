package e2e

import (
	"crypto/tls"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestSessionsOutliveARestart resumes a session at a process that was started anew on the same store, as at another node:
// the keys of tickets come from the store. The certificate of the session is judged there like any other.
func TestSessionsOutliveARestart(t *testing.T) {
	p := start(t)
	ca := testkit.NewRoot(t, "Root")
	client := ca.NewClient(t, "client-01")
	p.trust(true, []*testkit.Cert{ca}, nil)
	p.api("v", "v", "", "GET /")
	p.policy("v", `<policies><inbound><validate-client-certificate validate-revocation="false"><identities><identity common-name="client-01" /></identities></validate-client-certificate>`+ok+`</inbound></policies>`)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		sessions := tls.NewLRUClientSessionCache(4)
		o := callerOptions{certificate: client, version: version, sessions: sessions, serverName: "localhost"}
		if r := p.caller(o).get(t, "/v"); r.status != 200 || r.resumed {
			t.Fatalf("%s: %d %s, resumed %v", tls.VersionName(version), r.status, r.body, r.resumed)
		}
		p.kill()
		p = startIn(t, p.dir)
		if r := p.caller(o).get(t, "/v"); r.status != 200 || !r.resumed {
			t.Errorf("%s after the restart: %d %s, resumed %v", tls.VersionName(version), r.status, r.body, r.resumed)
		}
	}
}
