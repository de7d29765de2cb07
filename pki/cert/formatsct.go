package cert

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// printSCTs prints a list of signed certificate timestamps (RFC 6962 section 3.3), which is TLS
// vectors within an OCTET STRING.
func printSCTs(value []byte) ([]byte, bool) {
	e, err := der.NewReader(value).Read(der.OctetString, "timestamps")
	if err != nil {
		return nil, false
	}
	list, rest, ok := vector16(e.Content)
	if !ok || len(rest) > 0 {
		return nil, false
	}
	var items []string
	for len(list) > 0 {
		var item []byte
		if item, list, ok = vector16(list); !ok || len(item) == 0 {
			return nil, false
		}
		text, ok := sctText(item)
		if !ok {
			return nil, false
		}
		items = append(items, text)
	}
	return []byte(strings.Join(items, "\n")), true
}

// vector16 splits off a TLS vector with a length of two octets.
func vector16(b []byte) (item, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if n > len(b)-2 {
		return nil, nil, false
	}
	return b[2 : 2+n], b[2+n:], true
}

const sctHeader = 1 + 32 + 8

func sctText(b []byte) (string, bool) {
	const title, indent = "Signed Certificate Timestamp:\n    Version   : ", "                "
	if b[0] != 0 {
		return title + "unknown\n" + indent + hexLines(b, indent), true
	}
	if len(b) < sctHeader+2 {
		return "", false
	}
	extensions, rest, ok := vector16(b[sctHeader:])
	if !ok || len(rest) < 4 || rest[0] != 4 {
		return "", false
	}
	algorithm := map[byte]string{1: "sha256WithRSAEncryption", 3: "ecdsa-with-SHA256"}[rest[1]]
	signature, _, ok := vector16(rest[2:])
	if !ok || algorithm == "" || len(signature) == 0 {
		return "", false
	}
	extensionText := "none"
	if len(extensions) > 0 {
		extensionText = hexLines(extensions, indent)
	}
	return fmt.Sprintf("%sv1 (0x0)\n    Log ID    : %s\n    Timestamp : %s\n    Extensions: %s\n    Signature : %s\n%s%s",
		title, hexLines(b[1:33], indent), sctTime(binary.BigEndian.Uint64(b[33:41])), extensionText,
		algorithm, indent, hexLines(signature, indent)), true
}

// hexLines is colon-separated hex, sixteen octets a line.
func hexLines(b []byte, indent string) string {
	var lines []string
	for len(b) > 16 {
		lines, b = append(lines, colonHex(b[:16])), b[16:]
	}
	return strings.Join(append(lines, colonHex(b)), ":\n"+indent)
}

// sctTime is a count of milliseconds since 1970; nothing from the year 10000 on.
func sctTime(ms uint64) string {
	const end = 253402300800000
	if ms >= end {
		return ""
	}
	return openSSLDate(time.UnixMilli(int64(ms)).UTC(), fmt.Sprintf(".%03d", ms%1000))
}
