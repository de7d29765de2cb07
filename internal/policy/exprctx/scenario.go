package exprctx

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"sort"
	"strings"
	"time"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
)

// Scenario is a request, its response and its surroundings from a file, for evaluating expressions by themselves. It
// is immutable; each Thread it makes has a request of its own.
type Scenario struct {
	file       scenarioFile
	id         message.ID
	timestamp  time.Time
	elapsed    time.Duration
	deployment *policy.Deployment
	route      policy.Route
	caller     policy.Caller
	peer       *message.Peer
	url        message.URL
	original   message.URL
	remote     netip.Addr
}

// LoadScenario reads a context file and the certificates that it names (as conformance/FORMAT.md has them: a JSON object
// of name to {"certificate": PEM, "privateKey": PEM}). certificates may be nil.
func LoadScenario(contextJSON, certificatesJSON []byte) (*Scenario, error) {
	s := &Scenario{}
	if err := json.Unmarshal(contextJSON, &s.file); err != nil {
		return nil, fmt.Errorf("read context: %w", err)
	}
	identities, err := loadIdentities(certificatesJSON)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(map[string]*cert.Identity) error{s.times, s.request, s.entities} {
		if err := step(identities); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func loadIdentities(data []byte) (map[string]*cert.Identity, error) {
	identities := map[string]*cert.Identity{}
	if data == nil {
		return identities, nil
	}
	var files map[string]struct{ Certificate, PrivateKey string }
	if err := json.Unmarshal(data, &files); err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	for name, f := range files {
		id, err := loadIdentity(f.Certificate, f.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("certificate %q: %w", name, err)
		}
		identities[name] = id
	}
	return identities, nil
}

func loadIdentity(certificate, key string) (*cert.Identity, error) {
	if key != "" {
		return pfx.LoadPEM([]byte(certificate+"\n"+key), nil)
	}
	c, err := cert.ParsePEM([]byte(certificate))
	if err != nil {
		return nil, err
	}
	return &cert.Identity{Certificate: c}, nil
}

func (s *Scenario) times(map[string]*cert.Identity) error {
	f := &s.file
	var err error
	if f.RequestID != "" {
		raw, bad := parseGUID(f.RequestID)
		if bad != nil {
			return bad
		}
		s.id = message.ID(raw)
	}
	if f.Timestamp != "" {
		if s.timestamp, err = time.Parse(time.RFC3339Nano, f.Timestamp); err != nil {
			return fmt.Errorf("timestamp: %w", err)
		}
	}
	if f.Elapsed != "" {
		if s.elapsed, err = parseSpan(f.Elapsed); err != nil {
			return fmt.Errorf("elapsed: %w", err)
		}
	}
	return nil
}

func (s *Scenario) request(identities map[string]*cert.Identity) error {
	r := s.file.Request
	if r == nil {
		r = &fileRequest{Method: "GET", URL: "http://localhost/"}
		s.file.Request = r
	}
	var err error
	if s.url, err = message.ParseURL(r.URL); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	if s.original, err = message.ParseURL(orElse(r.OriginalURL, r.URL)); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	if r.IPAddress != "" {
		if s.remote, err = netip.ParseAddr(r.IPAddress); err != nil {
			return fmt.Errorf("request: %w", err)
		}
	}
	if r.Certificate != "" {
		id := identities[r.Certificate]
		if id == nil {
			return fmt.Errorf("request: there is no certificate %q", r.Certificate)
		}
		s.peer = &message.Peer{Leaf: id.Certificate}
	}
	s.route.Parameters = r.MatchedParameters
	return nil
}

// Thread makes a thread that evaluates one expression: a new request, with the variables of the file and those given. Start
// its budget before running.
func (s *Scenario) Thread(variables map[string]Variable) (*types.Thread, error) {
	x := policy.NewRun(policy.Invocation{
		Exchange: s.exchange(), ID: s.id, Route: s.route, Caller: s.caller, Deployment: s.deployment,
		Clock: func() time.Time { return s.timestamp.Add(s.elapsed) },
	})
	x.Original = s.original
	if s.file.Response != nil {
		x.Response = s.file.Response.message()
	}
	if e := s.file.LastError; e != nil {
		x.LastError = &policy.LastError{Source: e.Source, Reason: e.Reason, Message: e.Message, Scope: e.Scope, Section: e.Section, Path: e.Path, PolicyID: e.PolicyID}
	}
	c := contextOf(x)
	c.literalHeaders = true
	c.thread.Now = nil
	for _, set := range []orderedVariables{s.file.Variables, ordered(variables)} {
		for _, v := range set {
			o, err := v.value.object(&c.thread)
			if err != nil {
				return nil, fmt.Errorf("variable %q: %w", v.name, err)
			}
			x.Variables.Set(v.name, o)
		}
	}
	return &c.thread, nil
}

func ordered(variables map[string]Variable) orderedVariables {
	var list orderedVariables
	for name, v := range variables {
		list = append(list, namedVariable{name, v})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	return list
}

func (s *Scenario) exchange() *message.Exchange {
	r := s.file.Request
	body := message.NoBody()
	if r.Body != nil {
		body = message.NewStringBody(*r.Body)
	}
	conn := &message.Conn{Remote: netip.AddrPortFrom(s.remote, 0)}
	if s.peer != nil {
		conn.TLS = &message.TLS{Peer: s.peer}
	}
	return &message.Exchange{
		Context: context.Background(), Received: s.timestamp, Conn: conn,
		Request: &message.Request{Method: r.Method, URL: s.url, Host: s.url.Authority(), Proto: "HTTP/1.1", Header: r.Headers.fields(), Body: body},
	}
}

// Variable is a variable in a file: a type's short name, and a value in JSON (conformance/FORMAT.md).
type Variable struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

type namedVariable struct {
	name  string
	value Variable
}

// orderedVariables are variables in the order of the file.
type orderedVariables []namedVariable

// UnmarshalJSON keeps the order of the members.
func (o *orderedVariables) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var v Variable
		if err := d.Decode(&v); err != nil {
			return err
		}
		text, _ := name.(string)
		*o = append(*o, namedVariable{text, v})
	}
	return nil
}

// object makes the object of a variable.
func (v Variable) object(t *types.Thread) (any, error) {
	read := func(to any) error { return json.Unmarshal(v.Value, to) }
	switch v.Type {
	case "null":
		return nil, nil
	case "string", "guid", "DateTime", "Jwt", "byte[]":
		var s string
		if err := read(&s); err != nil {
			return nil, err
		}
		return textObject(v.Type, s)
	case "int":
		var n int32
		err := read(&n)
		return n, err
	case "long":
		var n int64
		err := read(&n)
		return n, err
	case "double":
		var n float64
		err := read(&n)
		return n, err
	case "bool":
		var b bool
		err := read(&b)
		return b, err
	case "string[]":
		var list []string
		err := read(&list)
		return stringArray(list), err
	case "JObject", "JToken", "JArray":
		return parsed(t, "Newtonsoft.Json.Linq."+v.Type, string(v.Value))
	case "IResponse":
		var r fileResponse
		if err := read(&r); err != nil {
			return nil, err
		}
		return &Response{of: r.message()}, nil
	case "Authorization":
		return authorizationObject(v.Value, t)
	}
	return nil, fmt.Errorf("there is no type %q", v.Type)
}

func textObject(kind, s string) (any, error) {
	switch kind {
	case "guid":
		g, err := parseGUID(s)
		return types.Guid(g), err
	case "DateTime":
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			at, err = time.Parse("2006-01-02T15:04:05.9999999", s)
			return dateTime(at) &^ (3 << 62), err
		}
		return dateTime(at), nil
	case "byte[]":
		b, err := base64.StdEncoding.DecodeString(s)
		return &types.Bytes{B: b}, err
	case "Jwt":
		j := parseJwt(s)
		if j == nil {
			return nil, fmt.Errorf("%q is no token", s)
		}
		return j, nil
	}
	return types.NewString(s), nil
}

