package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var mockResponse = &policy.Element{
	Spec: policy.Spec{
		Name: "mock-response",
		Doc:  "Answers with an example of the operation's responses, or without content where there is none.",
		Attributes: []policy.Attribute{
			{Name: "status-code", Doc: "The status of the answer; chooses the example.", Type: policy.Integer, Min: 200, Max: 599, Default: "200"},
			{Name: "content-type", Doc: "The field Content-Type of the answer; chooses the example.", NonEmpty: true},
			{Name: "index", Doc: "The number of the example; not supported yet.", Type: policy.Integer},
		},
	},
	Sections: policy.AllSections &^ policy.InBackend,
	Scopes:   policy.AllScopes,
	Source:   page("mock-response"),
	Compile:  compileMockResponse,
}

func compileMockResponse(n *policy.Node) policy.Step {
	if n.Has("index") {
		n.AttrErrorf("index", policy.CodeUnsupported, "The attribute 'index' of 'mock-response' is not supported yet.")
		return nil
	}
	status, contentType := int(n.Float("status-code").Const), n.Literal("content-type")
	if !message.ValidValue(contentType) {
		n.AttrErrorf("content-type", policy.CodeAttrValue, "The value of the attribute 'content-type' of 'mock-response' has characters that a header field cannot have.")
		return nil
	}
	return func(x *policy.Run) error {
		r := &message.Response{Status: status, Body: message.NoBody()}
		kind, example := mocked(x.Route.Operation, status, contentType)
		if kind != "" {
			r.Header.Add("Content-Type", kind)
		}
		if example != "" && status != 204 && status != 205 && status != 304 {
			r.Body = message.NewStringBody(example)
		}
		x.Replace(r)
		return policy.Done
	}
}

// mocked chooses among an operation's responses by status and, where that is given, by content type: the first
// representation that has an example.
func mocked(o *apim.Operation, status int, contentType string) (kind, example string) {
	if o == nil {
		return contentType, ""
	}
	for _, r := range o.Responses {
		if r.Status != status {
			continue
		}
		for _, c := range r.Representations {
			if c.Example != "" && (contentType == "" || sameMediaType(c.ContentType, contentType)) {
				if contentType == "" && message.ValidValue(c.ContentType) {
					contentType = c.ContentType
				}
				return contentType, c.Example
			}
		}
	}
	return contentType, ""
}

// sameMediaType compares two media types without their parameters (RFC 9110 section 8.3.1).
func sameMediaType(a, b string) bool {
	a, _, _ = strings.Cut(a, ";")
	b, _, _ = strings.Cut(b, ";")
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
