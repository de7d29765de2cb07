package inspect

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/testkit"
)

// entities are certificate entities called c0, c1, ….
func entities(t testing.TB, list ...*testkit.Cert) []apim.Certificate {
	var out []apim.Certificate
	for i, c := range list {
		out = append(out, apim.Certificate{ID: fmt.Sprint("c", i), Identity: c.Identity(t)})
	}
	return out
}

// document1 is a document that takes one thumbprint, on its third line.
func document1(thumbprint string) *apim.Policy {
	return &apim.Policy{Format: "rawxml", Text: "<policies>\n<inbound><validate-client-certificate><identities>\n<identity thumbprint=\"" + thumbprint +
		"\" />\n</identities></validate-client-certificate></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>"}
}

// stored is a resource as JSON has it.
func stored(t testing.TB, id, properties, identity string) *resource.Resource {
	t.Helper()
	parsed, err := resource.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	r := &resource.Resource{ID: parsed, Top: map[string]any{}}
	if err := json.Unmarshal([]byte(properties), &r.Properties); err != nil {
		t.Fatal(err)
	}
	if identity != "" {
		var v any
		if err := json.Unmarshal([]byte(identity), &v); err != nil {
			t.Fatal(err)
		}
		r.Top["identity"] = v
	}
	return r
}

func TestUses(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	const (
		group = "/subscriptions/s/resourceGroups/g/providers/"
		user  = group + "Microsoft.ManagedIdentity/userAssignedIdentities/reader"
		vault = group + "Microsoft.KeyVault/vaults/default"
		url1  = "https://default.vault.localhost:9444/secrets/server"
	)
	s := newServer(t, func(o *Options, svc *apim.Service) {
		svc.Certificates = entities(t, root.NewClient(t, "a"), root.NewClient(t, "b"), root.NewClient(t, "c"))
		thumbprint := func(n int) string { return svc.Certificates[n].Identity.Certificate.Thumbprint() }
		svc.NamedValues = []apim.NamedValue{{ID: "nv", DisplayName: "partner", Value: strings.ToLower(thumbprint(1))}, {ID: "other", DisplayName: "other", Value: "x"}}
		svc.Policy = document1(strings.ToLower(thumbprint(0)))
		svc.APIs = []apim.API{{ID: "api", Policy: document1("{{partner}}"), Operations: []apim.Operation{{ID: "op",
			Policy: &apim.Policy{Text: "<policies><inbound>\n\n<authentication-certificate certificate-id='C2' /></inbound></policies>"}}}}}
		o.Resources = func(context.Context) ([]*resource.Resource, error) {
			return []*resource.Resource{
				stored(t, serviceID, `{"hostnameConfigurations":[{"hostName":"api.example.com","keyVaultId":"`+url1+`/"}]}`, `{"userAssignedIdentities":{"`+user+`":{}}}`),
				stored(t, serviceID+"/certificates/kv", `{"keyVault":{"secretIdentifier":"https://default.vault.localhost:9444/secrets/server/0123","identityClientId":"client-1"}}`, ""),
				stored(t, serviceID+"/namedValues/kv", `{"keyVault":{"secretIdentifier":"https://default.vault.localhost:9444/secrets/servers"}}`, ""),
				stored(t, user, `{"principalId":"object-1","clientId":"client-1"}`, ""),
				stored(t, vault, `{"accessPolicies":[{"objectId":"OBJECT-1","permissions":{"secrets":["get"]}}]}`, ""),
			}, nil
		}
	})
	for _, c := range []struct {
		name, target string
		want         []string // kind, name and line
	}{
		{"by thumbprint", serviceID + "/certificates/c0", []string{"policy All APIs 3"}},
		{"by a named value", serviceID + "/certificates/c1", []string{"policy api 3"}},
		{"by id", serviceID + "/certificates/c2", []string{"policy api / op 3"}},
		{"a named value", strings.ToUpper(serviceID) + "/NAMEDVALUES/NV", []string{"policy api 3"}},
		{"an unused one", serviceID + "/namedValues/other", nil},
		{"one that is not there", serviceID + "/namedValues/gone", nil},
		{"a secret, all versions", url1, []string{"certificate kv 0", "hostname api.example.com 0"}},
		{"as a certificate", "https://default.vault.localhost:9444/certificates/server", []string{"certificate kv 0", "hostname api.example.com 0"}},
		{"one version", url1 + "/0123", []string{"certificate kv 0"}},
		{"a whole vault", vault, []string{"certificate kv 0", "hostname api.example.com 0", "namedValue kv 0"}},
		{"an identity", user, []string{"certificate kv 0", "service local 0", "vault default 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got struct{ Uses []use }
			if status := call(t, s, "GET", "/postern/v1/uses?resource="+url.QueryEscape(c.target), nil, &got); status != 200 {
				t.Fatal(status)
			}
			var uses []string
			for _, u := range got.Uses {
				uses = append(uses, fmt.Sprint(u.Kind, " ", u.Name, " ", u.Line))
				if u.Detail == "" || u.ID == "" {
					t.Errorf("%+v says too little", u)
				}
			}
			slices.Sort(uses)
			if !slices.Equal(uses, c.want) {
				t.Errorf("got %q, want %q", uses, c.want)
			}
		})
	}
	for _, target := range []string{"", "nonsense"} {
		if status := call(t, s, "GET", "/postern/v1/uses?resource="+target, nil, nil); status != 400 {
			t.Errorf("%q: %d", target, status)
		}
	}
}

