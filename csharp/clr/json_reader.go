package clr

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// jsonTokenKind is Newtonsoft.Json.JsonToken.
type jsonTokenKind uint8

const (
	tokNone jsonTokenKind = iota
	tokStartObject
	tokStartArray
	tokStartConstructor
	tokPropertyName
	tokComment
	tokRaw
	tokInteger
	tokFloat
	tokString
	tokBoolean
	tokNull
	tokUndefined
	tokEndObject
	tokEndArray
	tokEndConstructor
	tokDate
	tokBytes
)

var jsonTokenNames = [...]string{"None", "StartObject", "StartArray", "StartConstructor", "PropertyName", "Comment", "Raw", "Integer", "Float",
	"String", "Boolean", "Null", "Undefined", "EndObject", "EndArray", "EndConstructor", "Date", "Bytes"}

func (k jsonTokenKind) String() string { return jsonTokenNames[k] }

type jsonState uint8

const (
	stStart jsonState = iota
	stComplete
	stProperty
	stObjectStart
	stObject
	stArrayStart
	stArray
	stPostValue
	stConstructorStart
	stConstructor
	stFinished
)

// jsonLevel is one container that is being read.
type jsonLevel struct {
	kind jsonKind // jNone outside of any
	name string
	// named tells that name is set; at is the index of the element being read, -1 before the first.
	named bool
	at    int
}

// maxJSONDepth is how deep documents may nest.
const maxJSONDepth = 64

// readAs is what a caller of the reader wants a value to be, which decides about its errors and how numbers are kept.
type readAs uint8

const (
	readAny readAs = iota
	readInt
	readDecimal
	readDouble
	readText
	readBool
	readDate
	readOffset
	readBytes
)

// jsonReader reads JSON text as Json.NET's JsonTextReader does, which takes more than the standard has: comments, single quotes, names
// without quotes, hexadecimal and octal numbers, trailing commas, and dates.
type jsonReader struct {
	t    *types.Thread
	text string
	pos  int
	// line and lineStart tell places; wide is by how much bytes exceed UTF-16 units since the start of the line.
	line, lineStart, wide int

	state jsonState
	kind  jsonTokenKind
	value any
	stack []jsonLevel
	cur   jsonLevel
	// plainDates leaves texts that look like dates texts: DateParseHandling.None.
	plainDates bool
}

func newJSONReader(t *types.Thread, text string) *jsonReader {
	return &jsonReader{t: t, text: text, line: 1}
}

// column is the present position in the line.
func (r *jsonReader) column() int { return r.pos - r.lineStart - r.wide }

// lineNumber is 0 before anything has been read.
func (r *jsonReader) lineNumber() int {
	if r.state == stStart && r.column() == 0 && r.kind != tokComment {
		return 0
	}
	return r.line
}

func (r *jsonReader) path() string {
	if r.cur.kind == jNone {
		return ""
	}
	var b strings.Builder
	for i := range r.stack {
		r.stack[i].write(&b)
	}
	if r.state != stArrayStart && r.state != stConstructorStart && r.state != stObjectStart {
		r.cur.write(&b)
	}
	return b.String()
}

func (l *jsonLevel) write(b *strings.Builder) {
	switch {
	case l.kind == jObject:
		if l.named {
			writePathName(b, l.name)
		}
	case l.kind != jNone && l.at >= 0:
		writePathIndex(b, l.at)
	}
}

// fail throws JsonReaderException with the place.
func (r *jsonReader) fail(message string) {
	types.Throw(jsonReaderExceptionType(), placeMessage(message, r.path(), r.lineNumber(), r.column(), true))
}

// placeMessage is a message with the path and, if there is one, the line and position.
func placeMessage(message, path string, line, column int, placed bool) string {
	if !strings.HasSuffix(message, "\n") {
		message = strings.TrimSpace(message)
		if !strings.HasSuffix(message, ".") {
			message += "."
		}
		message += " "
	}
	message += "Path '" + path + "'"
	if placed {
		message += ", line " + strconv.Itoa(line) + ", position " + strconv.Itoa(column)
	}
	return message + "."
}

