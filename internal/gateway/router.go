package gateway

import (
	"bytes"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
)

// The protocols of an API, as a set.
const (
	protoHTTP = 1 << iota
	protoHTTPS
	protoWS
	protoWSS
)

// router finds the API by the longest path prefix and in it the operation by method and template. It is immutable; a
// look-up walks maps by segment and allocates only for captured values and for characters beyond ASCII.
type router struct {
	root apiNode
}

// apiNode is one segment of the APIs' paths.
type apiNode struct {
	children map[string]*apiNode
	// current is the API that ends here, nil if none does; revisions has all its revisions.
	current   *apiRoute
	revisions []*apiRoute
}

// apiRoute is an API with its operations.
type apiRoute struct {
	api       *apim.API
	protocols int
	base      message.URL
	pipeline  Pipeline
	operation opNode
	keyHeader string
	keyQuery  string
}

// opRoute is an operation with its pipeline.
type opRoute struct {
	operation *apim.Operation
	pipeline  Pipeline
}

// opNode is one segment of an API's templates; more specific branches are tried first.
type opNode struct {
	literals map[string]*opNode
	mixed    []mixedNode
	any      *opNode
	// ends are the operations whose path ends here, wild those that take the rest.
	ends, wild []leaf
}

// mixedNode is a branch for a segment of literals and parameters.
type mixedNode struct {
	segment segment
	node    *opNode
}

// leaf is an operation at the end of a path.
type leaf struct {
	*opRoute
	// names are those of the captures, in order; empty ones are not bound.
	names []string
	// rest is the name of the wildcard.
	rest  string
	query []queryPart
}

// add puts an API into the tree. Errors are fault.Invalid.
func (r *router) add(api *apim.API, compile func(*apim.API, *apim.Operation) (Pipeline, error)) error {
	route := &apiRoute{api: api, protocols: protocolSet(api.Protocols), keyHeader: api.KeyHeader, keyQuery: api.KeyQuery}
	if route.keyHeader == "" {
		route.keyHeader = defaultKeyHeader
	}
	if route.keyQuery == "" {
		route.keyQuery = defaultKeyQuery
	}
	if err := route.fill(compile); err != nil {
		return err
	}
	node := &r.root
	for part := range strings.SplitSeq(strings.Trim(api.Path, "/"), "/") {
		if part != "" {
			node = node.child(fold(unescape(part)))
		}
	}
	node.revisions = append(node.revisions, route)
	if api.Current {
		if node.current != nil {
			return fault.New(fault.Invalid, "the APIs %q and %q have the same path %q", node.current.api.ID, api.ID, api.Path)
		}
		node.current = route
	}
	return nil
}

func (n *apiNode) child(name string) *apiNode {
	if n.children == nil {
		n.children = map[string]*apiNode{}
	}
	c := n.children[name]
	if c == nil {
		c = new(apiNode)
		n.children[name] = c
	}
	return c
}

// fill compiles what belongs to the API.
func (a *apiRoute) fill(compile func(*apim.API, *apim.Operation) (Pipeline, error)) (err error) {
	if a.api.ServiceURL != "" {
		if a.base, err = message.ParseURL(a.api.ServiceURL); err != nil {
			return fault.Wrap(fault.Invalid, err, "API %q: service URL", a.api.ID)
		}
	}
	if a.pipeline, err = compile(a.api, nil); err != nil {
		return err
	}
	for i := range a.api.Operations {
		op := &a.api.Operations[i]
		p, err := compile(a.api, op)
		if err != nil {
			return err
		}
		t, err := parseTemplate(op.URLTemplate)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "API %q, operation %q", a.api.ID, op.ID)
		}
		a.operation.add(t, &opRoute{op, p})
	}
	a.operation.sort()
	return nil
}

