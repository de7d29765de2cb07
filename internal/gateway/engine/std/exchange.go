package std

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
)

// exchange is a message.Exchange with the engine's end of it.
type exchange struct {
	message.Exchange
	request message.Request
	body    requestBody
	lane    *lane
	conn    *conn
	w       http.ResponseWriter
	r       *http.Request
	// answered tells that Respond was called; abort that the response did not get to its end.
	answered, abort bool
	// upgrade is the protocol that the client asked for, whatever becomes of request.Upgrade: the guard reads the
	// connection no further, so that it is switched or closed.
	upgrade string

	// mu guards over: the handler has returned, and w must not be used any more. A transport may still read the body.
	mu   sync.Mutex
	over bool
}

// serve is the http.Handler of all requests.
func (l *lane) serve(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(connKey{}).(*conn)
	if c == nil {
		panic("std: a request without its connection")
	}
	e := &exchange{lane: l, conn: c, w: w, r: r}
	defer e.finish()
	if no := e.build(); no.status != 0 {
		e.refuse(no)
		return
	}
	l.server.handler(&e.Exchange)
	if !e.answered {
		_ = e.Respond(message.InternalErrorResponse(e.ID))
	}
	if e.abort {
		panic(http.ErrAbortHandler)
	}
}

func (e *exchange) finish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
}

// refuse answers a request that no handler sees.
func (e *exchange) refuse(no refusal) {
	l := e.lane.server.log
	l.LogAttrs(e.r.Context(), slog.LevelDebug, "request refused", slog.Int(logkey.Status, no.status), slog.String(logkey.Reason, no.message),
		slog.String(logkey.Remote, e.conn.info.Remote.String()))
	resp := message.ErrorResponse(no.status, no.message)
	if e.conn.guard != nil {
		e.w.Header().Set("Connection", "close")
	}
	_ = e.Respond(resp)
}

// build makes the exchange of the request that net/http has read.
func (e *exchange) build() refusal {
	e.Exchange = message.Exchange{
		Context: e.r.Context(), Request: &e.request, ID: message.NewID(), Received: time.Now(), Conn: &e.conn.info, Responder: e,
	}
	if e.conn.guard != nil {
		return e.buildHTTP1()
	}
	return e.buildHTTP2()
}

func (e *exchange) buildHTTP1() refusal {
	h := e.conn.guard.popHead()
	if h == nil {
		return refusal{400, badHead}
	}
	if h.refusal.status != 0 {
		return h.refusal
	}
	e.request = message.Request{Method: h.method, Host: h.host, Proto: h.proto, Header: h.fields, Upgrade: h.upgrade}
	e.upgrade = h.upgrade
	e.locate(h.target)
	e.content(h.length)
	e.announce(h.trailers)
	return refusal{}
}

// buildHTTP2 reads what net/http made of an HTTP/2 request; it has checked the pseudo-header fields, the case of
// names, and fields that belong to a connection (RFC 9113 section 8.2).
func (e *exchange) buildHTTP2() refusal {
	r, limits := e.r, &e.lane.server.limits
	switch {
	case r.Method == http.MethodConnect:
		return refusal{405, "The method is not allowed."}
	case len(r.RequestURI) > limits.URLBytes:
		return refusal{414, urlTooLong}
	case !message.ValidName(r.Method), !validTarget(r.RequestURI, r.Method):
		return refusal{400, badHead}
	}
	if _, _, err := message.SplitAuthority(r.Host); err != nil {
		return refusal{400, badHead}
	}
	fields, no := e.fields(limits.HeaderCount, limits.HeaderBytes)
	if no.status != 0 {
		return no
	}
	length, no := e.declaredLength(limits.BodyBytes)
	if no.status != 0 {
		return no
	}
	e.request = message.Request{Method: r.Method, Host: r.Host, Proto: "HTTP/2.0", Header: fields}
	e.locate(r.RequestURI)
	e.content(length)
	if r.Trailer != nil {
		e.announce(slices.Sorted(mapKeys(r.Trailer)))
	}
	return refusal{}
}

func mapKeys(h http.Header) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range h {
			if !yield(k) {
				return
			}
		}
	}
}

// validTarget holds :path to what an HTTP/1.1 request line may carry.
func validTarget(target, method string) bool {
	if target == "" || target[0] != '/' && (target != "*" || method != http.MethodOptions) {
		return false
	}
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return true
}

