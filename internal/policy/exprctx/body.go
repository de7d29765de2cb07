package exprctx

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// Body is an IMessageBody.
type Body struct {
	c      *Context
	of     *message.Body
	header *message.Header
}

// ClrType is IMessageBody.
func (b *Body) ClrType() *types.Type { return known.body }

func bodyDecl() *types.Decl {
	return types.T("interface IMessageBody",
		types.M("T As<T>(bool preserveContent = false)", types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, args []types.Value) types.Value {
			return bodyOf(this).as(t, targs[len(targs)-1], args[0].Bool())
		})),
		types.M("System.Collections.Generic.IDictionary<string, System.Collections.Generic.IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)",
			types.Impl{F1: func(t *types.Thread, this, preserve types.Value) types.Value {
				return bodyOf(this).form(t, preserve.Bool())
			}}),
	)
}

func bodyOf(this types.Value) *Body {
	if this.Ref == nil {
		types.ThrowNullReference()
	}
	return this.Ref.(*Body)
}

// read takes the body, or keeps it. A body that is gone, or cannot be read, is an exception.
func (b *Body) read(t *types.Thread, keep bool) []byte {
	if b.of.State() == message.Consumed {
		types.Throw(types.InvalidOperationException, "The message body has been read already; read it with preserveContent: true to keep it.")
	}
	limit := int64(policy.DefaultMaxBodyBytes)
	if b.c != nil && b.c.run != nil {
		limit = b.c.run.BodyLimit()
	}
	read := b.of.Take
	if keep {
		read = b.of.Buffer
	}
	data, err := read(limit)
	if err != nil {
		types.Throw(types.InvalidOperationException, "The message body cannot be read: "+err.Error()+".")
	}
	t.Alloc(int64(len(data)))
	return data
}

// Names of the types that a body can be read as.
const (
	jToken    = "Newtonsoft.Json.Linq.JToken"
	jObject   = "Newtonsoft.Json.Linq.JObject"
	jArray    = "Newtonsoft.Json.Linq.JArray"
	xElement  = "System.Xml.Linq.XElement"
	xDocument = "System.Xml.Linq.XDocument"
	xNode     = "System.Xml.Linq.XNode"
)

func (b *Body) as(t *types.Thread, as *types.Type, keep bool) types.Value {
	name := as.FullName()
	switch as {
	case types.ByteArray:
		return types.Ref(&types.Bytes{B: bytes.Clone(b.read(t, keep))})
	case types.StringType, types.Object_:
		return types.Ref(types.NewString(b.text(t, keep)))
	}
	switch name {
	case jToken, jObject, jArray, xElement, xDocument:
		return parse(t, name, b.text(t, keep))
	case xNode:
		return parse(t, xElement, b.text(t, keep))
	}
	types.Throw(types.NotSupportedException, "A message body cannot be read as '"+name+"'.")
	return types.Null
}

// text is the body in the charset of its Content-Type, or as its byte order mark says; UTF-8 otherwise.
func (b *Body) text(t *types.Thread, keep bool) string {
	return decodeText(b.read(t, keep), b.header.Get("Content-Type"))
}

func decodeText(data []byte, contentType string) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return string(data[3:])
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		if s, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data); err == nil {
			return string(s)
		}
	}
	charset := charsetOf(contentType)
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		return string(data)
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return string(data)
	}
	if s, err := e.NewDecoder().Bytes(data); err == nil && utf8.Valid(s) {
		return string(s)
	}
	return string(data)
}

// charsetOf is the charset parameter of a media type, empty if it has none.
func charsetOf(contentType string) string {
	_, rest, _ := strings.Cut(contentType, ";")
	for part := range strings.SplitSeq(rest, ";") {
		name, value, ok := strings.Cut(part, "=")
		if ok && strings.EqualFold(strings.TrimSpace(name), "charset") {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// form reads the body as a form: a dictionary of lists.
func (b *Body) form(t *types.Thread, keep bool) types.Value {
	lists := generic("System.Collections.Generic.IList", types.StringType)
	dictionary := generic("System.Collections.Generic.Dictionary", types.StringType, lists)
	list := generic("System.Collections.Generic.List", types.StringType)
	if dictionary == nil || list == nil {
		types.Throw(types.NotSupportedException, "Form bodies are not supported.")
	}
	fields := &URL{of: &message.URL{Query: strings.TrimSpace(b.text(t, keep))}}
	out := construct(t, dictionary)
	query := fields.dictionary()
	for i, key := range query.keys {
		values := construct(t, list)
		for _, v := range query.values[i] {
			add(t, list, values, types.Ref(types.NewString(v)))
		}
		add(t, dictionary, out, types.Ref(key), values)
	}
	return out
}