// protocolSet reads an API's protocols; an API that names none speaks https.
func protocolSet(names []string) (set int) {
	for _, n := range names {
		switch strings.ToLower(n) {
		case "http":
			set |= protoHTTP
		case "https":
			set |= protoHTTPS
		case "ws":
			set |= protoWS
		case "wss":
			set |= protoWSS
		}
	}
	if set == 0 {
		return protoHTTPS
	}
	return set
}

// add puts an operation into the tree.
func (n *opNode) add(t *template, op *opRoute) {
	l := leaf{opRoute: op, rest: t.rest, query: t.query}
	for i := range t.segments {
		s := &t.segments[i]
		l.names = append(l.names, s.names...)
		n = n.step(s)
	}
	if t.wildcard {
		n.wild = append(n.wild, l)
	} else {
		n.ends = append(n.ends, l)
	}
}

// step is the branch for a segment, made if it is not there.
func (n *opNode) step(s *segment) *opNode {
	switch {
	case s.literal():
		if n.literals == nil {
			n.literals = map[string]*opNode{}
		}
		next := n.literals[s.literals[0]]
		if next == nil {
			next = new(opNode)
			n.literals[s.literals[0]] = next
		}
		return next
	case s.whole():
		if n.any == nil {
			n.any = new(opNode)
		}
		return n.any
	}
	for _, m := range n.mixed {
		if slices.Equal(m.segment.literals, s.literals) {
			return m.node
		}
	}
	n.mixed = append(n.mixed, mixedNode{*s, new(opNode)})
	return n.mixed[len(n.mixed)-1].node
}

// sort puts what is more specific first: longer literals, more query parameters.
func (n *opNode) sort() {
	slices.SortStableFunc(n.mixed, func(a, b mixedNode) int {
		return len(strings.Join(b.segment.literals, "")) - len(strings.Join(a.segment.literals, ""))
	})
	byQuery := func(a, b leaf) int { return len(b.query) - len(a.query) }
	slices.SortStableFunc(n.ends, byQuery)
	slices.SortStableFunc(n.wild, byQuery)
	for _, next := range n.literals {
		next.sort()
	}
	for _, m := range n.mixed {
		m.node.sort()
	}
	if n.any != nil {
		n.any.sort()
	}
}

// find is the API of a path, nil if there is none, and what of the path follows the API's own.
func (r *router) find(path string) (route *apiRoute, suffix string) {
	var buf foldBuffer
	node, rest := &r.root, path
	route, suffix = node.current, rest
	for rest != "" {
		part, after := nextSegment(rest)
		name := foldSegment(&buf, part)
		if i := bytes.Index(name, []byte(";rev=")); i >= 0 {
			at := node
			if i > 0 {
				at = node.children[string(name[:i])]
			}
			return at.revision(name[i+len(";rev="):]), after
		}
		if node = node.children[string(name)]; node == nil {
			return route, suffix
		}
		rest = after
		if node.current != nil {
			route, suffix = node.current, rest
		}
	}
	return route, suffix
}

// revision is the API's revision of that number.
func (n *apiNode) revision(number []byte) *apiRoute {
	if n == nil {
		return nil
	}
	for _, r := range n.revisions {
		if r.api.Revision == string(number) {
			return r
		}
	}
	return nil
}

