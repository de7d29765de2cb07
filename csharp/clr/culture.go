package clr

import (
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/postern-gateway/postern/csharp/types"
)

// A Collator is not safe for concurrent use, so there are pools of them.
var (
	collators = sync.Pool{New: func() any { return collate.New(language.AmericanEnglish) }}
	looseOnes = sync.Pool{New: func() any { return collate.New(language.AmericanEnglish, collate.IgnoreCase) }}
)

// compareCulture compares strings as US English does: −1, 0 or 1. Either may be nil.
func compareCulture(a, b *types.String, ignoreCase bool) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	x, y := a.Go(), b.Go()
	if c, ok := compareWords(x, y, ignoreCase); ok {
		return c
	}
	pool := &collators
	if ignoreCase {
		pool = &looseOnes
	}
	c := pool.Get().(*collate.Collator)
	defer pool.Put(c)
	return c.CompareString(collatable(x), collatable(y))
}

// collatable is s without what carries no weight: control characters, soft hyphens, zero-width characters.
func collatable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ' && (r < '\t' || r > '\r'), r >= 0x7F && r < 0xA0 && r != 0x85, r == 0xAD, r >= 0x200B && r <= 0x200F, r == 0xFEFF:
			return -1
		}
		return r
	}, s)
}

// compareWords compares strings of ASCII letters and digits; ok is false where there is anything else.
func compareWords(a, b string, ignoreCase bool) (c int, ok bool) {
	third := 0
	n := min(len(a), len(b))
	for i := 0; i < n; i++ {
		x, y := a[i], b[i]
		if !wordByte(x) || !wordByte(y) {
			return 0, false
		}
		if x == y || c != 0 {
			continue
		}
		if lx, ly := lowerByte(x), lowerByte(y); lx != ly {
			c = compareBytes(lx, ly)
		} else if third == 0 {
			third = compareBytes(y, x) // lower case first
		}
	}
	for _, rest := range [2]string{a[n:], b[n:]} {
		for i := 0; i < len(rest); i++ {
			if !wordByte(rest[i]) {
				return 0, false
			}
		}
	}
	switch {
	case c != 0:
		return c, true
	case len(a) != len(b):
		return order(int64(len(a)), int64(len(b))), true
	case ignoreCase:
		return 0, true
	}
	return third, true
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func compareBytes(a, b byte) int { return order(int64(a), int64(b)) }
