package bind

import (
	"math"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// constText is a constant as Roslyn's messages write it.
func constText(c *Const) string {
	v := c.V
	switch numOf(underlyingOf(c.T)) {
	case nDecimal:
		return v.Decimal().String() + "M"
	case nDouble:
		return floatText(v.Float64(), 64)
	case nFloat:
		return floatText(float64(v.Float32()), 32)
	case nByte, nUShort, nUInt, nULong:
		return strconv.FormatUint(v.Num, 10)
	case nChar:
		return string(rune(v.Num))
	case nSByte, nShort, nInt, nLong:
		return strconv.FormatInt(int64(v.Num), 10)
	}
	switch {
	case c.T == types.BoolType:
		if v.Bool() {
			return "true"
		}
		return "false"
	case v.IsNull():
		return "null"
	case c.T == types.StringType:
		return v.Str().Go()
	}
	return ""
}

// floatText is .NET's shortest round-trip text of a float.
func floatText(f float64, size int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "∞"
	case math.IsInf(f, -1):
		return "-∞"
	}
	s := strconv.FormatFloat(f, 'E', -1, size)
	mantissa, exp, _ := strings.Cut(s, "E")
	e, _ := strconv.Atoi(exp)
	if e >= -5 && e < 15 {
		return strconv.FormatFloat(f, 'f', -1, size)
	}
	sign := "+"
	if e < 0 {
		sign, e = "-", -e
	}
	digits := strconv.Itoa(e)
	if len(digits) < 2 {
		digits = "0" + digits
	}
	return mantissa + "E" + sign + digits
}
