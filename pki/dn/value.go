package dn

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// text is the value's string as OpenSSL reads it: T61String and the like are Latin-1,
// BMPString is UCS-2, UniversalString is UCS-4.
func (a Attribute) text() (string, error) {
	switch a.Tag {
	case 0:
		return string(a.Value), nil
	case der.UTF8String:
		if !utf8.Valid(a.Value) {
			return "", errors.New("malformed UTF8String")
		}
		return string(a.Value), nil
	case der.BMPString:
		return bmpText(a.Value)
	case der.UniversalString:
		return universalText(a.Value)
	default:
		return latin1(a.Value), nil
	}
}

func bmpText(b []byte) (string, error) {
	if len(b)%2 != 0 {
		return "", errors.New("malformed BMPString")
	}
	runes := make([]rune, len(b)/2)
	for i := range runes {
		runes[i] = rune(b[2*i])<<8 | rune(b[2*i+1])
		if utf16.IsSurrogate(runes[i]) {
			return "", errors.New("malformed BMPString")
		}
	}
	return string(runes), nil
}

func universalText(b []byte) (string, error) {
	if len(b)%4 != 0 {
		return "", errors.New("malformed UniversalString")
	}
	var runes []rune
	for i := 0; i < len(b); i += 4 {
		c := uint32(b[i])<<24 | uint32(b[i+1])<<16 | uint32(b[i+2])<<8 | uint32(b[i+3])
		if c > utf8.MaxRune || c >= 0xd800 && c < 0xe000 {
			return "", errors.New("malformed UniversalString")
		}
		runes = append(runes, rune(c))
	}
	return string(runes), nil
}

func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
