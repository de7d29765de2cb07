package clr

import (
	"encoding/asn1"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
)

// seldomOverloads are members that hardly any expression calls, of types that are declared elsewhere.
func seldomOverloads() []overload {
	return slices.Concat(regexOverloads(), annotationOverloads(), encodingOverloads(), publicKeyOverloads(), []overload{
		{typ: "System.Collections.Generic.Dictionary", signature: "void OnDeserialization(object sender)", impl: deserialized},
		{typ: "System.Collections.Generic.HashSet", signature: "void OnDeserialization(object sender)", impl: deserialized},
		{typ: "Newtonsoft.Json.JsonConvert", signature: "static string ToString(string value, char delimiter)", impl: types.Raw(jsonDelimited)},
	})
}

// deserialized is OnDeserialization of a collection that was not deserialized: nothing is left to do.
var deserialized = types.Raw(func(_ *types.Thread, this types.Value, _ []types.Value) types.Value {
	receiverObject(this)
	return types.Value{}
})

// jsonDelimited is JsonConvert.ToString(string, char): a JSON string between delimiters.
func jsonDelimited(t *types.Thread, _ types.Value, a []types.Value) types.Value {
	quote := a[1].Num
	if quote != '"' && quote != '\'' {
		types.ThrowArgument(types.ArgumentException, "Delimiter must be a single or double quote.", "delimiter")
	}
	var b strings.Builder
	b.WriteByte(byte(quote))
	writeEscaped(&b, goString(a[0].Str()), byte(quote))
	b.WriteByte(byte(quote))
	return types.Ref(newString(t, b.String()))
}

func regexOverloads() []overload {
	same := types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
		need(a[0], "inner")
		return a[0]
	})
	copyTo := withThread(func(t *types.Thread, l *regexList, a []types.Value) types.Value {
		values, dst, at := drain(t, l, l.elem), arrayArg(a[0], "array"), int(a[1].Int32())
		for i, v := range values {
			switch {
			case at < 0 || at+i >= dst.len():
				types.Throw(types.IndexOutOfRangeException, "Index was outside the bounds of the array.")
			case !types.IsInstance(v.Ref, dst.elem()):
				types.Throw(types.InvalidCastException, "Object cannot be stored in an array of this type.")
			}
			dst.set(at+i, v)
		}
		return types.Value{}
	})
	var out []overload
	for _, class := range []string{"Group", "Match"} {
		out = append(out, overload{typ: regexNS + class, signature: "static " + regexNS + class + " Synchronized(" + regexNS + class + " inner)", impl: same})
	}
	for _, class := range []string{"CaptureCollection", "GroupCollection", "MatchCollection"} {
		out = append(out, overload{typ: regexNS + class, signature: "void CopyTo(System.Array array, int arrayIndex)", impl: copyTo})
	}
	return out
}

// annotationOverloads are the annotations of a JToken by Type, and all of them.
func annotationOverloads() []overload {
	wanted := func(v types.Value) *types.Type {
		rt, ok := v.Ref.(*types.RuntimeType)
		if !ok {
			types.ThrowNull("type")
		}
		return rt.T
	}
	all := func(j *JToken, typ, elem *types.Type) types.Value {
		return types.Ref(newSequence(elem, func(*types.Thread) types.Enumerator {
			var found []types.Value
			for _, n := range j.notes {
				if types.IsInstance(n, typ) {
					found = append(found, types.Ref(n))
				}
			}
			return newItems(found)
		}))
	}
	const token = jsonLinq + "JToken"
	return []overload{
		{typ: token, signature: "IEnumerable<T> Annotations<T>() where T : class", impl: types.Generic(
			func(_ *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
				return all(tokenReceiver(this), targs[0], targs[0])
			})},
		{typ: token, signature: "IEnumerable<object> Annotations(System.Type type)", impl: types.Raw(
			func(_ *types.Thread, this types.Value, a []types.Value) types.Value {
				j := tokenReceiver(this)
				return all(j, wanted(a[0]), types.Object_)
			})},
		{typ: token, signature: "object Annotation(System.Type type)", impl: types.Raw(
			func(_ *types.Thread, this types.Value, a []types.Value) types.Value {
				j, typ := tokenReceiver(this), wanted(a[0])
				for _, n := range j.notes {
					if types.IsInstance(n, typ) {
						return types.Ref(n)
					}
				}
				return types.Null
			})},
		{typ: token, signature: "void RemoveAnnotations(System.Type type)", impl: types.Raw(
			func(_ *types.Thread, this types.Value, a []types.Value) types.Value {
				j, typ := tokenReceiver(this), wanted(a[0])
				j.notes = slices.DeleteFunc(slices.Clone(j.notes), func(n any) bool { return types.IsInstance(n, typ) })
				return types.Value{}
			})},
	}
}

