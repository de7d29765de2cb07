package cert

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/pki/internal/der"
	"github.com/postern-gateway/postern/pki/internal/oid"
)

// printAddressBlocks prints the IP addresses that a certificate holds (RFC 3779 section 2).
func printAddressBlocks(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "address blocks")
	if err != nil {
		return nil, false
	}
	var b strings.Builder
	for r := der.NewReader(seq.Content); !r.Empty(); {
		family, err := r.Read(der.Sequence, "address family")
		if err != nil || !writeFamily(&b, family.Content) {
			return nil, false
		}
	}
	return []byte(b.String()), true
}

// Address families of IANA.
const (
	familyIPv4 = 1
	familyIPv6 = 2
)

var subsequentFamilies = map[byte]string{
	1: "Unicast", 2: "Multicast", 3: "Unicast/Multicast", 4: "MPLS", 64: "Tunnel", 65: "VPLS", 66: "BGP MDT", 128: "MPLS-labeled VPN",
}

func writeFamily(b *strings.Builder, content []byte) bool {
	r := der.NewReader(content)
	id, err := r.Read(der.OctetString, "address family")
	if err != nil {
		return false
	}
	choice, err := r.Next()
	if err != nil || !r.Empty() || choice.ID != der.Null && choice.ID != der.Sequence {
		return false
	}
	family := 0
	if len(id.Content) >= 2 {
		family = int(id.Content[0])<<8 | int(id.Content[1])
	}
	switch family {
	case familyIPv4:
		b.WriteString("IPv4")
	case familyIPv6:
		b.WriteString("IPv6")
	default:
		fmt.Fprintf(b, "Unknown AFI %d", family)
	}
	if len(id.Content) > 2 {
		name := subsequentFamilies[id.Content[2]]
		if name == "" {
			name = fmt.Sprintf("Unknown SAFI %d", id.Content[2])
		}
		b.WriteString(" (" + name + ")")
	}
	if choice.ID == der.Null {
		b.WriteString(": inherit\n")
		return len(choice.Content) == 0
	}
	b.WriteString(":\n")
	for items := der.NewReader(choice.Content); !items.Empty(); {
		item, err := items.Next()
		if err != nil || !writeAddresses(b, family, item) {
			return false
		}
	}
	return true
}

// writeAddresses prints a prefix or a range.
func writeAddresses(b *strings.Builder, family int, item der.Element) bool {
	if item.ID == der.BitString {
		text, length, ok := prefixText(family, item.Content, 0)
		fmt.Fprintf(b, "  %s/%d\n", text, length)
		return ok
	}
	if item.ID != der.Sequence {
		return false
	}
	r := der.NewReader(item.Content)
	first, errFirst := r.Read(der.BitString, "first address")
	last, errLast := r.Read(der.BitString, "last address")
	if errFirst != nil || errLast != nil || !r.Empty() {
		return false
	}
	low, _, okLow := prefixText(family, first.Content, 0)
	high, _, okHigh := prefixText(family, last.Content, 0xff)
	fmt.Fprintf(b, "  %s-%s\n", low, high)
	return okLow && okHigh
}

// prefixText is an address whose bits after the prefix are those of fill.
func prefixText(family int, content []byte, fill byte) (text string, length int, ok bool) {
	bits, unused, err := der.Bits(content)
	if err != nil {
		return "", 0, false
	}
	length = 8*len(bits) - unused
	size := map[int]int{familyIPv4: 4, familyIPv6: 16}[family]
	if size == 0 {
		parts := make([]string, len(bits))
		for i, c := range bits {
			parts[i] = fmt.Sprintf("%02x", c)
		}
		return strings.Join(parts, ":") + fmt.Sprintf("[%d]", unused), length, true
	}
	if len(bits) > size {
		return "", 0, false
	}
	full := make([]byte, size)
	copy(full, bits)
	for i := length; i < 8*size; i++ {
		full[i/8] |= fill & (0x80 >> (i % 8))
	}
	if family == familyIPv4 {
		return addressText(full), length, true
	}
	return shortIPv6(full), length, true
}

