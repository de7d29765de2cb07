package element

import "strings"

// firstQueryValue is the first value of a query parameter, decoded; names compare without case. Empty if there is none.
func firstQueryValue(query, name string) string {
	for part := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(part, "="); part != "" && strings.EqualFold(unescapeQuery(key), name) {
			return unescapeQuery(value)
		}
	}
	return ""
}
