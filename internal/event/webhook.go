package event

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postern-gateway/postern/fault"
)

// The limits of deliveries.
const (
	// DefaultTimeout bounds one try.
	DefaultTimeout = 10 * time.Second
	// DefaultTries is how often an event is sent, in about an hour.
	DefaultTries = 12
	// DefaultQueue is how many events wait at most; the newest are dropped beyond.
	DefaultQueue = 1000
	firstPause   = time.Second
	longestPause = 10 * time.Minute
)

// WebhookOptions are what a Webhook is made of.
type WebhookOptions struct {
	// URL takes the events: https, or http on this machine.
	URL string
	// Secret signs them; it may not be empty.
	Secret []byte
	// Source is the events' source, the service's ARM id.
	Source string
	// HTTP sends; nil: a client with the usual settings. It must not follow redirects.
	HTTP *http.Client
	// Tries, Timeout and Queue are limits; 0 means the default. Pause is the first wait between two tries, twice as long each time.
	Tries, Queue   int
	Timeout, Pause time.Duration
	// Log takes failures.
	Log *slog.Logger
}

// Webhook delivers events, one at a time.
type Webhook struct {
	o     WebhookOptions
	queue chan Event
	// Dropped counts events that were not delivered.
	Dropped prometheus.Counter
}

// NewWebhook checks the options: a fault of Kind Invalid says what is wrong with them. Run delivers.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil, fault.New(fault.Invalid, "%q is no address for events: https://HOST/…, or http on this machine", o.URL)
	}
	if len(o.Secret) == 0 {
		return nil, fault.New(fault.Invalid, "events are signed: the webhook needs a secret")
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	o.Tries, o.Queue = or(o.Tries, DefaultTries), or(o.Queue, DefaultQueue)
	o.Timeout, o.Pause = or(o.Timeout, DefaultTimeout), or(o.Pause, firstPause)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Webhook{o: o, queue: make(chan Event, o.Queue),
		Dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "postern_events_dropped_total", Help: "Events that the webhook did not take."})}, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func (w *Webhook) enqueue(e Event) {
	select {
	case w.queue <- e:
	default:
		w.drop(e, errors.New("too many events wait"))
	}
}

func (w *Webhook) drop(e Event, err error) {
	w.Dropped.Inc()
	w.o.Log.LogAttrs(context.Background(), slog.LevelError, "an event was not delivered", slog.String("event", e.Type), slog.String("event_id", e.ID), slog.Any("error", err))
}

// delivery is an event on its way.
type delivery struct {
	event Event
	body  []byte
	// tries is how often it was sent; due is when it is sent next.
	tries int
	due   time.Time
}

// Run delivers until ctx ends. An event that is not taken waits for its next try without holding up the others.
func (w *Webhook) Run(ctx context.Context) {
	var waiting []delivery
	for {
		next, wait := soonest(waiting)
		queue := w.queue
		if len(waiting) >= w.o.Queue {
			queue = nil // so that the newest are dropped
		}
		select {
		case <-ctx.Done():
			return
		case e := <-queue:
			body, err := json.Marshal(w.cloudEvent(e))
			if err != nil {
				w.drop(e, err)
				continue
			}
			waiting = append(waiting, delivery{event: e, body: body, due: time.Now()})
		case <-time.After(wait):
			if next >= 0 && w.try(ctx, &waiting[next]) {
				waiting = slices.Delete(waiting, next, next+1)
			}
		}
	}
}

// soonest is the delivery that is due first, and how long until then; -1 and a long time where none waits.
func soonest(waiting []delivery) (next int, wait time.Duration) {
	next = -1
	for i := range waiting {
		if next < 0 || waiting[i].due.Before(waiting[next].due) {
			next = i
		}
	}
	if next < 0 {
		return next, time.Hour
	}
	return next, max(0, time.Until(waiting[next].due))
}

// try sends a delivery once and reports whether that was the last time.
func (w *Webhook) try(ctx context.Context, d *delivery) (done bool) {
	again, err := w.send(ctx, d.body)
	d.tries++
	switch {
	case err == nil:
		return true
	case ctx.Err() != nil:
		return false // the end is near
	case !again || d.tries >= w.o.Tries:
		w.drop(d.event, err)
		return true
	}
	pause := min(w.o.Pause<<min(d.tries-1, 20), longestPause)
	d.due = time.Now().Add(pause + rand.N(pause/4+1))
	return false
}

// send tries once; again tells whether trying again may help.
func (w *Webhook) send(ctx context.Context, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.o.URL, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	r.Header.Set("User-Agent", "postern")
	r.Header.Set(SignatureHeader, Sign(w.o.Secret, time.Now(), body))
	resp, err := w.o.HTTP.Do(r)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection can be used again
	switch s := resp.StatusCode; {
	case s >= 200 && s < 300:
		return false, nil
	case s >= 500 || s == http.StatusTooManyRequests || s == http.StatusRequestTimeout:
		return true, fmt.Errorf("the receiver answered %s", resp.Status)
	default:
		return false, fmt.Errorf("the receiver answered %s", resp.Status)
	}
}

// cloudEvent is the event in JSON's form.
func (w *Webhook) cloudEvent(e Event) map[string]any {
	data := maps.Clone(e.Data)
	if data == nil {
		data = map[string]any{}
	}
	data["message"], data["level"] = e.Message, e.Level.String()
	return map[string]any{
		"specversion": "1.0", "id": e.ID, "source": w.o.Source, "type": e.Type, "subject": e.Subject,
		"time": e.Time.Format(time.RFC3339Nano), "datacontenttype": "application/json", "data": data,
	}
}

// SignatureHeader is the header field that Sign is for.
const SignatureHeader = "X-Postern-Signature"

// Sign is the signature of a body at a time.
func Sign(secret []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(t + "."))
	h.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))
}
