package clr

import (
	"encoding/base64"
	"math"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// jsonWriter writes JSON as Json.NET's JsonTextWriter does.
type jsonWriter struct {
	t      *types.Thread
	b      strings.Builder
	indent bool
	// depth is the number of open containers; first tells that the innermost has nothing in it yet.
	depth int
	first bool
	// afterName tells that a property's name has been written and its value has not.
	afterName bool
	charged   int
}

func newJSONWriter(t *types.Thread, indent bool) *jsonWriter {
	return &jsonWriter{t: t, indent: indent, first: true}
}

// charge counts what has been written since the last call against the budget.
func (w *jsonWriter) charge() {
	w.t.Step(1)
	if n := w.b.Len(); n-w.charged >= 256 {
		w.t.Alloc(int64(n - w.charged))
		w.charged = n
	}
}

// separate writes what stands before a value or a property's name.
func (w *jsonWriter) separate() {
	w.charge()
	if w.afterName {
		w.afterName = false
		return
	}
	if w.depth == 0 {
		return
	}
	if !w.first {
		w.b.WriteByte(',')
	}
	w.first = false
	w.newline()
}

func (w *jsonWriter) newline() {
	if !w.indent {
		return
	}
	w.b.WriteByte('\n')
	for i := 0; i < w.depth; i++ {
		w.b.WriteString("  ")
	}
}

func (w *jsonWriter) open(c byte) {
	w.separate()
	w.t.Enter()
	w.b.WriteByte(c)
	w.depth++
	w.first = true
}

func (w *jsonWriter) close(c byte) {
	w.depth--
	if !w.first {
		w.newline()
	}
	w.first = false
	w.t.Leave()
	w.b.WriteByte(c)
}

func (w *jsonWriter) name(s string) {
	w.separate()
	w.quoted(s)
	w.b.WriteByte(':')
	if w.indent {
		w.b.WriteByte(' ')
	}
	w.afterName = true
}

func (w *jsonWriter) raw(s string) {
	w.separate()
	w.b.WriteString(s)
}

func (w *jsonWriter) text(s string) {
	w.separate()
	w.quoted(s)
}

func (w *jsonWriter) quoted(s string) {
	w.b.WriteByte('"')
	writeEscaped(&w.b, s, '"')
	w.b.WriteByte('"')
}

// comment stands without a comma before it.
func (w *jsonWriter) comment(s string) {
	w.charge()
	if w.indent && w.depth > 0 && !w.afterName {
		w.newline()
	}
	w.b.WriteString("/*" + s + "*/")
}

// writeEscaped writes a string's text with the escapes that Json.NET writes.
func writeEscaped(b *strings.Builder, s string, quote byte) {
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		esc, width := "", 1
		switch {
		case c == quote || c == '\\':
			esc = "\\" + string(rune(c))
		case c >= ' ' && c < 0xC2:
			continue
		case c < ' ':
			esc = controlEscape(c)
		case c == 0xC2 && strings.HasPrefix(s[i:], "\u0085"):
			esc, width = `\u0085`, 2
		case c == 0xE2 && strings.HasPrefix(s[i:], "\u2028"):
			esc, width = `\u2028`, 3
		case c == 0xE2 && strings.HasPrefix(s[i:], "\u2029"):
			esc, width = `\u2029`, 3
		default:
			continue
		}
		b.WriteString(s[start:i])
		b.WriteString(esc)
		i += width - 1
		start = i + 1
	}
	b.WriteString(s[start:])
}

func controlEscape(c byte) string {
	switch c {
	case '\b':
		return `\b`
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\f':
		return `\f`
	case '\r':
		return `\r`
	}
	const hex = "0123456789abcdef"
	return `\u00` + string([]byte{hex[c>>4], hex[c&15]})
}

