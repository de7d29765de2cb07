package clr

import "github.com/postern-gateway/postern/csharp/types"

// hidden declares a type that programs may use but not name.
func hidden(head string, members ...types.MemberDecl) *types.Decl {
	d := types.T(head, members...)
	d.Hidden = true
	return d
}

// basicDecls are the interfaces and enums of System and System.Globalization that stand in the signatures of others. Those of
// System.Globalization cannot be named.
func basicDecls() []*types.Decl {
	return []*types.Decl{
		types.T("interface System.IFormatProvider"),
		types.T("interface System.IConvertible", types.M("System.TypeCode GetTypeCode()", getTypeCode)),
		types.T("interface System.IFormattable", types.M("string ToString(string format, System.IFormatProvider formatProvider)", formatAny)),
		types.T("interface System.ICloneable", types.M("object Clone()", types.Raw(cloneAny))),
		types.T("interface System.IComparable", types.M("int CompareTo(object obj)", compareAny)),
		types.T("interface System.IComparable<T>", types.M("int CompareTo(T other)", types.Generic(
			func(t *types.Thread, targs []*types.Type, this types.Value, args []types.Value) types.Value {
				return compareBoxed(t, receiverObject(this), types.Box(targs[0], args[0]))
			}))),
		types.T("interface System.IEquatable<T>", types.M("bool Equals(T other)", types.Generic(
			func(t *types.Thread, targs []*types.Type, this types.Value, args []types.Value) types.Value {
				return types.Bool(objectEquals(t, receiverObject(this), types.Box(targs[0], args[0])))
			}))),
		types.T("enum System.TypeCode", typeCodes()...),
		hidden("enum System.Globalization.NumberStyles", constants("System.Globalization.NumberStyles",
			"None", 0, "AllowLeadingWhite", 1, "AllowTrailingWhite", 2, "AllowLeadingSign", 4, "Integer", 7, "AllowTrailingSign", 8,
			"AllowParentheses", 16, "AllowDecimalPoint", 32, "AllowThousands", 64, "Number", 111, "AllowExponent", 128, "Float", 167,
			"AllowCurrencySymbol", 256, "Currency", 383, "Any", 511, "AllowHexSpecifier", 512, "HexNumber", 515, "AllowBinarySpecifier", 1024, "BinaryNumber", 1027)...),
		hidden("enum System.Globalization.DateTimeStyles", constants("System.Globalization.DateTimeStyles",
			"None", 0, "AllowLeadingWhite", 1, "AllowTrailingWhite", 2, "AllowInnerWhite", 4, "AllowWhiteSpaces", 7,
			"NoCurrentDateDefault", 8, "AdjustToUniversal", 16, "AssumeLocal", 32, "AssumeUniversal", 64, "RoundtripKind", 128)...),
		hidden("enum System.Globalization.TimeSpanStyles", constants("System.Globalization.TimeSpanStyles", "None", 0, "AssumeNegative", 1)...),
		hidden("enum System.Globalization.UnicodeCategory", constants("System.Globalization.UnicodeCategory",
			"UppercaseLetter", 0, "LowercaseLetter", 1, "TitlecaseLetter", 2, "ModifierLetter", 3, "OtherLetter", 4, "NonSpacingMark", 5,
			"SpacingCombiningMark", 6, "EnclosingMark", 7, "DecimalDigitNumber", 8, "LetterNumber", 9, "OtherNumber", 10, "SpaceSeparator", 11,
			"LineSeparator", 12, "ParagraphSeparator", 13, "Control", 14, "Format", 15, "Surrogate", 16, "PrivateUse", 17, "ConnectorPunctuation", 18,
			"DashPunctuation", 19, "OpenPunctuation", 20, "ClosePunctuation", 21, "InitialQuotePunctuation", 22, "FinalQuotePunctuation", 23,
			"OtherPunctuation", 24, "MathSymbol", 25, "CurrencySymbol", 26, "ModifierSymbol", 27, "OtherSymbol", 28, "OtherNotAssigned", 29)...),
		types.T("enum System.Base64FormattingOptions", constants("System.Base64FormattingOptions", "None", 0, "InsertLineBreaks", 1)...),
		types.T("enum System.Text.NormalizationForm", constants("System.Text.NormalizationForm", "FormC", 1, "FormD", 2, "FormKC", 5, "FormKD", 6)...),
	}
}

