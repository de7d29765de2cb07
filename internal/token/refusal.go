package token

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/logkey"
)

// refusal is an answer of the token endpoint that gives no token (RFC 6749 section 5.2), with Microsoft Entra ID's code
// (learn.microsoft.com/entra/identity-platform/reference-error-codes, read 2026-11-25).
type refusal struct {
	status     int
	word       string
	code       int
	message    string
	retryAfter time.Duration
}

func refuse(status int, word string, code int, format string, args ...any) *refusal {
	return &refusal{status: status, word: word, code: code, message: fmt.Sprintf(format, args...)}
}

// refuse writes the refusal in Microsoft Entra ID's shape, and the audit.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, q *form, e *refusal) {
	trace := newID()
	correlation := r.Header.Get("client-request-id")
	if correlation == "" || len(correlation) > 64 {
		correlation = newID()
	}
	at := s.Now().UTC().Format("2006-01-02 15:04:05Z")
	s.log.LogAttrs(r.Context(), slog.LevelWarn, "token refused", slog.String("client_id", shorten(q.clientID)), slog.Int("code", e.code),
		slog.String(logkey.Reason, e.word), slog.String(logkey.Remote, r.RemoteAddr), slog.String(logkey.RequestID, trace))
	w.Header().Set("x-ms-request-id", trace)
	w.Header().Set("client-request-id", correlation)
	if e.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.retryAfter.Seconds())+1))
	}
	if e.status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="postern"`) // RFC 6749 section 5.2
	}
	writeJSON(w, e.status, map[string]any{
		"error":             e.word,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", e.code, e.message, trace, correlation, at),
		"error_codes":       []int{e.code}, "timestamp": at, "trace_id": trace, "correlation_id": correlation,
		"error_uri": fmt.Sprintf("%s/error?code=%d", base(r), e.code),
	})
}

// How many failures are borne.
const (
	maxFailures   = 10
	failureWindow = time.Minute
	maxSources    = 10000
)

// failures counts refused credentials by their source.
type failures struct {
	now     func() time.Time
	mu      sync.Mutex
	sources map[string]*tally
}

type tally struct {
	count int
	since time.Time
}

// wait is how long the source must wait before it may try again; 0: not at all.
func (f *failures) wait(source string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.sources[source]
	if t == nil || t.count < maxFailures {
		return 0
	}
	return max(0, t.since.Add(failureWindow).Sub(f.now()))
}

// add counts a failure. Where too many sources are known, the old ones are forgotten.
func (f *failures) add(source string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if f.sources == nil {
		f.sources = map[string]*tally{}
	}
	if len(f.sources) >= maxSources {
		for k, t := range f.sources {
			if now.Sub(t.since) >= failureWindow {
				delete(f.sources, k)
			}
		}
	}
	if len(f.sources) >= maxSources {
		clear(f.sources)
	}
	t := f.sources[source]
	if t == nil || now.Sub(t.since) >= failureWindow {
		t = &tally{since: now}
		f.sources[source] = t
	}
	t.count++
}
