package arm

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
)

// faults collects what is wrong with a document's fields.
type faults []fault.Detail

func (f *faults) add(target, format string, args ...any) {
	*f = append(*f, fault.Detail{Target: target, Message: fmt.Sprintf(format, args...)})
}

func (f *faults) err() error {
	if len(*f) == 0 {
		return nil
	}
	return fieldErrors(*f...)
}

// text checks a string property; required ones must be there, and lengths are in characters.
func (f *faults) text(p map[string]any, name string, required bool, least, most int) string {
	v, ok := p[name]
	if !ok || v == nil {
		if required {
			f.add(name, "The property %s is required.", name)
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		f.add(name, "The property %s is not a string.", name)
		return ""
	}
	if n := utf8.RuneCountInString(s); n < least || n > most {
		f.add(name, "The property %s has %d characters; it must have %d to %d.", name, n, least, most)
	}
	return s
}

func (f *faults) boolean(p map[string]any, name string, otherwise bool) {
	switch p[name].(type) {
	case nil:
		p[name] = otherwise
	case bool:
	default:
		f.add(name, "The property %s is not a boolean.", name)
	}
}

// notYet are properties of an API that ask for what is not built.
var notYet = map[string]string{
	"value": "Importing API definitions", "wsdlSelector": "Importing API definitions",
	"sourceApiId": "Revisions of APIs", "apiVersionSetId": "Version sets", "apiVersionSet": "Version sets",
}

func refuseNotYet(p map[string]any) error {
	for name, what := range notYet {
		if v, ok := p[name].(string); ok && v == "" {
			continue
		}
		if p[name] != nil {
			return fault.New(fault.Unsupported, "%s (properties.%s) is not supported by Postern yet.", what, name)
		}
	}
	for _, name := range []string{"type", "apiType"} {
		if v, _ := p[name].(string); v != "" && !strings.EqualFold(v, "http") {
			return fault.New(fault.Unsupported, "APIs of type '%s' are not supported by Postern yet.", v)
		}
	}
	return nil
}

// checkAPI is the rule of service/apis.
func checkAPI(c *change) error {
	p := c.next.Properties
	if err := refuseNotYet(p); err != nil {
		return err
	}
	delete(p, "format")
	var f faults
	f.text(p, "displayName", true, 1, 300)
	path := f.text(p, "path", true, 0, 400)
	if s := strings.Trim(path, "/"); p["path"] != nil && s != path {
		path = s
		p["path"] = s
	}
	if strings.ContainsAny(path, "?#\\ {}*;") || strings.Contains(path, "//") {
		f.add("path", "The path '%s' is not a URL path.", path)
	}
	f.text(p, "description", false, 0, 1<<16)
	f.boolean(p, "subscriptionRequired", true)
	f.boolean(p, "isCurrent", true)
	if p["apiRevision"] == nil {
		p["apiRevision"] = "1"
	}
	f.text(p, "apiRevision", true, 1, 100)
	f.serviceURL(p)
	f.protocols(p)
	if err := f.err(); err != nil {
		return err
	}
	return uniquePath(c, path)
}

func (f *faults) serviceURL(p map[string]any) {
	text := f.text(p, "serviceUrl", false, 0, 2000)
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "ws" && u.Scheme != "wss":
		f.add("serviceUrl", "The service URL '%s' is not an absolute http or https URL.", text)
	case u.User != nil || u.Fragment != "":
		f.add("serviceUrl", "The service URL may not have user information or a fragment.")
	}
}

func (f *faults) protocols(p map[string]any) {
	list, ok := p["protocols"].([]any)
	if p["protocols"] == nil {
		p["protocols"] = []any{"https"}
		return
	}
	if !ok {
		f.add("protocols", "The property protocols is not a list.")
		return
	}
	for _, x := range list {
		if s, _ := x.(string); !slices.Contains([]string{"http", "https", "ws", "wss"}, s) {
			f.add("protocols", "'%v' is not one of http, https, ws, wss.", x)
		}
	}
}

// uniquePath refuses a second API at the same path.
func uniquePath(c *change, path string) error {
	return c.siblings(func(r *resource.Resource) error {
		if !strings.EqualFold(strings.Trim(r.String("path"), "/"), path) {
			return nil
		}
		return fieldErrors(fault.Detail{Target: "path", Message: fmt.Sprintf("Cannot create or update API '%s' with the path '%s', since API '%s' has it already.", c.next.ID.Name(), path, r.ID.Name())})
	})
}

var (
	templateParameter = regexp.MustCompile(`\{(\*?)([^{}]*)\}`)
	methodName        = regexp.MustCompile(`^[!#$%&'*+.^_` + "`" + `|~0-9A-Za-z-]+$`)
)

// checkOperation is the rule of service/apis/operations.
func checkOperation(c *change) error {
	p := c.next.Properties
	if s, _ := p["policies"].(string); s != "" {
		return fault.New(fault.Unsupported, "Policies inside an operation (properties.policies) are not supported by Postern yet; PUT them to %s/policies/policy.", c.next.ID)
	}
	var f faults
	f.text(p, "displayName", true, 1, 300)
	f.text(p, "description", false, 0, 1000)
	method := f.text(p, "method", true, 1, 64)
	if method != "" && !methodName.MatchString(method) {
		f.add("method", "'%s' is not an HTTP method (RFC 9110 section 9.1).", method)
	}
	template := f.text(p, "urlTemplate", true, 1, 1000)
	f.template(p, template)
	if err := f.err(); err != nil {
		return err
	}
	return uniqueOperation(c, method, template)
}

func (f *faults) template(p map[string]any, template string) {
	declared := map[string]bool{}
	if list, ok := p["templateParameters"].([]any); ok {
		for _, x := range list {
			m, _ := x.(map[string]any)
			name, _ := m["name"].(string)
			declared[strings.ToLower(name)] = true
		}
	}
	if strings.ContainsAny(templateParameter.ReplaceAllString(template, ""), "{}") {
		f.add("urlTemplate", "The braces of '%s' do not pair.", template)
		return
	}
	seen := map[string]bool{}
	for _, m := range templateParameter.FindAllStringSubmatch(template, -1) {
		name := strings.ToLower(m[2])
		switch {
		case name == "":
			f.add("urlTemplate", "'%s' has a parameter without a name.", template)
		case seen[name]:
			f.add("urlTemplate", "The parameter '%s' stands twice in '%s'.", m[2], template)
		case !declared[name]:
			f.add("templateParameters", "All template parameters used in the UriTemplate must be defined in the Operation: '%s' is not.", m[2])
		}
		seen[name] = true
	}
}

func uniqueOperation(c *change, method, template string) error {
	return c.siblings(func(r *resource.Resource) error {
		if !strings.EqualFold(r.String("method"), method) || !strings.EqualFold(r.String("urlTemplate"), template) {
			return nil
		}
		return fieldErrors(fault.Detail{Target: "urlTemplate", Message: fmt.Sprintf("Operation with the same method and URL template already exists: '%s'.", r.ID.Name())})
	})
}
