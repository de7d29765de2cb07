package cert

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"strings"

	"github.com/postern-gateway/postern/pki/internal/der"
	"github.com/postern-gateway/postern/pki/internal/oid"
)

// FriendlyName is the extension's Oid.FriendlyName in .NET on Linux; empty if it has none.
func (x Extension) FriendlyName() string { return oid.Friendly(x.oid) }

// Format is X509Extension.Format(multiLine) of .NET on Linux: what OpenSSL 3.0 prints, on as many
// lines as OpenSSL takes whatever multiLine says, or hex where it prints nothing.
func (x Extension) Format(multiLine bool) string {
	_ = multiLine
	if print := printers[x.oid]; print != nil {
		if out, ok := print(x.Value); ok {
			return lossyUTF8(out)
		}
	}
	return upperHex(x.Value)
}

// printer prints an extension's value; false means that OpenSSL cannot read or print it.
// Bytes after the value's outer element are ignored, as OpenSSL ignores them.
type printer func(value []byte) ([]byte, bool)

// printers are the extensions that OpenSSL 3.0 prints (its standard_exts table). SXNet, admissions,
// the tools of Russian issuers and what only OCSP messages have are left in hex.
var printers = newPrinters()

func newPrinters() map[string]printer {
	printers := map[string]printer{
		OIDSubjectKeyID:           octets(der.OctetString),
		OIDKeyUsage:               namedBits(keyUsageNames),
		OIDSubjectAltName:         values(false, namesValues),
		OIDIssuerAltName:          values(false, namesValues),
		"2.5.29.29":               values(false, namesValues), // certificateIssuer
		OIDBasicConstraints:       values(false, basicValues),
		"2.5.29.20":               number, // cRLNumber
		"2.5.29.27":               number, // deltaCRLIndicator
		OIDInhibitAnyPolicy:       number,
		OIDNameConstraints:        printNameConstraints,
		OIDCRLDistPoints:          printDistPoints,
		OIDFreshestCRL:            printDistPoints,
		OIDIssuingDistPoint:       printIssuingDistPoint,
		OIDCertificatePolicies:    printPolicies,
		OIDPolicyMappings:         values(false, mappingValues),
		OIDPolicyConstraints:      values(false, policyConstraintValues),
		OIDAuthorityKeyID:         values(true, authorityKeyValues),
		OIDExtKeyUsage:            values(false, usageValues),
		"2.5.29.16":               printUsagePeriod,
		OIDAuthorityInfoAccess:    values(true, accessValues),
		OIDSubjectInfoAccess:      values(true, accessValues),
		"1.3.6.1.5.5.7.1.7":       printAddressBlocks,
		"1.3.6.1.5.5.7.1.8":       printSystemNumbers,
		"1.3.6.1.5.5.7.1.14":      printProxyInfo,
		"2.5.29.21":               printReason,
		"1.3.6.1.5.5.7.1.24":      values(false, tlsFeatureValues),
		OIDOCSPNoCheck:            null(""),
		"2.16.840.1.113730.1.1":   namedBits(netscapeTypeNames),
		"1.3.6.1.4.1.11129.2.4.2": printSCTs,
		"1.3.6.1.4.1.11129.2.4.5": printSCTs,    // in OCSP responses
		"1.3.6.1.4.1.11129.2.4.3": null("NULL"), // poison
	}
	for _, id := range []string{"2", "3", "4", "7", "8", "12", "13"} {
		printers["2.16.840.1.113730.1."+id] = plainString(der.IA5String)
	}
	printers["1.2.643.100.111"] = plainString(der.UTF8String) // subjectSignTool
	return printers
}

// pair is OpenSSL's CONF_VALUE. An empty name prints the value alone.
type pair struct {
	name, value string
}

