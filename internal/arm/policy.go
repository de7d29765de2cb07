package arm

import (
	"net/http"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/resource"
)

// checkPolicy is the rule of policies at every scope: the document must compile.
func checkPolicy(c *change) error {
	p := c.next.Properties
	var f faults
	text := f.text(p, "value", true, 1, 1<<20)
	format, _ := p["format"].(string)
	switch format {
	case "":
		format = "xml"
	case "xml", "rawxml":
	case "xml-link", "rawxml-link":
		return fault.New(fault.Unsupported, "Policies by link (format '%s') are not supported by Postern yet.", format)
	default:
		f.add("format", "'%s' is not one of xml, rawxml, xml-link, rawxml-link.", format)
	}
	p["format"] = format
	if err := f.err(); err != nil {
		return err
	}
	svc, err := c.service()
	if err != nil {
		return err
	}
	faults, remarks := c.s.Policies.CheckPolicy(svc, scopeOf(c.q.id), &apim.Policy{Text: text, Format: format})
	if len(faults) > 0 {
		return fieldErrors(faults...)
	}
	c.remarks = remarks
	return nil
}

// scopeOf is the scope of the policy entity.
func scopeOf(id resource.ID) string {
	switch id.Collection() {
	case "policies":
		return "global"
	case "apis/policies":
		return "api"
	default:
		return "operation"
	}
}

// viewPolicy shows the document in the format asked for: query format, or the Accept header, xml by default.
func viewPolicy(s *Server, q *request, r *resource.Resource) (map[string]any, error) {
	format := q.URL.Query().Get("format")
	if format == "" || q.Method == http.MethodPut {
		format = "xml"
		if q.Method == http.MethodPut {
			format = r.String("format")
		}
		if strings.Contains(q.Header.Get("Accept"), "application/vnd.ms-azure-apim.policy.raw+xml") {
			format = "rawxml"
		}
	}
	if format != "xml" && format != "rawxml" {
		return nil, fieldErrors(fault.Detail{Target: "format", Message: "format is one of xml, rawxml."})
	}
	text, err := s.Policies.FormatPolicy(&apim.Policy{Text: r.String("value"), Format: r.String("format")}, format)
	if err != nil {
		return nil, err
	}
	return envelope(r, map[string]any{"value": text, "format": format}), nil
}
