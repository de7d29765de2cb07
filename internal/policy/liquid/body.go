package liquid

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// JSON is the value that a JSON text is to a template: dictionaries whose names compare with case, lists, numbers as long or double.
// dates tells that texts like "2024-02-29T13:04:05Z" are dates. Steps and memory are bounded as for a rendering without options.
func JSON(text string, dates bool) (Value, error) {
	b := &jsonBuilder{}
	if err := Guard(func() { clr.WalkJSON(Options{}.thread(), text, dates, b) }); err != nil {
		return nil, err
	}
	return b.result, nil
}

// jsonBuilder makes values of what is read.
type jsonBuilder struct {
	open   []Value
	result Value
}

func (b *jsonBuilder) put(name string, v Value) {
	if len(b.open) == 0 {
		b.result = v
		return
	}
	switch c := b.open[len(b.open)-1].(type) {
	case *Hash:
		c.Set(name, v)
	case *List:
		c.Items = append(c.Items, v)
	}
}

// Object begins a dictionary.
func (b *jsonBuilder) Object(name string) { b.begin(name, NewHash()) }

// Array begins a list.
func (b *jsonBuilder) Array(name string) { b.begin(name, NewList()) }

func (b *jsonBuilder) begin(name string, v Value) {
	b.put(name, v)
	b.open = append(b.open, v)
}

// End ends the innermost container.
func (b *jsonBuilder) End() { b.open = b.open[:len(b.open)-1] }

// Value adds a scalar.
func (b *jsonBuilder) Value(name string, v any) { b.put(name, v) }

// maxElements and maxElementDepth bound an XML body.
const (
	maxElements     = 1_000_000
	maxElementDepth = 200
)

const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

// XML is the value that an XML document is to a template: a dictionary with the root element's name. Names have no prefixes and are
// found in any case, so that body.envelope.body finds soap:Envelope. An element without elements in it is its text; others are
// dictionaries of their elements and attributes, a list standing for elements of one name. An element with xsi:nil="true" is the empty
// text, or null where null is set. Document types are refused.
func XML(data []byte, null bool) (Value, error) {
	b := &xmlBuilder{d: xml.NewDecoder(strings.NewReader(string(data))), null: null}
	root := NewFoldedHash()
	seen := false
	for {
		token, err := b.d.Token()
		switch {
		case errors.Is(err, io.EOF) && seen:
			return root, nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("the XML text has no element")
		case err != nil:
			return nil, err
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, errors.New("a document type is not allowed in XML")
		case xml.StartElement:
			v, err := b.element(token, 1)
			if err != nil {
				return nil, err
			}
			root.Set(token.Name.Local, v)
			seen = true
		}
	}
}

type xmlBuilder struct {
	d     *xml.Decoder
	null  bool
	count int
}

func (b *xmlBuilder) element(start xml.StartElement, depth int) (Value, error) {
	if b.count++; b.count > maxElements || depth > maxElementDepth {
		return nil, fmt.Errorf("the XML has more than %d elements, or they nest more than %d deep", maxElements, maxElementDepth)
	}
	h := NewFoldedHash()
	isNil := false
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == schemaInstance && a.Name.Local == "nil":
			isNil = a.Value == "true" || a.Value == "1"
		case a.Name.Space != "xmlns" && a.Name.Local != "xmlns":
			h.Set(a.Name.Local, str(a.Value))
		}
	}
	var text strings.Builder
	leaf := true
	for {
		token, err := b.d.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.Directive:
			return nil, errors.New("a document type is not allowed in XML")
		case xml.StartElement:
			leaf = false
			v, err := b.element(token, depth+1)
			if err != nil {
				return nil, err
			}
			h.append(token.Name.Local, v)
		case xml.EndElement:
			return b.finish(h, text.String(), leaf, isNil), nil
		}
	}
}

func (b *xmlBuilder) finish(h *Hash, text string, leaf, isNil bool) Value {
	switch {
	case isNil && b.null:
		return nil
	case isNil:
		return types.EmptyString
	case leaf:
		return str(text)
	}
	return h
}

// append adds an element: the second of a name makes a list of both.
func (h *Hash) append(name string, v Value) {
	old, ok := h.values[name]
	if !ok {
		h.Set(name, v)
	} else if l, is := old.(*List); is {
		l.Items = append(l.Items, v)
	} else {
		h.values[name] = NewList(old, v)
	}
}
