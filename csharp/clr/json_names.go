package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

const (
	newtonsoft = "Newtonsoft.Json."
	jsonLinq   = "Newtonsoft.Json.Linq."
)

// jsonNames are the namespaces of the names that signatures of the JSON types have in short.
var jsonNames = map[string]string{
	"JToken": jsonLinq, "JObject": jsonLinq, "JArray": jsonLinq, "JProperty": jsonLinq, "JValue": jsonLinq, "JContainer": jsonLinq,
	"JConstructor": jsonLinq, "JRaw": jsonLinq, "JTokenType": jsonLinq, "JEnumerable": jsonLinq, "IJEnumerable": jsonLinq,
	"JTokenEqualityComparer": jsonLinq, "JsonMergeSettings": jsonLinq, "JsonLoadSettings": jsonLinq, "JsonSelectSettings": jsonLinq,
	"MergeArrayHandling": jsonLinq, "MergeNullValueHandling": jsonLinq, "CommentHandling": jsonLinq, "LineInfoHandling": jsonLinq,
	"DuplicatePropertyNameHandling": jsonLinq,
	"Formatting":                    newtonsoft, "JsonSerializerSettings": newtonsoft, "JsonConverter": newtonsoft,
	"NullValueHandling": newtonsoft, "DateParseHandling": newtonsoft, "FloatParseHandling": newtonsoft, "StringEscapeHandling": newtonsoft,
	"DateFormatHandling": newtonsoft, "DateTimeZoneHandling": newtonsoft, "DefaultValueHandling": newtonsoft, "FloatFormatHandling": newtonsoft,
}

// expandNames writes names in full that do not follow a dot and are followed by what ends a type.
func expandNames(signature string, names map[string]string) string {
	var b strings.Builder
	for i := 0; i < len(signature); {
		if !nameByte(signature[i]) {
			b.WriteByte(signature[i])
			i++
			continue
		}
		j := i
		for j < len(signature) && nameByte(signature[j]) {
			j++
		}
		word := signature[i:j]
		if ns := names[word]; ns != "" && (i == 0 || signature[i-1] != '.') && typeFollows(signature[j:]) {
			b.WriteString(ns)
		}
		b.WriteString(word)
		i = j
	}
	return b.String()
}

// typeFollows reports whether a name before rest is that of a type and not of a member: "Value {", "Values(".
func typeFollows(rest string) bool {
	return !strings.HasPrefix(rest, "(") && !strings.HasPrefix(rest, " {") && !strings.HasPrefix(rest, " =")
}

func nameByte(c byte) bool { return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// jx declares a member whose signature uses short names of JSON types and of collections.
func jx(signature string, impl types.Impl) types.MemberDecl {
	return types.M(longNames(expandNames(signature, jsonNames)), impl)
}

// jt declares a JSON type with short names in its head.
func jt(head string, members ...types.MemberDecl) *types.Decl {
	return types.T(longNames(expandNames(head, jsonNames)), members...)
}

// withThread is an instance member's Impl that needs the thread.
func withThread[A any](f func(t *types.Thread, this A, args []types.Value) types.Value) types.Impl {
	get := types.Decode[A]()
	return types.Raw(func(t *types.Thread, this types.Value, args []types.Value) types.Value {
		if this.Ref == nil {
			types.ThrowNullReference()
		}
		return f(t, get(this), args)
	})
}

// setter is a property's setter over Go types; args are the indexer's arguments and the value.
func setter[A any](f func(t *types.Thread, this A, args []types.Value)) func(*types.Thread, types.Value, []types.Value) {
	get := types.Decode[A]()
	return func(t *types.Thread, this types.Value, args []types.Value) {
		if this.Ref == nil {
			types.ThrowNullReference()
		}
		f(t, get(this), args)
	}
}
