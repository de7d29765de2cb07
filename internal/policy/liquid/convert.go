package liquid

import (
	"math"
	"math/big"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// kind is the run-time type of a value, as far as conversions tell types apart.
type kind uint8

const (
	kNull kind = iota
	kBool
	kChar
	kInt32
	kInt64
	kDouble
	kDecimal
	kDateTime
	kString
	// what follows has no IConvertible
	kSpan
	kBig
	kList
	kHash
	kPair
	kSymbol
	kDrop
	kUnknown
)

var kindNames = [...]string{"null", "System.Boolean", "System.Char", "System.Int32", "System.Int64", "System.Double", "System.Decimal",
	"System.DateTime", "System.String", "System.TimeSpan", "System.Numerics.BigInteger", typeList, typeHash, typePair, typeSymbol, typeKeyValue, "System.Object"}

func (k kind) String() string { return kindNames[k] }

// short is the name that conversions' messages use.
func (k kind) short() string { return strings.TrimPrefix(kindNames[k], "System.") }

func (k kind) numeric() bool { return k >= kChar && k <= kDecimal }

func kindOf(v Value) kind {
	switch v.(type) {
	case nil:
		return kNull
	case bool:
		return kBool
	case types.Char:
		return kChar
	case int32:
		return kInt32
	case int64:
		return kInt64
	case float64:
		return kDouble
	case decimal.Decimal:
		return kDecimal
	case types.DateTime:
		return kDateTime
	case *types.String:
		return kString
	case types.TimeSpan:
		return kSpan
	case *big.Int:
		return kBig
	case *List:
		return kList
	case *Hash:
		return kHash
	case *pair:
		return kPair
	case *symbol:
		return kSymbol
	case *drop:
		return kDrop
	}
	return kUnknown
}

func convertible(v Value) bool { k := kindOf(v); return k >= kBool && k <= kString }

// failCast is the exception of an IConvertible that cannot become that type.
func failCast(from, to kind) {
	throw(excCast, "Invalid cast from '%s' to '%s'.", from.short(), to.short())
}

// changeType is Convert.ChangeType of a value that is not nil to the type of another.
func changeType(v Value, to kind) Value {
	from := kindOf(v)
	if !convertible(v) {
		if from == to {
			return v
		}
		throw(excCast, "Object must implement IConvertible.")
	}
	switch to {
	case kBool:
		return toBool(v)
	case kChar:
		return toChar(v)
	case kInt32:
		return toInt32(v)
	case kInt64:
		return toInt64(v)
	case kDouble:
		return toDouble(v)
	case kDecimal:
		return toDecimal(v)
	case kDateTime:
		return toDateTime(v)
	case kString:
		return str(text(v))
	}
	throw(excCast, "Invalid cast from '%s' to '%s'.", from, to)
	return nil
}

// notConvertible is what Convert throws of an object that is no IConvertible.
func notConvertible(v Value) {
	throw(excCast, "Unable to cast object of type '%s' to type 'System.IConvertible'.", typeName(v))
}

func badNumber(s *types.String) {
	throw(excFormat, "The input string '%s' was not in a correct format.", s.Go())
}

func tooBig(k kind) {
	throw(excOverflow, "Value was either too large or too small for %s %s.", map[bool]string{true: "an", false: "a"}[k == kInt32 || k == kInt64], k.short())
}

func toBool(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int32:
		return v != 0
	case int64:
		return v != 0
	case float64:
		return v != 0
	case decimal.Decimal:
		return !v.IsZero()
	case *types.String:
		s := strings.Trim(v.Go(), " \t\r\n\v\f\x00")
		if strings.EqualFold(s, "true") {
			return true
		} else if !strings.EqualFold(s, "false") {
			throw(excFormat, "String '%s' was not recognized as a valid Boolean.", v.Go())
		}
		return false
	case types.Char, types.DateTime:
		failCast(kindOf(v), kBool)
	}
	notConvertible(v)
	return false
}