// values prints a SEQUENCE whose content becomes pairs, on lines of their own or with commas.
// No pairs at all (nil, as against empty) is a failure.
func values(lines bool, list func(content []byte) ([]pair, bool)) printer {
	return func(value []byte) ([]byte, bool) {
		seq, err := der.NewReader(value).Read(der.Sequence, "value")
		if err != nil {
			return nil, false
		}
		pairs, ok := list(seq.Content)
		if !ok || pairs == nil {
			return nil, false
		}
		return printPairs(pairs, lines), true
	}
}

func printPairs(pairs []pair, lines bool) []byte {
	if len(pairs) == 0 {
		return []byte("<EMPTY>\n")
	}
	separator := ", "
	if lines {
		separator = "\n"
	}
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = p.value
		if p.name != "" {
			texts[i] = p.name + ":" + p.value
		}
	}
	return []byte(strings.Join(texts, separator))
}

var keyUsageNames = []string{
	"Digital Signature", "Non Repudiation", "Key Encipherment", "Data Encipherment", "Key Agreement",
	"Certificate Sign", "CRL Sign", "Encipher Only", "Decipher Only",
}

var netscapeTypeNames = []string{
	"SSL Client", "SSL Server", "S/MIME", "Object Signing", "Unused", "SSL CA", "S/MIME CA", "Object Signing CA",
}

func namedBits(names []string) printer {
	return func(value []byte) ([]byte, bool) {
		e, err := der.NewReader(value).Read(der.BitString, "bits")
		if err != nil {
			return nil, false
		}
		set, err := reasonBits(e.Content)
		if err != nil {
			return nil, false
		}
		list := bitNames(set, names)
		return []byte(strings.Join(list, ", ")), len(list) > 0
	}
}

func bitNames(set uint16, names []string) []string {
	var list []string
	for n, name := range names {
		if set&(1<<n) != 0 {
			list = append(list, name)
		}
	}
	return list
}

// octets prints a string as colon-separated hex.
func octets(tag byte) printer {
	return func(value []byte) ([]byte, bool) {
		e, err := der.NewReader(value).Read(tag, "octets")
		return []byte(colonHex(e.Content)), err == nil
	}
}

func colonHex(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = strings.ToUpper(hex.EncodeToString([]byte{c}))
	}
	return strings.Join(parts, ":")
}

// plainString prints a string up to its first NUL.
func plainString(tag byte) printer {
	return func(value []byte) ([]byte, bool) {
		e, err := der.NewReader(value).Read(tag, "string")
		return untilNUL(e.Content), err == nil && len(e.Content) > 0
	}
}

func untilNUL(b []byte) []byte {
	head, _, _ := bytes.Cut(b, []byte{0})
	return head
}

func number(value []byte) ([]byte, bool) {
	e, err := der.NewReader(value).Read(der.Integer, "number")
	if err != nil {
		return nil, false
	}
	n, err := der.Int(e.Content)
	if err != nil {
		return nil, false
	}
	return []byte(numberText(n)), true
}

