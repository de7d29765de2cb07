package chain

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// constraints are the name constraints of a CA (RFC 5280 section 4.2.1.10).
type constraints struct {
	permitted, excluded []subtree
}

type subtree struct {
	base GeneralName
	// bounded says that there is a maximum, or a minimum that is not 0.
	bounded bool
}

// maxNameComparisons bounds names times constraints, as OpenSSL's NAME_CHECK_MAX does.
const maxNameComparisons = 1 << 20

// oidSmtpUTF8 is the otherName that is an internationalized mail address (RFC 8398).
const oidSmtpUTF8 = "1.3.6.1.5.5.7.8.9"

func readConstraints(value []byte) (*constraints, error) {
	seq, err := prefix(value, der.Sequence)
	if err != nil {
		return nil, err
	}
	c := &constraints{}
	r := der.NewReader(seq.Content)
	for n, into := range []*[]subtree{&c.permitted, &c.excluded} {
		e, ok, err := optionalList(r, byte(n), "subtrees")
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if *into, err = readSubtrees(e.Content); err != nil {
			return nil, err
		}
	}
	return c, r.End("name constraints")
}

func readSubtrees(content []byte) ([]subtree, error) {
	var trees []subtree
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "subtree")
		if err != nil {
			return nil, err
		}
		t, err := readSubtree(e.Content)
		if err != nil {
			return nil, err
		}
		trees = append(trees, t)
	}
	return trees, nil
}

func readSubtree(content []byte) (t subtree, err error) {
	r := der.NewReader(content)
	e, err := r.Next()
	if err != nil {
		return t, err
	}
	if t.base, err = readGeneralName(e); err != nil {
		return t, err
	}
	minimum, ok, err := r.Optional(der.Context, "minimum")
	if err != nil {
		return t, err
	}
	if ok {
		if err := strictInteger(minimum.Content); err != nil {
			return t, err
		}
		t.bounded = !bytes.Equal(minimum.Content, []byte{0})
	}
	maximum, ok, err := r.Optional(der.Context+1, "maximum")
	if err != nil {
		return t, err
	}
	if ok {
		if err := strictInteger(maximum.Content); err != nil {
			return t, err
		}
		t.bounded = true
	}
	return t, r.End("subtree")
}

// check judges the names of subject against the constraints; leaf says that it is the end of the
// path, whose common names count as host names where it has no DNS name.
func (c *constraints) check(subject *Info, leaf bool) Reason {
	attributes := 0
	for _, rdn := range subject.Cert.Subject.RDNs {
		attributes += len(rdn)
	}
	names, trees := attributes+len(subject.names), len(c.permitted)+len(c.excluded)
	if names > 0 && trees > maxNameComparisons/names {
		return ReasonTooManyNames
	}
	if attributes > 0 {
		if r := c.checkSubject(subject); r != ReasonNone {
			return r
		}
	}
	hasDNS := false
	for _, n := range subject.names {
		hasDNS = hasDNS || n.Kind == NameDNS
		if r := c.match(n); r != ReasonNone {
			return r
		}
	}
	if leaf && !hasDNS {
		return c.checkCommonNames(subject)
	}
	return ReasonNone
}

// checkSubject judges the subject as a directory name, and the mail addresses in it.
func (c *constraints) checkSubject(subject *Info) Reason {
	if r := c.match(GeneralName{Kind: NameDirectory, Directory: subject.Subject}); r != ReasonNone {
		return r
	}
	for _, rdn := range subject.Cert.Subject.RDNs {
		for _, a := range rdn {
			if a.Type != "1.2.840.113549.1.9.1" {
				continue
			}
			if a.Tag != der.IA5String {
				return ReasonNameSyntax
			}
			if r := c.match(GeneralName{Kind: NameMail, Value: a.Value}); r != ReasonNone {
				return r
			}
		}
	}
	return ReasonNone
}

func (c *constraints) checkCommonNames(subject *Info) Reason {
	for _, rdn := range subject.Cert.Subject.RDNs {
		for _, a := range rdn {
			if a.Type != "2.5.4.3" {
				continue
			}
			text, ok := stringText(a.Tag, a.Value)
			if !ok {
				return ReasonNameSyntax
			}
			text = bytes.TrimRight(text, "\x00")
			if bytes.IndexByte(text, 0) >= 0 {
				return ReasonNameSyntax
			}
			if !hostLike(text) {
				continue
			}
			if r := c.match(GeneralName{Kind: NameDNS, Value: text}); r != ReasonNone {
				return r
			}
		}
	}
	return ReasonNone
}

// hostLike reports whether a common name reads as a host name of two or more labels.
func hostLike(text []byte) bool {
	dotted := false
	for i, c := range text {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case i == 0 || i == len(text)-1:
			return false
		case c == '-':
		case c == '.' && text[i+1] != '.' && text[i-1] != '-' && text[i+1] != '-':
			dotted = true
		default:
			return false
		}
	}
	return dotted
}

// match judges one name: it must lie in some permitted tree of its kind, if there is any, and in no excluded one.
func (c *constraints) match(n GeneralName) Reason {
	seen, inside := false, false
	for _, t := range c.permitted {
		if !t.concerns(n) {
			continue
		}
		if t.bounded {
			return ReasonConstraintBounds
		}
		if inside {
			continue
		}
		seen = true
		switch r := t.contains(n); r {
		case ReasonNone:
			inside = true
		case ReasonNotPermitted:
		default:
			return r
		}
	}
	if seen && !inside {
		return ReasonNotPermitted
	}
	for _, t := range c.excluded {
		if !t.concerns(n) {
			continue
		}
		if t.bounded {
			return ReasonConstraintBounds
		}
		switch r := t.contains(n); r {
		case ReasonNone:
			return ReasonExcluded
		case ReasonNotPermitted:
		default:
			return r
		}
	}
	return ReasonNone
}

