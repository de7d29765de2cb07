package arm

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// ca is an entry of the service's certificates.
func ca(t *testing.T, store string, c *testkit.Cert) map[string]any {
	t.Helper()
	return map[string]any{"storeName": store, "encodedCertificate": base64.StdEncoding.EncodeToString(c.Cert(t).Raw)}
}

func patchOf(t *testing.T, properties map[string]any) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"properties": properties})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// reported are the codes of a report property.
func reported(t *testing.T, holder any) []string {
	t.Helper()
	m, _ := holder.(map[string]any)
	list, ok := m["report"].([]any)
	if !ok {
		t.Fatalf("no report in %v", holder)
	}
	var codes []string
	for _, x := range list {
		f, _ := x.(map[string]any)
		if f["code"] == "" || f["severity"] == "" || f["message"] == "" {
			t.Errorf("finding %v is not whole", f)
		}
		codes = append(codes, fmt.Sprint(f["code"]))
	}
	return codes
}

func TestUploadsAreReportedOn(t *testing.T) {
	s := newServer(t)
	root := testkit.NewRoot(t, "Root")
	expired := testkit.NewRoot(t, "Old", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	})
	list := []any{ca(t, "Root", root), ca(t, "CertificateAuthority", expired), ca(t, "Root", root)}
	a := s.must(200, "PATCH", "", patchOf(t, map[string]any{"certificates": list}))
	remarks := strings.Join(a.Header().Values("Postern-Remark"), "\n")
	for _, part := range []string{"certificates[1]: ", "(expired)", "(wrong-store)", "certificates[2]: ", "(duplicate)"} {
		if !strings.Contains(remarks, part) {
			t.Errorf("remarks lack %q: %s", part, remarks)
		}
	}
	// They are kept readable, and what a client sends back of them is dropped.
	for range 2 {
		a = s.must(200, "GET", "", "")
		entries, _ := a.property("certificates").([]any)
		if got := reported(t, entries[1]); !slices.Contains(got, "expired") || !slices.Contains(got, "wrong-store") {
			t.Errorf("report of the second CA: %v", got)
		}
		a = s.must(200, "PATCH", "", `{"properties":{"report":[{"code":"mine"}]}}`)
		if remarks := a.Header().Values("Postern-Remark"); len(remarks) != 0 {
			t.Errorf("a change that brings no certificate is remarked on: %v", remarks)
		}
	}
	if got := reported(t, a.body["properties"]); len(got) != 0 {
		t.Errorf("report of the service: %v, want nothing", got)
	}
}

