package exprctx

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
)

// Headers are the header fields of a message as expressions see them: IReadOnlyDictionary<string, string[]>, without case in its keys.
// Host and Content-Length, which the exchange keeps apart, are shown where they are known.
type Headers struct {
	header *message.Header
	// host and length are nil where they are not shown.
	host   *string
	length *message.Body

	last lastField
}

// lastField is the field that was asked for last, so that asking again costs nothing.
type lastField struct {
	name, value string
	made        *types.String
}

// ClrType is the dictionary's interface.
func (h *Headers) ClrType() *types.Type { return known.headers }

// Enumerate enumerates key-value pairs.
func (h *Headers) Enumerate(t *types.Thread) types.Enumerator { return enumerateDictionary(t, h) }

// ElementType is KeyValuePair<string, string[]>.
func (h *Headers) ElementType() *types.Type { return pairType(h) }

func (h *Headers) valueType() *types.Type { return types.StringArray }

// apart is the value of a field that stands outside of the list.
func (h *Headers) apart(name string) (string, bool) {
	switch {
	case h.host != nil && *h.host != "" && strings.EqualFold(name, "Host"):
		return *h.host, true
	case h.length != nil && h.length.Length() > 0 && strings.EqualFold(name, "Content-Length"):
		return strconv.FormatInt(h.length.Length(), 10), true
	}
	return "", false
}

func (h *Headers) find(_ *types.Thread, name string) (types.Value, bool) {
	if v, ok := h.apart(name); ok {
		return types.Ref(stringArray([]string{v})), true
	}
	values := h.header.ValueList(name)
	if values == nil {
		return types.Null, false
	}
	return types.Ref(stringArray(values)), true
}

// joined is all values of a name, parted by commas.
func (h *Headers) joined(name string) (string, bool) {
	if v, ok := h.apart(name); ok {
		return v, true
	}
	first, ok := h.header.Lookup(name)
	if !ok || h.header.Count(name) == 1 {
		return first, ok
	}
	return strings.Join(h.header.ValueList(name), ","), true
}

// text is joined as a string that is made once.
func (h *Headers) text(name string) (*types.String, bool) {
	v, ok := h.joined(name)
	if !ok {
		return nil, false
	}
	if h.last.made == nil || h.last.name != name || h.last.value != v {
		h.last = lastField{name, v, types.NewString(v)}
	}
	return h.last.made, true
}

func (h *Headers) size() int {
	n := 0
	h.names(func(string) bool { n++; return true })
	return n
}

// names visits each name once, in the spelling of its first field.
func (h *Headers) names(yield func(string) bool) {
	for _, name := range [...]string{"Host", "Content-Length"} {
		if _, ok := h.apart(name); ok && !yield(name) {
			return
		}
	}
	for i, f := range *h.header {
		if _, apart := h.apart(f.Name); apart || (*h.header)[:i].Has(f.Name) {
			continue
		}
		if !yield(f.Name) {
			return
		}
	}
}

func (h *Headers) walk(t *types.Thread, yield func(*types.String, types.Value) bool) {
	h.names(func(name string) bool {
		v, _ := h.find(t, name)
		return yield(types.NewString(name), v)
	})
}
