package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestIdentityEnv(t *testing.T) {
	dir := t.TempDir()
	want := IdentityEnv{Endpoint: "https://localhost:9443/msi/token", Header: "a=b", Authority: "http://127.0.0.1:1"}
	for range 2 { // over an old one too
		if err := want.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ReadIdentityEnv(dir); err != nil || got != want {
		t.Errorf("ReadIdentityEnv = %+v, %v; want %+v", got, err, want)
	}
	if info, err := os.Stat(filepath.Join(dir, IdentityFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want mode 0600", info, err)
	}
}

func TestIdentityListenIsLoopback(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:0": true, "[::1]:80": true, "localhost:1": true, ":80": false, "0.0.0.0:80": false, "192.0.2.1:80": false, "example.com:80": false, "127.0.0.1": false} {
		if err := setIdentityListen(&Config{}, address); (err == nil) != ok {
			t.Errorf("setIdentityListen(%q) = %v", address, err)
		}
	}
}
