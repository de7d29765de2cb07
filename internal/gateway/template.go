package gateway

import (
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// template is a compiled URL template of an operation: "/items/{id}", "/files/*", "/files/{*path}",
// "/find?kind={kind}". Literals compare without case and after percent-decoding.
type template struct {
	segments []segment
	// wildcard tells that the rest of the path follows; rest is its name, empty if it has none.
	wildcard bool
	rest     string
	query    []queryPart
}

// segment is one path segment: a literal, one parameter, or a mix ("items({id})").
type segment struct {
	// literals are the texts around names: len(names)+1 of them.
	literals []string
	names    []string
}

func (s *segment) literal() bool { return len(s.names) == 0 }

// whole reports whether the segment is one parameter and nothing else.
func (s *segment) whole() bool {
	return len(s.names) == 1 && s.literals[0] == "" && s.literals[1] == ""
}

// queryPart is a query parameter that must be there, with that value or with any.
type queryPart struct {
	key, value string
	// name is the template parameter the value is bound to; empty: the value is a literal.
	name string
}

// parseTemplate reads a URL template. Errors are fault.Invalid.
func parseTemplate(text string) (*template, error) {
	path, query, _ := strings.Cut(text, "?")
	t := new(template)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		last := i == len(parts)-1
		if last && (part == "*" || strings.HasPrefix(part, "{*") && strings.HasSuffix(part, "}")) {
			t.wildcard, t.rest = true, strings.Trim(part, "{*}")
			break
		}
		seg, err := parseSegment(part)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "URL template %q", text)
		}
		t.segments = append(t.segments, seg)
	}
	if t.parameters() > maxCaptures {
		return nil, fault.New(fault.Invalid, "URL template %q has more than %d parameters in its path", text, maxCaptures)
	}
	if len(t.segments) == 1 && t.segments[0].literal() && t.segments[0].literals[0] == "" && !t.wildcard {
		t.segments = nil
	}
	var err error
	if t.query, err = parseTemplateQuery(query); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "URL template %q", text)
	}
	return t, nil
}

// parameters is the number of values that the path's segments capture.
func (t *template) parameters() (n int) {
	for i := range t.segments {
		n += len(t.segments[i].names)
	}
	return n
}

func parseSegment(part string) (s segment, err error) {
	if part == "*" {
		return segment{literals: []string{"", ""}, names: []string{""}}, nil
	}
	for {
		open := strings.IndexByte(part, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(part[open:], '}')
		if end <= 1 {
			return s, fault.New(fault.Invalid, "a parameter in %q has no end or no name", part)
		}
		s.literals = append(s.literals, fold(unescape(part[:open])))
		s.names = append(s.names, part[open+1:open+end])
		part = part[open+end+1:]
	}
	if strings.ContainsAny(part, "{}") {
		return s, fault.New(fault.Invalid, "a brace in %q stands alone", part)
	}
	s.literals = append(s.literals, fold(unescape(part)))
	return s, nil
}

func parseTemplateQuery(query string) (list []queryPart, err error) {
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		q := queryPart{key: queryUnescape(key), value: queryUnescape(value)}
		if strings.HasPrefix(value, "{") {
			if !strings.HasSuffix(value, "}") || len(value) < 3 {
				return nil, fault.New(fault.Invalid, "the query parameter %q has a broken template", key)
			}
			q.name, q.value = value[1:len(value)-1], ""
		}
		list = append(list, q)
	}
	return list, nil
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

func queryUnescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// fold is s for comparing without case.
func fold(s string) string { return strings.ToLower(s) }

// foldBuffer is room for a folded segment on the stack.
type foldBuffer [256]byte

// foldSegment decodes and folds one segment of a request's path; the result is in buf unless the segment is long
// or has characters beyond ASCII.
func foldSegment(buf *foldBuffer, s string) []byte {
	out, ascii := buf[:0], true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
			}
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		ascii = ascii && c < 0x80
		out = append(out, c)
	}
	if !ascii {
		return []byte(fold(string(out)))
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// parameterValue is a captured value as context.Request.MatchedParameters has it: unescaped, except that an encoded
// slash stays encoded.
func parameterValue(raw string) string {
	if !strings.Contains(raw, "%") {
		return raw
	}
	if !strings.Contains(raw, "%2F") && !strings.Contains(raw, "%2f") {
		return unescape(raw)
	}
	var out strings.Builder
	for raw != "" {
		at := indexSlash(raw)
		if at < 0 {
			out.WriteString(unescape(raw))
			break
		}
		out.WriteString(unescape(raw[:at]))
		out.WriteString(raw[at : at+3])
		raw = raw[at+3:]
	}
	return out.String()
}

// indexSlash is where the first encoded slash is, -1 if there is none.
func indexSlash(s string) int {
	for i := 0; i+2 < len(s); i++ {
		if s[i] == '%' && s[i+1] == '2' && s[i+2]|0x20 == 'f' {
			return i
		}
	}
	return -1
}

// cleanPath takes dot segments, encoded dots included, out of a path (RFC 3986 section 5.2.4), so that no backend
// resolves them after the API was chosen.
func cleanPath(path string) string {
	if !mayHaveDots(path) {
		return path
	}
	var kept []string
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch dotSegment(part) {
		case 0:
			kept = append(kept, part)
			continue
		case 2:
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

func mayHaveDots(path string) bool {
	for i := range len(path) - 1 {
		if path[i] == '/' && (path[i+1] == '.' || path[i+1] == '%') {
			return true
		}
	}
	return false
}

// dotSegment is 1 for ".", 2 for "..", 0 for anything else.
func dotSegment(s string) int {
	dots := 0
	for s != "" {
		switch {
		case s[0] == '.':
			s = s[1:]
		case len(s) >= 3 && s[0] == '%' && s[1] == '2' && s[2]|0x20 == 'e':
			s = s[3:]
		default:
			return 0
		}
		if dots++; dots > 2 {
			return 0
		}
	}
	return dots
}