// concerns reports whether the subtree is of the kind of n. An internationalized mail address is a mail address.
func (t subtree) concerns(n GeneralName) bool {
	if n.Kind == NameOther && n.TypeID == oidSmtpUTF8 {
		return t.base.Kind == NameMail
	}
	return t.base.Kind == n.Kind && (n.Kind != NameOther || t.base.TypeID == n.TypeID)
}

// contains gives ReasonNone for a name inside the tree, ReasonNotPermitted for one outside,
// and another reason where that cannot be said.
func (t subtree) contains(n GeneralName) Reason {
	switch n.Kind {
	case NameDirectory:
		return verdict(strings.HasPrefix(n.Directory, t.base.Directory))
	case NameDNS:
		return verdict(dnsInside(n.Value, t.base.Value))
	case NameMail:
		return mailInside(n.Value, t.base.Value)
	case NameURI:
		return uriInside(n.Value, t.base.Value)
	case NameIP:
		return ipInside(n.Value, t.base.Value)
	case NameOther:
		if n.TypeID == oidSmtpUTF8 {
			return utf8MailInside(n.Value, t.base.Value)
		}
	}
	return ReasonConstraintType
}

func verdict(inside bool) Reason {
	if inside {
		return ReasonNone
	}
	return ReasonNotPermitted
}

// equalFoldASCII compares without regard to the case of ASCII letters only.
func equalFoldASCII(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x >= 'A' && x <= 'Z' {
			x += 'a' - 'A'
		}
		if y >= 'A' && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

func dnsInside(name, base []byte) bool {
	switch {
	case len(base) == 0:
		return true
	case len(name) < len(base):
		return false
	case len(name) > len(base):
		cut := len(name) - len(base)
		return (base[0] == '.' || name[cut-1] == '.') && equalFoldASCII(name[cut:], base)
	}
	return equalFoldASCII(name, base)
}

// endsWith reports whether name is longer than tail, which begins with a dot, and ends with it.
func endsWith(name, tail []byte) bool {
	return len(name) > len(tail) && equalFoldASCII(name[len(name)-len(tail):], tail)
}

func mailInside(mail, base []byte) Reason {
	at, baseAt := bytes.LastIndexByte(mail, '@'), bytes.LastIndexByte(base, '@')
	if at < 0 {
		return ReasonNameSyntax
	}
	if baseAt < 0 && len(base) > 0 && base[0] == '.' {
		return verdict(endsWith(mail, base))
	}
	if baseAt > 0 {
		if baseAt != at {
			return ReasonNotPermitted
		}
		if bytes.IndexByte(base[:baseAt], 0) >= 0 || bytes.IndexByte(mail[:at], 0) >= 0 {
			return ReasonNameSyntax
		}
		if !bytes.Equal(base[:baseAt], mail[:at]) {
			return ReasonNotPermitted
		}
	}
	return verdict(equalFoldASCII(base[baseAt+1:], mail[at+1:]))
}

// maxULabel is the longest host name in Unicode that OpenSSL compares, in octets of UTF-8.
const maxULabel = 255

// utf8MailInside compares an address in UTF-8 (an ASN.1 UTF8String, RFC 9598) with a constraint in ASCII, whose host may
// be in Punycode. As in OpenSSL the constraint is a host, or a dot and a host; one with a local part contains nothing.
func utf8MailInside(value, base []byte) Reason {
	if bytes.IndexByte(base, 0) >= 0 {
		return ReasonNameSyntax
	}
	e, err := der.One(value, der.UTF8String, "address")
	if err != nil || !utf8.Valid(e.Content) {
		return ReasonNameSyntax
	}
	at := bytes.LastIndexByte(e.Content, '@')
	if at < 0 {
		return ReasonNameSyntax
	}
	tree := len(base) > 0 && base[0] == '.'
	host, ok := unicodeHost(string(base))
	if !ok {
		return ReasonNameHost
	}
	if tree {
		host = "." + host
		return verdict(endsWith(e.Content, []byte(host)))
	}
	return verdict(equalFoldASCII(e.Content[at+1:], []byte(host)))
}

// uriInside compares the host of an address. An address whose user part hides the host is refused:
// readers disagree about which of the two is meant.
func uriInside(uri, base []byte) Reason {
	colon := bytes.IndexByte(uri, ':')
	if colon < 0 || len(uri)-colon < 3 || uri[colon+1] != '/' || uri[colon+2] != '/' {
		return ReasonNameSyntax
	}
	host := uri[colon+3:]
	authority := host
	if end := bytes.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	if end := bytes.IndexByte(host, ':'); end >= 0 {
		host = host[:end]
	} else if end := bytes.IndexByte(host, '/'); end >= 0 {
		host = host[:end]
	}
	if len(host) == 0 {
		return ReasonNameSyntax
	}
	if at := bytes.IndexByte(authority, '@'); at > len(host) {
		return ReasonNameSyntax
	}
	if len(base) > 0 && base[0] == '.' {
		return verdict(endsWith(host, base))
	}
	return verdict(equalFoldASCII(host, base))
}

func ipInside(address, base []byte) Reason {
	if (len(address) != 4 && len(address) != 16) || (len(base) != 8 && len(base) != 32) {
		return ReasonNameSyntax
	}
	if len(base) != 2*len(address) {
		return ReasonNotPermitted
	}
	for i, m := range base[len(address):] {
		if address[i]&m != base[i]&m {
			return ReasonNotPermitted
		}
	}
	return ReasonNone
}
