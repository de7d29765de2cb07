package clr

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

func guidDecls() []*types.Decl {
	members := slices.DeleteFunc(namedValueMembers("System.Guid", types.GuidType, valueNames{"g", "o", "value", "provider"}), func(m types.MemberDecl) bool {
		return strings.Contains(m.Signature, "TypeCode") || m.Signature == "string ToString(System.IFormatProvider provider)"
	})
	return []*types.Decl{types.T("struct System.Guid : System.IFormattable, System.IComparable, System.IComparable<System.Guid>, System.IEquatable<System.Guid>",
		slices.Concat(members, guidMakers(), guidReaders(), guidOthers())...)}
}

// guidFromBytes reads the sixteen bytes of ToByteArray(): the first three parts are little-endian.
func guidFromBytes(b []byte) types.Guid {
	return types.Guid{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]}
}

// guidBytes is ToByteArray().
func guidBytes(g types.Guid) []byte {
	x := guidFromBytes(g[:])
	return x[:]
}

func guidHash(g types.Guid) int32 {
	b := guidBytes(g)
	return int32(binary.LittleEndian.Uint32(b) ^ binary.LittleEndian.Uint32(b[4:]) ^ binary.LittleEndian.Uint32(b[8:]) ^ binary.LittleEndian.Uint32(b[12:]))
}

func compareGuids(a, b types.Guid) int { return bytes.Compare(a[:], b[:]) }

// formatGuid is g.ToString(format).
func formatGuid(g types.Guid, spec string) string {
	h := hex.EncodeToString(g[:])
	dashed := h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	switch spec {
	case "", "D", "d":
		return dashed
	case "N", "n":
		return h
	case "B", "b":
		return "{" + dashed + "}"
	case "P", "p":
		return "(" + dashed + ")"
	case "X", "x":
		var tail []string
		for i := 16; i < 32; i += 2 {
			tail = append(tail, "0x"+h[i:i+2])
		}
		return "{0x" + h[:8] + ",0x" + h[8:12] + ",0x" + h[12:16] + ",{" + strings.Join(tail, ",") + "}}"
	}
	types.Throw(types.FormatException, "Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".")
	return ""
}

// What .NET says of texts that are no Guids.
const (
	guidUnrecognized = "Unrecognized Guid format."
	guidBadLength    = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
	guidBadDashes    = "Dashes are in the wrong position for GUID parsing."
	guidBadDigits    = "Guid string should only contain hexadecimal characters."
	guidBadBrace     = "Could not find a brace, or the length between the previous token and the brace was zero (i.e., '0x,'etc.)."
)

// readGuid reads a Guid in the format, 0 for any; the message says what is wrong.
func readGuid(s string, form byte) (g types.Guid, message string) {
	s = strings.TrimFunc(s, isSpaceRune)
	if form == 0 {
		if len(s) < 32 {
			return g, guidUnrecognized
		}
		form = guidForm(s)
	}
	switch form {
	case 'B', 'P':
		open, shut := byte('{'), byte('}')
		if form == 'P' {
			open, shut = '(', ')'
		}
		if len(s) != 38 || s[0] != open || s[37] != shut {
			return g, guidBadLength
		}
		return readDashedGuid(s[1:37])
	case 'D':
		return readDashedGuid(s)
	case 'X':
		return readHexGuid(s)
	}
	if len(s) != 32 {
		return g, "Guid should contain only hexadecimal characters with 32 digits (xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx)."
	}
	return guidDigits(s)
}

// guidForm guesses the format of a text of at least 32 bytes.
func guidForm(s string) byte {
	switch {
	case s[0] == '(':
		return 'P'
	case s[0] == '{' && s[9] == '-':
		return 'B'
	case s[0] == '{':
		return 'X'
	case s[8] == '-':
		return 'D'
	}
	return 'N'
}

func guidDigits(s string) (g types.Guid, message string) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return g, guidBadDigits
	}
	copy(g[:], b)
	return g, ""
}

func readDashedGuid(s string) (g types.Guid, message string) {
	if len(s) != 36 {
		return g, guidBadLength
	}
	if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return g, guidBadDashes
	}
	return guidDigits(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
}

