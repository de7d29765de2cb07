package clr

import "github.com/postern-gateway/postern/csharp/types"

func xmlNameDecls() []*types.Decl {
	text := func(n *types.String) *types.String { return n }
	return []*types.Decl{
		xmlClass("sealed class XName : System.IEquatable<XName>",
			xm("XNamespace Namespace { get; }", types.I0(func(n *xmlName) *xmlNamespace { return n.ns })),
			xm("string NamespaceName { get; }", types.I0(func(n *xmlName) *types.String { return text(n.ns.uri) })),
			xm("string LocalName { get; }", types.I0(func(n *xmlName) *types.String { return n.local })),
			xm("static XName Get(string expandedName)", types.S1(expandedName)),
			xm("static XName Get(string localName, string namespaceName)", types.S2(func(local, ns *types.String) *xmlName {
				if ns == nil {
					types.ThrowNull("namespaceName")
				}
				return namespaced(newNamespace(ns), local)
			})),
			xm("static implicit operator XName(string expandedName)", types.S1(func(s *types.String) *xmlName {
				if s == nil {
					return nil
				}
				return expandedName(s)
			})),
			xm("static bool operator ==(XName left, XName right)", types.S2(func(a, b *xmlName) bool { return a.same(b) })),
			xm("static bool operator !=(XName left, XName right)", types.S2(func(a, b *xmlName) bool { return !a.same(b) })),
			xm("bool Equals(object obj)", equalsImpl), xm("int GetHashCode()", hashImpl), xm("string ToString()", toStringImpl)),
		xmlClass("sealed class XNamespace",
			xm("string NamespaceName { get; }", types.I0(func(n *xmlNamespace) *types.String { return n.uri })),
			xm("XName GetName(string localName)", types.I1(namespaced)),
			xm("static XName operator +(XNamespace ns, string localName)", types.S2(func(ns *xmlNamespace, local *types.String) *xmlName {
				if ns == nil {
					types.ThrowNull("ns")
				}
				return namespaced(ns, local)
			})),
			xm("static XNamespace Get(string namespaceName)", types.S1(func(s *types.String) *xmlNamespace {
				if s == nil {
					types.ThrowNull("namespaceName")
				}
				return newNamespace(s)
			})),
			xm("static XNamespace None { get; }", types.S0(func() *xmlNamespace { return noNamespace })),
			xm("static XNamespace Xml { get; }", types.S0(func() *xmlNamespace { return theXMLSpace })),
			xm("static XNamespace Xmlns { get; }", types.S0(func() *xmlNamespace { return theXmlnsSpace })),
			xm("static implicit operator XNamespace(string namespaceName)", types.S1(func(s *types.String) *xmlNamespace {
				if s == nil {
					return nil
				}
				return newNamespace(s)
			})),
			xm("static bool operator ==(XNamespace left, XNamespace right)", types.S2(func(a, b *xmlNamespace) bool { return a.same(b) })),
			xm("static bool operator !=(XNamespace left, XNamespace right)", types.S2(func(a, b *xmlNamespace) bool { return !a.same(b) })),
			xm("bool Equals(object obj)", equalsImpl), xm("int GetHashCode()", hashImpl), xm("string ToString()", toStringImpl)),
	}
}

// namespaced is XNamespace.GetName.
func namespaced(ns *xmlNamespace, local *types.String) *xmlName {
	if local == nil {
		types.ThrowNull("localName")
	}
	return newXMLName(ns, local)
}

// xmlCasts are the explicit conversions of elements and attributes, which read their values; param is what .NET calls the operand.
func xmlCasts(class, param string, value func(t *types.Thread, o any) *types.String) []types.MemberDecl {
	var out []types.MemberDecl
	cast := func(typ string, read func(t *types.Thread, s *types.String) types.Value) {
		required := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			need(x[0], param)
			return read(t, value(t, x[0].Ref))
		})
		optional := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			if x[0].Ref == nil {
				return types.Null
			}
			v := read(t, value(t, x[0].Ref))
			if v.Ref == nil {
				v.Ref = types.Present
			}
			return v
		})
		out = append(out, xm("static explicit operator "+typ+"("+class+" "+param+")", required),
			xm("static explicit operator "+typ+"?("+class+" "+param+")", optional))
	}
	integers := []struct {
		typ, name string
		size      int
		signed    bool
	}{{"int", "Int32", 4, true}, {"uint", "UInt32", 4, false}, {"long", "Int64", 8, true}, {"ulong", "UInt64", 8, false}}
	for _, k := range integers {
		cast(k.typ, func(_ *types.Thread, s *types.String) types.Value { return parseXMLInt(s, k.size, k.signed, k.name) })
	}
	cast("bool", func(_ *types.Thread, s *types.String) types.Value { return types.Bool(parseXMLBool(s)) })
	cast("float", func(_ *types.Thread, s *types.String) types.Value {
		return types.Float32(float32(parseXMLFloat(s, 32)))
	})
	cast("double", func(_ *types.Thread, s *types.String) types.Value { return types.Float64(parseXMLFloat(s, 64)) })
	cast("decimal", func(_ *types.Thread, s *types.String) types.Value { return types.Dec(parseDecimal(s, xmlDecimal)) })
	cast("System.DateTime", func(t *types.Thread, s *types.String) types.Value {
		return types.Uint(uint64(parseDateAt(t, s, roundtripKind)))
	})
	cast("System.DateTimeOffset", func(t *types.Thread, s *types.String) types.Value { return types.Ref(parseXMLOffset(t, s)) })
	cast("System.TimeSpan", func(_ *types.Thread, s *types.String) types.Value { return types.Int(int64(parseXMLDuration(s.Go()))) })
	cast("System.Guid", func(_ *types.Thread, s *types.String) types.Value { return types.Ref(parseGuid(s, 0, "g")) })
	return append(out, xm("static explicit operator string("+class+" "+param+")", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
		if x[0].Ref == nil {
			return types.Null
		}
		return types.Ref(value(t, x[0].Ref))
	})))
}
