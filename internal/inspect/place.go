package inspect

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
)

// placeKind is what somebody who writes at a place is in the middle of.
type placeKind uint8

const (
	// inNothing is where nothing is to be completed: a comment, an end of a tag.
	inNothing placeKind = iota
	// inText is between tags, inName the name of a start tag, inEnd that of an end tag.
	inText
	inName
	inEnd
	// inAttributes is where an attribute's name may stand, inValue inside an attribute's literal value.
	inAttributes
	inValue
	// inCode is inside an expression.
	inCode
)

// place is where in an unfinished document somebody writes.
type place struct {
	kind placeKind
	// path are the names of the elements around, the root first; of inName, inAttributes and inValue without the tag itself.
	path []string
	// tag is the name of the start tag, attributes are the names in it that stand before the place, attribute that of inValue
	// and of inCode in an attribute.
	tag, attribute string
	attributes     []string
	// start is where the word, value or code that is being written begins.
	start int
	// code is the C# with its "@(" or "@{", as far as it goes.
	code string
}

// maxPlaceDepth bounds the nesting that is looked at.
const maxPlaceDepth = 256

// scanner walks over an unfinished document up to an offset.
type scanner struct {
	text string
	// stop is the offset.
	stop int
	pos  int
	path []string
}

// placeAt finds the place of the offset. It reads what stands before forgivingly: what is not well-formed is passed over.
func placeAt(text string, offset int) place {
	s := &scanner{text: text, stop: offset}
	for s.pos < s.stop {
		if p, ok := s.next(); ok {
			p.path = s.path
			return p
		}
	}
	return place{kind: inText, path: s.path, start: s.stop}
}

// next walks over one thing; ok tells that the offset lies in it.
func (s *scanner) next() (p place, ok bool) {
	rest := s.text[s.pos:]
	for _, skip := range []struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if strings.HasPrefix(rest, skip.begin) {
			end := strings.Index(rest, skip.end)
			if end < 0 || s.pos+end+len(skip.end) > s.stop {
				return place{}, true
			}
			s.pos += end + len(skip.end)
			return place{}, false
		}
	}
	switch {
	case strings.HasPrefix(rest, "</"):
		return s.endTag()
	case rest[0] == '<':
		return s.startTag()
	case codeAt(s.text, s.pos):
		return s.skipCode("")
	}
	s.pos++
	return place{}, false
}

func codeAt(text string, at int) bool {
	return strings.HasPrefix(text[at:], "@(") || strings.HasPrefix(text[at:], "@{")
}

// skipCode walks over an expression, in the attribute of that name or in text.
func (s *scanner) skipCode(attribute string) (place, bool) {
	start := s.pos
	end, closed := syntax.Match(s.text, start)
	if closed && end <= s.stop {
		s.pos = end
		return place{}, false
	}
	code := s.text[start:end]
	if !closed {
		code = s.text[start:s.stop] // what follows belongs to the document, as far as is known
	}
	return place{kind: inCode, attribute: attribute, start: start, code: code}, true
}

func (s *scanner) endTag() (place, bool) {
	start := s.pos + 2
	end := s.name(start)
	if end >= s.stop {
		return place{kind: inEnd, start: start}, true
	}
	name := s.text[start:end]
	for i := len(s.path) - 1; i >= 0; i-- {
		if s.path[i] == name {
			s.path = s.path[:i]
			break
		}
	}
	shut := strings.IndexByte(s.text[end:s.stop], '>')
	if shut < 0 {
		return place{}, true
	}
	s.pos = end + shut + 1
	return place{}, false
}

// name is the end of the XML name at the offset.
func (s *scanner) name(at int) int {
	for at < len(s.text) && nameByte(s.text[at]) {
		at++
	}
	return at
}

func nameByte(b byte) bool {
	return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' || b == '-' || b == '_' || b == '.' || b == ':' || b >= 0x80
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

func (s *scanner) startTag() (place, bool) {
	start := s.pos + 1
	end := s.name(start)
	if end >= s.stop {
		return place{kind: inName, start: start}, true
	}
	tag := s.text[start:end]
	if tag == "" {
		s.pos++
		return place{}, false
	}
	var names []string
	for s.pos = end; s.pos < s.stop; {
		switch b := s.text[s.pos]; {
		case b == '>':
			s.pos++
			if len(s.path) < maxPlaceDepth {
				s.path = append(s.path, tag)
			}
			return place{}, false
		case strings.HasPrefix(s.text[s.pos:], "/>"):
			s.pos += 2
			if s.pos > s.stop {
				return place{}, true
			}
			return place{}, false
		case b == '<': // the tag has no end: another begins
			return place{}, false
		case nameByte(b):
			p, found, name := s.attribute()
			if found {
				p.tag, p.attributes = tag, names
				return p, true
			}
			names = append(names, name)
		default:
			s.pos++
		}
	}
	if !isBlank(s.text[s.stop-1]) {
		return place{}, true
	}
	return place{kind: inAttributes, tag: tag, attributes: names, start: s.stop}, true
}

// attribute walks over name="value".
func (s *scanner) attribute() (p place, found bool, name string) {
	start := s.pos
	end := s.name(start)
	if end >= s.stop {
		return place{kind: inAttributes, start: start}, true, ""
	}
	name = s.text[start:end]
	at := end
	for at < s.stop && isBlank(s.text[at]) {
		at++
	}
	if at >= s.stop || s.text[at] != '=' {
		s.pos = at
		return place{}, false, name
	}
	for at++; at < s.stop && isBlank(s.text[at]); at++ {
	}
	if at >= s.stop {
		s.pos = at
		return place{}, true, name
	}
	quote := s.text[at]
	if quote != '"' && quote != '\'' {
		s.pos = at + 1
		return place{}, false, name
	}
	p, found = s.value(name, quote, at+1)
	return p, found, name
}

// value walks over the value that begins at the offset, to behind its quote.
func (s *scanner) value(name string, quote byte, start int) (place, bool) {
	at := start
	for at < s.stop && isBlank(s.text[at]) {
		at++
	}
	if at < len(s.text) && codeAt(s.text, at) && at+2 <= s.stop {
		s.pos = at
		if p, found := s.skipCode(name); found {
			return p, true
		}
		at = s.pos
	}
	end := strings.IndexByte(s.text[at:], quote)
	if end < 0 || at+end >= s.stop {
		return place{kind: inValue, attribute: name, start: start}, true
	}
	s.pos = at + end + 1
	return place{}, false
}