// readHexGuid reads {0x…,0x…,0x…,{0x…,…}}.
func readHexGuid(s string) (g types.Guid, message string) {
	s = strings.Map(func(r rune) rune {
		if isSpaceRune(r) {
			return -1
		}
		return r
	}, s)
	body, ok := strings.CutPrefix(s, "{")
	head, tail, found := strings.Cut(body, ",{")
	if !ok || !found || !strings.HasSuffix(tail, "}}") {
		return g, guidBadBrace
	}
	parts := append(strings.Split(head, ","), strings.Split(strings.TrimSuffix(tail, "}}"), ",")...)
	sizes := []int{4, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1}
	if len(parts) != len(sizes) {
		return g, guidUnrecognized
	}
	at := 0
	for i, size := range sizes {
		digits, prefixed := strings.CutPrefix(strings.ToLower(parts[i]), "0x")
		if !prefixed {
			return g, "Expected 0x prefix."
		}
		n, err := strconv.ParseUint(digits, 16, 8*size)
		if err != nil {
			return g, "Value was either too large or too small for a UInt32."
		}
		for j := 0; j < size; j++ {
			g[at+j] = byte(n >> (8 * (size - 1 - j)))
		}
		at += size
	}
	return g, ""
}

func parseGuid(s *types.String, form byte, param string) types.Guid {
	if s == nil {
		types.ThrowNull(param)
	}
	g, message := readGuid(s.Go(), form)
	if message != "" {
		types.Throw(types.FormatException, message)
	}
	return g
}

// guidFormat is the letter of a ParseExact format.
func guidFormat(s *types.String) (byte, bool) {
	if s != nil && s.Len() == 1 {
		if c := byte(s.Unit(0)) &^ 0x20; strings.IndexByte("DNBPX", c) >= 0 {
			return c, true
		}
	}
	return 0, false
}

func guidMakers() []types.MemberDecl {
	type V = types.Value
	type G = types.Guid
	parts := types.Raw(func(_ *types.Thread, _ V, x []V) V {
		var g G
		binary.BigEndian.PutUint32(g[:], uint32(x[0].Num))
		binary.BigEndian.PutUint16(g[4:], uint16(x[1].Num))
		binary.BigEndian.PutUint16(g[6:], uint16(x[2].Num))
		for i, v := range x[3:] {
			g[8+i] = byte(v.Num)
		}
		return types.Ref(g)
	})
	const eight = "byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)"
	return []types.MemberDecl{
		types.M("new(byte[] b)", types.S1(func(b *types.Bytes) G {
			if b == nil {
				types.ThrowNull("b")
			}
			if len(b.B) != 16 {
				types.ThrowArgument(types.ArgumentException, "Byte array for Guid must be exactly 16 bytes long.", "b")
			}
			return guidFromBytes(b.B)
		})),
		types.M("new(string g)", types.S1(func(s *types.String) G { return parseGuid(s, 0, "g") })),
		types.M("new(int a, short b, short c, "+eight, parts),
		types.M("new(uint a, ushort b, ushort c, "+eight, parts),
		types.M("new(int a, short b, short c, byte[] d)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			d, _ := x[3].Ref.(*types.Bytes)
			if d == nil {
				types.ThrowNull("d")
			}
			if len(d.B) != 8 {
				types.ThrowArgument(types.ArgumentException, "Byte array for Guid must be exactly 8 bytes long.", "d")
			}
			y := append([]V(nil), x[:3]...)
			for _, c := range d.B {
				y = append(y, types.Uint(uint64(c)))
			}
			return parts.Fn(t, V{}, y)
		})),
		types.M("static readonly System.Guid Empty", types.S0(func() G { return G{} })),
		types.M("static System.Guid AllBitsSet { get; }", types.S0(func() G {
			var g G
			for i := range g {
				g[i] = 0xFF
			}
			return g
		})),
		types.M("static System.Guid NewGuid()", types.S0(func() G {
			var g G
			rand.Read(g[:])
			g[6] = g[6]&0x0F | 0x40
			g[8] = g[8]&0x3F | 0x80
			return g
		})),
		types.M("static System.Guid CreateVersion7()", types.Raw(func(t *types.Thread, _ V, _ []V) V { return types.Ref(versionSeven(t.Clock().UnixMilli())) })),
		types.M("static System.Guid CreateVersion7(System.DateTimeOffset timestamp)", types.S1(func(d DateTimeOffset) G {
			return versionSeven((d.UTC - unixEpochTicks) / ticksPerMillisecond)
		})),
	}
}

