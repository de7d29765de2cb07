package clr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// JToken is any node of Json.NET's document model; kind tells which.
type JToken struct {
	kind   jsonKind
	parent *JToken
	// items are a container's children: an object's properties, an array's elements, a property's one value.
	items []*JToken
	// index finds an object's properties by name once there are many.
	index map[string]*JToken
	// name is that of a property or constructor.
	name *types.String
	// value is a JValue's object, nil for null.
	value any
	// version counts changes of a container, for enumerations that must notice.
	version int
	// line and column are where the token was read; line is 0 for one that was not.
	line, column int
	// hint is where the token was in its parent when that was last known.
	hint  int
	notes []any
}

// jsonKind is Newtonsoft.Json.Linq.JTokenType.
type jsonKind int32

const (
	jNone jsonKind = iota
	jObject
	jArray
	jConstructor
	jProperty
	jComment
	jInteger
	jFloat
	jString
	jBoolean
	jNull
	jUndefined
	jDate
	jRaw
	jBytes
	jGuid
	jUri
	jTimeSpan
)

var jsonKindNames = [...]string{"None", "Object", "Array", "Constructor", "Property", "Comment", "Integer", "Float", "String", "Boolean",
	"Null", "Undefined", "Date", "Raw", "Bytes", "Guid", "Uri", "TimeSpan"}

func (k jsonKind) String() string { return jsonKindNames[k] }

var (
	jTokenType       = lateType("Newtonsoft.Json.Linq.JToken")
	jObjectType      = lateType("Newtonsoft.Json.Linq.JObject")
	jArrayType       = lateType("Newtonsoft.Json.Linq.JArray")
	jPropertyType    = lateType("Newtonsoft.Json.Linq.JProperty")
	jConstructorType = lateType("Newtonsoft.Json.Linq.JConstructor")
	jRawType         = lateType("Newtonsoft.Json.Linq.JRaw")
	jValueType       = lateType("Newtonsoft.Json.Linq.JValue")

	jsonExceptionType              = lateType("Newtonsoft.Json.JsonException")
	jsonReaderExceptionType        = lateType("Newtonsoft.Json.JsonReaderException")
	jsonSerializationExceptionType = lateType("Newtonsoft.Json.JsonSerializationException")
)

// ClrType is the class of the token.
func (j *JToken) ClrType() *types.Type {
	switch j.kind {
	case jObject:
		return jObjectType()
	case jArray:
		return jArrayType()
	case jProperty:
		return jPropertyType()
	case jConstructor:
		return jConstructorType()
	case jRaw:
		return jRawType()
	}
	return jValueType()
}

// isContainer reports whether the token is a JContainer.
func (j *JToken) isContainer() bool { return j.kind >= jObject && j.kind <= jProperty }

// typeName is the short name of the token's class.
func (j *JToken) typeName() string { return j.ClrType().Name() }

// indexFrom is the number of properties from which an object keeps an index of them.
const indexFrom = 8

// property finds an object's property by its exact name.
func (j *JToken) property(name string) *JToken {
	if j.index != nil {
		return j.index[name]
	}
	for _, p := range j.items {
		if p.name.Go() == name {
			return p
		}
	}
	return nil
}

// get is an object's value by name, nil if there is none.
func (j *JToken) get(name string) *JToken {
	if p := j.property(name); p != nil {
		return p.propertyValue()
	}
	return nil
}

// propertyValue is a property's value, nil if it has none.
func (j *JToken) propertyValue() *JToken {
	if len(j.items) == 0 {
		return nil
	}
	return j.items[0]
}

func (j *JToken) root() *JToken {
	for j.parent != nil {
		j = j.parent
	}
	return j
}

// position is the token's index in its parent, -1 if it has none.
func (j *JToken) position() int {
	if j.parent == nil {
		return -1
	}
	if h := j.hint; h >= len(j.parent.items) || j.parent.items[h] != j {
		j.hint = j.parent.indexOf(j)
	}
	return j.hint
}

func (j *JToken) indexOf(item *JToken) int {
	for i, x := range j.items {
		if x == item {
			return i
		}
	}
	return -1
}

// sibling is the token n places on in the parent; nil if there is none.
func (j *JToken) sibling(n int) *JToken {
	i := j.position()
	if i < 0 || i+n < 0 || i+n >= len(j.parent.items) {
		return nil
	}
	return j.parent.items[i+n]
}

// newNull is a JValue of null.
func newNull() *JToken { return &JToken{kind: jNull} }

// insert puts a token into a container, a clone of it if it has a parent already, as Json.NET does; it reports whether something was added.
func (j *JToken) insert(at int, item *JToken, trusted bool) bool {
	if item == nil {
		item = newNull()
	}
	switch {
	case j.kind == jProperty && item.kind == jComment, j.kind == jObject && item.kind == jComment:
		return false
	case j.kind == jProperty && len(j.items) > 0:
		types.Throw(jsonExceptionType(), "Newtonsoft.Json.Linq.JProperty cannot have multiple values.")
	case at < 0 || at > len(j.items):
		throwRange("Index must be within the bounds of the List.", "index")
	}
	if !trusted {
		item = j.adopt(item)
	}
	j.check(item, nil)
	item.parent = j
	j.items = append(j.items, nil)
	copy(j.items[at+1:], j.items[at:])
	j.items[at] = item
	item.hint = at
	j.version++
	j.indexProperty(item)
	return true
}

func (j *JToken) indexProperty(p *JToken) {
	switch {
	case j.kind != jObject:
	case j.index != nil:
		j.index[p.name.Go()] = p
	case len(j.items) >= indexFrom:
		j.index = make(map[string]*JToken, 2*indexFrom)
		for _, x := range j.items {
			j.index[x.name.Go()] = x
		}
	}
}

