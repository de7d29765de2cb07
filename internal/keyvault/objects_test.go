package keyvault_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/postern-gateway/postern/internal/vault"
)

// TestPaging walks the pages of each list by their links.
func TestPaging(t *testing.T) {
	f := newFixture(t)
	for i := range 30 {
		f.do(200, "PUT", fmt.Sprintf("/secrets/S%02d", i), `{"value":"v"}`)
		f.do(200, "PUT", "/secrets/many", fmt.Sprintf(`{"value":"%d"}`, i))
	}
	for _, c := range []struct {
		path        string
		pages, size int
		all         int
	}{{"/secrets", 2, 25, 31}, {"/secrets?maxresults=7", 5, 7, 31}, {"/secrets/many/versions?maxresults=10", 3, 10, 30}, {"/secrets?maxresults=1", 31, 1, 31}, {"/deletedsecrets", 1, 25, 0}, {"/certificates/issuers", 1, 25, 1}} {
		t.Run(c.path, func(t *testing.T) {
			seen, pages := map[string]bool{}, 0
			for next := c.path; next != ""; pages++ {
				a := f.do(200, "GET", next, "")
				list, _ := a.body["value"].([]any)
				if len(list) > c.size {
					t.Fatalf("a page of %d entries", len(list))
				}
				for _, x := range list {
					id := x.(map[string]any)["id"].(string)
					if seen[id] || !strings.HasPrefix(id, f.url+"/") {
						t.Fatalf("%s is listed twice, or elsewhere", id)
					}
					seen[id] = true
				}
				if link, there := a.body["nextLink"]; !there || link != nil && !strings.Contains(link.(string), "api-version=7.4") {
					t.Errorf("nextLink is %v", link)
				}
				next = a.text("nextLink")
			}
			if len(seen) != c.all || pages != c.pages {
				t.Errorf("%d entries on %d pages, want %d on %d", len(seen), pages, c.all, c.pages)
			}
		})
	}
	if a := f.as("admin", "GET", "/secrets?$skiptoken=***", ""); a.status != 400 {
		t.Errorf("a foreign token: %d", a.status)
	}
}

// TestDeletedCertificate: a certificate takes its secret and its key along, there and back.
func TestDeletedCertificate(t *testing.T) {
	f := newFixture(t)
	f.do(202, "POST", "/certificates/C/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}},"tags":{"k":"v"}}`)
	before := f.do(200, "GET", "/certificates/c", "")
	deleted := f.do(200, "DELETE", "/certificates/c", "")
	if deleted.text("id") != before.text("id") || deleted.text("cer") != before.text("cer") || deleted.text("recoveryId") != f.url+"/deletedcertificates/C" || deleted.at("policy.issuer.name") != "self" {
		t.Errorf("deleted: %s", deleted.raw)
	}
	days := (deleted.at("scheduledPurgeDate").(float64) - deleted.at("deletedDate").(float64)) / 86400
	if days < 89.9 || days > 90.1 {
		t.Errorf("it would be purged after %v days", days)
	}
	for path, code := range map[string]string{"/certificates/c": "CertificateNotFound", "/secrets/c": "SecretNotFound", "/keys/c": "KeyNotFound"} {
		if a := f.do(404, "GET", path, ""); a.text("error.code") != code {
			t.Errorf("%s: %s", path, a.raw)
		}
	}
	for _, area := range []string{"certificates", "secrets", "keys"} {
		a := f.do(200, "GET", "/deleted"+area+"/c", "")
		if a.at("deletedDate") == nil {
			t.Errorf("%s: %s", area, a.raw)
		}
		if n := len(f.do(200, "GET", "/deleted"+area, "").body["value"].([]any)); n != 1 {
			t.Errorf("%d deleted %s", n, area)
		}
		if n := len(f.do(200, "GET", "/"+area, "").body["value"].([]any)); n != 0 {
			t.Errorf("%d %s", n, area)
		}
	}
	f.do(403, "POST", "/deletedsecrets/c/recover", "")
	f.do(409, "PUT", "/secrets/c", `{"value":"v"}`)
	recovered := f.do(200, "POST", "/deletedcertificates/c/recover", "")
	if recovered.text("id") != before.text("id") || f.do(200, "GET", "/secrets/c", "").text("value") == "" {
		t.Errorf("recovered: %s", recovered.raw)
	}
	f.do(200, "DELETE", "/certificates/c", "")
	f.do(204, "DELETE", "/deletedcertificates/c", "")
	f.do(404, "GET", "/deletedcertificates/c", "")
	f.do(200, "PUT", "/secrets/c", `{"value":"the name is free"}`)
}

func TestRecoveryLevels(t *testing.T) {
	f := newFixture(t)
	no := false
	for _, c := range []struct {
		name  string
		set   func(p *vault.Properties)
		level string
		days  float64
	}{
		{"default", func(*vault.Properties) {}, "Recoverable+Purgeable", 90},
		{"protected", func(p *vault.Properties) { p.EnablePurgeProtection = true }, "Recoverable", 90},
		{"a week", func(p *vault.Properties) { p.SoftDeleteRetentionInDays = 7 }, "CustomizedRecoverable+Purgeable", 7},
		{"a week, protected", func(p *vault.Properties) { p.SoftDeleteRetentionInDays, p.EnablePurgeProtection = 7, true }, "CustomizedRecoverable", 7},
		{"no soft delete", func(p *vault.Properties) { p.EnableSoftDelete = &no }, "Purgeable", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			was := f.props
			f.change(func() { c.set(&f.props) })
			defer f.change(func() { f.props = was })
			a := f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
			if a.text("attributes.recoveryLevel") != c.level || a.at("attributes.recoverableDays") != c.days {
				t.Errorf("%s, %v days", a.text("attributes.recoveryLevel"), a.at("attributes.recoverableDays"))
			}
			if c.days == 0 {
				if d := f.do(200, "DELETE", "/secrets/s", ""); d.at("recoveryId") != nil {
					t.Errorf("deleted for good: %s", d.raw)
				}
				f.do(404, "GET", "/deletedsecrets/s", "")
			}
		})
	}
}

