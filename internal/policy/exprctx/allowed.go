package exprctx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/source"
)

// allowedTypes are the types that API Management's documentation allows in expressions (Policy expressions, "Allowed .NET framework
// types"), namespace by namespace; in braces the members, where only some are.
var allowedTypes = readAllowed(map[string]string{
	"Newtonsoft.Json":      "Formatting JsonConvert{SerializeObject,DeserializeObject}",
	"Newtonsoft.Json.Linq": "Extensions JArray JConstructor JContainer JObject JProperty JRaw JToken JTokenType JValue",
	"System": "Array BitConverter Boolean Byte Char Convert DateTimeOffset Decimal Double Exception Guid Int16 Int32 Int64 Math " +
		"MidpointRounding Nullable Object Random SByte Single String StringComparer StringComparison StringSplitOptions TimeSpan TimeZone " +
		"TimeZoneInfo TimeZoneInfo.AdjustmentRule TimeZoneInfo.TransitionTime Tuple UInt16 UInt32 UInt64 Uri UriPartial " +
		"DateTime{.ctor,Add,AddDays,AddHours,AddMilliseconds,AddMinutes,AddMonths,AddSeconds,AddTicks,AddYears,Date,Day,DayOfWeek,DayOfYear," +
		"DaysInMonth,Hour,IsDaylightSavingTime,IsLeapYear,MaxValue,Millisecond,Minute,MinValue,Month,Now,Parse,Second,Subtract,Ticks," +
		"TimeOfDay,Today,ToString,UtcNow,Year} DateTimeKind{Utc} Enum{Parse,TryParse,ToString}",
	"System.Collections.Generic": "Dictionary HashSet ICollection IDictionary IEnumerable IEnumerator IList IReadOnlyCollection " +
		"IReadOnlyDictionary ISet KeyValuePair List Queue Stack",
	"System.IO":   "StringReader StringWriter",
	"System.Linq": "Enumerable",
	"System.Net":  "IPAddress{AddressFamily,Equals,GetAddressBytes,IsLoopback,Parse,TryParse,ToString} WebUtility",
	"System.Security.Cryptography": "AsymmetricAlgorithm CipherMode HashAlgorithm HashAlgorithmName HMAC HMACMD5 HMACSHA1 HMACSHA256 " +
		"HMACSHA384 HMACSHA512 KeyedHashAlgorithm MD5 Oid PaddingMode RNGCryptoServiceProvider RSA RSAEncryptionPadding " +
		"RSASignaturePadding SHA1 SHA1Managed SHA256 SHA256Managed SHA384 SHA384Managed SHA512 SHA512Managed SymmetricAlgorithm",
	"System.Security.Cryptography.X509Certificates": "PublicKey RSACertificateExtensions X500DistinguishedName{Name} X509Certificate " +
		"X509Certificate2 X509ContentType X509NameType",
	"System.Text": "Encoding StringBuilder",
	"System.Text.RegularExpressions": "Capture{Index,Length,Value} CaptureCollection{Count,Item} Group{Captures,Success} " +
		"GroupCollection{Count,Item} Match{Empty,Groups,Result} Regex{.ctor,IsMatch,Match,Matches,Replace,Unescape,Split} RegexOptions",
	"System.Xml": "XmlNodeType",
	"System.Xml.Linq": "Extensions XAttribute XCData XComment XContainer XDeclaration XDocument XDocumentType XElement XName XNamespace " +
		"XNode XNodeDocumentOrderComparer XNodeEqualityComparer XObject XProcessingInstruction XText",
})

// noLoad is the type of which all members but Load are allowed.
const noLoad = "System.Xml.Linq.XDocument"

// readAllowed reads the lists: full name of a type to the names of its members, nil for all.
func readAllowed(lists map[string]string) map[string][]string {
	out := map[string][]string{}
	for namespace, list := range lists {
		for t := range strings.FieldsSeq(list) {
			name, members, some := strings.Cut(strings.TrimSuffix(t, "}"), "{")
			out[namespace+"."+name] = nil
			if some {
				out[namespace+"."+name] = strings.Split(members, ",")
			}
		}
	}
	return out
}

// Remarks implements policy.Remarker: what the expression uses and API Management's list lacks, each at its name.
func (l *Language) Remarks(code string, want policy.Want, dynamic []string) []source.Diagnostic {
	env, _ := environment(want, dynamic)
	var out []source.Diagnostic
	for _, u := range csharp.Uses(code, env) {
		if text := refusal(u, code[u.Span.Start:u.Span.End]); text != "" {
			out = append(out, source.Diagnostic{Code: policy.CodeNotRunnableAPIM, Severity: source.Warning, Span: u.Span,
				Message: "API Management: " + text + " is not supported within expressions."})
		}
	}
	return out
}

var _ policy.Remarker = (*Language)(nil)

// refusal is what API Management would say of a use, which reads so; "" of one that it allows.
func refusal(u csharp.Use, text string) string {
	if u.Member == nil {
		of := u.Type
		if of == nil {
			return ""
		}
		for of.Kind == types.ArrayKind {
			of = of.Elem
		}
		if underlying, ok := of.IsNullable(); ok {
			of = underlying
		}
		name := libraryName(of)
		switch member, ok := constantOf(of, text); {
		case name != "" && !isListed(name):
			return fmt.Sprintf("Usage of type '%s'", name)
		case ok && !listed(name, member):
			return fmt.Sprintf("Usage of member '%s' of type '%s'", member, name)
		}
		return ""
	}
	if implied(u.Member) || listed(libraryName(u.Type), u.Member.Name) || listed(libraryName(u.Member.Declaring), u.Member.Name) {
		return ""
	}
	name := libraryName(u.Member.Declaring)
	if !isListed(name) && (u.Member.Static || u.Member.Kind == types.Constructor) {
		return fmt.Sprintf("Usage of type '%s'", name)
	}
	return fmt.Sprintf("Usage of member '%s' of type '%s'", u.Member.Name, name)
}

// constantOf is the member of an enum that a text names.
func constantOf(of *types.Type, text string) (member string, ok bool) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 || of == nil || of.Kind != types.EnumKind || !strings.HasSuffix("."+text[:i], "."+of.Name()) {
		return "", false
	}
	return text[i+1:], true
}

// implied tells of members that the language calls without their names: foreach, using, operators, conversions.
func implied(m *types.Member) bool {
	switch m.Name {
	case "Dispose", "GetEnumerator", "MoveNext", "Current":
		return true
	}
	return m.Kind == types.Operator || m.Kind == types.Conversion
}

// libraryName is the full name of a type of .NET, without type arguments. It is "" for types of the context, anonymous types,
// arrays, delegates and what has no name.
func libraryName(t *types.Type) string {
	if t == nil || t.Def == nil || t.Anon != nil || t.Kind == types.DelegateKind || t.Def.Namespace == "" {
		return ""
	}
	return t.Def.Namespace + "." + t.Def.Name
}

func isListed(name string) bool {
	_, ok := allowedTypes[name]
	return ok
}

// listed tells whether a member may be used of the type.
func listed(typeName, member string) bool {
	if typeName == "" {
		return true
	}
	members, ok := allowedTypes[typeName]
	if !ok || typeName == noLoad && member == "Load" {
		return false
	}
	return members == nil || slices.Contains(members, member)
}
