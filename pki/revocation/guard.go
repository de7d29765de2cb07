package revocation

import (
	"net/netip"
	"strings"
	"syscall"

	"github.com/postern-gateway/postern/fault"
)

// closed are the addresses that are not public, with the word that a refusal uses
// (IANA's special-purpose address registries, RFC 6890).
var closed = []struct {
	prefix netip.Prefix
	name   string
}{
	{netip.MustParsePrefix("169.254.169.254/32"), "the cloud metadata address"},
	{netip.MustParsePrefix("fd00:ec2::254/128"), "the cloud metadata address"},
	{netip.MustParsePrefix("100.100.100.200/32"), "the cloud metadata address"},
	{netip.MustParsePrefix("168.63.129.16/32"), "the cloud platform address"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("::1/128"), "loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared (carrier-grade NAT)"},
	{netip.MustParsePrefix("fc00::/7"), "unique local"},
	{netip.MustParsePrefix("fec0::/10"), "site-local"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
	{netip.MustParsePrefix("0.0.0.0/8"), "unspecified"},
	{netip.MustParsePrefix("::/128"), "unspecified"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},
	{netip.MustParsePrefix("100::/64"), "discard-only"},
	{netip.MustParsePrefix("2001::/32"), "Teredo"},
	{netip.MustParsePrefix("::/96"), "IPv4-compatible"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "local NAT64"},
}

// carriers are IPv6 addresses that stand for an IPv4 address: where in them it is.
var carriers = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
}

// CheckAddress returns nil if fetches may go to the address: it is public, or one of allow holds it.
// The error is a fault.Forbidden that names the address, its kind and the setting that would allow it.
func CheckAddress(address netip.Addr, allow []netip.Prefix) error {
	plain := address.WithZone("").Unmap()
	for _, p := range allow {
		if p.Contains(plain) {
			return nil
		}
	}
	for _, c := range closed {
		if c.prefix.Contains(plain) {
			return refuse(address, c.name)
		}
	}
	for _, c := range carriers {
		if c.prefix.Contains(plain) {
			b := plain.As16()
			inner, _ := netip.AddrFromSlice(b[c.at : c.at+4])
			return CheckAddress(inner, allow)
		}
	}
	if !plain.IsGlobalUnicast() {
		return refuse(address, "not a public unicast address")
	}
	return nil
}

func refuse(address netip.Addr, kind string) error {
	return fault.New(fault.Forbidden, "refused to connect to %s: %s; --fetch-allow may allow it", address, kind)
}

// control is a net.Dialer's Control that looks at the address of every connection attempt.
func control(allow []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if network != "tcp4" && network != "tcp6" {
			return fault.New(fault.Forbidden, "refused to connect by %s", network)
		}
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fault.New(fault.Forbidden, "refused to connect to %q: not an address", address)
		}
		return CheckAddress(to.Addr(), allow)
	}
}

// ParseAllow reads the values of --fetch-allow: prefixes in CIDR notation, or single addresses.
func ParseAllow(values []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, v := range values {
		if a, err := netip.ParseAddr(v); err == nil {
			a = a.Unmap()
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(v)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is no address prefix, such as 10.0.0.0/8", v)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// ParseResolve reads the values of --resolve, HOST:PORT=ADDR:PORT.
func ParseResolve(values []string) (map[string]string, error) {
	resolve := make(map[string]string, len(values))
	for _, v := range values {
		from, to, ok := strings.Cut(v, "=")
		if !ok || !strings.Contains(from, ":") {
			return nil, fault.New(fault.Invalid, "%q is not of the form HOST:PORT=ADDR:PORT", v)
		}
		if _, err := netip.ParseAddrPort(to); err != nil {
			return nil, fault.New(fault.Invalid, "%q: %q is not of the form ADDR:PORT", v, to)
		}
		resolve[strings.ToLower(from)] = to
	}
	return resolve, nil
}
