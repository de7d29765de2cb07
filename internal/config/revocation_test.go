package config

import (
	"strings"
	"testing"
	"time"
)

// given is a Source of flags.
func given(flags map[string][]string) Source {
	return func(name string) ([]string, bool) { v, ok := flags[name]; return v, ok }
}

func noEnvironment(string) (string, bool) { return "", false }

func TestRevocationSettings(t *testing.T) {
	dir := t.TempDir()
	c, err := Load(given(map[string][]string{"data-dir": {dir}}), noEnvironment, "")
	if err != nil || c.Revocation.Refresh != time.Hour || c.Revocation.MaxListBytes != 128<<20 || c.Revocation.Proxy != nil || c.Revocation.Nonce || c.Revocation.Lists != nil {
		t.Errorf("defaults = %+v, %v", c.Revocation, err)
	}
	c, err = Load(given(map[string][]string{
		"data-dir": {dir}, "crl": {"a.crl", "http://pki.test/b.crl"}, "block-list": {"blocked"}, "fetch-proxy": {"http://proxy.test:3128"},
		"revocation-refresh": {"5m"}, "max-crl-bytes": {"1048576"}, "ocsp-nonce": {"on"},
	}), noEnvironment, "")
	r := c.Revocation
	if err != nil || len(r.Lists) != 2 || r.BlockList != "blocked" || r.Proxy.Host != "proxy.test:3128" || r.Refresh != 5*time.Minute || r.MaxListBytes != 1<<20 || !r.Nonce {
		t.Errorf("settings = %+v, %v", r, err)
	}
	for flag, value := range map[string]string{"fetch-proxy": "proxy.test", "revocation-refresh": "0s", "max-crl-bytes": "12", "ocsp-nonce": "yes"} {
		if _, err := Load(given(map[string][]string{"data-dir": {dir}, flag: {value}}), noEnvironment, ""); err == nil || !strings.Contains(err.Error(), "--"+flag) {
			t.Errorf("%s %q: err = %v, want one that names the flag", flag, value, err)
		}
	}
}
