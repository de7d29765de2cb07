package std

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// TestRetries sends a request again only if that can do no harm: a reused connection, closed before any byte of the
// response, an idempotent method, a body in memory.
func TestRetries(t *testing.T) {
	attempts := make(chan string, 10)
	var alive atomic.Bool
	backend := rawBackend(t, func(c net.Conn, r *http.Request) bool {
		if r.URL.Path == "/warm" {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			return true
		}
		attempts <- r.Method
		if r.URL.Path == "/dead" || !alive.Swap(true) {
			return false
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		return true
	})
	tr := NewTransport(TransportConfig{})
	call := func(method, path string, body *message.Body) error {
		u, err := message.ParseURL(backend + path)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tr.RoundTrip(context.Background(), &message.Request{Method: method, URL: u, Body: body,
			Header: message.Header{{Name: "Idempotency-Key", Value: "k"}}})
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return err
	}
	stream := func() *message.Body { return message.NewBody(io.NopCloser(strings.NewReader("body")), 4) }
	for _, c := range []struct {
		method string
		body   *message.Body
		want   int // attempts
	}{
		{"GET", message.NoBody(), 2}, {"HEAD", message.NoBody(), 2}, {"DELETE", message.NoBody(), 2}, {"PUT", message.NewStringBody("body"), 2},
		{"PUT", stream(), 1}, {"POST", message.NoBody(), 1}, {"POST", message.NewStringBody("body"), 1}, {"POST", stream(), 1}, {"PATCH", message.NoBody(), 1},
	} {
		t.Run(fmt.Sprintf("%s %v", c.method, c.body.State()), func(t *testing.T) {
			alive.Store(false)
			if err := call("GET", "/warm", message.NoBody()); err != nil {
				t.Fatal(err)
			}
			err := call(c.method, "/", c.body)
			if n := len(attempts); n != c.want || (err == nil) != (c.want == 2) {
				t.Errorf("%d attempts, %v, want %d", n, err, c.want)
			}
			for len(attempts) > 0 {
				<-attempts
			}
		})
	}
}

// rawBackend serves requests by hand; answer reports whether the connection stays.
func rawBackend(t *testing.T, answer func(net.Conn, *http.Request) bool) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					if !answer(c, req) {
						return
					}
				}
			}()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestExpectContinueAtBackend sends the body only when the backend asks for it.
func TestExpectContinueAtBackend(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refuse" {
			w.WriteHeader(417)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.Header.Get("Expect"), body)
	})
	tr := NewTransport(TransportConfig{ExpectContinue: 5 * time.Second})
	for path, want := range map[string]message.BodyState{"/": message.Streaming, "/refuse": message.Unread} {
		u, _ := message.ParseURL(backend.URL + path)
		r := &message.Request{Method: "POST", URL: u, Body: message.NewBody(io.NopCloser(strings.NewReader("hi")), 2)}
		resp, err := tr.RoundTrip(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if r.Body.State() != want || path == "/" && string(data) != "100-continue hi" {
			t.Errorf("%s: the body is %v, the backend said %d %q", path, r.Body.State(), resp.Status, data)
		}
	}
}

// TestBackendJudgement switches off one half of the judgement on a backend's certificate, and never the other.
func TestBackendJudgement(t *testing.T) {
	root := testkit.NewRoot(t, "root")
	ok := func(w http.ResponseWriter, r *http.Request) {
		if want := map[string]int{"/": 1, "/2": 2, "/2or1": 2}[r.URL.Path]; r.ProtoMajor != want {
			t.Errorf("%s came by %s", r.URL.Path, r.Proto)
		}
	}
	right, wrong := testkit.NewTLSBackend(t, root.NewServer(t, "127.0.0.1"), ok), testkit.NewTLSBackend(t, root.NewServer(t, "other"), ok)
	for _, c := range []struct {
		name         string
		cfg          TransportConfig
		right, wrong bool
	}{
		{"strict without root", TransportConfig{}, false, false},
		{"strict with root", TransportConfig{Roots: root.Pool()}, true, false},
		{"no name", TransportConfig{Roots: root.Pool(), SkipName: true}, true, true},
		{"no name without root", TransportConfig{SkipName: true}, false, false},
		{"no chain", TransportConfig{SkipChain: true}, true, false},
		{"neither", TransportConfig{SkipChain: true, SkipName: true}, true, true},
	} {
		for base, want := range map[string]bool{right.URL: c.right, wrong.URL: c.wrong, right.URL + "/2": c.right, right.URL + "/2or1": c.right} {
			u, _ := message.ParseURL(base)
			c.cfg.Version = strings.TrimPrefix(u.Path, "/")
			tr := NewTransport(c.cfg)
			resp, err := tr.RoundTrip(context.Background(), &message.Request{Method: "GET", URL: u, Body: message.NoBody()})
			if err == nil {
				resp.Body.Close()
			}
			if (err == nil) != want {
				t.Errorf("%s, right=%v, version %q: %v", c.name, base != wrong.URL, c.cfg.Version, err)
			}
			tr.CloseIdle()
		}
	}
}
