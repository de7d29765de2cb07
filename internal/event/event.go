// Package event tells people and machines of things that somebody should know
// of: a certificate that runs out, a vault that does not answer.
//
// An event goes to the log at once, and to the webhook, if there is one, as a
// CloudEvent 1.0 in JSON (github.com/cloudevents/spec, structured mode):
//
//	POST URL
//	Content-Type: application/cloudevents+json; charset=utf-8
//	X-Postern-Signature: t=<Unix time>,v1=<hex HMAC-SHA256 of "<t>.<body>" under the webhook's secret>
//
//	{"specversion":"1.0","id":"…","source":"/subscriptions/…/service/local","type":"Postern.CertificateNearExpiry",
//	 "subject":"…","time":"…","datacontenttype":"application/json","data":{"message":"…",…}}
//
// A delivery that fails is tried again, later each time; what cannot be
// delivered in the end is counted and logged. Events that wait are kept in
// memory only: those who need every event read the log.
package event

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Event is something that happened.
type Event struct {
	// ID tells events apart; Publish gives one where it is empty. Time is when, likewise.
	ID   string
	Time time.Time
	// Type is a stable word, "Postern.CertificateNearExpiry".
	Type string
	// Subject is what it happened to: an ARM id, a vault's object.
	Subject string
	// Level is how much it matters.
	Level slog.Level
	// Message is a sentence.
	Message string
	// Data are the facts.
	Data map[string]any
}

// Bus publishes events. The zero value publishes to nobody.
type Bus struct {
	// Log takes every event; nil: none does.
	Log *slog.Logger
	// Webhook takes every event; nil: there is none.
	Webhook *Webhook
	// Published counts by type; nil: not counted.
	Published *prometheus.CounterVec
}

// NewCounter is the counter of published events.
func NewCounter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "postern_events_total", Help: "Events published, by type."}, []string{"type"})
}

// Publish logs the event and hands it to the webhook. It does not wait for that.
func (b *Bus) Publish(e Event) {
	if e.ID == "" {
		e.ID = newID()
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Time = e.Time.UTC()
	if b.Published != nil {
		b.Published.WithLabelValues(e.Type).Inc()
	}
	if b.Log != nil {
		attrs := []slog.Attr{slog.String("event", e.Type), slog.String("event_id", e.ID), slog.String("subject", e.Subject)}
		for _, k := range slices.Sorted(maps.Keys(e.Data)) {
			attrs = append(attrs, slog.Any(k, e.Data[k]))
		}
		b.Log.LogAttrs(context.Background(), e.Level, e.Message, attrs...)
	}
	if b.Webhook != nil {
		b.Webhook.enqueue(e)
	}
}

// newID is a random UUID, version 4 (RFC 9562).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