func (r *jsonReader) failValue(message string) {
	r.setToken(tokUndefined, nil)
	r.fail(message)
}

// peek is the present byte, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.pos < len(r.text) {
		return r.text[r.pos]
	}
	return 0
}

func (r *jsonReader) end() bool { return r.pos >= len(r.text) }

// has reports whether there are n more bytes after the present one.
func (r *jsonReader) has(n int) bool { return r.pos+n < len(r.text) }

// char is the present character, for messages.
func (r *jsonReader) char() string {
	if r.end() {
		return "\x00"
	}
	s := types.NewString(r.text[r.pos:min(len(r.text), r.pos+4)])
	return s.Slice(0, 1).Go()
}

// skipWhite passes over one white-space character and reports whether there was one.
func (r *jsonReader) skipWhite() bool {
	switch c := r.peek(); {
	case r.end():
		return false
	case c == '\n':
		r.pos++
		r.newLine()
	case c == '\r':
		r.pos++
		if r.peek() == '\n' {
			r.pos++
		}
		r.newLine()
	case c == ' ' || c == '\t' || c == '\v' || c == '\f':
		r.pos++
	case c >= 0x80:
		ch, size := decodeRune(r.text[r.pos:])
		if !isWhiteRune(ch) {
			return false
		}
		r.advanceWide(size)
	default:
		return false
	}
	return true
}

func (r *jsonReader) newLine() {
	r.line++
	r.lineStart, r.wide = r.pos, 0
}

// advanceWide passes over a character of size bytes that is not ASCII.
func (r *jsonReader) advanceWide(size int) {
	r.pos += size
	r.wide += size - 1
	if size == 4 {
		r.wide--
	}
}

// read goes on to the next token and reports whether there is one.
func (r *jsonReader) read() bool { return r.readAs(readAny) }

func (r *jsonReader) readAs(as readAs) bool {
	r.t.Step(1)
	for {
		switch r.state {
		case stObject, stObjectStart:
			return r.readMember()
		case stPostValue:
			if r.postValue(as != readAny) {
				return true
			}
			if r.state == stFinished {
				r.kind, r.value = tokNone, nil
				return false
			}
		case stFinished:
			return r.afterDocument()
		default:
			return r.readValue(as)
		}
	}
}

func (r *jsonReader) afterDocument() bool {
	for r.skipWhite() {
	}
	switch {
	case r.end():
		r.kind, r.value = tokNone, nil
		return false
	case r.peek() == '/':
		r.comment()
		return true
	}
	r.fail("Additional text encountered after finished reading JSON content: " + r.char() + ".")
	return false
}

func (r *jsonReader) readMember() bool {
	for {
		switch {
		case r.end():
			r.kind, r.value = tokNone, nil
			return false
		case r.peek() == '}':
			r.pos++
			r.setToken(tokEndObject, nil)
			return true
		case r.peek() == '/':
			r.comment()
			return true
		case !r.skipWhite():
			r.propertyName()
			return true
		}
	}
}

// postValue reads what follows a value; false means that a comma did, or the end.
func (r *jsonReader) postValue(typed bool) bool {
	for {
		if r.end() {
			r.state = stFinished
			return false
		}
		switch r.peek() {
		case '}':
			r.pos++
			r.setToken(tokEndObject, nil)
			return true
		case ']':
			r.pos++
			r.setToken(tokEndArray, nil)
			return true
		case ')':
			r.pos++
			r.setToken(tokEndConstructor, nil)
			return true
		case '/':
			r.comment()
			if typed {
				continue
			}
			return true
		case ',':
			r.pos++
			r.stateFromLevel()
			return false
		}
		if !r.skipWhite() {
			r.fail("After parsing a value an unexpected character was encountered: " + r.char() + ".")
		}
	}
}

