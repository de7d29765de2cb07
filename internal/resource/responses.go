package resource

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/apim"
)

// operationResponses are the responses that an operation declares, with their examples.
func operationResponses(r *Resource) []apim.OperationResponse {
	var out []apim.OperationResponse
	for _, o := range r.Objects("responses") {
		response := apim.OperationResponse{Status: wholeNumber(o["statusCode"])}
		list, _ := o["representations"].([]any)
		for _, item := range list {
			if form, ok := item.(map[string]any); ok {
				contentType, _ := form["contentType"].(string)
				response.Representations = append(response.Representations, apim.Representation{ContentType: contentType, Example: example(form)})
			}
		}
		out = append(out, response)
	}
	return out
}

// wholeNumber is a number of a document, however it was decoded; 0 if it is none.
func wholeNumber(v any) int {
	switch n := v.(type) {
	case json.Number:
		i, _ := n.Int64()
		return int(i)
	case float64:
		return int(n)
	}
	return 0
}

// example is the text of a representation's example: "default" of its examples, or the first in the order of their names
// that has a value; or the sample of api-versions before 2021-08-01.
func example(form map[string]any) string {
	examples, _ := form["examples"].(map[string]any)
	names := slices.Sorted(maps.Keys(examples))
	if _, ok := examples["default"]; ok {
		names = append([]string{"default"}, names...)
	}
	for _, name := range names {
		e, _ := examples[name].(map[string]any)
		switch v := e["value"].(type) {
		case nil:
		case string:
			return v
		default:
			var text strings.Builder
			enc := json.NewEncoder(&text)
			enc.SetEscapeHTML(false)
			if enc.Encode(v) == nil {
				return strings.TrimSuffix(text.String(), "\n")
			}
		}
	}
	sample, _ := form["sample"].(string)
	return sample
}
