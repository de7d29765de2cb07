package clr

import (
	"github.com/postern-gateway/postern/csharp/types"
)

// jsonSource is what the deserializer reads: text, or tokens.
type jsonSource interface {
	// readAs goes on to the next token, as a value of a kind where that matters; false at the end.
	readAs(as readAs) bool
	// token is the present one.
	token() (jsonTokenKind, any)
	// where is the present place, to be put behind a message.
	where(message string) string
	// take reads the present token with all in it.
	take() *JToken
}

func (r *jsonReader) token() (jsonTokenKind, any) { return r.kind, r.value }

func (r *jsonReader) where(message string) string {
	return placeMessage(message, r.path(), r.lineNumber(), r.column(), true)
}

func (r *jsonReader) take() *JToken {
	j := tokenOf(r, defaultLoad)
	if j.isContainer() {
		loadContent(r, j, defaultLoad)
	}
	return j
}

// tokenSource reads a document: JTokenReader.
type tokenSource struct {
	t     *types.Thread
	root  *JToken
	cur   *JToken
	kind  jsonTokenKind
	value any
}

func (s *tokenSource) token() (jsonTokenKind, any) { return s.kind, s.value }

func (s *tokenSource) where(message string) string {
	j := s.cur
	if j == nil {
		j = s.root
	}
	return placeMessage(message, j.path(), j.line, j.column, j.line > 0)
}

func (s *tokenSource) take() *JToken {
	j := s.cur
	s.kind = endOf(s.kind)
	return j.clone()
}

func endOf(k jsonTokenKind) jsonTokenKind {
	switch k {
	case tokStartObject:
		return tokEndObject
	case tokStartArray:
		return tokEndArray
	case tokStartConstructor:
		return tokEndConstructor
	}
	return k
}

// next goes on to the next token of the document.
func (s *tokenSource) next() bool {
	switch {
	case s.cur == nil:
		s.enter(s.root)
		return true
	case s.kind == tokNone:
		return false
	case s.kind == tokStartObject || s.kind == tokStartArray || s.kind == tokStartConstructor || s.kind == tokPropertyName:
		if len(s.cur.items) > 0 {
			s.enter(s.cur.items[0])
		} else {
			s.kind = endOf(s.kind)
		}
		return true
	}
	return s.leave()
}

// leave goes on from a token that is done.
func (s *tokenSource) leave() bool {
	for s.cur != s.root {
		if n := s.cur.sibling(1); n != nil {
			s.enter(n)
			return true
		}
		s.cur = s.cur.parent
		switch s.cur.kind {
		case jObject:
			s.kind = tokEndObject
			return true
		case jArray:
			s.kind = tokEndArray
			return true
		case jConstructor:
			s.kind = tokEndConstructor
			return true
		}
	}
	s.kind, s.value = tokNone, nil
	return false
}

var tokenOfKind = map[jsonKind]jsonTokenKind{jObject: tokStartObject, jArray: tokStartArray, jConstructor: tokStartConstructor,
	jProperty: tokPropertyName, jComment: tokComment, jInteger: tokInteger, jFloat: tokFloat, jString: tokString, jBoolean: tokBoolean,
	jNull: tokNull, jUndefined: tokUndefined, jDate: tokDate, jRaw: tokRaw, jBytes: tokBytes, jGuid: tokString, jUri: tokString, jTimeSpan: tokString}

func (s *tokenSource) enter(j *JToken) {
	s.cur, s.kind, s.value = j, tokenOfKind[j.kind], j.value
	switch j.kind {
	case jProperty, jConstructor:
		s.value = j.name
	case jGuid, jTimeSpan, jUri:
		s.value = objectToString(s.t, j.value)
	}
}

var readAsNames = map[readAs]string{readInt: "integer", readDecimal: "decimal", readDouble: "double", readText: "string", readBool: "boolean",
	readDate: "date", readOffset: "date", readBytes: "bytes"}

func (s *tokenSource) readAs(as readAs) bool {
	s.t.Step(1)
	for {
		if !s.next() {
			return false
		}
		if s.kind != tokComment || as == readAny {
			break
		}
	}
	switch {
	case as == readAny, s.kind == tokNull, s.kind == tokEndArray, as == readBytes:
		return true
	case as == readText:
		if s.kind < tokInteger || s.kind == tokEndObject || s.kind == tokUndefined {
			s.failKind(as)
		}
		s.kind, s.value = tokString, types.NewString(invariantString(s.t, s.value))
		return true
	case s.kind == tokString:
		kind, value, what := stringAs(s.t, goString(s.value.(*types.String)), as)
		if what != "" {
			types.Throw(jsonReaderExceptionType(), s.where("Could not convert string to "+what+": "+goString(s.value.(*types.String))+"."))
		}
		s.kind, s.value = kind, value
		return true
	}
	s.convert(as)
	return true
}

func (s *tokenSource) failKind(as readAs) {
	types.Throw(jsonReaderExceptionType(), s.where("Error reading "+readAsNames[as]+". Unexpected token: "+s.kind.String()+"."))
}

// convert makes a number, boolean or date what was asked for.
func (s *tokenSource) convert(as readAs) {
	number := s.kind == tokInteger || s.kind == tokFloat
	switch {
	case as == readInt && number:
		s.kind, s.value = tokInteger, convertTo(s.t, "ToInt32", s.value).Int32()
	case as == readDecimal && number:
		s.kind, s.value = tokFloat, convertTo(s.t, "ToDecimal", s.value).Decimal()
	case as == readDouble && number:
		s.kind, s.value = tokFloat, convertTo(s.t, "ToDouble", s.value).Float64()
	case as == readBool && (number || s.kind == tokBoolean):
		s.kind, s.value = tokBoolean, convertTo(s.t, "ToBoolean", s.value).Bool()
	case as == readDate && s.kind == tokDate:
		s.value = types.DateTime(jsonDateTime(s.t, s.value).Num)
	case as == readOffset && s.kind == tokDate:
		s.value = castDateOffset(s.t, s.value).Ref
	default:
		s.failKind(as)
	}
}