func (r *jsonReader) stateFromLevel() {
	switch r.cur.kind {
	case jObject:
		r.state = stObject
	case jArray:
		r.state = stArray
	case jConstructor:
		r.state = stConstructor
	default:
		r.state = stFinished
	}
}

func (r *jsonReader) propertyName() {
	c := r.peek()
	var name string
	switch {
	case c == '"' || c == '\'':
		r.pos++
		name = r.quoted(c)
	case r.identifierChar():
		name = r.identifier()
	default:
		r.fail("Invalid property identifier character: " + r.char() + ".")
	}
	for r.skipWhite() {
	}
	if r.peek() != ':' {
		r.fail("Invalid character after parsing property name. Expected ':' but got: " + r.char() + ".")
	}
	r.pos++
	r.setToken(tokPropertyName, types.NewString(name))
}

func (r *jsonReader) identifierChar() bool {
	c := r.peek()
	if c < 0x80 {
		return c == '_' || c == '$' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	ch, _ := decodeRune(r.text[r.pos:])
	return isLetterOrDigitRune(ch)
}

func (r *jsonReader) identifier() string {
	start := r.pos
	for !r.end() {
		switch {
		case r.identifierChar():
			if r.peek() < 0x80 {
				r.pos++
				continue
			}
			_, size := decodeRune(r.text[r.pos:])
			r.advanceWide(size)
		case r.peek() == ':' || r.whiteAhead():
			return r.text[start:r.pos]
		default:
			r.fail("Invalid JavaScript property identifier character: " + r.char() + ".")
		}
	}
	r.fail("Unexpected end while parsing unquoted property name.")
	return ""
}

func (r *jsonReader) whiteAhead() bool {
	ch, _ := decodeRune(r.text[r.pos:])
	return isWhiteRune(ch)
}

func (r *jsonReader) unexpected() {
	r.fail("Unexpected character encountered while parsing value: " + r.char() + ".")
}

func (r *jsonReader) setToken(kind jsonTokenKind, value any) {
	r.kind, r.value = kind, value
	switch kind {
	case tokStartObject:
		r.state = stObjectStart
		r.push(jObject)
	case tokStartArray:
		r.state = stArrayStart
		r.push(jArray)
	case tokStartConstructor:
		r.state = stConstructorStart
		r.push(jConstructor)
	case tokEndObject:
		r.closeLevel(jObject)
	case tokEndArray:
		r.closeLevel(jArray)
	case tokEndConstructor:
		r.closeLevel(jConstructor)
	case tokPropertyName:
		r.state = stProperty
		r.cur.name, r.cur.named = value.(*types.String).Go(), true
	case tokComment:
	default:
		r.valueDone()
		r.scopeDone()
	}
}

func (r *jsonReader) valueDone() {
	if r.cur.kind != jNone {
		r.state = stPostValue
	} else {
		r.state = stFinished
	}
}

func (r *jsonReader) scopeDone() {
	if r.cur.kind == jArray || r.cur.kind == jConstructor {
		r.cur.at++
	}
}

func (r *jsonReader) push(kind jsonKind) {
	r.scopeDone()
	if r.cur.kind == jNone {
		r.cur = jsonLevel{kind: kind, at: -1}
		return
	}
	r.stack = append(r.stack, r.cur)
	r.cur = jsonLevel{kind: kind, at: -1}
	if len(r.stack) >= maxJSONDepth {
		r.fail("The reader's MaxDepth of " + strconv.Itoa(maxJSONDepth) + " has been exceeded.")
	}
}

func (r *jsonReader) closeLevel(kind jsonKind) {
	was := r.cur.kind
	r.cur = jsonLevel{}
	if n := len(r.stack); n > 0 {
		r.cur, r.stack = r.stack[n-1], r.stack[:n-1]
	}
	if was != kind {
		r.fail("JsonToken " + r.kind.String() + " is not valid for closing JsonType " + was.String() + ".")
	}
	r.valueDone()
}
