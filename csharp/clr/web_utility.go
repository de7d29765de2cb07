package clr

import (
	"html"
	"strconv"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
)

// urlEncode is WebUtility.UrlEncode of bytes.
func urlEncode(data []byte) []byte {
	out := make([]byte, 0, len(data)+8)
	for _, c := range data {
		switch {
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z', strings.IndexByte("-_.!*()", c) >= 0:
			out = append(out, c)
		case c == ' ':
			out = append(out, '+')
		default:
			out = append(out, '%', uriHex[c>>4], uriHex[c&15])
		}
	}
	return out
}

// urlDecode is WebUtility.UrlDecode of bytes.
func urlDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			c = ' '
		} else if v := escapedByte(s, i); v >= 0 {
			c = byte(v)
			i += 2
		}
		out = append(out, c)
	}
	return out
}

func urlEncodeText(s *types.String) *types.String {
	if s == nil {
		return nil
	}
	return types.NewString(string(urlEncode([]byte(wellFormedText(s)))))
}

func urlDecodeText(s *types.String) *types.String {
	if s == nil {
		return nil
	}
	if strings.IndexByte(s.Go(), '%') < 0 && strings.IndexByte(s.Go(), '+') < 0 {
		return s
	}
	var b strings.Builder
	rest := s.Go()
	for rest != "" { // escapes between other characters are decoded together
		n := 0
		for n < len(rest) && rest[n] < 0x80 {
			n++
		}
		b.WriteString(decodeUTF8(urlDecode(rest[:n])))
		rest = rest[n:]
		for n = 0; n < len(rest) && rest[n] >= 0x80; {
			n++
		}
		b.WriteString(rest[:n])
		rest = rest[n:]
	}
	return types.NewString(b.String())
}

// webBytes checks offset and count of a byte array argument.
func webBytes(a []types.Value, array string) []byte {
	b, ok := a[0].Ref.(*types.Bytes)
	offset, count := int(a[1].Int32()), int(a[2].Int32())
	if !ok {
		if count == 0 {
			return nil
		}
		types.ThrowNull(array)
	}
	switch {
	case offset < 0 || offset > len(b.B):
		throwRange(msgOutOfRange, "offset")
	case count < 0 || offset+count > len(b.B):
		throwRange(msgOutOfRange, "count")
	}
	return b.B[offset : offset+count]
}

// htmlEncode is WebUtility.HtmlEncode.
func htmlEncode(s *types.String) *types.String {
	if s == nil {
		return nil
	}
	var b strings.Builder
	text := s.Go()
	for i := 0; i < len(text); {
		r, size := decodeRune(text[i:])
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&#39;")
		case r >= 160 && r < 256, r > 0xFFFF:
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteRune(r) // a lone surrogate has become U+FFFD
		}
		i += size
	}
	return types.NewString(b.String())
}

// htmlDecode is WebUtility.HtmlDecode.
func htmlDecode(s *types.String) *types.String {
	if s == nil || strings.IndexByte(s.Go(), '&') < 0 {
		return s
	}
	var b strings.Builder
	text := s.Go()
	for i := 0; i < len(text); {
		if text[i] != '&' {
			b.WriteByte(text[i])
			i++
			continue
		}
		end := strings.IndexAny(text[i+1:], ";&")
		if end >= 0 && text[i+1+end] == ';' {
			if r, ok := entity(text[i+1 : i+1+end]); ok {
				b.WriteRune(r)
				i += end + 2
				continue
			}
		}
		b.WriteByte('&')
		i++
	}
	return types.NewString(b.String())
}

// entity is the character that an entity's name or number stands for.
func entity(name string) (rune, bool) {
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		r, ok := htmlEntities()[name]
		return r, ok
	}
	base := 10
	if hex := strings.TrimLeft(digits, "xX"); len(hex) == len(digits)-1 {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(digits, "+"), base, 32)
	if err != nil || n >= 0xD800 && n <= 0xDFFF || n > 0x10FFFF {
		return 0, false
	}
	return rune(n), true
}

// entityNames are the entities of HTML 4, and apos: those that .NET knows.
const entityNames = `quot amp apos lt gt nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute
micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml
Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc
atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave
uacute ucirc uuml yacute thorn yuml OElig oelig Scaron scaron Yuml fnof circ tilde Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda
Mu Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
sigmaf sigma tau upsilon phi chi psi omega thetasym upsih piv ensp emsp thinsp zwnj zwj lrm rlm ndash mdash lsquo rsquo sbquo ldquo rdquo bdquo dagger
Dagger bull hellip permil prime Prime lsaquo rsaquo oline frasl euro image weierp real trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr dArr
hArr forall part exist empty nabla isin notin ni prod sum minus lowast radic prop infin ang and or cap cup int there4 sim cong asymp ne equiv le ge sub
sup nsub sube supe oplus otimes perp sdot lceil rceil lfloor rfloor lang rang loz spades clubs hearts diams`

var htmlEntities = sync.OnceValue(func() map[string]rune {
	out := map[string]rune{}
	for _, name := range strings.Fields(entityNames) {
		for _, r := range html.UnescapeString("&" + name + ";") {
			out[name] = r
		}
	}
	out["lang"], out["rang"] = 0x2329, 0x232A // HTML 5 has others
	return out
})

func webUtilityDecl() *types.Decl {
	// output writes to a TextWriter what f makes of the text.
	output := func(f func(*types.String) *types.String) types.Impl {
		return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			need(a[1], "output")
			if s := f(a[0].Str()); s != nil {
				a[1].Ref.(*stringWriter).write(t, s)
			}
			return types.Value{}
		})
	}
	return types.T("static class System.Net.WebUtility",
		types.M("static string UrlEncode(string value)", types.S1(urlEncodeText)),
		types.M("static string UrlDecode(string encodedValue)", types.S1(urlDecodeText)),
		types.M("static string HtmlEncode(string value)", types.S1(htmlEncode)),
		types.M("static string HtmlDecode(string value)", types.S1(htmlDecode)),
		types.M("static void HtmlEncode(string value, System.IO.TextWriter output)", output(htmlEncode)),
		types.M("static void HtmlDecode(string value, System.IO.TextWriter output)", output(htmlDecode)),
		types.M("static byte[] UrlEncodeToBytes(byte[] value, int offset, int count)", types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
			b := webBytes(a, "bytes")
			if a[0].Ref == nil {
				return types.Null
			}
			return types.Ref(&types.Bytes{B: urlEncode(b)})
		})),
		types.M("static byte[] UrlDecodeToBytes(byte[] encodedValue, int offset, int count)", types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
			b := webBytes(a, "bytes")
			if a[0].Ref == nil {
				return types.Null
			}
			return types.Ref(&types.Bytes{B: urlDecode(string(b))})
		})),
	)
}
