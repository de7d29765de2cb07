package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// Bounds of the requests that policies make up.
const (
	// maxAway bounds the requests under way that nobody waits for.
	maxAway = 1024
	// defaultAway is the time that such a request has where its policy gives none.
	defaultAway = time.Minute
	// maxAwayBody is how much of an answer is read that nobody looks at, so that the connection can be used again.
	maxAwayBody = 256 << 10
)

// outgoing is what the requests of policies have in common, whatever snapshot they run in.
type outgoing struct {
	away chan struct{} // one place for each request that nobody waits for
	mu   sync.Mutex
	held map[string]int // requests inside of limit-concurrency by key
}

func newOutgoing() *outgoing {
	return &outgoing{away: make(chan struct{}, maxAway), held: map[string]int{}}
}

// enter counts a request under key; see policy.Limiter.
func (o *outgoing) enter(key string, max int) (leave func(), ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held[key] >= max {
		return nil, false
	}
	o.held[key]++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.held[key]--; o.held[key] <= 0 {
			delete(o.held, key)
		}
	}, true
}

// wait waits until the requests that nobody else waits for have ended, or ctx has; it takes no new ones.
func (o *outgoing) wait(ctx context.Context) error {
	for range maxAway {
		select {
		case o.away <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

var (
	_ policy.Sender      = (*forwarder)(nil)
	_ policy.TokenSource = (*forwarder)(nil)
	_ policy.Limiter     = (*forwarder)(nil)
)

// Enter implements policy.Limiter. The counts outlive snapshots.
func (f *forwarder) Enter(key string, max int) (leave func(), ok bool) {
	return f.snapshot.outgoing.enter(key, max)
}

// Token implements policy.TokenSource.
func (f *forwarder) Token(ctx context.Context, resource, clientID string) (string, error) {
	if f.snapshot.options.Token == nil {
		return "", fault.New(fault.Unavailable, "the gateway has no managed identities")
	}
	token, err := f.snapshot.options.Token(ctx, resource, clientID)
	if err != nil {
		f.snapshot.options.logger().LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "no access token of a managed identity",
			slog.String(logkey.RequestID, f.exchange.ID.String()), slog.String("resource", resource), slog.Any(logkey.Error, err))
	}
	return token, err
}

// Send implements policy.Sender.
func (f *forwarder) Send(ctx context.Context, r *message.Request, o policy.SendOptions) (*message.Response, error) {
	resp, err := f.exchangeWhole(ctx, r, o)
	if err != nil {
		f.failed(r, err)
	}
	return resp, err
}

// exchangeWhole sends a request and reads the response to its end, all in the time given.
func (f *forwarder) exchangeWhole(ctx context.Context, r *message.Request, o policy.SendOptions) (*message.Response, error) {
	call, stop := newCall(ctx, o.Timeout)
	defer stop()
	resp, err := f.snapshot.backends.transportFor("1", 0, o.Certificate).RoundTrip(call.ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.Upgrade != nil {
		_ = resp.Upgrade.Close()
		return nil, &message.TransportError{Reason: reasonBackend, Err: errors.New("the server switched protocols unasked")}
	}
	body, err := resp.Body.Buffer(o.MaxBodyBytes)
	if err != nil {
		return nil, bodyError(call.ctx, err)
	}
	return &message.Response{Status: resp.Status, Reason: resp.Reason, Header: resp.Header, Body: message.NewBytesBody(body)}, nil
}

// bodyError says why a response could not be read to its end.
func bodyError(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case cause == nil:
		return &message.TransportError{Reason: reasonBackend, Err: err}
	case errors.Is(cause, context.DeadlineExceeded):
		return &message.TransportError{Reason: reasonTimeout, Err: cause}
	default:
		return &message.TransportError{Reason: "ClientConnectionFailure", Err: cause}
	}
}

// SendAway implements policy.Sender. What is sent does not end with the exchange, but with the time given, and at the
// latest when the server has been drained.
func (f *forwarder) SendAway(r *message.Request, o policy.SendOptions) error {
	places := f.snapshot.outgoing.away
	select {
	case places <- struct{}{}:
	default:
		return &policy.Failure{Reason: reasonBackend, Message: "Too many one-way requests are under way."}
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultAway
	}
	o.MaxBodyBytes = maxAwayBody
	ctx := context.WithoutCancel(f.exchange.Context)
	// The exchange is not used after its end: what is logged of it is copied.
	alone := &forwarder{snapshot: f.snapshot, exchange: &message.Exchange{Context: ctx, ID: f.exchange.ID}}
	go func() {
		defer func() { <-places }()
		if _, err := alone.exchangeWhole(ctx, r, o); err != nil && fault.KindOf(err) != fault.TooLarge {
			alone.failed(r, err)
		}
	}()
	return nil
}