// TestBackups: a backup opens for its vault and its kind of object, unchanged, where the name is free.
func TestBackups(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"one","tags":{"n":"1"}}`)
	f.do(200, "PUT", "/secrets/s", `{"value":"two"}`)
	f.do(202, "POST", "/certificates/c/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}}}`)
	secret, certificate := f.do(200, "POST", "/secrets/s/backup", "").text("value"), f.do(200, "POST", "/certificates/c/backup", "").text("value")
	value := f.do(200, "GET", "/secrets/c", "").text("value")
	if strings.Contains(secret, "two") {
		t.Error("the backup is not sealed")
	}
	restore := func(area, blob string) answer {
		return f.as("admin", "POST", "/"+area+"/restore", `{"value":`+mustJSON(t, blob)+`}`)
	}
	if a := restore("secrets", secret); a.status != 409 || a.text("error.code") != "Conflict" {
		t.Errorf("the name is taken: %d %s", a.status, a.raw)
	}
	for _, area := range []string{"secrets/s", "certificates/c"} {
		f.do(200, "DELETE", "/"+area, "")
	}
	if a := restore("secrets", secret); a.text("error.innererror.code") != "ObjectIsDeletedButRecoverable" {
		t.Errorf("the name is deleted: %s", a.raw)
	}
	for _, area := range []string{"secrets/s", "certificates/c"} {
		f.do(204, "DELETE", "/deleted"+area, "")
	}
	for name, a := range map[string]answer{
		"of another kind": restore("certificates", secret), "changed": restore("secrets", secret[:len(secret)-4]+"AAAA"),
		"empty": restore("secrets", ""), "no base64": restore("secrets", "***"), "nonsense": restore("secrets", "bm9uc2Vuc2U"),
	} {
		if a.status != 400 || a.text("error.code") != "BadParameter" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	if a := restore("secrets", secret); a.status != 200 || f.do(200, "GET", "/secrets/s", "").text("value") != "two" {
		t.Errorf("restored: %d %s", a.status, a.raw)
	}
	if n := len(f.do(200, "GET", "/secrets/s/versions", "").body["value"].([]any)); n != 2 {
		t.Errorf("%d versions were restored, want 2", n)
	}
	if a := restore("certificates", certificate); a.status != 200 || f.do(200, "GET", "/secrets/c", "").text("value") != value {
		t.Errorf("restored: %d %s", a.status, a.raw)
	}
}

// TestInUse: force deletes what is in use.
func TestInUse(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	f.change(func() { f.uses = []string{"named value x"} })
	f.do(409, "DELETE", "/secrets/s", "")
	f.do(200, "DELETE", "/secrets/s?force=true", "")
}

// TestServeVault answers for a caller who is known, without a token.
func TestServeVault(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	for oid, want := range map[string]int{"admin-oid": 200, "guest-oid": 403, "": 403} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "https://localhost:9443/secrets/s?api-version=7.4", nil)
		f.server.ServeVault(w, r, "default", vault.Caller{ObjectID: oid, TenantID: tenant, Local: true})
		if w.Code != want {
			t.Errorf("%q: %d, want %d", oid, w.Code, want)
		}
		if want == 200 && !strings.Contains(w.Body.String(), f.url+"/secrets/s/") {
			t.Errorf("the answer is %s", w.Body)
		}
	}
}

func TestRequestsAreCounted(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	f.do(200, "GET", "/secrets/s", "")
	f.do(404, "GET", "/secrets/none", "")
	f.do(404, "GET", "/storage/none", "")
	f.as("", "GET", "/secrets/s", "")
	for labels, want := range map[[2]string]float64{{"PUT secrets/{n}", "200"}: 1, {"GET secrets/{n}", "200"}: 1, {"GET secrets/{n}", "404"}: 1, {"none", "404"}: 1} {
		if got := testutil.ToFloat64(f.server.Requests.WithLabelValues(labels[0], labels[1])); got != want {
			t.Errorf("%v counted %v times, want %v", labels, got, want)
		}
	}
	if n := testutil.CollectAndCount(f.server.Requests); n != 4 {
		t.Errorf("%d series, want 4", n)
	}
}