// token writes a token and all in it.
func (w *jsonWriter) token(j *JToken) {
	switch j.kind {
	case jObject:
		w.open('{')
		for _, p := range j.items {
			w.token(p)
		}
		w.close('}')
	case jArray:
		w.open('[')
		for _, x := range j.items {
			w.token(x)
		}
		w.close(']')
	case jProperty:
		w.name(j.name.Go())
		if v := j.propertyValue(); v != nil {
			w.token(v)
		} else {
			w.raw("null")
		}
	case jConstructor:
		w.separate()
		w.b.WriteString("new " + goString(j.name) + "(")
		w.depth++
		w.first = true
		for _, x := range j.items {
			w.token(x)
		}
		w.close(')')
	case jComment:
		w.comment(w.str(j.value))
	case jRaw:
		w.raw(w.str(j.value))
	case jNull:
		w.raw("null")
	case jUndefined:
		w.raw("undefined")
	default:
		w.scalar(j.value)
	}
}

func (w *jsonWriter) str(o any) string {
	if o == nil {
		return ""
	}
	return goString(objectToString(w.t, o))
}

// scalar writes an object that is no container; ok is false if it is none.
func (w *jsonWriter) scalar(o any) (ok bool) {
	s, quote, ok := jsonScalar(w.t, o)
	switch {
	case !ok:
		return false
	case quote:
		w.text(s)
	default:
		w.raw(s)
	}
	return true
}

// jsonScalar is an object as JSON writes it; quote tells that it is text.
func jsonScalar(t *types.Thread, o any) (s string, quote, ok bool) {
	switch x := o.(type) {
	case nil:
		return "null", false, true
	case *types.String:
		return x.Go(), true, true
	case bool:
		if x {
			return "true", false, true
		}
		return "false", false, true
	case types.Char:
		return charString(x).Go(), true, true
	case float64:
		return quoteSymbol(jsonFloat(x, 64))
	case float32:
		return quoteSymbol(jsonFloat(float64(x), 32))
	case decimal.Decimal:
		return jsonDecimal(x), false, true
	case types.DateTime:
		return jsonDate(x), true, true
	case types.TimeSpan:
		return formatTimeSpan(x, "c"), true, true
	case types.Guid:
		return formatGuid(x, "D"), true, true
	case *types.Bytes:
		return base64.StdEncoding.EncodeToString(x.B), true, true
	case *types.Enum:
		return goString(objectToString(t, enumNumber(x))), false, true
	case *Uri:
		return x.original.Go(), true, true
	case bigInteger:
		return x.String(), false, true
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return goString(objectToString(t, o)), false, true
	}
	if types.TypeOf(o).FullName() == "System.DateTimeOffset" {
		return jsonDateOffset(t, o), true, true
	}
	return "", false, false
}

func quoteSymbol(s string) (string, bool, bool) { return s, s[len(s)-1] > '9', true }

// jsonFloat is a floating-point number with at least one decimal place.
func jsonFloat(f float64, size int) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	s, _ := format.Float64(f, "R")
	if size == 32 {
		s, _ = format.Float32(float32(f), "R")
	}
	if strings.ContainsAny(s, ".E") {
		return s
	}
	return s + ".0"
}

func jsonDecimal(d decimal.Decimal) string {
	s := d.String()
	if strings.IndexByte(s, '.') < 0 {
		s += ".0"
	}
	return s
}

// jsonDate is ISO 8601, with as many decimals as are needed and the zone as the kind has it.
func jsonDate(d types.DateTime) string {
	s := jsonTicks(d)
	switch d >> 62 {
	case 1:
		s += "Z"
	case 2, 3:
		s += "+00:00" // the local zone is UTC
	}
	return s
}

// jsonTicks is a date and time without its zone.
func jsonTicks(d types.DateTime) string {
	s := formatDateTime(d, "yyyy-MM-ddTHH:mm:ss.fffffff")
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// jsonDateOffset is a DateTimeOffset; it is formatted through its own members.
func jsonDateOffset(t *types.Thread, o any) string {
	s := goString(objectFormat(t, o, "yyyy-MM-ddTHH:mm:ss.fffffff"))
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	return s + goString(objectFormat(t, o, "zzz"))
}

// jsonText is the JSON of a token.
func (j *JToken) jsonText(t *types.Thread, indent bool) *types.String {
	w := newJSONWriter(t, indent)
	w.token(j)
	return newString(t, w.b.String())
}
