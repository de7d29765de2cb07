// Package forwarded reads client certificates that proxies put into header
// fields: URL-encoded PEM (Application Gateway, nginx), Client-Cert and
// Client-Cert-Chain (RFC 9440), x-forwarded-client-cert (Envoy).
//
// It reads and does not trust: whether the sender may speak for a client is
// decided before. What is malformed, ambiguous or given twice is an error, so
// that a request is refused rather than taken for one without a certificate.
package forwarded

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
)

// maxCertificates bounds a forwarded chain, the leaf included.
const maxCertificates = 16

// ChainHeader is the field beside header that carries the chain: "Client-Cert-Chain" beside "Client-Cert". Only
// apim.ClientCert has one; it is empty for the other formats.
func ChainHeader(format apim.ForwardedFormat, header string) string {
	if format != apim.ClientCert {
		return ""
	}
	return header + "-Chain"
}

// Read gives the certificates in DER that the header holds, the leaf first, without looking into them; none where no
// field is there, or an empty one. Errors are fault.Invalid.
func Read(format apim.ForwardedFormat, header string, h message.Header) (raw [][]byte, err error) {
	if format == apim.XFCC {
		raw, err = readXFCC(strings.Join(h.ValueList(header), ","))
	} else {
		raw, err = readSingle(format, header, h)
	}
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "%s", header)
	case len(raw) > maxCertificates:
		return nil, fault.New(fault.Invalid, "%s: %d certificates are more than %d", header, len(raw), maxCertificates)
	}
	return raw, nil
}

// readSingle reads the formats whose field may stand once only.
func readSingle(format apim.ForwardedFormat, header string, h message.Header) ([][]byte, error) {
	if h.Count(header) > 1 {
		return nil, fault.New(fault.Invalid, "the field is there %d times", h.Count(header))
	}
	value := strings.Trim(h.Get(header), " \t")
	chain := ChainHeader(format, header)
	switch {
	case value == "" && chain != "" && h.Has(chain):
		return nil, fault.New(fault.Invalid, "%s is there without it", chain)
	case value == "":
		return nil, nil
	case format == apim.URLEncodedPEM:
		return readPEM(value)
	}
	leaf, err := byteSequence(value)
	if err != nil {
		return nil, err
	}
	issuers, err := byteSequences(h.ValueList(chain))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s", chain)
	}
	return append([][]byte{leaf}, issuers...), nil
}

// readPEM reads percent-encoded PEM: CERTIFICATE blocks and white space, nothing else.
func readPEM(value string) ([][]byte, error) {
	text, err := percentDecode(value)
	if err != nil {
		return nil, err
	}
	rest := strings.TrimSpace(text)
	if rest == "" {
		return nil, fault.New(fault.Invalid, "there is white space instead of a certificate")
	}
	var raw [][]byte
	for rest != "" {
		if !strings.HasPrefix(rest, "-----BEGIN CERTIFICATE-----") {
			return nil, fault.New(fault.Invalid, "it is not a URL-encoded PEM certificate")
		}
		block, after := pem.Decode([]byte(rest))
		if block == nil || len(block.Headers) > 0 || len(block.Bytes) == 0 || strings.Count(rest[:len(rest)-len(after)], "-----BEGIN") != 1 {
			return nil, fault.New(fault.Invalid, "the PEM is malformed")
		}
		raw = append(raw, block.Bytes)
		rest = strings.TrimSpace(string(after))
	}
	return raw, nil
}

// percentDecode undoes RFC 3986 section 2.1. "+" stands for itself, as proxies leave it in base64, but where the markers
// show that spaces were written as "+" (HTML's form encoding) it is a space.
func percentDecode(s string) (string, error) {
	if strings.Contains(s, "BEGIN+CERTIFICATE") {
		s = strings.ReplaceAll(s, "+", " ")
	}
	if !strings.Contains(s, "%") {
		return s, nil
	}
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out.WriteByte(s[i])
			continue
		}
		var b [1]byte
		if i+3 > len(s) {
			return "", fault.New(fault.Invalid, "the percent-encoding ends too soon")
		}
		if _, err := hex.Decode(b[:], []byte(s[i+1:i+3])); err != nil {
			return "", fault.New(fault.Invalid, "the percent-encoding is malformed at offset %d", i)
		}
		out.WriteByte(b[0])
		i += 2
	}
	return out.String(), nil
}

// byteSequence reads a Byte Sequence of RFC 8941 section 3.3.5, without parameters: RFC 9440 defines none.
func byteSequence(s string) ([]byte, error) {
	if len(s) < 2 || s[0] != ':' || s[len(s)-1] != ':' {
		return nil, fault.New(fault.Invalid, "it is not a byte sequence, :base64: (RFC 9440)")
	}
	body := s[1 : len(s)-1]
	encoding := base64.StdEncoding
	if len(body)%4 != 0 {
		encoding = base64.RawStdEncoding // padding may be missing (RFC 8941 section 4.2.7)
	}
	b, err := encoding.DecodeString(body)
	switch {
	case err != nil:
		return nil, fault.New(fault.Invalid, "the base64 of the byte sequence is malformed")
	case len(b) == 0:
		return nil, fault.New(fault.Invalid, "the byte sequence is empty")
	}
	return b, nil
}

// byteSequences reads a List of Byte Sequences from all its field lines.
func byteSequences(values []string) ([][]byte, error) {
	joined := strings.Trim(strings.Join(values, ","), " \t")
	if joined == "" {
		return nil, nil
	}
	if strings.Count(joined, ",") >= maxCertificates {
		return nil, fault.New(fault.Invalid, "there are more than %d certificates", maxCertificates)
	}
	var raw [][]byte
	for part := range strings.SplitSeq(joined, ",") {
		b, err := byteSequence(strings.Trim(part, " \t"))
		if err != nil {
			return nil, err
		}
		raw = append(raw, b)
	}
	return raw, nil
}
