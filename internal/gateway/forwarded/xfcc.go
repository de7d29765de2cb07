package forwarded

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// maxElements bounds the proxies that a header may have passed.
const maxElements = 32

// element is what one proxy wrote into x-forwarded-client-cert.
type element struct {
	hash, cert, chain string
}

// readXFCC reads x-forwarded-client-cert as Envoy documents it: elements separated by commas, one for each proxy on the
// way, each of key=value pairs separated by semicolons, values in double quotes where they hold one of these. A proxy
// adds its element at the end, so that the last one is the trusted proxy's own and tells of its client; it is the one
// that is taken.
//
// Envoy does not quote the URI and DNS values that it copies from the client's certificate. A certificate whose
// subject alternative names hold a separator could so write an element of its own; it is refused.
func readXFCC(value string) ([][]byte, error) {
	if value = strings.Trim(value, " \t"); value == "" {
		return nil, nil
	}
	elements, err := splitXFCC(value)
	if err != nil {
		return nil, err
	}
	var raw [][]byte
	for i, e := range elements {
		if raw, err = e.certificates(); err != nil {
			return nil, err
		}
		if i == len(elements)-1 && len(raw) == 0 {
			return nil, fault.New(fault.Invalid, "the last element has no Cert; have the proxy send it (set_current_client_cert_details)")
		}
		if len(raw) > 0 && forgesElements(raw[0]) {
			return nil, fault.New(fault.Invalid, "a subject alternative name of the certificate has a separator in it")
		}
	}
	return raw, nil
}

// certificates are the leaf and its issuers; none where the proxy sent neither Cert nor Chain. Where several tell of the
// leaf, they must agree.
func (e element) certificates() (raw [][]byte, err error) {
	if e.chain != "" {
		if raw, err = readPEM(e.chain); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "Chain")
		}
	}
	if e.cert != "" {
		leaf, err := readPEM(e.cert)
		switch {
		case err != nil:
			return nil, fault.Wrap(fault.Invalid, err, "Cert")
		case len(leaf) != 1:
			return nil, fault.New(fault.Invalid, "Cert has %d certificates", len(leaf))
		case len(raw) == 0:
			raw = leaf
		case string(raw[0]) != string(leaf[0]):
			return nil, fault.New(fault.Invalid, "Cert and Chain are of different certificates")
		}
	}
	if e.hash != "" && len(raw) > 0 {
		if sum := sha256.Sum256(raw[0]); !strings.EqualFold(hex.EncodeToString(sum[:]), e.hash) {
			return nil, fault.New(fault.Invalid, "Hash is not the certificate's")
		}
	}
	return raw, nil
}

// forgesElements reports whether a name of the certificate would be read as more than a value.
func forgesElements(der []byte) bool {
	c, err := cert.Parse(der)
	if err != nil {
		return false // it is refused where it is read
	}
	names, _, err := c.SubjectAltNames()
	if err != nil {
		return true
	}
	for _, n := range names {
		if (n.Kind == cert.URI || n.Kind == cert.DNSName) && strings.ContainsAny(n.Text(), `,;"\`) {
			return true
		}
	}
	return false
}

// splitXFCC reads the elements. Keys have no case (By, Hash, Cert, Chain, Subject, URI, DNS); others are passed over.
func splitXFCC(s string) ([]element, error) {
	elements := []element{{}}
	for pos := 0; ; {
		key, at, err := xfccKey(s, pos)
		if err != nil {
			return nil, err
		}
		value, end, err := xfccValue(s, at)
		if err != nil {
			return nil, err
		}
		if err := elements[len(elements)-1].set(key, value); err != nil {
			return nil, err
		}
		if end == len(s) {
			return elements, nil
		}
		if s[end] == ',' {
			if elements = append(elements, element{}); len(elements) > maxElements {
				return nil, fault.New(fault.Invalid, "there are more than %d elements", maxElements)
			}
		}
		pos = end + 1
	}
}

// xfccKey reads a key and its "="; value is where the value begins.
func xfccKey(s string, pos int) (key string, value int, err error) {
	n := strings.IndexAny(s[pos:], `=,;"`)
	if n < 0 || s[pos+n] != '=' {
		return "", 0, fault.New(fault.Invalid, "there is no key=value at offset %d", pos)
	}
	return strings.ToLower(strings.Trim(s[pos:pos+n], " \t")), pos + n + 1, nil
}

// xfccValue reads a value, quoted or not; end is where its separator stands, or the end of s.
func xfccValue(s string, pos int) (value string, end int, err error) {
	if pos == len(s) || s[pos] != '"' {
		end = len(s)
		if n := strings.IndexAny(s[pos:], ",;"); n >= 0 {
			end = pos + n
		}
		value = strings.Trim(s[pos:end], " \t")
		if strings.Contains(value, `"`) {
			return "", 0, fault.New(fault.Invalid, "a quotation mark stands inside a value at offset %d", pos)
		}
		return value, end, nil
	}
	var out strings.Builder
	for i := pos + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				out.WriteByte(s[i])
			}
		case '"':
			if i+1 < len(s) && s[i+1] != ',' && s[i+1] != ';' {
				return "", 0, fault.New(fault.Invalid, "there is no separator after the value at offset %d", pos)
			}
			return out.String(), i + 1, nil
		default:
			out.WriteByte(s[i])
		}
	}
	return "", 0, fault.New(fault.Invalid, "the quoted value at offset %d does not end", pos)
}

// set keeps what tells of the certificate; each may stand once.
func (e *element) set(key, value string) error {
	var field *string
	switch key {
	case "hash":
		field = &e.hash
	case "cert":
		field = &e.cert
	case "chain":
		field = &e.chain
	default:
		return nil
	}
	if *field != "" {
		return fault.New(fault.Invalid, "%s stands twice in one element", key)
	}
	*field = value
	return nil
}
