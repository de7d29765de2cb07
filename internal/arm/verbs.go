package arm

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
)

func (s *Server) get(w http.ResponseWriter, q *request) error {
	r, err := s.fetch(q.Context(), q.id)
	if err != nil {
		return err
	}
	if r == nil {
		return notFound(q.id)
	}
	w.Header().Set("ETag", etag(r.Revision))
	if q.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return s.answer(w, q, r, http.StatusOK)
}

// answer writes the resource's view.
func (s *Server) answer(w http.ResponseWriter, q *request, r *resource.Resource, status int) error {
	view, err := q.kind.view(s, q, r)
	if err != nil {
		return err
	}
	writeJSON(w, status, view)
	return nil
}

func (s *Server) put(w http.ResponseWriter, q *request) error {
	if err := checkName(q); err != nil {
		return err
	}
	top, properties, err := parseBody(q)
	if err != nil {
		return err
	}
	c, err := s.write(q, func(c *change) error {
		c.next = &resource.Resource{ID: q.id, Top: maps.Clone(top), Properties: cloneJSON(properties).(map[string]any), Created: time.Now().UTC()}
		if c.old != nil {
			c.next.ID, c.next.Created = c.old.ID, c.old.Created
		}
		return nil
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if c.old == nil {
		status = http.StatusCreated
	}
	w.Header().Set("ETag", etag(c.next.Revision))
	c.writeRemarks(w)
	return s.answer(w, q, c.next, status)
}

// remarkHeader carries a remark on a change that was made, one field each; maxRemarks bounds them.
const (
	remarkHeader = "Postern-Remark"
	maxRemarks   = 20
)

func (c *change) writeRemarks(w http.ResponseWriter) {
	for _, r := range c.remarks[:min(len(c.remarks), maxRemarks)] {
		w.Header().Add(remarkHeader, r)
	}
}

func (s *Server) patch(w http.ResponseWriter, q *request) error {
	if err := requireMatch(q); err != nil {
		return err
	}
	top, properties, err := parseBody(q)
	if err != nil {
		return err
	}
	c, err := s.write(q, func(c *change) error {
		if c.old == nil {
			return notFound(q.id)
		}
		next := *c.old
		next.Top, _ = merge(c.old.Top, cloneJSON(top)).(map[string]any)
		next.Properties, _ = merge(c.old.Properties, cloneJSON(properties)).(map[string]any)
		next.Hidden = c.old.Hidden.Clone()
		c.next, c.patched = &next, properties
		return nil
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(c.next.Revision))
	c.writeRemarks(w)
	return s.answer(w, q, c.next, http.StatusOK)
}

func (s *Server) delete(w http.ResponseWriter, q *request) error {
	if err := requireMatch(q); err != nil {
		return err
	}
	existing, err := s.fetch(q.Context(), q.id)
	if err != nil {
		return err
	}
	if existing == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	c, err := s.write(q, func(*change) error { return nil })
	if err != nil {
		return err
	}
	if q.kind.deleted != nil && c.old != nil {
		if err := q.kind.deleted(c); err != nil {
			return err
		}
	}
	if q.kind.shownDeleted && c.old != nil {
		return s.answer(w, q, c.old, http.StatusOK)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func requireMatch(q *request) error {
	if q.kind.looseMatch || strings.TrimSpace(q.Header.Get("If-Match")) != "" {
		return nil
	}
	return fieldErrors(fault.Detail{Target: "If-Match", Message: fmt.Sprintf("The If-Match header is required for %s; use * to match any version.", q.Method)})
}

func checkName(q *request) error {
	name := q.id.Name()
	if !q.kind.name.MatchString(name) {
		if q.kind.name == policyName {
			return fault.New(fault.NotFound, "A policy's id is always 'policy', not '%s'.", name)
		}
		if strings.Contains(name, ";rev=") {
			return fault.New(fault.Unsupported, "Revisions of APIs are not supported by Postern yet.")
		}
		return fieldErrors(fault.Detail{Target: "name", Message: fmt.Sprintf("The name '%s' does not match %s.", name, q.kind.name)})
	}
	if strings.Contains(name, ";rev=") {
		return fault.New(fault.Unsupported, "Revisions of APIs are not supported by Postern yet.")
	}
	if n := utf8.RuneCountInString(name); n > q.kind.maxName {
		return fieldErrors(fault.Detail{Target: "name", Message: fmt.Sprintf("The name has %d characters; at most %d are allowed.", n, q.kind.maxName)})
	}
	return nil
}

// readOnly are the members of a resource that the server gives.
var readOnly = []string{"id", "name", "type", "etag", "systemData"}

// parseBody splits the body into properties and the members beside them.
func parseBody(q *request) (top, properties map[string]any, err error) {
	var body map[string]any
	if err := resource.DecodeJSON(q.body, &body); err != nil {
		return nil, nil, fieldErrors(fault.Detail{Target: "representation", Message: fmt.Sprintf("The request body is not a JSON object: %v.", err)})
	}
	if body == nil {
		return nil, nil, fieldErrors(fault.Detail{Target: "representation", Message: "The request body is null; a JSON object is expected."})
	}
	properties = map[string]any{}
	switch p := body["properties"].(type) {
	case nil:
	case map[string]any:
		properties = p
	default:
		return nil, nil, fieldErrors(fault.Detail{Target: "properties", Message: "properties is not a JSON object."})
	}
	delete(body, "properties")
	for _, name := range readOnly {
		delete(body, name)
	}
	return body, properties, nil
}

// merge is JSON merge patch (RFC 7396): objects merge, null removes, all else, lists included, replaces.
func merge(old, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	o, _ := old.(map[string]any)
	out := maps.Clone(o)
	if out == nil {
		out = map[string]any{}
	}
	for k, v := range p {
		if v == nil {
			delete(out, k)
			continue
		}
		out[k] = merge(out[k], v)
	}
	return out
}

func cloneJSON(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = cloneJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = cloneJSON(e)
		}
		return out
	}
	return v
}

func (s *Server) list(w http.ResponseWriter, q *request) error {
	if parent, ok := parentOf(q.id); ok {
		if r, err := s.fetch(q.Context(), parent); err != nil || r == nil {
			if err == nil {
				err = notFound(parent)
			}
			return err
		}
	}
	page, err := parsePage(q)
	if err != nil {
		return err
	}
	if q.id.Group == "" {
		return s.listAcross(w, q, page)
	}
	prefix := q.id.Key() + "/"
	entries, _, err := s.Store.List(q.Context(), prefix)
	if err != nil {
		return err
	}
	failed, filtered, err := refreshFailed(q)
	if err != nil {
		return err
	}
	var all []map[string]any
	for _, e := range entries {
		if strings.Contains(e.Key[len(prefix):], "/") {
			continue
		}
		r, err := resource.Decode(e)
		if err != nil {
			return err
		}
		view, err := q.kind.view(s, q, r)
		if err != nil {
			return err
		}
		if page.filter.matches(view) && (!filtered || hasFailed(view) == failed) {
			all = append(all, view)
		}
	}
	writeJSON(w, http.StatusOK, page.cut(s, q, all))
	return nil
}

// listAcross lists the top-level resources of a type in all groups of the subscription.
func (s *Server) listAcross(w http.ResponseWriter, q *request, p page) error {
	var all []map[string]any
	err := s.eachRoot(q.Context(), []string{q.id.Subscription}, func(r *resource.Resource) error {
		if r.ID.Type() != q.id.Type() {
			return nil
		}
		view, err := q.kind.view(s, q, r)
		if err == nil && p.filter.matches(view) {
			all = append(all, view)
		}
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, p.cut(s, q, all))
	return nil
}

// page is a list's $top, $skip and $filter.
type page struct {
	top, skip int
	filter    filter
}

func parsePage(q *request) (page, error) {
	p := page{top: -1}
	query := q.URL.Query()
	for name, into := range map[string]*int{"$top": &p.top, "$skip": &p.skip} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || name == "$top" && n < 1 {
			return p, fieldErrors(fault.Detail{Target: name, Message: fmt.Sprintf("%s has the invalid value '%s'.", name, text)})
		}
		*into = n
	}
	var err error
	if text := query.Get("$filter"); text != "" {
		p.filter, err = parseFilter(text, q.kind.filter)
	}
	return p, err
}

func (p page) cut(s *Server, q *request, all []map[string]any) map[string]any {
	count := len(all)
	rest := all[min(p.skip, count):]
	next := ""
	if p.top >= 0 && p.top < len(rest) {
		rest = rest[:p.top]
		query, _ := url.ParseQuery(q.URL.RawQuery)
		query.Set("$skip", strconv.Itoa(p.skip+p.top))
		next = s.ManagementURL() + q.URL.Path + "?" + query.Encode()
	}
	return map[string]any{"value": append([]map[string]any{}, rest...), "count": count, "nextLink": next}
}
