package csharp

import (
	"encoding/base64"
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/compile"
	"github.com/postern-gateway/postern/csharp/types"
)

// Canonical renders a value of static type typ as text, one and the same for equal results, whatever the culture: it is
// what `postern expr eval` prints and what results recorded from .NET are compared by.
//
// name is the full name of the run-time type, or "null" (value is empty then), "bytes" (value is base64), "json" (a JToken,
// without white space), "xml" (an XObject, without formatting), "map" (a dictionary, as a JSON object of canonical
// strings) or "seq" (any other IEnumerable, as a JSON array of canonical strings). Otherwise numbers are round-trip, dates
// are "o", time spans "c", and other objects give their ToString().
//
// A sequence is enumerated, which may run code of the program: err is then what Program.Run may return.
func Canonical(t *types.Thread, v types.Value, typ *types.Type) (name, value string, err error) {
	err = compile.Protect(t, func() {
		c := canon{t}
		o := types.Box(typ, v)
		name = c.kind(o)
		value, _ = c.text(o)
	})
	if err != nil {
		return "", "", err
	}
	return name, value, nil
}

// canon renders objects; it throws what they throw.
type canon struct{ t *types.Thread }

// kind is the type that a result is said to be of.
func (c canon) kind(o any) string {
	if o == nil {
		return "null"
	}
	rt := types.TypeOf(o)
	switch {
	case rt == types.ByteArray:
		return "bytes"
	case rt == types.StringType:
		return rt.FullName()
	case c.derives(rt, "Newtonsoft.Json.Linq.JToken"):
		return "json"
	case c.derives(rt, "System.Xml.Linq.XObject"):
		return "xml"
	case pairType(rt) != nil:
		return "map"
	case types.IsInstance(o, types.IEnumerableType):
		return "seq"
	}
	return rt.FullName()
}

func (c canon) derives(rt *types.Type, base string) bool {
	b := c.t.U.Type(base)
	return b != nil && rt.DerivesFrom(b)
}

// pairType is KeyValuePair<K, V> for a dictionary of K and V, else nil.
func pairType(rt *types.Type) *types.Type {
	var pair *types.Type
	dictionary := false
	for _, i := range append([]*types.Type{rt}, rt.Interfaces()...) {
		if i.Def == nil || i.Kind != types.Interface {
			continue
		}
		switch i.Def.Name {
		case "IDictionary", "IReadOnlyDictionary":
			dictionary = true
		case "IEnumerable":
			if len(i.Args) == 1 && i.Args[0].Def == types.KeyValuePairDef {
				pair = i.Args[0]
			}
		}
	}
	if !dictionary {
		return nil
	}
	return pair
}

// text is the canonical string of an object; ok is false for null.
func (c canon) text(o any) (s string, ok bool) {
	c.t.Enter() // a list may hold itself
	defer c.t.Leave()
	switch c.kind(o) {
	case "null":
		return "", false
	case "bytes":
		return base64.StdEncoding.EncodeToString(o.(*types.Bytes).B), true
	case "json":
		return c.call(o, "Newtonsoft.Json.Linq.JToken", "Newtonsoft.Json.Formatting", 0)
	case "xml":
		if c.derives(types.TypeOf(o), "System.Xml.Linq.XNode") {
			return c.call(o, "System.Xml.Linq.XNode", "System.Xml.Linq.SaveOptions", 1)
		}
	case "map":
		return c.dictionary(o, pairType(types.TypeOf(o))), true
	case "seq":
		return c.sequence(o), true
	}
	return c.scalar(o)
}

// call is ToString(option), as typ declares it: further parameters are params arrays, which are null.
func (c canon) call(o any, typ, option string, value int64) (string, bool) {
	for _, m := range c.t.U.Members(c.t.U.Type(typ), "ToString") {
		if len(m.Params) > 0 && m.Params[0].Type == c.t.U.Type(option) {
			args := make([]types.Value, len(m.Params))
			args[0] = types.Int(value)
			return goText(m.Get(c.t, types.Ref(o), args).Str())
		}
	}
	return c.scalar(o)
}

// formats are those of types whose ToString() depends on the culture or loses something.
var formats = map[*types.Type]string{
	types.SingleType: "R", types.DoubleType: "R", types.DateTimeType: "o", types.TimeSpanType: "c", types.GuidType: "D",
}

func (c canon) scalar(o any) (string, bool) {
	switch x := o.(type) {
	case float64:
		if math.IsInf(x, 0) {
			return infinity(x), true
		}
	case float32:
		if math.IsInf(float64(x), 0) {
			return infinity(float64(x)), true
		}
	case *types.String:
		return goText(x)
	case types.Char:
		return goText(types.StringFromUnits([]uint16{uint16(x)}))
	}
	rt := types.TypeOf(o)
	format := formats[rt]
	if rt.FullName() == "System.DateTimeOffset" {
		format = "o"
	}
	if format != "" {
		return goText(c.t.U.Ops.Format(c.t, o, format))
	}
	return goText(c.t.U.Ops.ToString(c.t, o))
}

func infinity(f float64) string {
	if f < 0 {
		return "-Infinity"
	}
	return "Infinity"
}

// goText is a string as UTF-8; an unpaired surrogate becomes U+FFFD.
func goText(s *types.String) (string, bool) {
	if s == nil {
		return "", false
	}
	if utf8.ValidString(s.Go()) {
		return s.Go(), true
	}
	return string(utf16.Decode(s.Units())), true
}

// each enumerates an object.
func (c canon) each(o any, elem *types.Type, f func(types.Value)) {
	e := types.Iterate(c.t, o, elem)
	defer e.Dispose(c.t)
	for e.MoveNext(c.t) {
		c.t.Step(1)
		f(e.Current())
	}
}

func (c canon) sequence(o any) string {
	var b strings.Builder
	b.WriteByte('[')
	c.each(o, types.Object_, func(v types.Value) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		c.writeString(&b, v.Ref)
	})
	b.WriteByte(']')
	return b.String()
}

func (c canon) dictionary(o any, pair *types.Type) string {
	key, value := c.t.U.Members(pair, "Key")[0], c.t.U.Members(pair, "Value")[0]
	var b strings.Builder
	b.WriteByte('{')
	c.each(o, pair, func(v types.Value) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		k, _ := c.text(types.Box(pair.Args[0], key.Get(c.t, v, nil)))
		b.WriteString(jsonString(k))
		b.WriteByte(':')
		c.writeString(&b, types.Box(pair.Args[1], value.Get(c.t, v, nil)))
	})
	b.WriteByte('}')
	return b.String()
}

// writeString writes an object's canonical string in JSON.
func (c canon) writeString(b *strings.Builder, o any) {
	s, ok := c.text(o)
	if !ok {
		s = "null"
	} else {
		s = jsonString(s)
	}
	c.t.Alloc(int64(len(s)))
	b.WriteString(s)
}

// jsonString writes a string as Newtonsoft.Json does.
func jsonString(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= '\b' && r <= '\r' && r != '\v':
			b.WriteByte('\\')
			b.WriteByte("btn_fr"[r-'\b'])
		case r < ' ' || r == 0x85 || r == 0x2028 || r == 0x2029:
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(hex[r>>shift&0xF])
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
