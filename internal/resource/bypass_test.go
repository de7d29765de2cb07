package resource

import (
	"encoding/json"
	"testing"

	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/testkit"
)

// TestBypassUnreadableAuthority: a state of the service whose trust cannot be read whole is no state to serve, so that the
// last good one stays; it is never read as one with less trust asked for.
//
// CVE-2026-27586 (Caddy): the error of a missing or malformed client CA file was swallowed, and any certificate of a root
// that the system trusts got in.
//
// CVE-2022-46153 (Traefik): a router whose TLS options could not be read was served without them.
func TestBypassUnreadableAuthority(t *testing.T) {
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := testkit.NewRoot(t, "root").Cert(t)
	id, err := ParseID("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ApiManagement/service/s")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		stored    map[string]Identity
		host      string
		readable  bool
		wantRoots int
	}{
		{"whole", map[string]Identity{"ca/0": {Certificate: root.Raw}}, `{}`, true, 1},
		{"the certificate is missing", map[string]Identity{}, `{}`, false, 0},
		{"the certificate is cut", map[string]Identity{"ca/0": {Certificate: root.Raw[:len(root.Raw)/2]}}, `{}`, false, 0},
		{"the certificate is something else", map[string]Identity{"ca/0": {Certificate: []byte("-----BEGIN CERTIFICATE-----")}}, `{}`, false, 0},
		{"who may forward cannot be read", map[string]Identity{"ca/0": {Certificate: root.Raw}}, `{"format":"ClientCert","addresses":["everybody"]}`, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Resource{ID: id, Top: map[string]any{"location": "local", "sku": map[string]any{"name": "Developer", "capacity": json.Number("1")}}}
			host := map[string]any{"type": "Proxy", "hostName": "localhost", "negotiateClientCertificate": true}
			if c.host != `{}` {
				var forwarded map[string]any
				if err := json.Unmarshal([]byte(c.host), &forwarded); err != nil {
					t.Fatal(err)
				}
				host[ForwardedProperty] = forwarded
			}
			r.Properties = map[string]any{"certificates": []any{map[string]any{"storeName": "Root"}}, "hostnameConfigurations": []any{host}}
			r.Hidden.Identities = c.stored
			value, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			svc, err := NewLoader(sealer).Load([]store.Entry{{Key: id.Key(), Value: value, ModRevision: 1}})
			switch {
			case c.readable && (err != nil || len(svc.Roots) != c.wantRoots):
				t.Errorf("%v", err)
			case !c.readable && err == nil:
				t.Errorf("it is served with %d roots", len(svc.Roots))
			}
		})
	}
}
