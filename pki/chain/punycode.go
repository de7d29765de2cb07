package chain

import (
	"strings"
	"unicode/utf8"
)

// Parameters of Punycode (RFC 3492 section 5).
const (
	punyBase, punyTMin, punyTMax = 36, 1, 26
	punySkew, punyDamp           = 38, 700
	punyBias, punyFirst          = 72, 128
	maxPunyRunes                 = 512
)

// unicodeHost is a host name with its Punycode labels in Unicode, no longer than maxULabel. Nothing is normalized.
func unicodeHost(host string) (string, bool) {
	labels := strings.Split(host, ".")
	for n, label := range labels {
		encoded, ok := strings.CutPrefix(label, "xn--")
		if !ok {
			continue
		}
		if labels[n], ok = decodePunycode(encoded); !ok {
			return "", false
		}
	}
	host = strings.Join(labels, ".")
	return host, len(host) <= maxULabel
}

// decodePunycode decodes a label without its prefix (RFC 3492 section 6.2).
func decodePunycode(encoded string) (string, bool) {
	var runes []rune
	if at := strings.LastIndexByte(encoded, '-'); at > 0 {
		for i := range at {
			if encoded[i] >= 0x80 {
				return "", false
			}
			runes = append(runes, rune(encoded[i]))
		}
		encoded = encoded[at+1:]
	}
	n, i, bias := punyFirst, 0, punyBias
	for encoded != "" {
		old, weight := i, 1
		for k := punyBase; ; k += punyBase {
			if encoded == "" {
				return "", false
			}
			digit := punyDigit(encoded[0])
			encoded = encoded[1:]
			if digit < 0 || digit > (1<<31-1-i)/weight {
				return "", false
			}
			i += digit * weight
			t := min(max(k-bias, punyTMin), punyTMax)
			if digit < t {
				break
			}
			if weight > (1<<31-1)/(punyBase-t) {
				return "", false
			}
			weight *= punyBase - t
		}
		count := len(runes) + 1
		bias = adaptBias(i-old, count, old == 0)
		n, i = n+i/count, i%count
		if n > utf8.MaxRune || n >= 0xd800 && n < 0xe000 || count > maxPunyRunes {
			return "", false
		}
		runes = append(runes, 0)
		copy(runes[i+1:], runes[i:])
		runes[i] = rune(n)
		i++
	}
	return string(runes), true
}

func punyDigit(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}

// adaptBias is RFC 3492 section 6.1.
func adaptBias(delta, count int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / count
	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
