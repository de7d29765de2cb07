package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestCertVerifyTellsTheEvidence verifies certificates by lists on a host and in files, and by a block list.
func TestCertVerifyTellsTheEvidence(t *testing.T) {
	h := testkit.NewCRLHost(t)
	root := testkit.NewRoot(t, "Evident Root")
	list := testkit.CRL(h.URL + "/root")
	good, revoked, alone := root.NewClient(t, "good", list), root.NewClient(t, "revoked", list), root.NewClient(t, "alone", testkit.CRL(h.URL+"/none"))
	h.Put("/root", root.SignCRL(t, revoked))
	dir := t.TempDir()
	file := func(name string, data []byte) string { return testkit.WriteFile(t, dir, name, data) }
	rootFile, goodFile, revokedFile, aloneFile := file("root.pem", root.PEM()), file("good.pem", good.PEM()), file("revoked.pem", revoked.PEM()), file("alone.pem", alone.PEM())
	crl := file("root.crl", root.SignCRL(t, revoked))
	blocked := file("blocked", []byte(good.Cert(t).Thumbprint()+" # lost\n"))
	fetch := []string{"--fetch-allow", "127.0.0.0/8"}
	for name, tt := range map[string]struct {
		leaf   string
		flags  []string
		verify bool
		says   []string // each is in the explanation
	}{
		"fetched":                    {goodFile, fetch, true, []string{`"kind":"crl"`, h.URL, `"origin":"fetched"`, `"number"`, `"thisUpdate"`}},
		"fetched, revoked":           {revokedFile, fetch, false, []string{"on the list", `"origin":"fetched"`}},
		"not allowed":                {goodFile, nil, false, []string{"--fetch-allow", "loopback"}},
		"not allowed, open":          {goodFile, []string{"--revocation-mode", "FailOpen"}, true, []string{"accepted by FailOpen", "--fetch-allow"}},
		"never had, open for a time": {goodFile, []string{"--revocation-mode", "FailOpenUntil=PT1H"}, false, []string{"--fetch-allow"}},
		"a file":                     {goodFile, []string{"--crl", crl}, true, []string{`"origin":"file"`, crl}},
		"a file, revoked":            {revokedFile, []string{"--crl", crl, "--revocation-compat", "None"}, false, []string{"on the list", `"origin":"file"`}},
		"an address":                 {aloneFile, []string{"--crl", h.URL + "/root"}, true, []string{`"origin":"named"`}},
		"blocked":                    {goodFile, append([]string{"--block-list", blocked}, fetch...), false, []string{"block list: lost"}},
		"as .NET":                    {goodFile, append([]string{"--revocation-compat", "DotNet"}, fetch...), true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := command(t, "", append(append([]string{"cert", "verify", "--json", "--root", rootFile}, tt.flags...), tt.leaf)...)
			var got struct{ Verify bool }
			if jsonErr := json.Unmarshal([]byte(out), &got); jsonErr != nil {
				t.Fatalf("%v: %q, %v", err, out, jsonErr)
			}
			if got.Verify != tt.verify {
				t.Errorf("verify = %v, want %v: %s", got.Verify, tt.verify, out)
			}
			for _, s := range tt.says {
				if !strings.Contains(out, s) {
					t.Errorf("%s lacks %q", out, s)
				}
			}
		})
	}
	for flag, value := range map[string]string{
		"--revocation-mode": "Open", "--revocation-compat": "RFC", "--crl": dir, "--block-list": rootFile, "--fetch-proxy": "proxy:3128", "--fetch-allow": "ten", "--resolve": "x",
	} {
		if _, err := command(t, "", "cert", "verify", flag, value, goodFile); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s %s: err = %v, want one that names the flag", flag, value, err)
		}
	}
}