func TestEntitiesAreReportedOn(t *testing.T) {
	s := newServer(t)
	root := testkit.NewRoot(t, "Root")
	client := root.NewClient(t, "client", func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://crl.example/a"} })
	body := `{"properties":{"data":"` + base64.StdEncoding.EncodeToString(client.Cert(t).Raw) + `","report":"mine"}}`
	a := s.must(201, "PUT", "/certificates/one", body)
	if got := reported(t, a.body["properties"]); !slices.Contains(got, "no-path") {
		t.Errorf("report of the entity: %v, want no-path", got)
	}
	if remarks := strings.Join(a.Header().Values("Postern-Remark"), "\n"); !strings.Contains(remarks, "(no-path)") {
		t.Errorf("remarks: %s", remarks)
	}
	s.must(201, "PUT", "/certificates/two", body)
	service := s.must(200, "GET", "", "")
	if got := reported(t, service.body["properties"]); !slices.Contains(got, "no-path") || !slices.Contains(got, "duplicate") {
		t.Errorf("report of the service: %v, want no-path and duplicate", got)
	}
	// The CA comes later: the report is of the present.
	s.must(200, "PATCH", "", patchOf(t, map[string]any{"certificates": []any{ca(t, "Root", root)}}))
	if got := reported(t, s.must(200, "GET", "/certificates/one", "").body["properties"]); slices.Contains(got, "no-path") {
		t.Errorf("report of the entity: %v, want no no-path", got)
	}
	all, _ := s.must(200, "GET", "/certificates", "").body["value"].([]any)
	if len(all) != 2 {
		t.Fatalf("%d entities", len(all))
	}
	for _, one := range all {
		m, _ := one.(map[string]any)
		if got := reported(t, m["properties"]); slices.Contains(got, "no-path") {
			t.Errorf("report in the list: %v", got)
		}
	}
}

func TestServiceReportIsBounded(t *testing.T) {
	s := newServer(t)
	client := testkit.NewSelfSigned(t, "client").Cert(t)
	body := `{"properties":{"data":"` + base64.StdEncoding.EncodeToString(client.Raw) + `"}}`
	for i := range maxServiceFindings {
		s.must(201, "PUT", fmt.Sprintf("/certificates/c%d", i), body)
	}
	got := reported(t, s.must(200, "GET", "", "").body["properties"])
	if len(got) != maxServiceFindings+1 || got[maxServiceFindings] != "more" {
		t.Errorf("%d findings, the last is %s", len(got), got[len(got)-1])
	}
}

func TestSettingsAreChecked(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct{ properties, part string }{
		{`"Postern.Trust.Everybody":"True"`, "Postern has no setting 'Postern.Trust.Everybody'. Its settings are: Postern.Revocation.Mode"},
		{`"Postern.Revocation.Mode":"Open"`, "FailOpenUntil=PT24H"},
		{`"Postern.Limits":"Azure"`, "None, Apim"},
		{`"postern.limits":"Apim"`, "no setting 'postern.limits'"},
	} {
		a := s.must(400, "PATCH", "", `{"properties":{"customProperties":{`+c.properties+`}}}`)
		if !strings.Contains(a.errorText(), c.part) {
			t.Errorf("%s: %s; want %q in it", c.properties, a.errorText(), c.part)
		}
	}
	s.must(200, "PATCH", "", `{"properties":{"customProperties":{"Postern.Revocation.Mode":"FailOpenUntil=PT24H","Postern.Revocation.Compat":"DotNet",
		"Postern.Trust.SystemRoots":true,"Postern.Trust.Strict":"True","Postern.Trust.Aia":"False","Postern.Limits":"Apim","Other":"x"}}}`)
}

func TestLimitsOfTheTier(t *testing.T) {
	s := newServer(t)
	set := func(status int, properties map[string]any) answer {
		return s.must(status, "PATCH", "", patchOf(t, properties))
	}
	root := testkit.NewRoot(t, "Root")
	eleven := make([]any, 11)
	for i := range eleven {
		eleven[i] = ca(t, "Root", root)
	}
	set(200, map[string]any{"certificates": eleven}) // no limits by default
	limits := map[string]any{"Postern.Limits": "Apim"}
	if a := set(400, map[string]any{"customProperties": limits}); !strings.Contains(a.errorText(), "11 CA certificates are more than the 10 that the tier Developer allows") {
		t.Errorf("eleven CAs: %s", a.errorText())
	}
	set(200, map[string]any{"customProperties": limits, "certificates": eleven[:10]})
	var hosts []any
	server := base64.StdEncoding.EncodeToString(root.NewServer(t, "a.example").PFX(t, "p"))
	for i := range 21 {
		hosts = append(hosts, map[string]any{"type": "Proxy", "hostName": fmt.Sprintf("h%d.example", i), "encodedCertificate": server, "certificatePassword": "p"})
	}
	if a := set(400, map[string]any{"hostnameConfigurations": hosts}); !strings.Contains(a.errorText(), "21 custom gateway host names") {
		t.Errorf("21 host names: %s", a.errorText())
	}
	set(200, map[string]any{"hostnameConfigurations": hosts[:20]})
	if a := s.must(400, "PATCH", "", `{"sku":{"name":"Standard","capacity":1},"properties":{"certificates":[],"hostnameConfigurations":[]},"identity":{"type":"UserAssigned","userAssignedIdentities":{`+
		manyIdentities(11)+`}}}`); !strings.Contains(a.errorText(), "11 user-assigned identities") {
		t.Errorf("11 identities: %s", a.errorText())
	}
	s.must(200, "PATCH", "", `{"sku":{"name":"Consumption","capacity":0},"properties":{"certificates":[],"hostnameConfigurations":[]}}`)
	if a := set(400, map[string]any{"certificates": eleven[:1]}); !strings.Contains(a.errorText(), "more than the 0 that the tier Consumption allows") {
		t.Errorf("a CA in Consumption: %s", a.errorText())
	}
	body := `{"properties":{"data":"` + base64.StdEncoding.EncodeToString(root.Cert(t).Raw) + `"}}`
	for i := range consumptionEntities {
		s.must(201, "PUT", fmt.Sprintf("/certificates/c%d", i), body)
	}
	if a := s.must(409, "PUT", "/certificates/onemore", body); !strings.Contains(a.errorText(), "51 certificates are more than the 50") {
		t.Errorf("51 certificates: %s", a.errorText())
	}
	s.must(200, "PUT", "/certificates/c1", body) // replacing one is no more
}

func manyIdentities(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i%d":{}`, i))
	}
	return strings.Join(list, ",")
}
