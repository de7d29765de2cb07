package event

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/postern-gateway/postern/fault"
)

// receiver answers with each status in turn, then with 204, and gives the bodies on.
func receiver(t *testing.T, secret string, statuses ...int) (*httptest.Server, chan map[string]any) {
	got := make(chan map[string]any, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		at, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get(SignatureHeader), "t="), ",")
		unix, _ := strconv.ParseInt(at, 10, 64)
		if r.Header.Get(SignatureHeader) != Sign([]byte(secret), time.Unix(unix, 0), body) || time.Since(time.Unix(unix, 0)) > time.Minute {
			t.Errorf("the signature %q does not fit", r.Header.Get(SignatureHeader))
		}
		if len(statuses) > 0 {
			s := statuses[0]
			statuses = statuses[1:]
			w.WriteHeader(s)
			return
		}
		var e map[string]any
		if err := json.Unmarshal(body, &e); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		got <- e
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	return srv, got
}

func webhook(t *testing.T, url string, tries int) *Webhook {
	t.Helper()
	w, err := NewWebhook(WebhookOptions{URL: url, Secret: []byte("s"), Source: "/service/local", Tries: tries, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

func TestEventsAreLoggedAndDelivered(t *testing.T) {
	srv, got := receiver(t, "s", 500, 429)
	var log bytes.Buffer
	b := Bus{Log: slog.New(slog.NewTextHandler(&log, nil)), Webhook: webhook(t, srv.URL, 5), Published: NewCounter()}
	b.Publish(Event{Type: "Postern.Test", Subject: "/x", Level: slog.LevelWarn, Message: "it happened", Data: map[string]any{"days": 7}})
	e := <-got
	data, _ := e["data"].(map[string]any)
	if e["specversion"] != "1.0" || e["type"] != "Postern.Test" || e["subject"] != "/x" || e["source"] != "/service/local" || e["id"] == "" || data["message"] != "it happened" || data["days"] != 7.0 {
		t.Errorf("delivered %v", e)
	}
	if _, err := time.Parse(time.RFC3339Nano, e["time"].(string)); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, `level=WARN msg="it happened" event=Postern.Test`) || !strings.Contains(text, "days=7") {
		t.Errorf("logged %q", text)
	}
	if n := testutil.ToFloat64(b.Published.WithLabelValues("Postern.Test")); n != 1 {
		t.Errorf("counted %v", n)
	}
}

func TestWhatIsNotTakenIsCounted(t *testing.T) {
	for _, tc := range []struct {
		name          string
		status, tries int
	}{
		{"refused for good", http.StatusBadRequest, 1},
		{"a redirect is not followed", http.StatusFound, 1},
		{"too many tries", http.StatusInternalServerError, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tries := make(chan bool, 100)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				tries <- true
				w.Header().Set("Location", "http://192.0.2.1/")
				w.WriteHeader(tc.status)
			}))
			defer srv.Close()
			w := webhook(t, srv.URL, 3)
			(&Bus{Webhook: w}).Publish(Event{Type: "x"})
			for began := time.Now(); testutil.ToFloat64(w.Dropped) != 1; time.Sleep(time.Millisecond) {
				if time.Since(began) > 10*time.Second {
					t.Fatal("the event is not given up")
				}
			}
			if len(tries) != tc.tries {
				t.Errorf("it was sent %d times, want %d", len(tries), tc.tries)
			}
		})
	}
}

// An event that is not taken does not hold up the next one.
func TestOthersDoNotWait(t *testing.T) {
	got := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e struct{ Type string }
		_ = json.NewDecoder(r.Body).Decode(&e)
		if e.Type == "bad" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		got <- e.Type
	}))
	defer srv.Close()
	w, err := NewWebhook(WebhookOptions{URL: srv.URL, Secret: []byte("s"), Pause: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	b := Bus{Webhook: w}
	b.Publish(Event{Type: "bad"})
	b.Publish(Event{Type: "good"})
	select {
	case e := <-got:
		if e != "good" {
			t.Errorf("delivered %q", e)
		}
	case <-time.After(20 * time.Second):
		t.Error("the second event waits for the first")
	}
	cancel()
	<-done
}

func TestAFullQueueDoesNotBlock(t *testing.T) {
	w, err := NewWebhook(WebhookOptions{URL: "https://events.test/", Secret: []byte("s"), Queue: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		(&Bus{Webhook: w}).Publish(Event{Type: "x"})
	}
	if n := testutil.ToFloat64(w.Dropped); n != 3 {
		t.Errorf("%v events were dropped, want 3", n)
	}
}

func TestNewWebhookRefuses(t *testing.T) {
	for _, o := range []WebhookOptions{
		{URL: "http://events.test/", Secret: []byte("s")}, {URL: "ftp://localhost/", Secret: []byte("s")}, {URL: "https://", Secret: []byte("s")},
		{URL: "https://u:p@events.test/", Secret: []byte("s")}, {URL: "https://events.test/"},
	} {
		if _, err := NewWebhook(o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("NewWebhook(%q) = %v, want Kind Invalid", o.URL, err)
		}
	}
}