func versionSeven(millis int64) types.Guid {
	var g types.Guid
	rand.Read(g[:])
	for i := 0; i < 6; i++ {
		g[i] = byte(millis >> (40 - 8*i))
	}
	g[6] = g[6]&0x0F | 0x70
	g[8] = g[8]&0x3F | 0x80
	return g
}

func guidReaders() []types.MemberDecl {
	type V = types.Value
	type S = *types.String
	try := func(out int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			var g types.Guid
			ok := false
			if s := x[0].Str(); s != nil {
				var message string
				g, message = readGuid(s.Go(), 0)
				ok = message == ""
			}
			if !ok {
				g = types.Guid{}
			}
			setOut(x[out], types.Ref(g))
			return types.Bool(ok)
		})
	}
	return []types.MemberDecl{
		types.M("static System.Guid Parse(string input)", types.S1(func(s S) types.Guid { return parseGuid(s, 0, "input") })),
		types.M("static System.Guid Parse(string s, System.IFormatProvider provider)", types.S2(func(s S, _ any) types.Guid { return parseGuid(s, 0, "input") })),
		types.M("static System.Guid ParseExact(string input, string format)", types.S2(func(s, f S) types.Guid {
			if s == nil {
				types.ThrowNull("input")
			}
			if f == nil {
				types.ThrowNull("format")
			}
			form, ok := guidFormat(f)
			if !ok {
				types.Throw(types.FormatException, "Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".")
			}
			return parseGuid(s, form, "input")
		})),
		types.M("static bool TryParse(string input, out System.Guid result)", try(1)),
		types.M("static bool TryParse(string s, System.IFormatProvider provider, out System.Guid result)", try(2)),
		types.M("static bool TryParseExact(string input, string format, out System.Guid result)", types.Raw(func(_ *types.Thread, _ V, x []V) V {
			form, ok := guidFormat(x[1].Str())
			var g types.Guid
			if s := x[0].Str(); ok && s != nil {
				var message string
				g, message = readGuid(s.Go(), form)
				ok = message == ""
			} else {
				ok = false
			}
			if !ok {
				g = types.Guid{}
			}
			setOut(x[2], types.Ref(g))
			return types.Bool(ok)
		})),
	}
}

func guidOthers() []types.MemberDecl {
	type G = types.Guid
	compare := func(symbol string, f func(c int) bool) types.MemberDecl {
		a, b := "left", "right"
		if symbol == "==" || symbol == "!=" {
			a, b = "a", "b"
		}
		return types.M("static bool operator "+symbol+"(System.Guid "+a+", System.Guid "+b+")", types.S2(func(a, b G) bool { return f(compareGuids(a, b)) }))
	}
	return []types.MemberDecl{
		types.M("byte[] ToByteArray()", types.I0(func(g G) *types.Bytes { return &types.Bytes{B: guidBytes(g)} })),
		types.M("byte[] ToByteArray(bool bigEndian)", types.I1(func(g G, big bool) *types.Bytes {
			if big {
				return &types.Bytes{B: append([]byte(nil), g[:]...)}
			}
			return &types.Bytes{B: guidBytes(g)}
		})),
		types.M("int Variant { get; }", types.I0(func(g G) int32 { return int32(g[8] >> 4) })),
		types.M("int Version { get; }", types.I0(func(g G) int32 { return int32(g[6] >> 4) })),
		compare("==", func(c int) bool { return c == 0 }), compare("!=", func(c int) bool { return c != 0 }),
		compare("<", func(c int) bool { return c < 0 }), compare("<=", func(c int) bool { return c <= 0 }),
		compare(">", func(c int) bool { return c > 0 }), compare(">=", func(c int) bool { return c >= 0 }),
	}
}