func TestAllCertificatesAreUsedWhereAllAreLookedAt(t *testing.T) {
	c := entities(t, testkit.NewSelfSigned(t, "a"))
	text := "<policies>\n" + refuse(unrevocable+uploaded)
	if got := certificateUses(&apim.Service{}, text, &c[0]); len(got) != 1 || got[0].line != 3 {
		t.Errorf("%v", got)
	}
}

// TestUsageAgrees compares the index with the search.
func TestUsageAgrees(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	svc := &apim.Service{Certificates: entities(t, root.NewClient(t, "a"), root.NewClient(t, "b"), root.NewClient(t, "c"), root.NewClient(t, "d"), root.NewClient(t, "e"))}
	digest := func(n int) string { return fmt.Sprintf("%x", svc.Certificates[n].Identity.Certificate.SHA256) }
	svc.NamedValues = []apim.NamedValue{{DisplayName: "partner", Value: " " + digest(2) + " "}}
	texts := []string{
		"x='" + svc.Certificates[0].Identity.Certificate.Thumbprint() + "'", `<a certificate-id=" C1 "/>`, `<a thumbprint="{{partner}}"/>`, `sha256="` + strings.ToUpper(digest(3)) + `"`,
	}
	var docs []document
	for _, text := range texts {
		docs = append(docs, document{doc: &apim.Policy{Text: text}})
	}
	for _, list := range [][]document{docs, append(docs, document{doc: &apim.Policy{Text: "context.Deployment.Certificates.Any()"}})} {
		u := newUsage(svc, list)
		for i := range svc.Certificates {
			e := &svc.Certificates[i]
			want := slices.ContainsFunc(list, func(d document) bool { return len(certificateUses(svc, d.doc.Text, e)) > 0 })
			if got := u.has(e); got != want || want != (i < 4 || len(list) == 5) {
				t.Errorf("certificate %d of %d documents: %v, the search says %v", i, len(list), got, want)
			}
		}
	}
}

func TestVaultCertificatesInUse(t *testing.T) {
	const base = "https://default.vault.localhost:9444"
	soon := testkit.NewSelfSigned(t, "x").Cert(t)
	s := newServer(t, func(o *Options, _ *apim.Service) {
		o.Expiring = func(context.Context, *identity.Principal) []Expiring {
			return []Expiring{NewExpiring(ExpiringVault, base+"/certificates/used", "used", soon, false), NewExpiring(ExpiringVault, base+"/certificates/spare", "spare", soon, false)}
		}
		o.Resources = func(context.Context) ([]*resource.Resource, error) {
			return []*resource.Resource{stored(t, serviceID+"/certificates/kv", `{"keyVault":{"secretIdentifier":"`+strings.ToUpper(base)+`/secrets/Used/0123"}}`, "")}, nil
		}
	})
	var got struct{ Expiring []Expiring }
	if status := call(t, s, "GET", "/postern/v1/overview", nil, &got); status != 200 || len(got.Expiring) != 2 || !got.Expiring[0].InUse || got.Expiring[1].InUse {
		t.Errorf("%d %+v", status, got)
	}
}
