package std

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/message"
)

var errAnswered = errors.New("the exchange was answered already")

// copyBuffer is what a streamed body is copied through.
const copyBuffer = 32 << 10

var copyBuffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// Respond implements message.Responder.
func (e *exchange) Respond(resp *message.Response) error {
	if e.answered {
		return errAnswered
	}
	e.answered = true
	if resp.Body == nil {
		resp.Body = message.NoBody()
	}
	defer resp.Body.Close()
	if resp.Upgrade != nil {
		return e.tunnel(resp)
	}
	if resp.Status < 200 || resp.Status > 599 {
		resp = message.InternalErrorResponse(e.ID)
	}
	e.abort = true // unless the end is reached; a body may panic
	e.writeHead(resp)
	if err := e.writeBody(resp); err != nil {
		return err
	}
	e.abort = false
	return nil
}

// Inform implements message.Responder.
func (e *exchange) Inform(status int, h *message.Header) error {
	if status < 102 || status > 199 {
		return fmt.Errorf("status %d is not informational", status)
	}
	if e.answered {
		return errAnswered
	}
	if e.request.Proto == "HTTP/1.0" {
		return nil // RFC 9110 section 15.2: it knows none
	}
	out := e.w.Header()
	for _, f := range *h {
		if !message.HopByHop(f.Name) {
			out.Add(f.Name, f.Value)
		}
	}
	e.w.WriteHeader(status)
	for _, f := range *h {
		out.Del(f.Name)
	}
	return nil
}

// hasContent reports whether a response of that status to that method has content (RFC 9110 section 6.4.1).
func hasContent(method string, status int) bool {
	return method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified
}

func (e *exchange) writeHead(resp *message.Response) {
	out := e.w.Header()
	values := make(onceValues, 0, len(resp.Header))
	for _, f := range resp.Header {
		if message.HopByHop(f.Name) || len(f.Name) == len("Content-Length") && strings.EqualFold(f.Name, "Content-Length") {
			continue
		}
		values.add(out, http.CanonicalHeaderKey(f.Name), f.Value)
	}
	if _, ok := out["Content-Type"]; !ok {
		out["Content-Type"] = nil // keeps net/http from guessing one
	}
	trailers := resp.Trailer != nil && hasContent(e.r.Method, resp.Status) && (len(*resp.Trailer) > 0 || resp.Body.Length() < 0)
	if n := resp.Body.Length(); n >= 0 && !trailers && resp.Status != http.StatusNoContent && (n > 0 || resp.Status != http.StatusNotModified) {
		out.Set("Content-Length", formatLength(n))
	}
	if trailers {
		for _, f := range *resp.Trailer {
			out.Add("Trailer", f.Name)
		}
	}
	if e.conn.last() || e.upgrade != "" {
		// On HTTP/2 net/http turns this into GOAWAY.
		out.Set("Connection", "close")
	}
	if e.conn.guard != nil && resp.Reason != "" && resp.Reason != http.StatusText(resp.Status) {
		e.conn.guard.setReason(resp.Status, cleanReason(resp.Reason))
	}
	e.w.WriteHeader(resp.Status)
}

// cleanReason keeps a reason phrase to what a status line may carry (RFC 9112 section 4).
func cleanReason(reason string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, reason)
}

func (e *exchange) writeBody(resp *message.Response) error {
	if !hasContent(e.r.Method, resp.Status) {
		return nil
	}
	if data, ok := resp.Body.Bytes(); ok {
		if len(data) > 0 {
			if _, err := e.w.Write(data); err != nil {
				return err
			}
		}
	} else if err := e.stream(resp); err != nil {
		return err
	}
	e.writeTrailer(resp)
	return nil
}

// stream copies a body that is not in memory.
func (e *exchange) stream(resp *message.Response) error {
	flush := resp.Flush || isEventStream(resp.Header.Get("Content-Type"))
	ctl := http.NewResponseController(e.w)
	if flush {
		if err := ctl.Flush(); err != nil {
			return err
		}
	}
	buf := copyBuffers.Get().(*[copyBuffer]byte)
	defer copyBuffers.Put(buf)
	var total int64
	for {
		n, err := resp.Body.Read(buf[:])
		if n > 0 {
			total += int64(n)
			if _, werr := e.w.Write(buf[:n]); werr != nil {
				return werr
			}
			if flush {
				if ferr := ctl.Flush(); ferr != nil {
					return ferr
				}
			}
		}
		switch {
		case err == io.EOF:
			if want := resp.Body.Length(); want >= 0 && total != want {
				return io.ErrUnexpectedEOF
			}
			return nil
		case err != nil:
			return err
		}
	}
}

func isEventStream(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "text/event-stream")
}

// writeTrailer sets the trailer's values; fields that were not announced go out as well.
func (e *exchange) writeTrailer(resp *message.Response) {
	if resp.Trailer == nil {
		return
	}
	out := e.w.Header()
	announced := message.Header{}
	for _, n := range out["Trailer"] {
		announced.Add(n, "")
	}
	for _, f := range *resp.Trailer {
		if framing(f.Name) || message.HopByHop(f.Name) {
			continue
		}
		key := f.Name
		if !announced.Has(f.Name) {
			key = http.TrailerPrefix + f.Name
		}
		out.Add(key, f.Value)
	}
}

// tunnel hands the connection over to the protocol that was switched to.
func (e *exchange) tunnel(resp *message.Response) error {
	defer resp.Upgrade.Close()
	if e.upgrade == "" {
		e.answered = false
		if err := e.Respond(message.InternalErrorResponse(e.ID)); err != nil {
			return err
		}
		return errors.New("the client did not ask for an upgrade")
	}
	client, buffered, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		return err
	}
	defer client.Close()
	_ = client.SetDeadline(time.Time{})
	if err := writeSwitch(client, resp, e.upgrade); err != nil {
		return err
	}
	return splice(client, buffered.Reader, resp.Upgrade)
}

// writeSwitch writes the 101 response.
func writeSwitch(w io.Writer, resp *message.Response, protocol string) error {
	head := bufio.NewWriter(w)
	fmt.Fprintf(head, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n", protocol)
	for _, f := range resp.Header {
		if !message.HopByHop(f.Name) && message.ValidName(f.Name) && message.ValidValue(f.Value) {
			fmt.Fprintf(head, "%s: %s\r\n", f.Name, f.Value)
		}
	}
	_, _ = head.WriteString("\r\n")
	return head.Flush()
}

// splice copies both ways until one side ends; then both are closed.
func splice(client net.Conn, fromClient io.Reader, backend io.ReadWriteCloser) error {
	ended := make(chan error, 2)
	go func() {
		_, err := io.Copy(backend, fromClient)
		ended <- err
	}()
	go func() {
		_, err := io.Copy(client, backend)
		ended <- err
	}()
	err := <-ended
	_ = backend.Close()
	_ = client.Close()
	<-ended
	return err
}