// nextSegment splits "/a/b" into "a" and "/b".
func nextSegment(path string) (part, after string) {
	if path[0] == '/' {
		path = path[1:]
	}
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// maxCaptures bounds the parameters of a path template, so that a search needs no memory but the stack's.
const maxCaptures = 32

// matching is one search for an operation.
type matching struct {
	method, query string
	captures      [maxCaptures]string
	captured      int
	rest          string
	buf           foldBuffer
}

// match is the operation for a method, a suffix of the path and a query; parameters is nil if the template has none.
func (a *apiRoute) match(method, suffix, query string) (op *opRoute, parameters map[string]string) {
	m := matching{method: method, query: query}
	if suffix == "/" {
		suffix = ""
	}
	l := m.node(&a.operation, suffix)
	if l == nil {
		return nil, nil
	}
	return l.opRoute, m.parameters(l)
}

// node searches a branch for the path that is left.
func (m *matching) node(n *opNode, path string) *leaf {
	if path == "" {
		if l := m.leaf(n.ends); l != nil {
			return l
		}
		return m.wildcard(n, path)
	}
	part, after := nextSegment(path)
	if next := n.literals[string(foldSegment(&m.buf, part))]; next != nil {
		if l := m.node(next, after); l != nil {
			return l
		}
	}
	depth := m.captured
	for i := range n.mixed {
		if m.mixed(&n.mixed[i].segment, part) {
			if l := m.node(n.mixed[i].node, after); l != nil {
				return l
			}
		}
		m.captured = depth
	}
	if n.any != nil && part != "" {
		m.capture(part)
		if l := m.node(n.any, after); l != nil {
			return l
		}
		m.captured = depth
	}
	return m.wildcard(n, path)
}

func (m *matching) wildcard(n *opNode, path string) *leaf {
	l := m.leaf(n.wild)
	if l != nil {
		m.rest = strings.TrimPrefix(path, "/")
	}
	return l
}

// leaf is the first operation that has the method and whose query parameters are there.
func (m *matching) leaf(list []leaf) *leaf {
	for i := range list {
		if l := &list[i]; l.operation.Method == m.method && m.hasQuery(l.query) {
			return l
		}
	}
	return nil
}

func (m *matching) hasQuery(parts []queryPart) bool {
	for i := range parts {
		value, ok := queryValue(m.query, parts[i].key)
		if !ok || parts[i].name == "" && !strings.EqualFold(value, parts[i].value) {
			return false
		}
	}
	return true
}

// queryValue is the first value of a query parameter; names compare without case.
func queryValue(query, key string) (string, bool) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		if strings.ContainsAny(name, "%+") {
			name = queryUnescape(name)
		}
		if strings.EqualFold(name, key) {
			if strings.ContainsAny(value, "%+") {
				value = queryUnescape(value)
			}
			return value, true
		}
	}
	return "", false
}

// mixed matches a segment of literals and parameters, and captures.
func (m *matching) mixed(s *segment, part string) bool {
	first, last := s.literals[0], s.literals[len(s.literals)-1]
	if len(part) < len(first)+len(last) || !strings.EqualFold(part[:len(first)], first) ||
		!strings.EqualFold(part[len(part)-len(last):], last) {
		return false
	}
	middle := part[len(first) : len(part)-len(last)]
	for _, literal := range s.literals[1 : len(s.literals)-1] {
		at := indexFold(middle, literal)
		if at <= 0 {
			return false
		}
		m.capture(middle[:at])
		middle = middle[at+len(literal):]
	}
	if middle == "" {
		return false
	}
	m.capture(middle)
	return true
}

// capture keeps a value; templates have no more parameters than there is room for.
func (m *matching) capture(value string) {
	m.captures[m.captured] = value
	m.captured++
}

// indexFold is where the literal first stands after at least one character, without case; -1 if nowhere.
func indexFold(s, literal string) int {
	for i := 1; i+len(literal) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(literal)], literal) {
			return i
		}
	}
	return -1
}

// parameters binds what was captured.
func (m *matching) parameters(l *leaf) map[string]string {
	bound := l.rest != ""
	for _, n := range l.names {
		bound = bound || n != ""
	}
	for i := range l.query {
		bound = bound || l.query[i].name != ""
	}
	if !bound {
		return nil
	}
	values := make(map[string]string, len(l.names)+1)
	for i, n := range l.names {
		if n != "" {
			values[n] = parameterValue(m.captures[i])
		}
	}
	if l.rest != "" {
		values[l.rest] = parameterValue(m.rest)
	}
	for i := range l.query {
		if q := &l.query[i]; q.name != "" {
			values[q.name], _ = queryValue(m.query, q.key)
		}
	}
	return values
}