// constants are an enum's members: names and numbers in turn.
func constants(enum string, pairs ...any) []types.MemberDecl {
	out := make([]types.MemberDecl, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.M("const "+enum+" "+pairs[i].(string)+" = "+itoa(pairs[i+1].(int))))
	}
	return out
}

// typeCodeOf are the numbers of System.TypeCode by type name.
var typeCodeOf = map[string]int{"Empty": 0, "Object": 1, "DBNull": 2, "Boolean": 3, "Char": 4, "SByte": 5, "Byte": 6, "Int16": 7, "UInt16": 8,
	"Int32": 9, "UInt32": 10, "Int64": 11, "UInt64": 12, "Single": 13, "Double": 14, "Decimal": 15, "DateTime": 16, "String": 18}

func typeCodes() []types.MemberDecl {
	var out []types.MemberDecl
	for _, name := range []string{"Empty", "Object", "DBNull", "Boolean", "Char", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32",
		"Int64", "UInt64", "Single", "Double", "Decimal", "DateTime", "String"} {
		out = append(out, types.M("const System.TypeCode "+name+" = "+itoa(typeCodeOf[name])))
	}
	return out
}

// typeCode is the TypeCode of a type; that of an enum is its underlying type's.
func typeCode(typ *types.Type) int {
	if typ.Kind == types.EnumKind {
		typ = typ.Def.Underlying
	}
	if typ.Def != nil && typ.Def.Namespace == "System" && len(typ.Args) == 0 {
		if n, ok := typeCodeOf[typ.Def.Name]; ok {
			return n
		}
	}
	return 1
}

// getTypeCode is GetTypeCode() of an object.
var getTypeCode = types.Raw(func(_ *types.Thread, this types.Value, _ []types.Value) types.Value {
	return types.Int(int64(objectTypeCode(receiverObject(this))))
})

// objectTypeCode is the TypeCode of an object; a JValue has that of its value.
func objectTypeCode(o any) int {
	if j, ok := o.(*JToken); ok && j.convertible() {
		o = j.value
	}
	if o == nil {
		return 0
	}
	return typeCode(types.TypeOf(o))
}

// receiverObject is the object that an interface's member is called on.
func receiverObject(this types.Value) any {
	if this.Ref == nil {
		types.ThrowNullReference()
	}
	return this.Ref
}

var formatAny = types.Raw(func(t *types.Thread, this types.Value, args []types.Value) types.Value {
	return refOrNull(objectFormat(t, receiverObject(this), goString(args[0].Str())))
})

var compareAny = types.Raw(func(t *types.Thread, this types.Value, args []types.Value) types.Value {
	return compareBoxed(t, receiverObject(this), args[0].Ref)
})

// compareBoxed is a.CompareTo(b), b perhaps null.
func compareBoxed(t *types.Thread, a, b any) types.Value {
	if b == nil {
		return types.Int(1)
	}
	return types.Int(int64(compareTo(t, a, b)))
}

func cloneAny(t *types.Thread, this types.Value, _ []types.Value) types.Value {
	switch x := receiverObject(this).(type) {
	case *types.Array:
		t.Alloc(int64(len(x.Items)) * 24)
		return types.Ref(&types.Array{T: x.T, Items: append([]types.Value(nil), x.Items...), Dims: x.Dims})
	case *types.Bytes:
		t.Alloc(int64(len(x.B)))
		return types.Ref(&types.Bytes{B: append([]byte(nil), x.B...)})
	}
	return this
}
