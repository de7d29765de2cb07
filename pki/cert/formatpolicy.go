package cert

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
	"github.com/postern-gateway/postern/pki/internal/oid"
)

func printNameConstraints(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "name constraints")
	if err != nil {
		return nil, false
	}
	n, err := parseNameConstraints(seq.Content)
	if err != nil {
		return nil, false
	}
	out := printSubtrees("Permitted", n.Permitted)
	if n.Permitted != nil && n.Excluded != nil {
		out += "\n"
	}
	return []byte(out + printSubtrees("Excluded", n.Excluded)), true
}

func printSubtrees(title string, trees []Subtree) string {
	if len(trees) == 0 {
		return ""
	}
	lines := []string{}
	for _, t := range trees {
		text := printName(t.Base)
		if t.Base.Kind == IPAddress {
			text = rangeText(t.Base.Value)
		}
		lines = append(lines, "  "+text)
	}
	return title + ":\n" + strings.Join(lines, "\n")
}

// rangeText is an address and its mask.
func rangeText(b []byte) string {
	half := len(b)
	switch {
	case len(b) >= 16:
		half = 16
	case len(b) >= 4:
		half = 4
	}
	return "IP:" + addressText(b[:half]) + "/" + addressText(b[half:])
}

func printDistPoints(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "distribution points")
	if err != nil {
		return nil, false
	}
	points, err := parseDistributionPoints(seq.Content)
	if err != nil {
		return nil, false
	}
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte('\n')
		}
		writePointName(&b, p.FullName, p.RelativeName)
		if p.HasReasons {
			writeReasons(&b, "Reasons", p.Reasons)
		}
		if p.CRLIssuer != nil {
			b.WriteString("CRL Issuer:\n")
			writeNames(&b, p.CRLIssuer)
		}
	}
	return []byte(b.String()), true
}

func writePointName(b *strings.Builder, full []GeneralName, relative dn.RDN) {
	switch {
	case full != nil:
		b.WriteString("Full Name:\n")
		writeNames(b, full)
	case relative != nil:
		b.WriteString("Relative Name:\n  " + spacedName([]dn.RDN{relative}) + "\n")
	}
}

func writeNames(b *strings.Builder, names []GeneralName) {
	for i, g := range names {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("  " + printName(g))
	}
}

var reasonNames = []string{
	"Unused", "Key Compromise", "CA Compromise", "Affiliation Changed", "Superseded",
	"Cessation Of Operation", "Certificate Hold", "Privilege Withdrawn", "AA Compromise",
}

func writeReasons(b *strings.Builder, title string, set uint16) {
	b.WriteString(title + ":\n  ")
	if names := bitNames(set, reasonNames); len(names) > 0 {
		b.WriteString(strings.Join(names, ", ") + "\n")
		return
	}
	b.WriteString("<EMPTY>\n")
}

func printIssuingDistPoint(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "issuing distribution point")
	if err != nil {
		return nil, false
	}
	p, err := parseIssuingDistPoint(seq.Content)
	if err != nil {
		return nil, false
	}
	var b strings.Builder
	writePointName(&b, p.FullName, p.RelativeName)
	for _, f := range []struct {
		on   bool
		text string
	}{{p.OnlyUserCerts, "Only User Certificates"}, {p.OnlyCACerts, "Only CA Certificates"}, {p.Indirect, "Indirect CRL"}} {
		if f.on {
			b.WriteString(f.text + "\n")
		}
	}
	if p.HasSomeReasons {
		writeReasons(&b, "Only Some Reasons", p.SomeReasons)
	}
	if p.OnlyAttribute {
		b.WriteString("Only Attribute Certificates\n")
	}
	if b.Len() == 0 {
		b.WriteString("<EMPTY>\n")
	}
	return []byte(b.String()), true
}

// Object identifiers of policy qualifiers (RFC 5280 section 4.2.1.4).
const (
	oidCPS        = "1.3.6.1.5.5.7.2.1"
	oidUserNotice = "1.3.6.1.5.5.7.2.2"
)

func printPolicies(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "policies")
	if err != nil {
		return nil, false
	}
	list, err := parsePolicies(seq.Content)
	if err != nil {
		return nil, false
	}
	var b strings.Builder
	for i, p := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("Policy: " + oid.Long(p.Policy))
		if p.Qualifiers != nil {
			b.WriteByte('\n')
		}
		for j, q := range p.Qualifiers {
			if j > 0 {
				b.WriteByte('\n')
			}
			if !writeQualifier(&b, q) {
				return nil, false
			}
		}
	}
	return []byte(b.String()), true
}

func writeQualifier(b *strings.Builder, q PolicyQualifier) bool {
	switch q.ID {
	case oidCPS:
		e, err := der.One(q.Value, der.IA5String, "CPS")
		b.WriteString("  CPS: " + string(untilNUL(e.Content)))
		return err == nil
	case oidUserNotice:
		e, err := der.One(q.Value, der.Sequence, "user notice")
		b.WriteString("  User Notice:\n")
		return err == nil && writeNotice(b, e.Content)
	}
	b.WriteString("    Unknown Qualifier: " + oid.Long(q.ID))
	return true
}

func writeNotice(b *strings.Builder, content []byte) bool {
	r := der.NewReader(content)
	ref, hasRef, err := r.Optional(der.Sequence, "notice reference")
	if err != nil || hasRef && !writeNoticeRef(b, ref.Content) {
		return false
	}
	if r.Empty() {
		return true
	}
	text, err := r.Next()
	if err != nil || !displayText(text.ID) || !r.Empty() {
		return false
	}
	if hasRef {
		b.WriteByte('\n')
	}
	b.WriteString("    Explicit Text: " + string(untilNUL(text.Content)))
	return true
}

// displayText reports whether a tag is one of DisplayText's.
func displayText(tag byte) bool {
	return tag == der.IA5String || tag == der.VisibleString || tag == der.BMPString || tag == der.UTF8String
}

func writeNoticeRef(b *strings.Builder, content []byte) bool {
	r := der.NewReader(content)
	organization, err := r.Next()
	if err != nil || !displayText(organization.ID) {
		return false
	}
	list, err := r.Read(der.Sequence, "notice numbers")
	if err != nil || !r.Empty() {
		return false
	}
	var numbers []string
	for n := der.NewReader(list.Content); !n.Empty(); {
		e, err := n.Read(der.Integer, "notice number")
		if err != nil {
			return false
		}
		v, err := der.Int(e.Content)
		if err != nil {
			return false
		}
		numbers = append(numbers, numberText(v))
	}
	plural := ""
	if len(numbers) > 1 {
		plural = "s"
	}
	fmt.Fprintf(b, "    Organization: %s\n    Number%s: %s", untilNUL(organization.Content), plural, strings.Join(numbers, ", "))
	return true
}
