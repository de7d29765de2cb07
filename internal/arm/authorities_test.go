package arm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
)

// kept is an entry of the service's certificates as GET shows it, without its data.
func kept(t *testing.T, store string, c *testkit.Cert) map[string]any {
	t.Helper()
	return map[string]any{"storeName": store, "certificate": map[string]any{"thumbprint": strings.ToLower(c.Cert(t).Thumbprint())}}
}

func TestAuthoritiesAreKeptByThumbprint(t *testing.T) {
	first, second, third := testkit.NewRoot(t, "First"), testkit.NewRoot(t, "Second"), testkit.NewRoot(t, "Third")
	for _, c := range []struct {
		name   string
		list   []any
		status int
		want   []*testkit.Cert
	}{
		{"one is added in front", []any{ca(t, "Root", third), kept(t, "Root", first), kept(t, "CertificateAuthority", second)}, 200, []*testkit.Cert{third, first, second}},
		{"one is deleted", []any{kept(t, "CertificateAuthority", second)}, 200, []*testkit.Cert{second}},
		{"all are as they were", []any{kept(t, "Root", first), kept(t, "CertificateAuthority", second)}, 200, []*testkit.Cert{first, second}},
		{"one that is not stored", []any{kept(t, "Root", third)}, 400, nil},
		{"one that names nothing", []any{map[string]any{"storeName": "Root"}}, 400, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t)
			s.must(200, "PATCH", "", patchOf(t, map[string]any{"certificates": []any{ca(t, "Root", first), ca(t, "CertificateAuthority", second)}}))
			a := s.must(c.status, "PATCH", "", patchOf(t, map[string]any{"certificates": c.list}))
			if c.status != 200 {
				if text := a.errorText(); !strings.Contains(text, "Certificate cannot be empty") {
					t.Errorf("refused with %s", text)
				}
				return
			}
			shown, _ := a.property("certificates").([]any)
			if len(shown) != len(c.want) {
				t.Fatalf("%d CA certificates, want %d", len(shown), len(c.want))
			}
			for i, x := range shown {
				if got := fmt.Sprint(x); !strings.Contains(got, c.want[i].Cert(t).Thumbprint()) {
					t.Errorf("at %d: %s, want %s", i, got, c.want[i].Cert(t).SubjectName())
				}
			}
		})
	}
}