// numberText is decimal, or hex from 128 bits on.
func numberText(n *big.Int) string {
	if n.BitLen() < 128 {
		return n.String()
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	text := strings.ToUpper(new(big.Int).Abs(n).Text(16))
	if len(text)%2 != 0 {
		text = "0" + text
	}
	return sign + "0x" + text
}

// plainHex is OpenSSL's i2a_ASN1_INTEGER: hex of whole octets.
func plainHex(n *big.Int) string {
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	return sign + upperHex(magnitude(n))
}

// null prints text for a NULL.
func null(text string) printer {
	return func(value []byte) ([]byte, bool) {
		e, err := der.NewReader(value).Read(der.Null, "null")
		return []byte(text), err == nil && len(e.Content) == 0
	}
}

func basicValues(content []byte) ([]pair, bool) {
	r := der.NewReader(content)
	pairs := []pair{{"CA", "FALSE"}}
	ca, ok, err := r.Optional(der.Boolean, "CA")
	if err != nil || ok && len(ca.Content) != 1 {
		return nil, false
	}
	if ok && ca.Content[0] != 0 {
		pairs[0].value = "TRUE"
	}
	length, ok, err := r.Optional(der.Integer, "path length")
	if err != nil {
		return nil, false
	}
	if ok {
		n, err := der.Int(length.Content)
		if err != nil {
			return nil, false
		}
		pairs = append(pairs, pair{"pathlen", numberText(n)})
	}
	return pairs, r.Empty()
}

func usageValues(content []byte) ([]pair, bool) {
	ids, err := parseOIDs(content)
	var pairs []pair
	for _, id := range ids {
		pairs = append(pairs, pair{"", shortOID(id)})
	}
	return pairs, err == nil
}

// shortOID is a long name in OpenSSL's buffer of 80 bytes.
func shortOID(id string) string { return cut(oid.Long(id), 79) }

func cut(s string, n int) string { return s[:min(n, len(s))] }

func mappingValues(content []byte) ([]pair, bool) {
	list, err := parsePolicyMappings(content)
	var pairs []pair
	for _, m := range list {
		pairs = append(pairs, pair{shortOID(m.IssuerDomain), shortOID(m.SubjectDomain)})
	}
	return pairs, err == nil
}

func policyConstraintValues(content []byte) ([]pair, bool) {
	var pairs []pair
	r := der.NewReader(content)
	for i, name := range []string{"Require Explicit Policy", "Inhibit Policy Mapping"} {
		e, ok, err := r.Optional(der.Context+byte(i), name)
		if err != nil {
			return nil, false
		}
		if !ok {
			continue
		}
		n, err := der.Int(e.Content)
		if err != nil {
			return nil, false
		}
		pairs = append(pairs, pair{name, numberText(n)})
	}
	return pairs, r.Empty()
}

func authorityKeyValues(content []byte) ([]pair, bool) {
	a, err := parseAuthorityKeyID(content)
	if err != nil {
		return nil, false
	}
	var pairs []pair
	if a.KeyID != nil {
		name := ""
		if a.Issuer != nil || a.Serial != nil {
			name = "keyid"
		}
		pairs = append(pairs, pair{name, colonHex(a.KeyID)})
	}
	if a.Issuer != nil && pairs == nil {
		pairs = []pair{}
	}
	for _, g := range a.Issuer {
		p, ok := nameValue(g)
		if !ok {
			return nil, false
		}
		pairs = append(pairs, p...)
	}
	if a.Serial != nil {
		n, _ := der.Int(a.Serial)
		pairs = append(pairs, pair{"serial", colonHex(magnitude(n))})
	}
	return pairs, true
}

// magnitude is the data of OpenSSL's ASN1_INTEGER: at least one octet, without the sign.
func magnitude(n *big.Int) []byte {
	if n.Sign() == 0 {
		return []byte{0}
	}
	return new(big.Int).Abs(n).Bytes()
}

func tlsFeatureValues(content []byte) ([]pair, bool) {
	var pairs []pair
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Integer, "feature")
		if err != nil {
			return nil, false
		}
		n, err := der.Int(e.Content)
		if err != nil {
			return nil, false
		}
		text := numberText(n)
		switch text {
		case "5":
			text = "status_request"
		case "17":
			text = "status_request_v2"
		}
		pairs = append(pairs, pair{"", text})
	}
	return pairs, true
}

func printUsagePeriod(value []byte) ([]byte, bool) {
	seq, err := der.NewReader(value).Read(der.Sequence, "period")
	if err != nil {
		return nil, false
	}
	var parts []string
	r := der.NewReader(seq.Content)
	for i, label := range []string{"Not Before: ", "Not After: "} {
		e, ok, err := r.Optional(der.Context+byte(i), label)
		if err != nil {
			return nil, false
		}
		if ok {
			parts = append(parts, label+openSSLTime(string(e.Content)))
		}
	}
	return []byte(strings.Join(parts, ", ")), r.Empty()
}
