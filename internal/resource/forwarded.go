package resource

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
)

// ForwardedProperty is the property of a hostname configuration that says who may forward client certificates.
const ForwardedProperty = "forwardedClientCertificate"

const (
	// maxForwardedEntries bounds each list of proxies.
	maxForwardedEntries = 100
	// maxForwardedHeader bounds the length of a field name.
	maxForwardedHeader = 128
)

// ForwardedCertificateOf reads the forwardedClientCertificate of a hostname configuration; nil where there is none. What
// is wrong is told with its place, all of it; then the result is nil.
func ForwardedCertificateOf(hostname map[string]any) (*apim.ForwardedCertificate, []fault.Detail) {
	v, given := hostname[ForwardedProperty]
	if !given || v == nil {
		return nil, nil
	}
	p, ok := v.(map[string]any)
	if !ok {
		return nil, []fault.Detail{{Target: ForwardedProperty, Message: "It is not an object."}}
	}
	r := forwardedReader{}
	for _, key := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains([]string{"format", "header", "addresses", "thumbprints"}, key) {
			r.add(key, "There is no property '%s'; there are format, header, addresses and thumbprints.", key)
		}
	}
	f := &apim.ForwardedCertificate{Format: r.format(p["format"])}
	f.Header = r.header(p["header"], f.Format)
	for i, s := range r.list(p, "addresses") {
		f.Addresses = append(f.Addresses, r.prefix(s, i))
	}
	for i, s := range r.list(p, "thumbprints") {
		f.Thumbprints = append(f.Thumbprints, r.thumbprint(s, i))
	}
	if len(r.details) == 0 && len(f.Addresses)+len(f.Thumbprints) == 0 {
		r.add("addresses", "Name the proxies that are trusted, by addresses, thumbprints or both.")
	}
	if len(r.details) > 0 {
		return nil, r.details
	}
	return f, nil
}

// forwardedReader gathers what is wrong.
type forwardedReader struct{ details []fault.Detail }

func (r *forwardedReader) add(target, format string, args ...any) {
	r.details = append(r.details, fault.Detail{Target: ForwardedProperty + "." + target, Message: fmt.Sprintf(format, args...)})
}

func (r *forwardedReader) format(v any) apim.ForwardedFormat {
	s, _ := v.(string)
	names := make([]string, 0, 3)
	for _, f := range apim.ForwardedFormats() {
		if strings.EqualFold(string(f), s) {
			return f
		}
		names = append(names, string(f))
	}
	r.add("format", "'%v' is not one of %s.", v, strings.Join(names, ", "))
	return ""
}

// reserved are fields that mean something else to the gateway.
var reserved = []string{"Host", "Content-Length", "Content-Type", "Authorization", "Cookie", "Expect", "Forwarded", "X-Forwarded-For"}

func (r *forwardedReader) header(v any, format apim.ForwardedFormat) string {
	if v == nil {
		return format.DefaultHeader()
	}
	s, ok := v.(string)
	switch {
	case !ok || len(s) > maxForwardedHeader || !message.ValidName(s):
		r.add("header", "'%v' is not the name of a header field.", v)
	case message.HopByHop(s) || slices.ContainsFunc(reserved, func(n string) bool { return strings.EqualFold(n, s) }):
		r.add("header", "The header field '%s' cannot carry certificates, since it has another meaning.", s)
	}
	return s
}

func (r *forwardedReader) list(p map[string]any, name string) []string {
	if p[name] == nil {
		return nil
	}
	list, ok := p[name].([]any)
	if !ok {
		r.add(name, "It is not a list.")
		return nil
	}
	if len(list) > maxForwardedEntries {
		r.add(name, "There are %d entries; at most %d are allowed.", len(list), maxForwardedEntries)
		return nil
	}
	out := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			r.add(fmt.Sprintf("%s[%d]", name, i), "It is not a string.")
		}
		out[i] = strings.TrimSpace(s)
	}
	return out
}

// prefix reads an address or a prefix ("10.0.0.0/8"); 4-in-6 addresses are those of IPv4.
func (r *forwardedReader) prefix(s string, i int) netip.Prefix {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen())
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		r.add(fmt.Sprintf("addresses[%d]", i), "'%s' is not an address or a prefix such as 10.0.0.0/8.", s)
		return netip.Prefix{}
	}
	return p.Masked()
}

// thumbprint reads a digest in hex; colons, spaces and case do not matter.
func (r *forwardedReader) thumbprint(s string, i int) string {
	digest := strings.ToLower(strings.NewReplacer(":", "", " ", "", "\u200e", "").Replace(s))
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != 20 && len(raw) != 32 {
		r.add(fmt.Sprintf("thumbprints[%d]", i), "'%s' is not the SHA-1 or SHA-256 digest of a certificate in hex.", s)
	}
	return digest
}
