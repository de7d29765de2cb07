package element

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var cors = &policy.Element{
	Spec: policy.Spec{
		Name: "cors",
		Doc:  "Lets pages of other origins call the API from browsers, and answers their preflights.",
		Attributes: []policy.Attribute{
			{Name: "allow-credentials", Doc: "Whether pages may send cookies and the like, which no origin of * allows.", Type: policy.Boolean, Expression: true, Default: "false"},
			{Name: "terminate-unmatched-request", Doc: "What becomes of requests from other origins: true answers preflights, GET and HEAD with an empty 200; false asks the next cors policy, and lets requests that are no preflights go on without fields for the browser.", Type: policy.Boolean, Expression: true, Default: "true"},
		},
		Children: []policy.Child{
			{Min: 1, Max: 1, Spec: listOfTexts("allowed-origins", "origin", "Origins whose pages may call.", "Scheme, host and port, or * for any.")},
			{Max: 1, Spec: allowedMethods()},
			{Max: 1, Spec: listOfTexts("allowed-headers", "header", "Fields that requests may have.", "A name, or * for any.")},
			{Max: 1, Spec: listOfTexts("expose-headers", "header", "Fields of responses that pages may read.", "A name, or * for any.")},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Once:     true,
	Source:   page("cors"),
	Compile:  compileCORS,
}

func listOfTexts(name, child, doc, each string) *policy.Spec {
	return &policy.Spec{Name: name, Doc: doc, Children: []policy.Child{{Min: 1, Spec: &policy.Spec{Name: child, Doc: each, Text: policy.ExpressionText}}}}
}

func allowedMethods() *policy.Spec {
	s := listOfTexts("allowed-methods", "method", "Methods that requests may have; left out: GET and POST.", "A method, or * for any.")
	s.Attributes = []policy.Attribute{{Name: "preflight-result-max-age", Doc: "Seconds that browsers may keep the answer to a preflight.", Type: policy.Integer, Max: 1 << 31, Expression: true, Default: "0"}}
	return s
}

type corsRules struct {
	credentials, terminate             policy.Bool
	age                                policy.Float
	origins, methods, headers, exposed []policy.Text
}

func compileCORS(n *policy.Node) policy.Step {
	c := &corsRules{
		credentials: n.Bool("allow-credentials"), terminate: n.Bool("terminate-unmatched-request"),
		origins: texts(n.Child("allowed-origins")), headers: texts(n.Child("allowed-headers")), exposed: texts(n.Child("expose-headers")),
		methods: []policy.Text{{Const: "GET"}, {Const: "POST"}},
	}
	if m := n.Child("allowed-methods"); m != nil {
		c.methods, c.age = texts(m), m.Float("preflight-result-max-age")
	}
	for i, o := range n.Child("allowed-origins").Children() {
		t := &c.origins[i]
		if t.Expr != nil || o.OpenText() {
			continue
		}
		if t.Const != "*" {
			if _, ok := origin(t.Const); !ok {
				o.Errorf(policy.CodeAttrValue, "'%s' is no origin such as https://www.example.com, and not '*'.", t.Const)
			}
		} else if c.credentials.Const && c.credentials.Expr == nil {
			o.Errorf(policy.CodeConflict, "With allow-credentials the origins are named; '*' would let every page act as the user.")
		}
	}
	return c.run
}

// origin is an origin in one form: scheme and host in lower case, the port always there. ok is false for what is none;
// "null" is one that equals itself.
func origin(s string) (normal string, ok bool) {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "/")
	if s == "null" {
		return s, true
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	port := u.Port()
	if port == "" {
		port = strconv.Itoa(message.DefaultPort(u.Scheme))
	}
	return u.Scheme + "://" + u.Hostname() + ":" + port, true
}

func (c *corsRules) run(x *policy.Run) error {
	from, ok := x.Request.Header.Lookup("Origin")
	if !ok || x.Seen("cors") {
		return nil // not from another origin, or allowed by the cors policy before
	}
	answer, err := c.judge(x, from)
	if err != nil {
		return err
	}
	preflight := x.Preflight != policy.NoPreflight
	switch {
	case answer != nil && preflight:
		x.Replace(&message.Response{Status: 200, Header: answer, Body: message.NoBody()})
		return policy.Done
	case answer != nil:
		x.First("cors")
		x.After(func(_ *policy.Run, r *message.Response) { merge(r, answer) })
		return nil
	}
	if preflight {
		x.Preflight = policy.PreflightUnmatched
	}
	terminate, err := c.terminate.Eval(x)
	if err != nil {
		return err
	}
	if terminate && (preflight || x.Request.Method == "GET" || x.Request.Method == "HEAD") {
		x.Replace(&message.Response{Status: 200, Body: message.NoBody()})
		return policy.Done
	}
	return nil
}

// merge puts the fields for the browser into a response, in the place of those of a backend.
func merge(r *message.Response, fields message.Header) {
	for _, f := range fields {
		if f.Name == "Vary" {
			if !r.Header.HasToken("Vary", f.Value) {
				r.Header.Add(f.Name, f.Value)
			}
			continue
		}
		r.Header.Set(f.Name, f.Value)
	}
}

// judge is the fields for the browser; nil if the policy does not allow the request.
func (c *corsRules) judge(x *policy.Run, from string) (message.Header, error) {
	origins, err := evalTexts(x, c.origins)
	if err != nil {
		return nil, err
	}
	credentials, err := c.credentials.Eval(x)
	if err != nil {
		return nil, err
	}
	any, named := slices.Contains(origins, "*"), allows(origins, from)
	// A star never allows credentials, even where an expression made it.
	if !named && (!any || credentials) {
		return nil, nil
	}
	var h message.Header
	if named {
		h.Add("Access-Control-Allow-Origin", from)
		h.Add("Vary", "Origin")
	} else {
		h.Add("Access-Control-Allow-Origin", "*")
	}
	if credentials {
		h.Add("Access-Control-Allow-Credentials", "true")
	}
	if x.Preflight != policy.NoPreflight {
		return c.preflight(x, h)
	}
	exposed, err := evalTexts(x, c.exposed)
	if len(exposed) > 0 {
		h.Add("Access-Control-Expose-Headers", strings.Join(exposed, ","))
	}
	return h, err
}

// allows reports whether an origin is one of those named.
func allows(origins []string, from string) bool {
	want, ok := origin(from)
	if !ok {
		return false
	}
	return slices.ContainsFunc(origins, func(o string) bool {
		allowed, ok := origin(o)
		return ok && allowed == want
	})
}

// simpleHeaders may always be in requests (Fetch standard, CORS-safelisted request-header).
var simpleHeaders = []string{"Accept", "Accept-Language", "Content-Language", "Origin"}

// preflight adds what a preflight asks for: method and fields, if all of them are allowed.
func (c *corsRules) preflight(x *policy.Run, h message.Header) (message.Header, error) {
	methods, err := evalTexts(x, c.methods)
	if err != nil {
		return nil, err
	}
	headers, err := evalTexts(x, c.headers)
	if err != nil {
		return nil, err
	}
	age, err := c.age.Eval(x)
	if err != nil {
		return nil, err
	}
	method := strings.TrimSpace(x.Request.Header.Get("Access-Control-Request-Method"))
	if !slices.Contains(methods, "*") && !slices.Contains(methods, method) {
		return nil, nil
	}
	wanted, ok := requestedHeaders(x, headers)
	if !ok {
		return nil, nil
	}
	h.Add("Access-Control-Allow-Methods", method)
	if len(wanted) > 0 {
		h.Add("Access-Control-Allow-Headers", strings.Join(wanted, ","))
	}
	if age >= 1 {
		h.Add("Access-Control-Max-Age", strconv.FormatInt(int64(min(age, 1<<31)), 10))
	}
	return h, nil
}

// requestedHeaders are the fields that a preflight asks for; ok tells whether all are allowed.
func requestedHeaders(x *policy.Run, allowed []string) (wanted []string, ok bool) {
	for value := range x.Request.Header.Values("Access-Control-Request-Headers") {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			same := func(a string) bool { return a == "*" || strings.EqualFold(a, name) }
			if !message.ValidName(name) || !slices.ContainsFunc(allowed, same) && !slices.ContainsFunc(simpleHeaders, same) {
				return nil, false
			}
			wanted = append(wanted, name)
		}
	}
	return wanted, true
}
