package clr

import "github.com/postern-gateway/postern/csharp/types"

// What follows are members of .NET's classes as functions, for embedders whose own language is defined by them (a template language,
// say) and that run no C#. Strings are not nil. They throw as the members do; regular expressions count against the thread's budget.

// ToUpper is String.ToUpper.
func ToUpper(s *types.String) *types.String { return upperString(s, upperRune) }

// ToLower is String.ToLower.
func ToLower(s *types.String) *types.String { return lowerString(s, lowerRune) }

// TrimWhite is String.Trim, or TrimStart or TrimEnd where one end only is asked for.
func TrimWhite(t *types.Thread, s *types.String, start, end bool) *types.String {
	return trimWhite(t, s, start, end)
}

// IsBlank is String.IsNullOrWhiteSpace.
func IsBlank(s *types.String) bool { return isBlank(s) }

// CompareCulture is String.Compare in US English.
func CompareCulture(a, b *types.String) int { return compareCulture(a, b, false) }

// CompareIgnoreCase is StringComparer.OrdinalIgnoreCase.Compare.
func CompareIgnoreCase(a, b *types.String) int { return compareOrdinal(foldString(a), foldString(b)) }

// StartsWith is String.StartsWith in US English.
func StartsWith(s, prefix *types.String) bool { return hasAffix(s, prefix, 0, false) }

// EndsWith is String.EndsWith in US English.
func EndsWith(s, suffix *types.String) bool { return hasAffix(s, suffix, 0, true) }

// HTMLEncode is WebUtility.HtmlEncode.
func HTMLEncode(s *types.String) *types.String { return htmlEncode(s) }

// HTMLDecode is WebUtility.HtmlDecode.
func HTMLDecode(s *types.String) *types.String { return htmlDecode(s) }

// URLEncode is WebUtility.UrlEncode.
func URLEncode(s *types.String) *types.String { return urlEncodeText(s) }

// URLDecode is WebUtility.UrlDecode.
func URLDecode(s *types.String) *types.String { return urlDecodeText(s) }

// ReplaceRegex is Regex.Replace with a replacement pattern.
func ReplaceRegex(t *types.Thread, s, pattern, replacement *types.String) *types.String {
	r := newRegex(t, pattern, 0, 0)
	by := r.replacement(replacement)
	return r.replace(t, s, -1, 0, func(m *regexMatch) []*types.String { return by.parts(t, m) })
}

// ReplaceFirstRegex puts a text, as it is, in the place of the first match.
func ReplaceFirstRegex(t *types.Thread, s, pattern, text *types.String) *types.String {
	return newRegex(t, pattern, 0, 0).replace(t, s, 1, 0, func(*regexMatch) []*types.String { return []*types.String{text} })
}

// JSONVisitor is told of what WalkJSON finds, each call for one value; name is that of the property that holds it, where an object does.
type JSONVisitor interface {
	// Object and Array begin a container, End ends it.
	Object(name string)
	Array(name string)
	End()
	// Value is bool, int64, float64, *big.Int, *types.String, types.DateTime, or nil for null.
	Value(name string, v any)
}

// WalkJSON reads a JSON text as Json.NET does and shows it to v. Where dates is set, texts that look like ISO 8601 dates are dates.
// It throws JsonReaderException, and what Json.NET has beside JSON's own values (constructors) as null.
func WalkJSON(t *types.Thread, text string, dates bool, v JSONVisitor) {
	r := newJSONReader(t, text)
	r.plainDates = !dates
	walkJSON(t, loadToken(r, jNone, defaultLoad), "", v)
	for r.read() {
	}
}

// WalkToken shows a token, and what is in it, to v.
func WalkToken(t *types.Thread, j *JToken, v JSONVisitor) {
	if j.kind == jProperty && len(j.items) == 1 {
		j = j.items[0]
	}
	walkJSON(t, j, "", v)
}

// ObjectText is ToString of an object that is not null; its universe must be the thread's.
func ObjectText(t *types.Thread, o any) string {
	if s := objectToString(t, o); s != nil {
		return s.Go()
	}
	return ""
}

func walkJSON(t *types.Thread, j *JToken, name string, v JSONVisitor) {
	t.Step(1)
	switch j.kind {
	case jObject:
		v.Object(name)
		for _, p := range j.items {
			if p.kind == jProperty && len(p.items) == 1 {
				walkJSON(t, p.items[0], p.name.Go(), v)
			}
		}
		v.End()
	case jArray:
		v.Array(name)
		for _, item := range j.items {
			walkJSON(t, item, "", v)
		}
		v.End()
	case jString, jDate, jInteger, jFloat, jBoolean:
		value := j.value
		if b, ok := value.(bigInteger); ok {
			value = b.Int
		}
		v.Value(name, value)
	default:
		v.Value(name, nil)
	}
}