// fields are the end-to-end fields, by name.
func (e *exchange) fields(maxCount, maxBytes int) (message.Header, refusal) {
	count, size := 0, 0
	for name, values := range e.r.Header {
		count += len(values)
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if count > maxCount || size > maxBytes {
		return nil, refusal{431, headTooLarge}
	}
	names := make([]string, 0, len(e.r.Header))
	for name := range e.r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	fields := make(message.Header, 0, count+2)
	for _, name := range names {
		values := e.r.Header[name]
		switch {
		case name == "Host":
			if len(values) > 1 || !strings.EqualFold(values[0], e.r.Host) {
				return nil, refusal{400, badHead}
			}
		case name == "Expect":
			if len(values) > 1 || !strings.EqualFold(values[0], "100-continue") {
				return nil, refusal{417, "The expectation cannot be met."}
			}
		case name == "Content-Length" || message.HopByHop(name):
		default:
			for _, v := range values {
				fields = append(fields, message.Field{Name: name, Value: v})
			}
		}
	}
	return fields, refusal{}
}

// declaredLength is the content's length by Content-Length, -1 if it is not known; net/http sees to it that the
// content is as long.
func (e *exchange) declaredLength(limit int64) (int64, refusal) {
	values := e.r.Header["Content-Length"]
	switch len(values) {
	case 0:
		return e.r.ContentLength, refusal{}
	case 1:
		n, ok := parseLength(values[0])
		if !ok || e.r.ContentLength != n {
			return 0, refusal{400, badHead}
		}
		if limit >= 0 && n > limit {
			return 0, refusal{413, bodyTooLarge}
		}
		return n, refusal{}
	}
	return 0, refusal{400, badHead}
}

// locate fills the URL from authority and target.
func (e *exchange) locate(target string) {
	u := &e.request.URL
	u.Scheme = scheme(e.conn.info.TLS != nil)
	// The authority was checked; an HTTP/1.0 request may have none.
	if host, port, err := message.SplitAuthority(e.request.Host); err == nil {
		u.Host, u.Port = host, port
	}
	if u.Port == 0 {
		u.Port = message.DefaultPort(u.Scheme)
	}
	u.Path, u.Query, _ = strings.Cut(target, "?")
}

// content makes the body.
func (e *exchange) content(length int64) {
	if length == 0 {
		e.request.Body = message.NoBody()
		return
	}
	e.body = requestBody{e: e, left: e.lane.server.limits.BodyBytes}
	e.request.Body = message.NewBody(&e.body, length)
}

// announce notes the trailer fields that will follow.
func (e *exchange) announce(names []string) {
	if len(names) == 0 {
		return
	}
	t := make(message.Header, 0, len(names))
	for _, n := range names {
		t = append(t, message.Field{Name: n})
	}
	e.request.Trailer = &t
}

// requestBody is the source of a request's body. Its first Read is what makes net/http send 100 Continue.
type requestBody struct {
	e     *exchange
	left  int64 // what may still come; negative from the start: no limit
	armed time.Time
}

// Read implements io.Reader.
func (b *requestBody) Read(p []byte) (int, error) {
	b.arm()
	n, err := b.e.r.Body.Read(p)
	if b.e.lane.server.limits.BodyBytes >= 0 {
		if b.left -= int64(n); b.left < 0 {
			return 0, fault.New(fault.TooLarge, "the request body is larger than %d bytes", b.e.lane.server.limits.BodyBytes)
		}
	}
	switch {
	case err == nil:
	case err == io.EOF:
		b.end()
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = message.ErrBodyTimeout
	}
	return n, err
}

// arm bounds the wait on HTTP/2; on HTTP/1 the guard does.
func (b *requestBody) arm() {
	limit := b.e.lane.server.limits.ReadBody
	if b.e.conn.guard != nil || limit < 0 {
		return
	}
	if now := time.Now(); now.Sub(b.armed) > limit/4 {
		b.armed = now
		b.deadline(now.Add(limit))
	}
}

func (b *requestBody) deadline(t time.Time) {
	b.e.mu.Lock()
	defer b.e.mu.Unlock()
	if !b.e.over {
		_ = http.NewResponseController(b.e.w).SetReadDeadline(t)
	}
}

// end fills the trailer.
func (b *requestBody) end() {
	if !b.armed.IsZero() {
		b.deadline(time.Time{})
	}
	if t := b.e.request.Trailer; t != nil {
		*t = trailerFields(b.e.r.Trailer)
	}
}

// Close implements io.Closer.
func (b *requestBody) Close() error { return b.e.r.Body.Close() }

// trailerFields are the fields of a trailer section, by name; those that were announced and did not come are left
// out, and so are those that may not be trailers.
func trailerFields(h http.Header) message.Header {
	names := slices.Sorted(mapKeys(h))
	fields := make(message.Header, 0, len(names))
	for _, name := range names {
		if framing(name) || message.HopByHop(name) {
			continue
		}
		for _, v := range h[name] {
			fields = append(fields, message.Field{Name: name, Value: v})
		}
	}
	return fields
}

func formatLength(n int64) string { return strconv.FormatInt(n, 10) }

// sortFields orders fields by name; those of one name keep their order.
func sortFields(h message.Header) {
	slices.SortStableFunc(h, func(a, b message.Field) int { return strings.Compare(a.Name, b.Name) })
}
