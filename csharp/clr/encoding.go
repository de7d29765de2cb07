package clr

import (
	"encoding/binary"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// textEncoding is a System.Text.Encoding.
type textEncoding struct {
	textCodec
	class          string // the short name of its class
	page           int32
	web, name      string
	preamble       []byte
	maxBytes       func(n int) int
	maxChars       func(n int) int
	single, normal bool
	typ            func() *types.Type
}

// ClrType is the encoding's class.
func (e *textEncoding) ClrType() *types.Type { return e.typ() }

// EqualTo compares by code page.
func (e *textEncoding) EqualTo(_ *types.Thread, o any) bool {
	f, ok := o.(*textEncoding)
	return ok && e.page == f.page
}

// HashCode goes with EqualTo.
func (e *textEncoding) HashCode(*types.Thread) int32 { return e.page }

func linear(factor, add int) func(int) int { return func(n int) int { return factor*n + add } }

var (
	encodingUTF8 = &textEncoding{textCodec: utf8Codec{}, class: "UTF8Encoding.UTF8EncodingSealed", page: 65001, web: "utf-8", name: "Unicode (UTF-8)",
		preamble: []byte{0xEF, 0xBB, 0xBF}, maxBytes: linear(3, 3), maxChars: linear(1, 1)}
	encodingASCII = &textEncoding{textCodec: byteCodec{0x7F}, class: "ASCIIEncoding.ASCIIEncodingSealed", page: 20127, web: "us-ascii", name: "US-ASCII", single: true,
		maxBytes: linear(1, 1), maxChars: linear(1, 0)}
	encodingLatin1 = &textEncoding{textCodec: byteCodec{0xFF}, class: "Latin1Encoding.Latin1EncodingSealed", page: 28591, web: "iso-8859-1", name: "Western European (ISO)", single: true,
		maxBytes: linear(1, 1), maxChars: linear(1, 0)}
	encodingUTF16 = &textEncoding{textCodec: utf16Codec{binary.LittleEndian}, class: "UnicodeEncoding", page: 1200, web: "utf-16", name: "Unicode",
		preamble: []byte{0xFF, 0xFE}, maxBytes: linear(2, 2), maxChars: func(n int) int { return n/2 + n&1 + 1 }}
	encodingUTF16BE = &textEncoding{textCodec: utf16Codec{binary.BigEndian}, class: "UnicodeEncoding", page: 1201, web: "utf-16BE", name: "Unicode (Big-Endian)",
		preamble: []byte{0xFE, 0xFF}, maxBytes: linear(2, 2), maxChars: func(n int) int { return n/2 + n&1 + 1 }}
	encodingUTF32 = &textEncoding{textCodec: utf32Codec{binary.LittleEndian}, class: "UTF32Encoding", page: 12000, web: "utf-32", name: "Unicode (UTF-32)",
		preamble: []byte{0xFF, 0xFE, 0, 0}, maxBytes: linear(4, 4), maxChars: func(n int) int { return n/2 + 2 }}
	encodingUTF32BE = &textEncoding{textCodec: utf32Codec{binary.BigEndian}, class: "UTF32Encoding", page: 12001, web: "utf-32BE", name: "Unicode (UTF-32 Big-Endian)",
		preamble: []byte{0, 0, 0xFE, 0xFF}, maxBytes: linear(4, 4), maxChars: func(n int) int { return n/2 + 2 }}
)

var allEncodings = []*textEncoding{encodingUTF8, encodingASCII, encodingLatin1, encodingUTF16, encodingUTF16BE, encodingUTF32, encodingUTF32BE}

func init() {
	for _, e := range allEncodings {
		e.typ = lateType("System.Text." + e.class)
	}
}

// encodingNames are the other names of encodings.
var encodingNames = map[string]*textEncoding{
	"utf8": encodingUTF8, "unicode-1-1-utf-8": encodingUTF8, "unicode-2-0-utf-8": encodingUTF8, "x-unicode-1-1-utf-8": encodingUTF8, "x-unicode-2-0-utf-8": encodingUTF8,
	"ascii": encodingASCII, "ansi_x3.4-1968": encodingASCII, "ansi_x3.4-1986": encodingASCII, "cp367": encodingASCII, "csascii": encodingASCII,
	"ibm367": encodingASCII, "iso-ir-6": encodingASCII, "iso646-us": encodingASCII, "iso_646.irv:1991": encodingASCII, "us": encodingASCII,
	"latin1": encodingLatin1, "l1": encodingLatin1, "iso8859-1": encodingLatin1, "iso_8859-1": encodingLatin1, "iso_8859-1:1987": encodingLatin1,
	"iso-ir-100": encodingLatin1, "ibm819": encodingLatin1, "cp819": encodingLatin1, "csisolatin1": encodingLatin1,
	"unicode": encodingUTF16, "utf-16le": encodingUTF16, "ucs-2": encodingUTF16, "iso-10646-ucs-2": encodingUTF16, "csunicode": encodingUTF16,
	"unicodefffe": encodingUTF16BE, "csunicode11utf7": nil, "utf-32le": encodingUTF32, "ucs-4": encodingUTF32, "iso-10646-ucs-4": encodingUTF32, "csucs4": encodingUTF32,
}

const encodingHelp = " For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method."

func encodingByName(s *types.String) *textEncoding {
	name := strings.ToLower(stringArg(s, "name"))
	for _, e := range allEncodings {
		if strings.EqualFold(e.web, name) {
			return e
		}
	}
	if e := encodingNames[name]; e != nil {
		return e
	}
	types.ThrowArgument(types.ArgumentException, "'"+s.Go()+"' is not a supported encoding name."+encodingHelp, "name")
	return nil
}

func encodingByPage(page int32) *textEncoding {
	switch {
	case page == 0:
		return encodingUTF8
	case page < 0 || page > 65535:
		throwRange("Valid values are between 0 and 65535, inclusive.", "codepage")
	}
	for _, e := range allEncodings {
		if e.page == page {
			return e
		}
	}
	types.Throw(types.NotSupportedException, "No data is available for encoding "+itoa(page)+"."+encodingHelp)
	return nil
}

// byteSlice is bytes[index … index+count] of arguments.
func byteSlice(a []types.Value) []byte {
	b, ok := a[0].Ref.(*types.Bytes)
	if !ok {
		types.ThrowNull("bytes")
	}
	if len(a) == 1 {
		return b.B
	}
	i, n := int(a[1].Int32()), int(a[2].Int32())
	throwNegative(int32(i), "index")
	throwNegative(int32(n), "count")
	if len(b.B)-i < n {
		throwRange("Index and count must refer to a location within the buffer.", "bytes")
	}
	return b.B[i : i+n]
}

// charText is the text of a char[] or string argument, or of a part of it.
func charText(a []types.Value) *types.String {
	var s *types.String
	param := "chars"
	switch x := a[0].Ref.(type) {
	case *types.String:
		s, param = x, "s"
	case *types.Array:
		units := make([]uint16, len(x.Items))
		for i, v := range x.Items {
			units[i] = uint16(v.Num)
		}
		s = types.StringFromUnits(units)
	default:
		types.ThrowNull("s")
	}
	if len(a) < 3 {
		return s
	}
	i, n := int(a[1].Int32()), int(a[2].Int32())
	throwNegative(int32(i), "index")
	throwNegative(int32(n), "count")
	if s.Len()-i < n {
		throwRange("Index and count must refer to a location within the "+map[string]string{"s": "string", "chars": "buffer"}[param]+".", param)
	}
	return s.Slice(i, i+n)
}

func charArrayOf(s *types.String) *types.Array {
	out := &types.Array{T: types.ArrayOf(types.CharType, 1), Items: make([]types.Value, s.Len())}
	for i, u := range s.Units() {
		out.Items[i] = types.Uint(uint64(u))
	}
	return out
}

type encodingOp func(t *types.Thread, e *textEncoding, a []types.Value) types.Value

func ex(signature string, op encodingOp) types.MemberDecl {
	return types.M(signature, withThread(op))
}

func encodeOp(t *types.Thread, e *textEncoding, a []types.Value) types.Value {
	s := charText(a)
	t.Alloc(int64(s.Len()) * 3)
	return types.Ref(&types.Bytes{B: e.encode(s)})
}

func countOp(t *types.Thread, e *textEncoding, a []types.Value) types.Value {
	s := charText(a)
	t.Alloc(int64(s.Len()) * 3)
	return types.Int(int64(len(e.encode(s))))
}

func decodeOp(t *types.Thread, e *textEncoding, a []types.Value) types.Value {
	b := byteSlice(a)
	t.Alloc(int64(len(b)) * 2)
	return types.Ref(e.decode(b))
}

func charsOp(t *types.Thread, e *textEncoding, a []types.Value) types.Value {
	b := byteSlice(a)
	t.Alloc(int64(len(b)) * 24)
	return types.Ref(charArrayOf(e.decode(b)))
}

// encodeInto is GetBytes into a buffer.
func encodeInto(t *types.Thread, e *textEncoding, a []types.Value) types.Value {
	s := charText(a[:3])
	dst, ok := a[3].Ref.(*types.Bytes)
	if !ok {
		types.ThrowNull("bytes")
	}
	t.Alloc(int64(s.Len()) * 3)
	out, at := e.encode(s), int(a[4].Int32())
	switch {
	case at < 0 || at > len(dst.B):
		throwRange(msgIndexAtMost, "byteIndex")
	case len(dst.B)-at < len(out):
		types.ThrowArgument(types.ArgumentException, "The output byte buffer is too small to contain the encoded data, encoding '"+itoa(e.page)+
			"' and fallback 'System.Text.EncoderReplacementFallback'.", "bytes")
	}
	return types.Int(int64(copy(dst.B[at:], out)))
}

func convertEncoding(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
	src, ok := a[0].Ref.(*textEncoding)
	if !ok {
		types.ThrowNull("srcEncoding")
	}
	dst, ok := a[1].Ref.(*textEncoding)
	if !ok {
		types.ThrowNull("dstEncoding")
	}
	return types.Ref(&types.Bytes{B: dst.encode(src.decode(byteSlice(a[2:])))})
}

func encodingDecls() []*types.Decl {
	text := func(f func(e *textEncoding) string) types.Impl {
		return types.I0(func(e *textEncoding) *types.String { return types.NewString(f(e)) })
	}
	flag := func(f func(e *textEncoding) bool) types.Impl { return types.I0(f) }
	limit := func(param string, f func(e *textEncoding) func(int) int) types.Impl {
		return types.I1(func(e *textEncoding, n int32) int32 {
			throwNegative(n, param)
			return int32(f(e)(int(n)))
		})
	}
	no := func(*textEncoding) bool { return false }
	members := []types.MemberDecl{
		ex("byte[] GetBytes(string s)", encodeOp), ex("byte[] GetBytes(string s, int index, int count)", encodeOp),
		ex("byte[] GetBytes(char[] chars)", encodeOp), ex("byte[] GetBytes(char[] chars, int index, int count)", encodeOp),
		ex("int GetBytes(string s, int charIndex, int charCount, byte[] bytes, int byteIndex)", encodeInto),
		ex("int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)", encodeInto),
		ex("int GetByteCount(string s)", countOp), ex("int GetByteCount(string s, int index, int count)", countOp),
		ex("int GetByteCount(char[] chars)", countOp), ex("int GetByteCount(char[] chars, int index, int count)", countOp),
		ex("string GetString(byte[] bytes)", decodeOp), ex("string GetString(byte[] bytes, int index, int count)", decodeOp),
		ex("char[] GetChars(byte[] bytes)", charsOp), ex("char[] GetChars(byte[] bytes, int index, int count)", charsOp),
		ex("int GetCharCount(byte[] bytes)", func(_ *types.Thread, e *textEncoding, a []types.Value) types.Value {
			return types.Int(int64(e.decode(byteSlice(a)).Len()))
		}),
		ex("int GetCharCount(byte[] bytes, int index, int count)", func(_ *types.Thread, e *textEncoding, a []types.Value) types.Value {
			return types.Int(int64(e.decode(byteSlice(a)).Len()))
		}),
		types.M("int GetMaxByteCount(int charCount)", limit("charCount", func(e *textEncoding) func(int) int { return e.maxBytes })),
		types.M("int GetMaxCharCount(int byteCount)", limit("byteCount", func(e *textEncoding) func(int) int { return e.maxChars })),
		types.M("byte[] GetPreamble()", types.I0(func(e *textEncoding) *types.Bytes { return &types.Bytes{B: append([]byte(nil), e.preamble...)} })),
		types.M("string WebName { get; }", text(func(e *textEncoding) string { return e.web })),
		types.M("string BodyName { get; }", text(func(e *textEncoding) string { return e.web })),
		types.M("string HeaderName { get; }", text(func(e *textEncoding) string { return e.web })),
		types.M("string EncodingName { get; }", text(func(e *textEncoding) string { return e.name })),
		types.M("int CodePage { get; }", types.I0(func(e *textEncoding) int32 { return e.page })),
		types.M("int WindowsCodePage { get; }", types.I0(windowsPage)),
		types.M("bool IsSingleByte { get; }", flag(func(e *textEncoding) bool { return e.single })),
		types.M("bool IsReadOnly { get; }", flag(func(*textEncoding) bool { return true })),
		types.M("bool IsBrowserDisplay { get; }", flag(func(e *textEncoding) bool { return e == encodingUTF8 || e == encodingLatin1 })),
		types.M("bool IsBrowserSave { get; }", flag(func(e *textEncoding) bool { return e == encodingUTF8 || e == encodingLatin1 || e == encodingUTF16 })),
		types.M("bool IsMailNewsDisplay { get; }", flag(func(e *textEncoding) bool { return e == encodingUTF8 || e == encodingLatin1 || e == encodingASCII })),
		types.M("bool IsMailNewsSave { get; }", flag(func(e *textEncoding) bool { return e == encodingUTF8 || e == encodingLatin1 || e == encodingASCII })),
		types.M("bool IsAlwaysNormalized()", flag(no)),
		types.M("bool Equals(object value)", types.I1(func(e *textEncoding, o any) bool { return e.EqualTo(nil, o) })),
		types.M("int GetHashCode()", types.I0(func(e *textEncoding) int32 { return e.page })),
		types.M("object Clone()", types.I0(func(e *textEncoding) *textEncoding { return e })),
		types.M("static System.Text.Encoding GetEncoding(string name)", types.S1(encodingByName)),
		types.M("static System.Text.Encoding GetEncoding(int codepage)", types.S1(encodingByPage)),
		types.M("static byte[] Convert(System.Text.Encoding srcEncoding, System.Text.Encoding dstEncoding, byte[] bytes)", types.Raw(convertEncoding)),
		types.M("static byte[] Convert(System.Text.Encoding srcEncoding, System.Text.Encoding dstEncoding, byte[] bytes, int index, int count)", types.Raw(convertEncoding)),
	}
	for name, e := range map[string]*textEncoding{"ASCII": encodingASCII, "BigEndianUnicode": encodingUTF16BE, "Default": encodingUTF8, "Latin1": encodingLatin1,
		"UTF32": encodingUTF32, "UTF8": encodingUTF8, "Unicode": encodingUTF16} {
		members = append(members, types.M("static System.Text.Encoding "+name+" { get; }", types.S0(func() *textEncoding { return e })))
	}
	out := []*types.Decl{types.T("abstract class System.Text.Encoding : System.ICloneable", members...)}
	seen := map[string]bool{}
	for _, e := range allEncodings {
		if outer, _, nested := strings.Cut(e.class, "."); nested {
			out = append(out, hidden("class System.Text."+outer+" : System.Text.Encoding"),
				hidden("class System.Text."+e.class+" : System.Text."+outer))
		} else if !seen[e.class] {
			out = append(out, hidden("class System.Text."+e.class+" : System.Text.Encoding"))
		}
		seen[e.class] = true
	}
	return out
}

func windowsPage(e *textEncoding) int32 {
	if e.single {
		return 1252
	}
	return 1200
}
