package liquid

import (
	"encoding/base64"
	"strings"
	"unicode"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// newline is Environment.NewLine and the line end that filters look for.
const newline = "\n"

func textFilters() map[string]*filter {
	dots := optional("truncateString", aString, str("..."))
	escape := onText(func(_ *run, s *types.String) Value { return clr.HTMLEncode(s) })
	return map[string]*filter{
		"Downcase":   onText(func(_ *run, s *types.String) Value { return clr.ToLower(s) }),
		"Upcase":     onText(func(_ *run, s *types.String) Value { return clr.ToUpper(s) }),
		"UrlEncode":  onText(func(_ *run, s *types.String) Value { return clr.URLEncode(s) }),
		"UrlDecode":  onText(func(_ *run, s *types.String) Value { return clr.URLDecode(s) }),
		"Capitalize": onText(func(_ *run, s *types.String) Value { return titleCase(s) }),
		"Escape":     escape,
		"H":          escape,
		"EscapeOnce": onText(func(_ *run, s *types.String) Value { return clr.HTMLEncode(clr.HTMLDecode(s)) }),
		"StripHtml":  onText(func(_ *run, s *types.String) Value { return str(stripHTML(s.Go())) }),
		"Strip":      onText(func(r *run, s *types.String) Value { return clr.TrimWhite(r.t, s, true, true) }),
		"Lstrip":     onText(func(r *run, s *types.String) Value { return clr.TrimWhite(r.t, s, true, false) }),
		"Rstrip":     onText(func(r *run, s *types.String) Value { return clr.TrimWhite(r.t, s, false, true) }),
		"StripNewlines": onText(func(_ *run, s *types.String) Value {
			return str(strings.ReplaceAll(strings.ReplaceAll(s.Go(), "\r\n", ""), newline, ""))
		}),
		"NewlineToBr": onText(func(r *run, s *types.String) Value {
			if clr.IsBlank(s) {
				return s
			}
			r.alloc(strings.Count(s.Go(), newline) * 6)
			return str(breakLines(s.Go()))
		}),
		"Truncate":            with(aString, truncate, optional("length", anInt, int32(50)), dots),
		"TruncateWords":       with(aString, truncateWords, optional("words", anInt, int32(15)), dots),
		"Append":              with(aString, func(r *run, a []Value) Value { return r.joined(a[0], a[1]) }, required("string", aString)),
		"Prepend":             with(aString, func(r *run, a []Value) Value { return r.joined(a[1], a[0]) }, required("string", aString)),
		"Default":             with(aString, defaultTo, required("defaultValue", aString)),
		"Base64Encode":        with(aString, base64Encode(base64.StdEncoding)),
		"Base64Decode":        with(aString, base64Decode(false)),
		"Base64UrlSafeEncode": with(aString, base64Encode(base64.URLEncoding)),
		"Base64UrlSafeDecode": with(aString, base64Decode(true)),
	}
}

// joined is two texts, null being empty.
func (r *run) joined(a, b Value) Value {
	s := textOrEmpty(a) + textOrEmpty(b)
	r.alloc(len(s))
	return str(s)
}

func defaultTo(_ *run, a []Value) Value {
	if s := asString(a[0]); s != nil && !clr.IsBlank(s) {
		return s
	}
	return a[1]
}

func truncate(_ *run, a []Value) Value {
	s, n := asString(a[0]), int(a[1].(int32))
	if s == nil || s.Len() == 0 {
		return a[0]
	}
	if n < 0 {
		return a[2]
	}
	end := asString(a[2])
	if end == nil {
		throwNullReference()
	}
	if s.Len() <= n {
		return s
	}
	return types.ConcatStrings(s.Slice(0, max(0, n-end.Len())), end)
}

func truncateWords(_ *run, a []Value) Value {
	s, n := asString(a[0]), int(a[1].(int32))
	if s == nil || s.Len() == 0 {
		return a[0]
	}
	if n <= 0 {
		return a[2]
	}
	rest := s.Go()
	for ; n > 0; n-- {
		i := strings.IndexByte(rest, ' ')
		if i < 0 {
			return s
		}
		rest = rest[i+1:]
	}
	return str(s.Go()[:len(s.Go())-len(rest)-1] + textOrEmpty(a[2]))
}

// breakLines puts <br /> before line ends.
func breakLines(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' || s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n' {
			b.WriteString("<br />")
			if s[i] == '\r' {
				b.WriteByte('\r')
				i++
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// stripHTML takes out scripts, comments and styles with their content, and then all tags.
func stripHTML(s string) string {
	return stripTags(stripBlocks(s))
}

// htmlBlocks are the beginnings and ends of what is taken out whole.
var htmlBlocks = [...][2]string{{"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}}

func stripBlocks(s string) string {
	lower := asciiLower(s)
	var b strings.Builder
	var ended [len(htmlBlocks)]bool // no such end is left
	from := 0
scan:
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], '<')
		if n < 0 {
			break
		}
		i += n
		for k, block := range htmlBlocks {
			if ended[k] || !strings.HasPrefix(lower[i:], block[0]) {
				continue
			}
			begin := i + len(block[0])
			end := strings.Index(lower[begin:], block[1])
			if end < 0 {
				ended[k] = true
				continue
			}
			b.WriteString(s[from:i])
			from = begin + end + len(block[1])
			i = from
			continue scan
		}
		i++
	}
	b.WriteString(s[from:])
	return b.String()
}

func stripTags(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		n := strings.IndexByte(s[max(i, 0):], '>')
		if i < 0 || n < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+n+1:]
	}
}

// asciiLower is s with A to Z in lower case, byte for byte.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// titleCase is TextInfo.ToTitleCase: the first letter of each word upper case, the others lower case unless all of them are upper case.
func titleCase(s *types.String) *types.String {
	if clr.IsBlank(s) {
		return s
	}
	in := []rune(s.Go())
	lower := []rune(clr.ToLower(s).Go())
	if len(lower) != len(in) {
		lower = in
	}
	out := append([]rune(nil), in...)
	for i := 0; i < len(in); {
		if !unicode.IsLetter(in[i]) {
			i++
			continue
		}
		out[i] = titleRune(in[i])
		i = titleRest(in, lower, out, i)
	}
	return str(string(out))
}

func titleRune(c rune) rune {
	if up := []rune(clr.ToUpper(str(string(c))).Go()); len(up) == 1 {
		return up[0]
	}
	return c
}

// titleRest lowers what follows the first letter of the word at i and gives where the word ends.
func titleRest(in, lower, out []rune, i int) int {
	small := unicode.IsLower(in[i])
	i++
	from := i
	flush := func(to int) {
		if small {
			copy(out[from:to], lower[from:to])
		}
		from = to
	}
	for ; i < len(in); i++ {
		switch c := in[i]; {
		case unicode.IsLetter(c):
			small = small || unicode.IsLower(c)
		case c == '\'':
			flush(i + 1)
			small = true
		case unicode.In(c, unicode.M, unicode.N, unicode.Cf, unicode.Co, unicode.Cs):
		default:
			flush(i)
			return i
		}
	}
	flush(i)
	return i
}

func base64Encode(e *base64.Encoding) func(r *run, a []Value) Value {
	return func(r *run, a []Value) Value {
		s := e.EncodeToString([]byte(wellFormed([]byte(textOrEmpty(a[0])))))
		r.alloc(len(s))
		return str(s)
	}
}

func base64Decode(urlSafe bool) func(r *run, a []Value) Value {
	return func(_ *run, a []Value) Value {
		name, s := "Base64Decode", textOrEmpty(a[0])
		if urlSafe && s != "" {
			name = "Base64UrlSafeDecode"
			n := str(s).Len()
			padded := s[len(s)-1] == '='
			s = strings.NewReplacer("_", "/", "-", "+").Replace(s)
			if !padded && (n%4 == 2 || n%4 == 3) {
				s += strings.Repeat("=", 4-n%4)
			}
		}
		s = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(s)
		data, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			throw(excLiquid, "Invalid base64 provided to %s", name)
		}
		return str(string([]rune(string(data))))
	}
}