func toChar(v Value) types.Char {
	switch v := v.(type) {
	case types.Char:
		return v
	case *types.String:
		if v.Len() != 1 {
			throw(excFormat, "String must be exactly one character long.")
		}
		return types.Char(v.Unit(0))
	case int32, int64:
		n := toInt64(v)
		if n < 0 || n > math.MaxUint16 {
			tooBig(kChar)
		}
		return types.Char(n)
	}
	failCast(kindOf(v), kChar)
	return 0
}

// toInt32 is Convert.ToInt32 of an object.
func toInt32(v Value) int32 { return int32(toInteger(v, kInt32, math.MinInt32, math.MaxInt32)) }

// toInt64 is Convert.ToInt64 of an object.
func toInt64(v Value) int64 { return toInteger(v, kInt64, math.MinInt64, math.MaxInt64) }

func toInteger(v Value, to kind, least, most int64) (n int64) {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case types.Char:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		n = v
	case float64:
		f := math.RoundToEven(v)
		if !(f >= float64(least) && f <= float64(most)) || to == kInt64 && f >= 1<<63 {
			tooBig(to)
		}
		return int64(f)
	case decimal.Decimal:
		i, ok := v.Round(0, decimal.ToEven).Int64()
		if !ok {
			tooBig(to)
		}
		n = i
	case *types.String:
		size := 8
		if to == kInt32 {
			size = 4
		}
		i, status := format.ParseInt(v.Go(), format.IntegerStyle, size, true)
		if status == format.Overflow {
			tooBig(to)
		} else if status != format.OK {
			badNumber(v)
		}
		return i
	case types.DateTime:
		failCast(kDateTime, to)
	default:
		notConvertible(v)
	}
	if n < least || n > most {
		tooBig(to)
	}
	return n
}

// toDouble is Convert.ToDouble of an object.
func toDouble(v Value) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool, int32, int64:
		return float64(toInt64(v))
	case float64:
		return v
	case decimal.Decimal:
		return v.Float64()
	case *types.String:
		f, status := format.ParseFloat(v.Go(), format.FloatStyle|format.Thousands, 64)
		if status != format.OK {
			badNumber(v)
		}
		return f
	case types.Char, types.DateTime:
		failCast(kindOf(v), kDouble)
	}
	notConvertible(v)
	return 0
}

// toDecimal is Convert.ToDecimal of an object.
func toDecimal(v Value) decimal.Decimal {
	switch v := v.(type) {
	case nil:
		return decimal.Zero
	case bool, int32, int64:
		return decimal.FromInt64(toInt64(v))
	case float64:
		d, ok := decimal.FromFloat64(v)
		if !ok {
			tooBig(kDecimal)
		}
		return d
	case decimal.Decimal:
		return v
	case *types.String:
		d, status := format.ParseDec(v.Go(), format.NumberStyle)
		if status == format.Overflow {
			tooBig(kDecimal)
		} else if status != format.OK {
			badNumber(v)
		}
		return d
	case types.Char, types.DateTime:
		failCast(kindOf(v), kDecimal)
	}
	notConvertible(v)
	return decimal.Zero
}

func toDateTime(v Value) types.DateTime {
	switch v := v.(type) {
	case types.DateTime:
		return v
	case *types.String:
		if d, ok := parseDate(v.Go(), 0); ok {
			return d
		}
		throw(excFormat, "String '%s' was not recognized as a valid DateTime.", v.Go())
	}
	failCast(kindOf(v), kDateTime)
	return 0
}

// parseDate is DateTime.TryParse in UTC; today are the ticks of the present day.
func parseDate(s string, today int64) (types.DateTime, bool) {
	p, why := format.ParseDate(s, today)
	if why != format.NoFailure {
		return 0, false
	}
	ticks, local := p.Ticks, uint64(0)
	if p.Zone != 0 {
		ticks, local = ticks-p.Offset, 2
	}
	if ticks < 0 || ticks > format.MaxDate {
		return 0, false
	}
	return types.DateTime(uint64(ticks) | local<<62), true
}
