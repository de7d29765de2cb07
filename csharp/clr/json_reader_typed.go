package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// typedString makes the value that was asked for of a string.
func (r *jsonReader) typedString(s string, as readAs) {
	kind, value, what := stringAs(r.t, s, as)
	if what != "" {
		r.setToken(tokString, types.NewString(s))
		r.fail("Could not convert string to " + what + ": " + s + ".")
	}
	r.setToken(kind, value)
}

// Number styles, as System.Globalization.NumberStyles.
const (
	stylesInteger = 7
	stylesNumber  = 111
	stylesFloat   = 167
)

// stringAs reads a string as a value of a kind; what is not empty where it cannot be, and names the kind.
func stringAs(t *types.Thread, s string, as readAs) (kind jsonTokenKind, value any, what string) {
	if s == "" && as != readBytes {
		return tokNull, nil, ""
	}
	switch as {
	case readInt:
		if n, status := format.ParseInt(s, stylesInteger, 4, true); status == format.OK {
			return tokInteger, int32(n), ""
		}
		return 0, nil, "integer"
	case readDecimal:
		if d, status := format.ParseDec(s, stylesNumber); status == format.OK {
			return tokFloat, d, ""
		}
		return 0, nil, "decimal"
	case readDouble:
		if f, status := format.ParseFloat(s, stylesFloat|64, 8); status == format.OK {
			return tokFloat, f, ""
		}
		return 0, nil, "double"
	case readBool:
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true":
			return tokBoolean, true, ""
		case "false":
			return tokBoolean, false, ""
		}
		return 0, nil, "boolean"
	case readDate:
		if d, ok := parseJSONDate(s); ok {
			return tokDate, d, ""
		}
		if v, ok := tryLibrary(t, types.DateTimeType, s); ok {
			return tokDate, types.DateTime(v.Num), ""
		}
		return 0, nil, "DateTime"
	case readOffset:
		if v, ok := tryLibrary(t, dateTimeOffsetType(), s); ok {
			return tokDate, v.Ref, ""
		}
		return 0, nil, "DateTimeOffset"
	}
	return bytesOfText(t, s)
}

func bytesOfText(t *types.Thread, s string) (kind jsonTokenKind, value any, what string) {
	v := callLibrary(t, convertType(), "FromBase64String", oneString, types.Ref(types.NewString(s)))
	return tokBytes, v.Ref, ""
}

// tryLibrary is a type's TryParse(string, out T).
func tryLibrary(t *types.Thread, typ *types.Type, s string) (types.Value, bool) {
	cell := &types.Cell{}
	ok := callLibrary(t, typ, "TryParse", []*types.Type{types.StringType, typ}, types.Ref(types.NewString(s)), types.Value{Ref: cell})
	return cell.V, ok.Bool()
}
