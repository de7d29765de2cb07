package std

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// endless is a body that has one line and then waits until its exchange's context ends.
type endless struct {
	x    *message.Exchange
	sent bool
}

func (e *endless) Read(p []byte) (int, error) {
	if !e.sent {
		e.sent = true
		return copy(p, "line\n"), nil
	}
	<-e.x.Context.Done()
	return 0, e.x.Context.Err()
}

func (e *endless) Close() error { return nil }

// TestCut ends idle connections in good order and breaks off what goes on on others, in time, and nobody else's.
func TestCut(t *testing.T) {
	h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
		if x.Request.URL.Path == "/endless" {
			_ = x.Responder.Respond(&message.Response{Status: 200, Body: message.NewBody(&endless{x: x}, -1), Flush: true})
			return
		}
		echo(x)
	})
	client := h.root.NewClient(t, "c")
	dial := func(cert *testkit.Cert, protocol string) *tls.Conn {
		cfg := testkit.ClientTLS(h.root, cert)
		cfg.NextProtos = []string{protocol}
		c, err := tls.Dial("tcp", h.addr, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		return c
	}
	http1 := func(cert *testkit.Cert, path string) *bufio.Reader {
		c := dial(cert, "http/1.1")
		_, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		r := bufio.NewReader(c)
		if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatal(line, err)
		}
		return r
	}
	http2Call := func(path string) *http2.Framer {
		c := dial(client, "h2")
		_, _ = io.WriteString(c, http2.ClientPreface)
		fr := http2.NewFramer(c, c)
		_ = fr.WriteSettings()
		var block bytes.Buffer
		enc := hpack.NewEncoder(&block)
		for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "h"}, {":path", path}} {
			_ = enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
		}
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
		for {
			f, err := fr.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if d, ok := f.(*http2.DataFrame); ok && (path == "/endless" || d.StreamEnded()) {
				return fr
			}
		}
	}
	idle, busy, other := http1(client, "/"), http1(client, "/endless"), http1(nil, "/endless")
	idle2, busy2 := http2Call("/"), http2Call("/endless")
	start := time.Now()
	h.server.Cut(func(c *message.Conn) bool { return c.TLS.Peer != nil })

	goAway := func(fr *http2.Framer) (told, reset bool) {
		for {
			f, err := fr.ReadFrame()
			if err != nil {
				return told, reset
			}
			switch f := f.(type) {
			case *http2.GoAwayFrame:
				told = told || f.ErrCode == http2.ErrCodeNo
			case *http2.RSTStreamFrame:
				reset = true
			}
		}
	}
	if told, _ := goAway(idle2); !told {
		t.Error("the idle HTTP/2 connection got no GOAWAY")
	}
	if told, reset := goAway(busy2); !told || !reset {
		t.Errorf("the busy HTTP/2 connection: GOAWAY %v, RST_STREAM %v", told, reset)
	}
	if _, err := io.ReadAll(idle); err != nil {
		t.Errorf("the idle connection: %v", err)
	}
	if rest, err := io.ReadAll(busy); err == nil && strings.HasSuffix(string(rest), "0\r\n\r\n") {
		t.Error("the response that was broken off looks whole")
	}
	if d := time.Since(start); d > engine.CutTime+2*time.Second {
		t.Errorf("it took %v", d)
	}
	if h.server.Cut(func(*message.Conn) bool { return false }); len(h.server.connections()) != 1 {
		t.Errorf("%d connections are left, want the one without a certificate", len(h.server.connections()))
	}
	if line, err := other.ReadString('\n'); err != nil {
		t.Errorf("the connection of another: %q, %v", line, err)
	}
}

// connections are the connections that are open.
func (s *Server) connections() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		list = append(list, c)
	}
	return list
}
