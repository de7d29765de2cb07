package revocation_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/revocation"
)

func TestCheckAddress(t *testing.T) {
	tests := []struct {
		address string
		want    string // a word of the refusal; empty if the address is reached
	}{
		{"93.184.216.34", ""},
		{"2606:4700::1111", ""},
		{"127.0.0.1", "loopback"},
		{"127.255.0.9", "loopback"},
		{"::1", "loopback"},
		{"::ffff:127.0.0.1", "loopback"},
		{"::ffff:10.1.2.3", "private"},
		{"10.0.0.1", "private"},
		{"172.31.255.255", "private"},
		{"172.32.0.1", ""},
		{"192.168.1.1", "private"},
		{"169.254.169.254", "metadata"},
		{"::ffff:169.254.169.254", "metadata"},
		{"fd00:ec2::254", "metadata"},
		{"168.63.129.16", "platform"},
		{"169.254.1.1", "link-local"},
		{"fe80::1%eth0", "link-local"},
		{"100.64.0.1", "carrier-grade"},
		{"100.128.0.1", ""},
		{"fc00::1", "unique local"},
		{"224.0.0.1", "multicast"},
		{"ff02::1", "multicast"},
		{"0.0.0.0", "unspecified"},
		{"::", "unspecified"},
		{"255.255.255.255", "reserved"},
		{"64:ff9b::a00:1", "private"},
		{"64:ff9b::5db8:d822", ""},
		{"2002:7f00:1::", "loopback"},
		{"::7f00:1", "IPv4-compatible"},
		{"2001:0:1::1", "Teredo"},
		{"2001:db8::1", "documentation"},
		{"198.18.0.1", "benchmarking"},
	}
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			err := revocation.CheckAddress(netip.MustParseAddr(tt.address), nil)
			if tt.want == "" {
				if err != nil {
					t.Errorf("CheckAddress(%s) = %v, want nil", tt.address, err)
				}
				return
			}
			if fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "--fetch-allow") {
				t.Errorf("CheckAddress(%s) = %v, want a refusal with %q", tt.address, err, tt.want)
			}
		})
	}
}

func TestCheckAddressAllowed(t *testing.T) {
	allow, err := revocation.ParseAllow([]string{"10.1.0.0/16", "127.0.0.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"10.1.2.3": true, "10.2.2.3": false, "127.0.0.1": true, "127.0.0.2": false, "::ffff:10.1.2.3": true,
		"fd12::1": true, "fc12::1": false, "64:ff9b::a01:203": true,
	} {
		if err := revocation.CheckAddress(netip.MustParseAddr(address), allow); (err == nil) != want {
			t.Errorf("CheckAddress(%s) = %v, want allowed %v", address, err, want)
		}
	}
}

func TestParseAllowAndResolve(t *testing.T) {
	if _, err := revocation.ParseAllow([]string{"10.0.0.0/99"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("ParseAllow = %v, want fault.Invalid", err)
	}
	m, err := revocation.ParseResolve([]string{"PKI.test:80=127.0.0.1:8080"})
	if err != nil || m["pki.test:80"] != "127.0.0.1:8080" {
		t.Errorf("ParseResolve = %v, %v", m, err)
	}
	for _, bad := range []string{"pki.test:80", "pki.test=1.2.3.4:80", "pki.test:80=somewhere", "pki.test:80=1.2.3.4"} {
		if _, err := revocation.ParseResolve([]string{bad}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseResolve(%q) = %v, want fault.Invalid", bad, err)
		}
	}
}
