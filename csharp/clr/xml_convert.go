package clr

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// xmlStringOf is a value as XML has it: the text of what is not a text yet.
func xmlStringOf(t *types.Thread, o any) *types.String {
	switch x := o.(type) {
	case *types.String:
		return x
	case bool:
		if x {
			return types.NewString("true")
		}
		return types.NewString("false")
	case float64:
		return types.NewString(xmlFloat(t, x, o))
	case float32:
		return types.NewString(xmlFloat(t, float64(x), o))
	case types.DateTime:
		return objectFormat(t, o, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK")
	case types.TimeSpan:
		return types.NewString(xmlDuration(int64(x)))
	case DateTimeOffset:
		s := x.Format(t, "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz").Go()
		if plain, ok := strings.CutSuffix(s, "+00:00"); ok {
			s = plain + "Z"
		}
		return types.NewString(s)
	case *xmlNode, *xmlAttr:
		types.Throw(types.ArgumentException, "An XObject cannot be used as a value.")
	}
	s := objectToString(t, o)
	if s == nil {
		types.Throw(types.ArgumentException, "The argument cannot be converted to a string.")
	}
	return s
}

func xmlFloat(t *types.Thread, f float64, o any) string {
	switch {
	case math.IsInf(f, 1):
		return "INF"
	case math.IsInf(f, -1):
		return "-INF"
	case f == 0 && math.Signbit(f):
		return "-0"
	}
	return objectFormat(t, o, "R").Go()
}

// xmlDuration writes ticks of 100 ns as an XML Schema duration: P1DT2H3M4.5S.
func xmlDuration(ticks int64) string {
	var b strings.Builder
	n := uint64(ticks)
	if ticks < 0 {
		b.WriteByte('-')
		n = -n
	}
	b.WriteByte('P')
	part := func(unit uint64, letter byte) {
		if v := n / unit; v > 0 {
			b.WriteString(strconv.FormatUint(v, 10))
			b.WriteByte(letter)
		}
		n %= unit
	}
	part(ticksPerDay, 'D')
	if n > 0 {
		b.WriteByte('T')
	}
	part(ticksPerHour, 'H')
	part(ticksPerMinute, 'M')
	if n > 0 {
		b.WriteString(strconv.FormatUint(n/ticksPerSecond, 10))
		if f := n % ticksPerSecond; f > 0 {
			b.WriteString("." + strings.TrimRight(strconv.FormatUint(ticksPerSecond+f, 10)[1:], "0"))
		}
		b.WriteByte('S')
	}
	if s := b.String(); !strings.HasSuffix(s, "P") {
		return s
	}
	return "PT0S"
}

// parseXMLDuration reads an XML Schema duration; years count 365 days and months 30.
func parseXMLDuration(text string) types.TimeSpan {
	s := strings.Trim(text, " \t\r\n")
	fail := func() { types.Throw(types.FormatException, "The string '"+text+"' is not a valid TimeSpan value.") }
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		fail()
	}
	total := uint64(0)
	inTime, order := false, -1
	for s != "" {
		if s[0] == 'T' && !inTime {
			inTime, order, s = true, -1, s[1:]
			if s == "" {
				fail()
			}
			continue
		}
		end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if end <= 0 {
			fail()
		}
		ticks, place, ok := xmlDurationPart(s[:end], s[end], inTime)
		if !ok || place <= order || total+ticks < total {
			fail()
		}
		total, order, s = total+ticks, place, s[end+1:]
	}
	if total > math.MaxInt64 {
		types.Throw(types.OverflowException, "Value '"+text+"' was either too large or too small for TimeSpan.")
	}
	if negative {
		return types.TimeSpan(-int64(total))
	}
	return types.TimeSpan(total)
}

// xmlDurationPart is a number with its letter in ticks, and the letter's place in the order.
func xmlDurationPart(number string, letter byte, inTime bool) (ticks uint64, place int, ok bool) {
	units, scale := "YMD", []uint64{365 * ticksPerDay, 30 * ticksPerDay, ticksPerDay}
	if inTime {
		units, scale = "HMS", []uint64{ticksPerHour, ticksPerMinute, ticksPerSecond}
	}
	place = strings.IndexByte(units, letter)
	whole, fraction, dot := strings.Cut(number, ".")
	if place < 0 || dot && letter != 'S' || whole == "" {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(whole, 10, 63)
	if err != nil || n > math.MaxInt64/scale[place] {
		return 0, 0, false
	}
	ticks = n * scale[place]
	if dot {
		if fraction == "" || strings.Contains(fraction, ".") {
			return 0, 0, false
		}
		f, _ := strconv.ParseUint((fraction + "0000000")[:7], 10, 63)
		ticks += f
	}
	return ticks, place, true
}

// xmlStyles are those that integers in XML are read with; xmlDecimal and xmlFloating those of other numbers.
const (
	xmlStyles   = format.LeadingSign | format.LeadingWhite | format.TrailingWhite
	xmlDecimal  = xmlStyles | format.DecimalPoint
	xmlFloating = xmlDecimal | format.Exponent
)

// parseXMLInt reads an integer of a size in bytes.
func parseXMLInt(s *types.String, size int, signed bool, name string) types.Value {
	n, status := format.ParseInt(s.Go(), xmlStyles, size, signed)
	switch status {
	case format.Overflow:
		throwOverflow(name)
	case format.Bad:
		throwBadNumber(s)
	}
	return types.Int(n)
}

// parseXMLFloat reads a float or double (size 32 or 64), INF and -INF among them.
func parseXMLFloat(s *types.String, size int) float64 {
	switch strings.Trim(s.Go(), " \t\r\n") {
	case "INF":
		return math.Inf(1)
	case "-INF":
		return math.Inf(-1)
	}
	f, status := format.ParseFloat(s.Go(), xmlFloating, size)
	if status != format.OK {
		throwBadNumber(s)
	}
	return f
}

// parseXMLBool reads true, false, 1 and 0 in any case.
func parseXMLBool(text *types.String) bool {
	s := strings.ToLower(text.Go())
	switch strings.Trim(s, " \t\r\n") {
	case "1", "true":
		return true
	case "0", "false":
		return false
	}
	types.Throw(types.FormatException, "The string '"+s+"' is not a valid Boolean value.")
	return false
}

// xmlDateForm is how XML Schema writes dates, times and their parts.
var xmlDateForm = regexp.MustCompile(`^-?\d{4}(-\d\d){0,2}(T\d\d:\d\d:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$|^\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`)

// parseXMLOffset reads a DateTimeOffset; without a zone it is in UTC, which is the local time here.
func parseXMLOffset(t *types.Thread, text *types.String) DateTimeOffset {
	s := strings.Trim(text.Go(), " \t\r\n")
	p, why := format.ParseDate(s, today(t))
	if !xmlDateForm.MatchString(s) || why != format.NoFailure {
		types.Throw(types.FormatException, "The string '"+text.Go()+"' is not a valid AllXsd value.")
	}
	return parsedOffset(p, 0)
}
