package config

import "testing"

func TestIdentityEnv(t *testing.T) {
	dir := t.TempDir()
	want := IdentityEnv{Endpoint: "https://localhost:9443/msi/token", Header: "a=b", Authority: "http://127.0.0.1:1"}
	if err := (Admin{IdentityEndpoint: want.Endpoint, IdentityHeader: want.Header, IdentityAuthority: want.Authority}).Write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := ReadIdentityEnv(dir)
	if err != nil || got != want {
		t.Errorf("ReadIdentityEnv = %+v, %v; want %+v", got, err, want)
	}
	if text := got.String(); text != "IDENTITY_ENDPOINT=https://localhost:9443/msi/token\nIDENTITY_HEADER=a=b\nAZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:1\n" {
		t.Errorf("it is printed as %q", text)
	}
}

func TestIdentityListenIsLoopback(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:0": true, "[::1]:80": true, "localhost:1": true, ":80": false, "0.0.0.0:80": false, "192.0.2.1:80": false, "example.com:80": false, "127.0.0.1": false} {
		if err := setIdentityListen(&Config{}, address); (err == nil) != ok {
			t.Errorf("setIdentityListen(%q) = %v", address, err)
		}
	}
}
