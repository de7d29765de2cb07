package chain

import (
	"strings"
	"testing"
)

func TestNamesInsideConstraints(t *testing.T) {
	tests := []struct {
		name       string
		kind       NameKind
		base, have string
		want       Reason
	}{
		{"the host itself", NameDNS, "contoso.com", "contoso.com", ReasonNone},
		{"a host below", NameDNS, "contoso.com", "a.b.contoso.com", ReasonNone},
		{"the letters' case", NameDNS, "Contoso.COM", "API.contoso.com", ReasonNone},
		{"a longer label", NameDNS, "contoso.com", "notcontoso.com", ReasonNotPermitted},
		{"a final dot", NameDNS, "contoso.com", "contoso.com.", ReasonNotPermitted},
		{"dot and apex", NameDNS, ".contoso.com", "contoso.com", ReasonNotPermitted},
		{"dot and host", NameDNS, ".contoso.com", "api.contoso.com", ReasonNone},
		{"everything", NameDNS, "", "anything", ReasonNone},
		{"one mailbox", NameMail, "a@contoso.com", "a@CONTOSO.com", ReasonNone},
		{"a mailbox in another case", NameMail, "a@contoso.com", "A@contoso.com", ReasonNotPermitted},
		{"all mailboxes of a host", NameMail, "contoso.com", "x@contoso.com", ReasonNone},
		{"a mailbox below a host", NameMail, "contoso.com", "x@api.contoso.com", ReasonNotPermitted},
		{"mailboxes below a dot", NameMail, ".contoso.com", "x@api.contoso.com", ReasonNone},
		{"no mailbox", NameMail, "contoso.com", "contoso.com", ReasonNameSyntax},
		{"two signs", NameMail, "contoso.com", "a@b@contoso.com", ReasonNone},
		{"a NUL in the mailbox", NameMail, "a\x00@contoso.com", "a\x00@contoso.com", ReasonNameSyntax},
		{"the host of an address", NameURI, "contoso.com", "https://contoso.com/x", ReasonNone},
		{"an address with a port", NameURI, "contoso.com", "https://contoso.com:8443/x", ReasonNone},
		{"an address below a dot", NameURI, ".contoso.com", "https://api.contoso.com", ReasonNone},
		{"an address below without a dot", NameURI, "contoso.com", "https://api.contoso.com", ReasonNotPermitted},
		{"a URN", NameURI, "contoso.com", "urn:contoso.com", ReasonNameSyntax},
		{"no host", NameURI, "contoso.com", "file:///etc", ReasonNameSyntax},
		{"a user", NameURI, "contoso.com", "https://contoso.com@fabrikam.com/", ReasonNotPermitted},
		{"a user and a password", NameURI, "contoso.com", "https://contoso.com:x@fabrikam.com/", ReasonNameSyntax},
		{"IPv4 inside", NameIP, "\x0a\x00\x00\x00\xff\x00\x00\x00", "\x0a\x01\x02\x03", ReasonNone},
		{"IPv4 outside", NameIP, "\x0a\x00\x00\x00\xff\x00\x00\x00", "\x0b\x01\x02\x03", ReasonNotPermitted},
		{"IPv4 against IPv6", NameIP, "\x0a\x00\x00\x00\xff\x00\x00\x00", "0123456789abcdef", ReasonNotPermitted},
		{"no address", NameIP, "\x0a\x00\x00\x00\xff\x00\x00\x00", "\x0a", ReasonNameSyntax},
		{"a range of odd size", NameIP, "\x0a\x00\x00\x00", "\x0a\x01\x02\x03", ReasonNameSyntax},
		{"a registered id", NameID, "\x2a\x03", "\x2a\x03", ReasonConstraintType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := subtree{base: GeneralName{Kind: tt.kind, Value: []byte(tt.base)}}
			if got := tree.contains(GeneralName{Kind: tt.kind, Value: []byte(tt.have)}); got != tt.want {
				t.Errorf("%q in %q = %q, want %q", tt.have, tt.base, got, tt.want)
			}
		})
	}
}

func TestSmtpUTF8MailboxesAreMail(t *testing.T) {
	n := GeneralName{Kind: NameOther, TypeID: oidSmtpUTF8, Value: appendElement(nil, 0x0c, []byte("ü@contoso.com"))}
	c := constraints{permitted: []subtree{{base: GeneralName{Kind: NameMail, Value: []byte("contoso.com")}}}}
	if r := c.match(n); r != ReasonNone {
		t.Errorf("inside = %q", r)
	}
	c.permitted[0].base.Value = []byte("fabrikam.com")
	if r := c.match(n); r != ReasonNotPermitted {
		t.Errorf("outside = %q, want %q", r, ReasonNotPermitted)
	}
}

func TestHostLike(t *testing.T) {
	for text, want := range map[string]bool{
		"api.contoso.com": true, "a_b.c": true, "contoso": false, "": false, ".contoso.com": false, "contoso.com.": false,
		"a..b": false, "a-.b": false, "a.-b": false, "a b.c": false, "*.contoso.com": false, "1.2.3.4": true,
	} {
		if got := hostLike([]byte(text)); got != want {
			t.Errorf("hostLike(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestCanonicalNames(t *testing.T) {
	name := func(attributes ...[]byte) []byte {
		var all []byte
		for _, a := range attributes {
			all = append(all, appendElement(nil, 0x31, a)...)
		}
		return appendElement(nil, 0x30, all)
	}
	cn := func(tag byte, text string) []byte {
		return appendElement(nil, 0x30, append([]byte{6, 3, 0x55, 4, 3}, appendElement(nil, tag, []byte(text))...))
	}
	tests := []struct {
		name string
		a, b []byte
		want bool
	}{
		{"case", name(cn(0x0c, "Contoso CA")), name(cn(0x0c, "CONTOSO ca")), true},
		{"string types", name(cn(0x0c, "Contoso")), name(cn(0x13, "Contoso")), true},
		{"UCS-2", name(cn(0x0c, "Ab")), name(cn(0x1e, "\x00A\x00b")), true},
		{"Latin-1", name(cn(0x0c, "Zoë")), name(cn(0x14, "Zo\xeb")), true},
		{"blanks inside", name(cn(0x0c, "a  \t b")), name(cn(0x0c, "a b")), true},
		{"blanks outside", name(cn(0x0c, " a ")), name(cn(0x0c, "a")), true},
		{"case beyond ASCII", name(cn(0x0c, "Ä")), name(cn(0x0c, "ä")), false},
		{"composed", name(cn(0x0c, "\u00e4")), name(cn(0x0c, "a\u0308")), false},
		{"order", name(cn(0x0c, "a"), cn(0x0c, "b")), name(cn(0x0c, "b"), cn(0x0c, "a")), false},
		{"octets of other types", name(cn(0x12, "1 2")), name(cn(0x12, "1  2")), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := CanonicalName(tt.a) == CanonicalName(tt.b); got != tt.want {
				t.Errorf("equal = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"client 7": "client 7", "a\nb\x1b[2J": "a?b?[2J", "\xff": "?", "Zoë": "Zoë", "\u202egnp": "?gnp",
	} {
		if got := printable(text); got != want {
			t.Errorf("printable(%q) = %q, want %q", text, got, want)
		}
	}
	if n := len(printable(strings.Repeat("x", 5000))); n != maxNameRunes {
		t.Errorf("a name of 5000 letters becomes %d long, want %d", n, maxNameRunes)
	}
}
