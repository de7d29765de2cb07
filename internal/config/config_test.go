package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func none(string) ([]string, bool) { return nil, false }
func noEnv(string) (string, bool)  { return "", false }
func env(pairs map[string]string) func(string) (string, bool) {
	return func(k string) (string, bool) { v, ok := pairs[k]; return v, ok }
}

func TestFlagsBeforeEnvironmentBeforeFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "postern.yaml")
	if err := os.WriteFile(file, []byte("gateway-listen: :1\nops-listen: :2\nvault-listen: :3\nfetch-allow: [10.0.0.0/8, 127.0.0.1]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := func(name string) ([]string, bool) { return []string{":9"}, name == "gateway-listen" }
	c, err := Load(flags, env(map[string]string{"POSTERN_OPS_LISTEN": ":8", "POSTERN_GATEWAY_LISTEN": ":7", "XDG_STATE_HOME": "/s"}), file)
	if err != nil {
		t.Fatal(err)
	}
	if c.GatewayListen != ":9" || c.OpsListen != ":8" || c.VaultListen != ":3" || c.ManagementListen != "127.0.0.1:9443" {
		t.Errorf("addresses are %q %q %q %q", c.GatewayListen, c.OpsListen, c.VaultListen, c.ManagementListen)
	}
	if len(c.FetchAllow) != 2 || c.FetchAllow[1].String() != "127.0.0.1/32" || c.DataDir != "/s/postern" {
		t.Errorf("FetchAllow = %v, DataDir = %q", c.FetchAllow, c.DataDir)
	}
}

func TestEveryProblemIsSaid(t *testing.T) {
	flags := func(name string) ([]string, bool) {
		v, ok := map[string][]string{"gateway-listen": {"8443"}, "log-level": {"loud"}, "fetch-allow": {"x"}, "idle-timeout": {"-1s"}}[name]
		return v, ok
	}
	_, err := Load(flags, noEnv, "")
	for _, want := range []string{"--gateway-listen", "--log-level", "--fetch-allow", "--idle-timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

func TestUnknownKeyNamesTheNearest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "postern.yaml")
	if err := os.WriteFile(file, []byte("gateway-address: :1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(none, noEnv, file)
	if err == nil || !strings.Contains(err.Error(), `postern.yaml:1: there is no setting "gateway-address"; did you mean "gateway-listen"?`) {
		t.Errorf("Load = %v", err)
	}
}

func TestDefaultsAreValid(t *testing.T) {
	if _, err := Load(none, env(map[string]string{"XDG_STATE_HOME": "/s"}), ""); err != nil {
		t.Error(err)
	}
}
