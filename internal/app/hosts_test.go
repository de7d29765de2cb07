package app

import "testing"

func TestOwnHost(t *testing.T) {
	names := []string{"postern.example.com"}
	for host, want := range map[string]bool{
		"localhost": true, "localhost:9443": true, "LOCALHOST.": true, "x.localhost:1": true, "127.0.0.1:9443": true, "127.9.9.9": true,
		"[::1]:9443": true, "[::ffff:127.0.0.1]": true, "postern.example.com:9443": true, "Postern.Example.com": true,
		"": false, "evil.com": false, "localhost.evil.com": false, "10.0.0.1": false, "127.0.0.1.evil.com": false, "notlocalhost": false,
	} {
		if got := isOwnHost(names, host); got != want {
			t.Errorf("isOwnHost(%q) = %t, want %t", host, got, want)
		}
	}
}
