package arm

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestForwardedClientCertificate keeps who may forward certificates as it was sent, and refuses what cannot be read with
// its place and nothing changed.
func TestForwardedClientCertificate(t *testing.T) {
	s := newServer(t)
	patch := func(host string) string {
		return `{"properties":{"hostnameConfigurations":[{"type":"Proxy","hostName":"localhost","forwardedClientCertificate":` + host + `}]}}`
	}
	const good = `{"format":"ClientCert","addresses":["10.0.0.0/8"],"thumbprints":["AB:CD:EF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00"]}`
	got := s.must(200, "PATCH", "", patch(good))
	hosts, _ := got.property("hostnameConfigurations").([]any)
	host, _ := hosts[0].(map[string]any)
	shown, _ := json.Marshal(host["forwardedClientCertificate"])
	if !strings.Contains(string(shown), `"10.0.0.0/8"`) || !strings.Contains(string(shown), `"AB:CD`) {
		t.Errorf("shown as %s", shown)
	}
	for _, c := range []struct{ name, config, wants string }{
		{"format", `{"format":"Pem","addresses":["10.0.0.1"]}`, "hostnameConfigurations[0].forwardedClientCertificate.format"},
		{"nobody", `{"format":"Xfcc"}`, "hostnameConfigurations[0].forwardedClientCertificate.addresses"},
		{"misspelt", `{"format":"Xfcc","address":["10.0.0.1"]}`, "There is no property 'address'"},
	} {
		if a := s.do("PATCH", "", patch(c.config)); a.Code != 400 || !strings.Contains(a.Body.String(), c.wants) {
			t.Errorf("%s: %d %s, want %q", c.name, a.Code, a.Body, c.wants)
		}
	}
	for addresses, want := range map[string]bool{`"10.0.0.0/8","::/0"`: true, `"0.0.0.0/0"`: true, `"10.0.0.0/8"`: false} {
		a := s.do("PATCH", "", patch(`{"format":"Xfcc","addresses":[`+addresses+`]}`))
		if remarks := strings.Join(a.Header().Values("Postern-Remark"), "\n"); a.Code != 200 || strings.Contains(remarks, "(any-address)") != want {
			t.Errorf("%s: %d, remarks %q", addresses, a.Code, remarks)
		}
	}
	management := strings.NewReplacer(`"Proxy"`, `"Management"`).Replace(patch(good))
	if a := s.do("PATCH", "", management); a.Code != 400 || !strings.Contains(a.Body.String(), "type Proxy only") {
		t.Errorf("on a management host name: %d %s", a.Code, a.Body)
	}
}