// shortIPv6 leaves out the groups of zeros at the end, and only those.
func shortIPv6(b []byte) string {
	n := 16
	for n > 1 && b[n-1] == 0 && b[n-2] == 0 {
		n -= 2
	}
	var out strings.Builder
	for i := 0; i < n; i += 2 {
		fmt.Fprintf(&out, "%x", int(b[i])<<8|int(b[i+1]))
		if i < 14 {
			out.WriteByte(':')
		}
	}
	if n < 16 {
		out.WriteByte(':')
	}
	if n == 0 {
		out.WriteByte(':')
	}
	return out.String()
}

// printSystemNumbers prints the autonomous systems that a certificate holds (RFC 3779 section 3).
func printSystemNumbers(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "system numbers")
	if err != nil {
		return nil, false
	}
	var b strings.Builder
	r := der.NewReader(seq.Content)
	for i, title := range []string{"Autonomous System Numbers", "Routing Domain Identifiers"} {
		e, ok, err := r.Optional(der.ContextConstructed+byte(i), title)
		if err != nil {
			return nil, false
		}
		if ok {
			b.WriteString(title + ":\n")
			if !writeNumbers(&b, e.Content) {
				return nil, false
			}
		}
	}
	return []byte(b.String()), r.Empty()
}

func writeNumbers(b *strings.Builder, content []byte) bool {
	r := der.NewReader(content)
	choice, err := r.Next()
	if err != nil || !r.Empty() {
		return false
	}
	if choice.ID == der.Null {
		b.WriteString("  inherit\n")
		return len(choice.Content) == 0
	}
	if choice.ID != der.Sequence {
		return false
	}
	for items := der.NewReader(choice.Content); !items.Empty(); {
		item, err := items.Next()
		if err != nil {
			return false
		}
		list := []der.Element{item}
		if item.ID == der.Sequence {
			if list, err = item.Children(); err != nil || len(list) != 2 {
				return false
			}
		}
		texts := make([]string, len(list))
		for i, e := range list {
			n, err := der.Int(e.Content)
			if err != nil || e.ID != der.Integer {
				return false
			}
			texts[i] = numberText(n)
		}
		b.WriteString("  " + strings.Join(texts, "-") + "\n")
	}
	return true
}

// printProxyInfo prints the limits of a proxy certificate (RFC 3820 section 3.8).
func printProxyInfo(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "proxy information")
	if err != nil {
		return nil, false
	}
	r := der.NewReader(seq.Content)
	out := "Path Length Constraint: "
	length, ok, err := r.Optional(der.Integer, "path length")
	if err != nil {
		return nil, false
	}
	if ok {
		n, err := der.Int(length.Content)
		if err != nil {
			return nil, false
		}
		out += plainHex(n)
	} else {
		out += "infinite"
	}
	policy, err := r.Read(der.Sequence, "proxy policy")
	if err != nil || !r.Empty() {
		return nil, false
	}
	p := der.NewReader(policy.Content)
	language, err := readOID(p, "policy language")
	if err != nil {
		return nil, false
	}
	out += "\nPolicy Language: " + oid.Long(language)
	text, ok, err := p.Optional(der.OctetString, "policy")
	if err != nil || !p.Empty() {
		return nil, false
	}
	if ok {
		out += "\nPolicy Text: " + string(untilNUL(text.Content))
	}
	return []byte(out), true
}

var crlReasonNames = map[string]string{
	"0": "Unspecified", "1": "Key Compromise", "2": "CA Compromise", "3": "Affiliation Changed", "4": "Superseded",
	"5": "Cessation Of Operation", "6": "Certificate Hold", "8": "Remove From CRL", "9": "Privilege Withdrawn", "10": "AA Compromise",
}

// printReason prints why a CRL lists a certificate (RFC 5280 section 5.3.1).
func printReason(value []byte) ([]byte, bool) {
	e, err := der.NewReader(value).Read(der.Enumerated, "reason")
	if err != nil {
		return nil, false
	}
	n, err := der.Int(e.Content)
	if err != nil {
		return nil, false
	}
	if name, ok := crlReasonNames[n.String()]; ok {
		return []byte(name), true
	}
	return []byte(numberText(n)), true
}