// chargeClone counts the copy that adopt will make of an item that belongs to another container.
func chargeClone(t *types.Thread, item *JToken) {
	if item != nil && item.parent != nil {
		n := item.size()
		t.Step(n)
		t.Alloc(n * 160)
	}
}

// adopt is item, or a clone of it where it belongs to another container or would be its own ancestor.
func (j *JToken) adopt(item *JToken) *JToken {
	if item.parent != nil || item == j || len(item.items) > 0 && j.root() == item {
		return item.clone()
	}
	return item
}

// check throws if item cannot stand in the container; existing is what it replaces.
func (j *JToken) check(item, existing *JToken) {
	if (item.kind == jProperty) != (j.kind == jObject) {
		types.Throw(types.ArgumentException, "Can not add "+item.ClrType().FullName()+" to "+j.ClrType().FullName()+".")
	}
	if j.kind != jObject {
		return
	}
	if existing != nil && existing.name.Go() == item.name.Go() {
		return
	}
	if j.property(item.name.Go()) != nil {
		types.Throw(types.ArgumentException, "Can not add property "+item.name.Go()+" to "+j.ClrType().FullName()+
			". Property with the same name already exists on object.")
	}
}

// set replaces a container's child.
func (j *JToken) set(t *types.Thread, at int, item *JToken) {
	if at < 0 || at >= len(j.items) {
		throwIndex()
	}
	old := j.items[at]
	if item == nil {
		item = newNull()
	}
	if !old.isContainer() && !item.isContainer() && valuesEqual(t, old, item) {
		return
	}
	chargeClone(t, item)
	item = j.adopt(item)
	j.check(item, old)
	item.parent = j
	j.items[at], old.parent = item, nil
	item.hint = at
	j.version++
	if j.index != nil {
		delete(j.index, old.name.Go())
		j.index[item.name.Go()] = item
	}
}

// removeAt takes a child out of its container.
func (j *JToken) removeAt(at int) {
	if at < 0 || at >= len(j.items) {
		throwRange("Index is less than 0.", "index")
	}
	if j.kind == jProperty {
		types.Throw(jsonExceptionType(), "Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.")
	}
	old := j.items[at]
	old.parent = nil
	j.items = slices.Delete(j.items, at, at+1)
	j.version++
	if j.index != nil {
		delete(j.index, old.name.Go())
	}
}

// clear takes out all children.
func (j *JToken) clear() {
	if j.kind == jProperty {
		types.Throw(jsonExceptionType(), "Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.")
	}
	for _, x := range j.items {
		x.parent = nil
	}
	j.items, j.index = nil, nil
	j.version++
}

// setValue assigns to a property.
func (j *JToken) setValue(t *types.Thread, v *JToken) {
	if len(j.items) == 0 {
		j.insert(0, v, false)
		return
	}
	j.set(t, 0, v)
}

// clone is a deep copy without a parent.
func (j *JToken) clone() *JToken {
	c := &JToken{kind: j.kind, name: j.name, value: j.value, line: j.line, column: j.column, notes: j.notes}
	if len(j.items) > 0 {
		c.items = make([]*JToken, len(j.items))
		for i, x := range j.items {
			y := x.clone()
			y.parent, y.hint = c, i
			c.items[i] = y
		}
		if len(c.items) >= indexFrom {
			c.indexProperty(c.items[0])
		}
	}
	return c
}

// size is the number of tokens in the tree, for the budget.
func (j *JToken) size() int64 {
	n := int64(1)
	for _, x := range j.items {
		n += x.size()
	}
	return n
}

// path is where the token stands in its document, as Json.NET writes it.
func (j *JToken) path() string {
	if j.parent == nil {
		return ""
	}
	var steps []*JToken
	for x := j; x != nil; x = x.parent {
		steps = append(steps, x)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		x := steps[i]
		switch {
		case x.kind == jProperty:
			writePathName(&b, x.name.Go())
		case x.parent != nil && isIndexed(x.parent):
			writePathIndex(&b, x.position())
		}
	}
	return b.String()
}

func writePathIndex(b *strings.Builder, i int) {
	b.WriteByte('[')
	b.WriteString(strconv.Itoa(i))
	b.WriteByte(']')
}

func writePathName(b *strings.Builder, name string) {
	if strings.ContainsAny(name, ". '/\"[]()\t\n\r\f\b\\\u0085\u2028\u2029") {
		b.WriteString("['")
		writeEscaped(b, name, '\'')
		b.WriteString("']")
		return
	}
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(name)
}

// each calls f with the token's descendants, in document order; a property and then its value.
func (j *JToken) each(t *types.Thread, f func(*JToken)) {
	for _, x := range j.items {
		t.Step(1)
		f(x)
		x.each(t, f)
	}
}

// deepEqual compares documents: properties in any order, numbers of one kind by value.
func (j *JToken) deepEqual(t *types.Thread, o *JToken) bool {
	t.Step(1)
	switch {
	case j == o:
		return true
	case j == nil || o == nil:
		return false
	case !j.isContainer() || !o.isContainer():
		return !j.isContainer() && !o.isContainer() && valuesEqual(t, j, o)
	case j.kind != o.kind || len(j.items) != len(o.items):
		return false
	case j.kind == jObject:
		for _, p := range j.items {
			q := o.property(p.name.Go())
			if q == nil || !p.deepEqual(t, q) {
				return false
			}
		}
		return true
	case j.name != nil && j.name.Go() != o.name.Go():
		return false
	}
	for i := range j.items {
		if !j.items[i].deepEqual(t, o.items[i]) {
			return false
		}
	}
	return true
}
