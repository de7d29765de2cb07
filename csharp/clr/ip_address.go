package clr

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// ipAddress is a System.Net.IPAddress.
type ipAddress struct {
	a     netip.Addr // without zone
	scope uint32
}

var ipAddressType = lateType("System.Net.IPAddress")

// ClrType is IPAddress.
func (p *ipAddress) ClrType() *types.Type { return ipAddressType() }

// ToStr is the address as text, with its scope.
func (p *ipAddress) ToStr(*types.Thread) *types.String {
	s := ipText(p.a)
	if p.scope != 0 {
		s += "%" + strconv.FormatUint(uint64(p.scope), 10)
	}
	return types.NewString(s)
}

// Format is ToString(): there are no formats.
func (p *ipAddress) Format(t *types.Thread, _ string) *types.String { return p.ToStr(t) }

// EqualTo compares address and scope.
func (p *ipAddress) EqualTo(_ *types.Thread, o any) bool {
	q, ok := o.(*ipAddress)
	return ok && p.a == q.a && p.scope == q.scope
}

// HashCode goes with EqualTo.
func (p *ipAddress) HashCode(*types.Thread) int32 { return stringHash(p.a.String()) }

// ipText is an address as .NET writes it: the last 32 bits dotted where they hold an IPv4 address.
func ipText(a netip.Addr) string {
	if !a.Is6() {
		return a.String()
	}
	b := a.As16()
	var groups [8]uint16
	for i := range groups {
		groups[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	embedded := embedsIPv4(groups)
	n := 8
	if embedded {
		n = 6
	}
	var out strings.Builder
	start, length := longestZeros(groups[:n])
	for i := 0; i < n; i++ {
		if i == start {
			out.WriteString("::")
			i += length - 1
			continue
		}
		if i > 0 && !strings.HasSuffix(out.String(), "::") {
			out.WriteByte(':')
		}
		out.WriteString(strconv.FormatUint(uint64(groups[i]), 16))
	}
	if embedded {
		if !strings.HasSuffix(out.String(), ":") {
			out.WriteByte(':')
		}
		out.WriteString(netip.AddrFrom4([4]byte(b[12:])).String())
	}
	return out.String()
}

// embedsIPv4 reports whether .NET writes the end dotted: compatible, mapped, SIIT and ISATAP addresses.
func embedsIPv4(g [8]uint16) bool {
	if g[0] == 0 && g[1] == 0 && g[2] == 0 && g[3] == 0 && g[6] != 0 {
		if g[4] == 0 && (g[5] == 0 || g[5] == 0xFFFF) {
			return true
		}
		if g[4] == 0xFFFF && g[5] == 0 {
			return true
		}
	}
	return g[4] == 0 && g[5] == 0x5EFE
}

// longestZeros is the first longest run of two zero groups or more; length 0 and start −1 if there is none.
func longestZeros(g []uint16) (start, length int) {
	start = -1
	for i := 0; i < len(g); {
		j := i
		for j < len(g) && g[j] == 0 {
			j++
		}
		if j-i > 1 && j-i > length {
			start, length = i, j-i
		}
		i = max(j, i+1)
	}
	return start, length
}

// parseIP reads an address as .NET does: IPv4 in all its forms, IPv6 with brackets, port and scope.
func parseIP(s string) (*ipAddress, bool) {
	if !strings.Contains(s, ":") {
		a, ok := looseIPv4(s)
		return &ipAddress{a: a}, ok
	}
	if strings.HasPrefix(s, "[") {
		inner, rest, ok := strings.Cut(s[1:], "]")
		if !ok || rest != "" && !strings.HasPrefix(rest, ":") {
			return nil, false
		}
		s = inner
	}
	text, zone, scoped := strings.Cut(s, "%")
	a, err := netip.ParseAddr(text)
	if err != nil {
		return nil, false
	}
	out := &ipAddress{a: a}
	if scoped {
		n, err := strconv.ParseUint(zone, 10, 32)
		if err != nil {
			return out, zone != ""
		}
		out.scope = uint32(n)
	}
	return out, true
}

func ipFromBytes(b *types.Bytes, scope int64) *ipAddress {
	if b == nil {
		types.ThrowNull("address")
	}
	a, ok := netip.AddrFromSlice(b.B)
	if !ok {
		types.ThrowArgument(types.ArgumentException, "An invalid IP address was specified.", "address")
	}
	if scope < 0 || scope > 0xFFFFFFFF {
		throwRange(msgOutOfRange, "scopeid")
	}
	return &ipAddress{a, uint32(scope)}
}

func (p *ipAddress) needV6() *ipAddress {
	if !p.a.Is6() {
		panic(&types.Exception{T: socketExceptionType(), Text: types.NewString("The attempted operation is not supported for the type of object referenced.")})
	}
	return p
}

var socketExceptionType = lateType("System.Net.Sockets.SocketException")

func prefixed(p *ipAddress, first uint16, mask uint16) bool {
	b := p.a.As16()
	return p.a.Is6() && binary.BigEndian.Uint16(b[:])&mask == first
}

func ipv4Number(p *ipAddress) int64 {
	if p.a.Is6() {
		p.needV4()
	}
	b := p.a.As4()
	return int64(binary.LittleEndian.Uint32(b[:]))
}

func (p *ipAddress) needV4() {
	panic(&types.Exception{T: socketExceptionType(), Text: types.NewString("The attempted operation is not supported for the type of object referenced.")})
}

func mapToV6(p *ipAddress) *ipAddress {
	if p.a.Is6() {
		return p
	}
	return &ipAddress{a: netip.AddrFrom16(p.a.As16())}
}

func mapToV4(p *ipAddress) *ipAddress {
	if p.a.Is4() {
		return p
	}
	b := p.a.As16()
	return &ipAddress{a: netip.AddrFrom4([4]byte(b[12:]))}
}

func ipDecls() []*types.Decl {
	fixed := func(s string) types.Impl {
		p := &ipAddress{a: netip.MustParseAddr(s)}
		return types.S0(func() *ipAddress { return p })
	}
	yes := func(f func(p *ipAddress) bool) types.Impl { return types.I0(f) }
	const family = "System.Net.Sockets.AddressFamily"
	members := []types.MemberDecl{
		types.M("new(byte[] address)", types.S1(func(b *types.Bytes) *ipAddress { return ipFromBytes(b, 0) })),
		types.M("new(byte[] address, long scopeid)", types.S2(ipFromBytes)),
		types.M("new(long newAddress)", types.S1(func(n int64) *ipAddress {
			if n < 0 || n > 0xFFFFFFFF {
				throwRange(msgOutOfRange, "newAddress")
			}
			var b [4]byte
			binary.LittleEndian.PutUint32(b[:], uint32(n))
			return &ipAddress{a: netip.AddrFrom4(b)}
		})),
		types.M("static System.Net.IPAddress Parse(string ipString)", types.S1(func(s *types.String) *ipAddress {
			p, ok := parseIP(stringArg(s, "ipString"))
			if !ok {
				types.Throw(types.FormatException, "An invalid IP address was specified.")
			}
			return p
		})),
		types.M("static bool TryParse(string ipString, out System.Net.IPAddress address)", types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
			p, ok := parseIP(goString(a[0].Str()))
			if !ok {
				setOut(a[1], types.Null)
				return types.Bool(false)
			}
			setOut(a[1], types.Ref(p))
			return types.Bool(true)
		})),
		types.M("static bool IsLoopback(System.Net.IPAddress address)", types.S1(func(p *ipAddress) bool {
			if p == nil {
				types.ThrowNull("address")
			}
			return p.a.Unmap().IsLoopback()
		})),
		types.M("byte[] GetAddressBytes()", types.I0(func(p *ipAddress) *types.Bytes { return &types.Bytes{B: p.a.AsSlice()} })),
		types.M("System.Net.IPAddress MapToIPv4()", types.I0(mapToV4)),
		types.M("System.Net.IPAddress MapToIPv6()", types.I0(mapToV6)),
		types.M(family+" AddressFamily { get; }", types.I0(func(p *ipAddress) int32 {
			if p.a.Is6() {
				return 23
			}
			return 2
		})),
		types.M("long ScopeId { get; set; }", types.I0(func(p *ipAddress) int64 { return int64(p.needV6().scope) }).WithSet(
			setter(func(_ *types.Thread, p *ipAddress, a []types.Value) { p.needV6().scope = uint32(a[0].Num) }))),
		types.M("long Address { get; }", types.I0(ipv4Number)),
		types.M("bool IsIPv4MappedToIPv6 { get; }", yes(func(p *ipAddress) bool { return p.a.Is4In6() })),
		types.M("bool IsIPv6LinkLocal { get; }", yes(func(p *ipAddress) bool { return prefixed(p, 0xFE80, 0xFFC0) })),
		types.M("bool IsIPv6Multicast { get; }", yes(func(p *ipAddress) bool { return prefixed(p, 0xFF00, 0xFF00) })),
		types.M("bool IsIPv6SiteLocal { get; }", yes(func(p *ipAddress) bool { return prefixed(p, 0xFEC0, 0xFFC0) })),
		types.M("bool IsIPv6UniqueLocal { get; }", yes(func(p *ipAddress) bool { return prefixed(p, 0xFC00, 0xFE00) })),
		types.M("bool IsIPv6Teredo { get; }", yes(func(p *ipAddress) bool {
			b := p.a.As16()
			return p.a.Is6() && binary.BigEndian.Uint32(b[:]) == 0x20010000
		})),
		types.M("bool Equals(object comparand)", types.I1(func(p *ipAddress, o any) bool { return p.EqualTo(nil, o) })),
		types.M("int GetHashCode()", types.I0(func(p *ipAddress) int32 { return p.HashCode(nil) })),
		types.M("string ToString()", types.I0(func(p *ipAddress) *types.String { return p.ToStr(nil) })),
		types.M("static short HostToNetworkOrder(short host)", types.S1(swap16)), types.M("static short NetworkToHostOrder(short network)", types.S1(swap16)),
		types.M("static int HostToNetworkOrder(int host)", types.S1(swap32)), types.M("static int NetworkToHostOrder(int network)", types.S1(swap32)),
		types.M("static long HostToNetworkOrder(long host)", types.S1(swap64)), types.M("static long NetworkToHostOrder(long network)", types.S1(swap64)),
	}
	for name, s := range map[string]string{"Any": "0.0.0.0", "Broadcast": "255.255.255.255", "IPv6Any": "::", "IPv6Loopback": "::1", "IPv6None": "::",
		"Loopback": "127.0.0.1", "None": "255.255.255.255"} {
		members = append(members, types.M("static readonly System.Net.IPAddress "+name, fixed(s)))
	}
	return []*types.Decl{
		hidden("enum "+family, constants(family, "Unspecified", 0, "InterNetwork", 2, "InterNetworkV6", 23)...),
		hidden("class System.Net.Sockets.SocketException : System.Exception", exceptionConstructors("System.Net.Sockets.SocketException", "")...),
		types.T("class System.Net.IPAddress : System.IFormattable", members...),
	}
}

func swap16(n int16) int16 { return int16(uint16(n)<<8 | uint16(n)>>8) }

func swap32(n int32) int32 {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n))
	return int32(binary.LittleEndian.Uint32(b[:]))
}

func swap64(n int64) int64 {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return int64(binary.LittleEndian.Uint64(b[:]))
}
