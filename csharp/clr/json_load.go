package clr

import "github.com/postern-gateway/postern/csharp/types"

// jsonLoad are the options of a parse: JsonLoadSettings.
type jsonLoad struct {
	// comments keeps comments as tokens.
	comments bool
	// places notes where tokens stand.
	places bool
	// duplicates: 0 the last of equal names counts, 1 the first, 2 is an error.
	duplicates int
}

var defaultLoad = jsonLoad{places: true}

// ParseJSON is JToken.Parse: the token that text is. It throws JsonReaderException.
func ParseJSON(t *types.Thread, text string) *JToken {
	return parseJSON(t, types.NewString(text), jNone, defaultLoad)
}

// ParseJSONObject is JObject.Parse.
func ParseJSONObject(t *types.Thread, text string) *JToken {
	return parseJSON(t, types.NewString(text), jObject, defaultLoad)
}

// ParseJSONArray is JArray.Parse.
func ParseJSONArray(t *types.Thread, text string) *JToken {
	return parseJSON(t, types.NewString(text), jArray, defaultLoad)
}

// parseJSON parses a document that must be of a kind, jNone for any.
func parseJSON(t *types.Thread, text *types.String, want jsonKind, load jsonLoad) *JToken {
	if text == nil {
		types.ThrowNull("s")
	}
	r := newJSONReader(t, text.Go())
	j := loadToken(r, want, load)
	for r.read() {
	}
	return j
}

// loadToken reads one token with all that is in it.
func loadToken(r *jsonReader, want jsonKind, load jsonLoad) *JToken {
	name := "JToken"
	if want == jObject || want == jArray {
		name = "J" + want.String()
	}
	if r.kind == tokNone && !r.read() {
		r.fail("Error reading " + name + " from JsonReader.")
	}
	if want != jNone {
		for r.kind == tokComment {
			if !r.read() {
				break
			}
		}
	}
	switch {
	case want == jObject && r.kind != tokStartObject:
		r.fail("Error reading JObject from JsonReader. Current JsonReader item is not an object: " + r.kind.String() + ".")
	case want == jArray && r.kind != tokStartArray:
		r.fail("Error reading JArray from JsonReader. Current JsonReader item is not an array: " + r.kind.String() + ".")
	}
	root := tokenOf(r, load)
	if root == nil {
		r.fail("Error reading JToken from JsonReader. Unexpected token: " + r.kind.String() + ".")
	}
	if root.isContainer() {
		loadContent(r, root, load)
	}
	return root
}

// tokenOf is the token that begins at the reader's present one, empty if it is a container; nil if none begins.
func tokenOf(r *jsonReader, load jsonLoad) *JToken {
	j := &JToken{}
	if load.places {
		j.line, j.column = r.lineNumber(), r.column()
	}
	switch r.kind {
	case tokStartObject:
		j.kind = jObject
	case tokStartArray:
		j.kind = jArray
	case tokStartConstructor:
		j.kind, j.name = jConstructor, r.value.(*types.String)
	case tokPropertyName:
		j.kind, j.name = jProperty, r.value.(*types.String)
	case tokComment:
		j.kind, j.value = jComment, r.value
	case tokInteger:
		j.kind, j.value = jInteger, r.value
	case tokFloat:
		j.kind, j.value = jFloat, r.value
	case tokString:
		j.kind, j.value = jString, r.value
	case tokBoolean:
		j.kind, j.value = jBoolean, r.value
	case tokDate:
		j.kind, j.value = jDate, r.value
	case tokNull:
		j.kind = jNull
	case tokUndefined:
		j.kind = jUndefined
	default:
		return nil
	}
	return j
}

// loadContent reads what is in a container up to its end.
func loadContent(r *jsonReader, root *JToken, load jsonLoad) {
	name := root.typeName()
	if !r.read() {
		r.fail("Error reading " + name + " from JsonReader.")
	}
	parent := root
	for {
		if parent.kind == jProperty && len(parent.items) > 0 {
			if parent == root {
				break
			}
			parent = parent.parent
		}
		r.t.Alloc(160)
		switch r.kind {
		case tokEndObject, tokEndArray, tokEndConstructor:
			if parent == root {
				return
			}
			parent = parent.parent
		case tokComment:
			if load.comments {
				parent.insert(len(parent.items), tokenOf(r, load), true)
			}
		case tokNone:
		default:
			parent = loadChild(r, parent, load)
		}
		if !r.read() {
			break
		}
	}
	r.fail("Unexpected end of content while loading " + name + ".")
}

// loadChild adds the present token and is the container that follows go into.
func loadChild(r *jsonReader, parent *JToken, load jsonLoad) *JToken {
	j := tokenOf(r, load)
	if j.kind == jProperty && parent.kind == jObject {
		if old := parent.property(j.name.Go()); old != nil {
			switch load.duplicates {
			case 2:
				r.fail("Property with the name '" + j.name.Go() + "' already exists in the current JSON object.")
			case 1:
				return &JToken{kind: jProperty, name: j.name, parent: parent} // read, and dropped
			}
			at := parent.indexOf(old)
			parent.items[at], j.parent, old.parent, j.hint = j, parent, nil, at
			if parent.index != nil {
				parent.index[j.name.Go()] = j
			}
			return j
		}
	}
	parent.insert(len(parent.items), j, true)
	if j.isContainer() {
		return j
	}
	return parent
}