func encodingOverloads() []overload {
	const formC = 1
	return []overload{
		{typ: "System.Text.Encoding", signature: "bool IsAlwaysNormalized(System.Text.NormalizationForm form)", impl: types.I1(
			func(e *textEncoding, form int32) bool { return e == encodingLatin1 && form == formC })},
		{typ: "System.Text.Encoding", signature: "int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)", impl: withThread(decodeInto)},
	}
}

// decodeInto is GetChars into a buffer.
func decodeInto(t *types.Thread, e *textEncoding, a []types.Value) types.Value {
	src := byteRange(a)
	dst, ok := a[3].Ref.(*types.Array)
	if !ok {
		types.ThrowNull("chars")
	}
	t.Alloc(int64(len(src)) * 2)
	s, at := e.decode(src), int(a[4].Int32())
	switch {
	case at < 0 || at > len(dst.Items):
		throwRange(msgIndexAtMost, "charIndex")
	case len(dst.Items)-at < s.Len():
		types.ThrowArgument(types.ArgumentException, "The output char buffer is too small to contain the decoded characters, encoding '"+itoa(e.page)+
			"' and fallback 'System.Text.DecoderReplacementFallback'.", "chars")
	}
	for i := range s.Len() {
		dst.Items[at+i] = types.Uint(uint64(s.Unit(i)))
	}
	return types.Int(int64(s.Len()))
}

// byteRange is bytes[byteIndex … byteIndex+byteCount] of arguments.
func byteRange(a []types.Value) []byte {
	b, ok := a[0].Ref.(*types.Bytes)
	if !ok || a[3].Ref == nil {
		types.ThrowNull(map[bool]string{false: "bytes", true: "chars"}[ok])
	}
	i, n := a[1].Int32(), a[2].Int32()
	throwNegative(i, "byteIndex")
	throwNegative(n, "byteCount")
	if len(b.B)-int(i) < int(n) {
		throwRange("Index and count must refer to a location within the buffer.", "bytes")
	}
	return b.B[i : i+n]
}

// publicKeyOverloads are the constructors of PublicKey.
func publicKeyOverloads() []overload {
	const encodedData = cryptoNS + "AsnEncodedData "
	return []overload{
		{typ: x509NS + "PublicKey", signature: "new(" + cryptoNS + "AsymmetricAlgorithm key)", impl: types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			k, ok := a[0].Ref.(*rsaObject)
			if !ok {
				types.ThrowNull("key")
			}
			return types.Ref(publicKeyOf(k.publicDER(t, true), nil))
		})},
		{typ: x509NS + "PublicKey", signature: "new(" + cryptoNS + "Oid oid, " + encodedData + "parameters, " + encodedData + "keyValue)", impl: types.S3(newPublicKey)},
	}
}

// newPublicKey makes a key of its parts.
func newPublicKey(id *oid, params, value encoded) *publicKey {
	if params == nil || value == nil {
		types.ThrowNull("asnEncodedData")
	}
	if id == nil {
		types.ThrowNullReference()
	}
	var info struct {
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Bits asn1.BitString
	}
	for _, arc := range strings.Split(goString(id.value), ".") {
		n, err := strconv.Atoi(arc)
		if err != nil {
			types.Throw(types.CryptographicException, "The OID value is invalid.")
		}
		info.Algorithm.ID = append(info.Algorithm.ID, n)
	}
	_, raw := params.asn()
	_, bits := value.asn()
	info.Algorithm.Params.FullBytes = raw
	info.Bits = asn1.BitString{Bytes: bits, BitLength: len(bits) * 8}
	return publicKeyOf(asn1.Marshal(info))
}

func publicKeyOf(spki []byte, err error) *publicKey {
	var c *cert.Certificate
	if err == nil {
		c, err = cert.ParsePublicKey(spki)
	}
	if err != nil {
		types.Throw(types.CryptographicException, "ASN1 corrupted data.")
	}
	return &publicKey{of: c}
}
