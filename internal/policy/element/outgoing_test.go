package element_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var (
	_ policy.Sender      = fakeGateway{}
	_ policy.TokenSource = fakeGateway{}
	_ policy.Limiter     = fakeGateway{}
)

// Send shows what is sent and answers with the file's part "server".
func (g fakeGateway) Send(_ context.Context, r *message.Request, o policy.SendOptions) (*message.Response, error) {
	g.show("->", r, o)
	if reason := g.p.one("unreachable"); reason != "" {
		return nil, &message.TransportError{Reason: reason, Err: errors.New("the test says so")}
	}
	first, h, body := parts(g.t, g.p.parts["server"])
	status, err := strconv.Atoi(first)
	if err != nil {
		status = 200
	}
	return &message.Response{Status: status, Header: h, Body: body}, nil
}

// SendAway shows what is sent.
func (g fakeGateway) SendAway(r *message.Request, o policy.SendOptions) error {
	g.show("~>", r, o)
	if reason := g.p.one("unreachable"); reason != "" {
		return &policy.Failure{Reason: reason, Message: "The test says so."}
	}
	return nil
}

func (g fakeGateway) show(arrow string, r *message.Request, o policy.SendOptions) {
	out := &g.p.out
	fmt.Fprintf(out, "%s %s %s\n", arrow, r.Method, r.URL.String())
	for name, value := range r.Header.All() {
		fmt.Fprintf(out, "%s %s: %s\n", arrow, name, value)
	}
	if b, err := io.ReadAll(r.Body); err == nil && len(b) > 0 {
		fmt.Fprintf(out, "%s\n%s %s\n", arrow, arrow, b)
	}
	if o.Certificate != nil {
		fmt.Fprintf(out, "%s (certificate %s)\n", arrow, o.Certificate.Certificate.Thumbprint())
	}
	fmt.Fprintf(out, "%s (timeout %s)\n", arrow, o.Timeout)
}

// Token gives the token that the file names, with whom it is of and for.
func (g fakeGateway) Token(_ context.Context, resource, clientID string) (string, error) {
	name := g.p.one("token")
	if name == "" {
		return "", errors.New("the test says so")
	}
	return fmt.Sprintf("%s(%s|%s)", name, resource, clientID), nil
}

// Enter lets in whom the file does not say to be full.
func (g fakeGateway) Enter(key string, max int) (leave func(), ok bool) {
	fmt.Fprintf(&g.p.out, "  (enters %q of %d)\n", key, max)
	if key == g.p.one("full") {
		return nil, false
	}
	return func() { fmt.Fprintf(&g.p.out, "  (leaves %q)\n", key) }, true
}