// parsed reads JSON with the class library.
func parsed(t *types.Thread, typeName, text string) (o any, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*types.Exception)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	t.Start(DefaultBudget)
	return parse(t, typeName, text).Ref, nil
}

func authorizationObject(raw json.RawMessage, t *types.Thread) (any, error) {
	var f struct {
		AccessToken string           `json:"accessToken"`
		Claims      orderedVariables `json:"claims"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	var claims []policy.Variable
	for _, c := range f.Claims {
		o, err := c.value.object(t)
		if err != nil {
			return nil, err
		}
		claims = append(claims, policy.Variable{Name: c.name, Value: o})
	}
	return NewAuthorization(f.AccessToken, claims), nil
}

func parseGUID(s string) (g [16]byte, err error) {
	digits := strings.ReplaceAll(strings.Trim(s, "{}"), "-", "")
	if len(digits) != 32 {
		return g, fmt.Errorf("%q is no GUID", s)
	}
	for i := range g {
		if _, err := fmt.Sscanf(digits[2*i:2*i+2], "%02x", &g[i]); err != nil {
			return g, fmt.Errorf("%q is no GUID", s)
		}
	}
	return g, nil
}

// parseSpan reads "hh:mm:ss.fffffff".
func parseSpan(s string) (time.Duration, error) {
	var h, m int
	var sec float64
	if n, err := fmt.Sscanf(s, "%d:%d:%f", &h, &m, &sec); n != 3 {
		return 0, err
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(sec*1e7+0.5)*100, nil
}

// certificateEntities are those of the file, in its order.
func certificateEntities(list orderedStrings, identities map[string]*cert.Identity) ([]apim.Certificate, error) {
	var out []apim.Certificate
	for _, e := range list {
		id := identities[e.value]
		if id == nil {
			return nil, fmt.Errorf("deployment: there is no certificate %q", e.value)
		}
		out = append(out, apim.Certificate{ID: e.name, Identity: id})
	}
	return out, nil
}
