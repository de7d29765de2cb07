package std

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// pattern is n bytes that do not repeat in chunks.
type pattern struct{ n, at int64 }

func (p *pattern) Read(b []byte) (int, error) {
	if p.at >= p.n {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), p.n-p.at)]
	for i := range b {
		x := p.at + int64(i)
		b[i] = byte(x ^ x>>8 ^ x>>16)
	}
	p.at += int64(len(b))
	return len(b), nil
}

// digest answers with length and digest of what arrived.
func digest(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	fmt.Fprintf(w, "%s %d %x", r.Method, n, sum.Sum(nil))
}

func wantDigest(method string, n int64) string {
	sum := sha256.New()
	_, _ = io.Copy(sum, &pattern{n: n})
	return fmt.Sprintf("%s %d %x", method, n, sum.Sum(nil))
}

// TestBodies sends bodies with a client certificate, on both protocols, with and without a length; they arrive
// whole. With API Management these sizes freeze where the certificate is asked for by renegotiation.
func TestBodies(t *testing.T) {
	backend := testkit.NewBackend(t, digest)
	h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	cert := h.root.NewClient(t, "client")
	sizes := []int64{1 << 10, 60 << 10, 64 << 10, 1 << 20}
	if !testing.Short() {
		sizes = append(sizes, 100<<20)
	}
	for _, size := range sizes {
		want := map[string]string{"POST": wantDigest("POST", size), "PUT": wantDigest("PUT", size)}
		for n, http2 := range []bool{false, true, false, true} {
			client, version := h.client(t, http2, cert), uint16(tls.VersionTLS13)
			if n > 1 {
				version = tls.VersionTLS12
			}
			client.Transport.(*http.Transport).TLSClientConfig.MaxVersion = version
			for _, method := range []string{"POST", "PUT"} {
				for _, chunked := range []bool{false, true} {
					if size > 1<<20 && (chunked || method == "PUT") {
						continue
					}
					t.Run(fmt.Sprintf("%s %d h2=%v chunked=%v %s", method, size, http2, chunked, tls.VersionName(version)), func(t *testing.T) {
						got, err := send(client, method, h.url("/"), size, chunked)
						if err != nil || got != want[method] {
							t.Errorf("got %q, %v, want %q", got, err, want[method])
						}
					})
				}
			}
		}
	}
}

func send(client *http.Client, method, url string, size int64, chunked bool) (string, error) {
	r, err := http.NewRequest(method, url, &pattern{n: size})
	if err != nil {
		return "", err
	}
	r.ContentLength = size
	if chunked {
		r.ContentLength = -1
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return string(data), err
}

// TestManyBodiesAtOnce streams 200 bodies of 1 MiB at once and bounds the memory that takes.
func TestManyBodiesAtOnce(t *testing.T) {
	backend := testkit.NewBackend(t, digest)
	h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	cert := h.root.NewClient(t, "client")
	want := wantDigest("POST", 1<<20)
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2=%v", http2), func(t *testing.T) {
			client := h.client(t, http2, cert)
			var peak atomic.Uint64
			stop := make(chan struct{})
			go watchHeap(&peak, stop)
			var group sync.WaitGroup
			for range 200 {
				group.Go(func() {
					if got, err := send(client, "POST", h.url("/"), 1<<20, false); err != nil || got != want {
						t.Errorf("got %q, %v", got, err)
					}
				})
			}
			group.Wait()
			close(stop)
			if mib := peak.Load() >> 20; mib > 150 {
				t.Errorf("the heap grew to %d MiB for 200 bodies of 1 MiB", mib)
			}
		})
	}
}

// watchHeap keeps in peak how much more is alive than when it began, in bytes, garbage not counted.
func watchHeap(peak *atomic.Uint64, stop chan struct{}) {
	began := liveHeap()
	for {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Millisecond):
			if live := liveHeap(); live > began {
				peak.Store(max(peak.Load(), live-began))
			}
		}
	}
}

// liveHeap is what a collection finds alive.
func liveHeap() uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestEarlyAnswer answers a large POST before its body was read.
func TestEarlyAnswer(t *testing.T) {
	h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
		_ = x.Responder.Respond(message.ErrorResponse(403, "no"))
	})
	for _, http2 := range []bool{false, true} {
		client := h.client(t, http2, h.root.NewClient(t, "c"))
		for _, size := range []int64{64 << 10, 8 << 20} {
			got, err := send(client, "POST", h.url("/"), size, false)
			if err != nil {
				// An HTTP/1.1 client may lose the answer when it still writes; it must not hang.
				t.Logf("h2=%v %d bytes: %v", http2, size, err)
				continue
			}
			if !strings.Contains(got, `"statusCode": 403`) {
				t.Errorf("h2=%v %d bytes: %q", http2, size, got)
			}
		}
	}
}

// TestExpectContinue shows that 100 Continue is sent when the body is first read, and not before.
func TestExpectContinue(t *testing.T) {
	read := make(chan bool, 1)
	h := serve(t, false, engine.Limits{}, func(x *message.Exchange) {
		if !<-read {
			_ = x.Responder.Respond(message.ErrorResponse(401, "no"))
			return
		}
		echo(x)
	})
	for _, wanted := range []bool{true, false} {
		c, err := net.Dial("tcp", h.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Fatalf("the server wrote before the body was asked for")
		}
		read <- wanted
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		r := bufio.NewReader(c)
		line, err := r.ReadString('\n')
		if want := map[bool]string{true: "HTTP/1.1 100 Continue\r\n", false: "HTTP/1.1 401 Unauthorized\r\n"}[wanted]; err != nil || line != want {
			t.Errorf("wanted=%v: read %q, %v, want %q", wanted, line, err, want)
		}
	}
}

// TestTrailers passes trailers both ways, on both protocols.
func TestTrailers(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Announced")
		_, _ = io.WriteString(w, "content")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Announced", "got "+r.Trailer.Get("X-Sum"))
		w.Header().Set(http.TrailerPrefix+"X-Late", "late")
	})
	for _, version := range []string{"1", "2"} {
		h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{Version: version}), backend.URL))
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("client h2=%v backend %s", http2, version), func(t *testing.T) {
				r, _ := http.NewRequest("POST", h.url("/"), io.NopCloser(strings.NewReader("body")))
				r.Trailer = http.Header{"X-Sum": {"42"}}
				resp, err := h.client(t, http2, nil).Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				data, err := io.ReadAll(resp.Body)
				if err != nil || string(data) != "content" || resp.Trailer.Get("X-Announced") != "got 42" || resp.Trailer.Get("X-Late") != "late" {
					t.Errorf("got %q, %v, trailer %v", data, err, resp.Trailer)
				}
			})
		}
	}
}

// TestFlush shows that chunks are passed on one by one where that is asked for, and for event streams.
func TestFlush(t *testing.T) {
	next := make(chan struct{})
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		}
		for range 3 {
			_, _ = io.WriteString(w, "tick\n")
			w.(http.Flusher).Flush()
			<-next
		}
	})
	tr := NewTransport(TransportConfig{})
	to, _ := message.ParseURL(backend.URL)
	h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
		x.Request.URL = to.Join(x.Request.URL.Path, "")
		resp, err := tr.RoundTrip(x.Context, x.Request)
		if err != nil {
			t.Error(err)
			return
		}
		resp.Flush = x.Request.URL.Path == "/flush"
		_ = x.Responder.Respond(resp)
	})
	for _, http2 := range []bool{false, true} {
		for _, path := range []string{"/flush", "/events"} {
			resp, err := h.client(t, http2, nil).Get(h.url(path))
			if err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(resp.Body)
			for range 3 {
				if line, err := r.ReadString('\n'); err != nil || line != "tick\n" {
					t.Fatalf("%s: read %q, %v", path, line, err)
				}
				next <- struct{}{}
			}
			resp.Body.Close()
		}
	}
}

// TestDisconnect shows that a client that goes ends the call to the backend.
func TestDisconnect(t *testing.T) {
	gone, arrived := make(chan struct{}, 1), make(chan struct{}, 1)
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	reasons := make(chan string, 1)
	tr, to := NewTransport(TransportConfig{}), backend.URL
	h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
		u, _ := message.ParseURL(to)
		x.Request.URL = u
		_, err := tr.RoundTrip(x.Context, x.Request)
		if te, ok := errors.AsType[*message.TransportError](err); ok {
			reasons <- te.Reason
		}
	})
	for _, http2 := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, "GET", h.url("/"), nil)
		go func() {
			<-arrived
			cancel()
		}()
		if _, err := h.client(t, http2, nil).Do(r); err == nil {
			t.Error("no error at the client")
		}
		select {
		case <-gone:
		case <-time.After(5 * time.Second):
			t.Fatalf("h2=%v: the backend's call was not ended", http2)
		}
		if reason := <-reasons; reason != "ClientConnectionFailure" {
			t.Errorf("reason %s", reason)
		}
	}
}

// TestBrokenBackend shows that a response that ends early does not look whole to the client.
func TestBrokenBackend(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/length" {
			w.Header().Set("Content-Length", "1000")
		}
		_, _ = io.WriteString(w, "part")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	for _, http2 := range []bool{false, true} {
		for _, path := range []string{"/length", "/chunked"} {
			resp, err := h.client(t, http2, nil).Get(h.url(path))
			if err != nil {
				continue
			}
			data, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err == nil {
				t.Errorf("h2=%v %s: read %q without an error", http2, path, data)
			}
		}
	}
}

// TestUpgrade tunnels a switched protocol, towards plain and TLS backends.
func TestUpgrade(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || !strings.EqualFold(r.Header.Get("Connection"), "upgrade") || r.URL.Path == "/refuse" {
			http.Error(w, "no", 403)
			return
		}
		c, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+r.Header.Get("Sec-WebSocket-Key")+"\r\n\r\n")
		line, _ := buf.ReadString('\n')
		_, _ = io.WriteString(c, "echo "+line)
	}
	root := testkit.NewRoot(t, "backend root")
	plain, secure := testkit.NewBackend(t, handler), testkit.NewTLSBackend(t, root.NewServer(t, "127.0.0.1"), handler)
	for _, base := range []string{plain.URL, secure.URL} {
		h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{Roots: root.Pool()}), base))
		for _, path := range []string{"/ok", "/refuse"} {
			t.Run(base[:5]+path, func(t *testing.T) {
				c, err := tls.Dial("tcp", h.addr, testkit.ClientTLS(h.root, nil))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				_, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: abc\r\n\r\nhello\n")
				data, err := io.ReadAll(c)
				got := string(data)
				if path == "/refuse" {
					if !strings.HasPrefix(got, "HTTP/1.1 403 Forbidden\r\n") || !strings.Contains(got, "Connection: close") {
						t.Errorf("read %q, %v", got, err)
					}
					return
				}
				if err != nil || !strings.HasPrefix(got, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n") ||
					!strings.Contains(got, "Sec-Websocket-Accept: abc\r\n") || !strings.HasSuffix(got, "\r\n\r\necho hello\n") {
					t.Errorf("read %q, %v", got, err)
				}
			})
		}
	}
}

// TestReason shows that a reason phrase of a policy's reaches HTTP/1.1 clients, on each of several responses.
func TestReason(t *testing.T) {
	h := serve(t, false, engine.Limits{}, func(x *message.Exchange) {
		_ = x.Responder.Respond(&message.Response{Status: 403, Reason: "Invalid client certificate\r\nX: y", Body: message.NoBody()})
	})
	data := h.raw(t, strings.Repeat("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 2))
	if n := strings.Count(data, "HTTP/1.1 403 Invalid client certificate  X: y\r\n"); n != 2 {
		t.Errorf("%d status lines with the reason in %q", n, data)
	}
}

// TestHead shows that HEAD keeps the length and 204 and 304 have none.
func TestNoContent(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(204)
		case "/304":
			w.Header().Set("Etag", `"1"`)
			w.WriteHeader(304)
		default:
			w.Header().Set("Content-Length", "12345")
			if r.Method != "HEAD" {
				_, _ = w.Write(make([]byte, 12345))
			}
		}
	})
	h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	for _, http2 := range []bool{false, true} {
		client := h.client(t, http2, nil)
		resp, err := client.Head(h.url("/"))
		if err != nil || resp.ContentLength != 12345 || resp.Header.Get("Content-Type") != "" {
			t.Errorf("HEAD: %v, %v", resp, err)
		}
		for path, want := range map[string]int{"/204": 204, "/304": 304} {
			resp, err := client.Get(h.url(path))
			if err != nil || resp.StatusCode != want {
				t.Errorf("%s: %v, %v", path, resp, err)
			}
		}
	}
}

// TestDrain ends the connections of one binding: idle ones at once, a busy one after its response.
func TestDrain(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2=%v", http2), func(t *testing.T) {
			entered, leave := make(chan *message.Exchange, 1), make(chan struct{})
			h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
				if x.Request.URL.Path == "/slow" {
					entered <- x
					<-leave
				}
				echo(x)
			})
			idle, busy := h.client(t, http2, nil), h.client(t, http2, nil)
			get := func(c *http.Client, path string) error {
				resp, err := c.Get(h.url(path))
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				return err
			}
			if err := get(idle, "/"); err != nil {
				t.Fatal(err)
			}
			result := make(chan error, 1)
			go func() { result <- get(busy, "/slow") }()
			x := <-entered
			h.server.Drain("only")
			deadline := time.Now().Add(5 * time.Second)
			for {
				h.server.mu.Lock()
				n := len(h.server.conns)
				h.server.mu.Unlock()
				if n == 1 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d connections left, want the busy one", n)
				}
				time.Sleep(5 * time.Millisecond)
			}
			close(leave)
			if err := <-result; err != nil {
				t.Errorf("the busy request: %v", err)
			}
			select {
			case <-x.Conn.Closed:
			case <-time.After(5 * time.Second):
				t.Error("the busy connection did not end")
			}
			// A connection that arrives with the drained binding still has one request answered.
			if err := get(h.client(t, http2, nil), "/"); err != nil {
				t.Errorf("a late connection: %v", err)
			}
		})
	}
}

// TestShutdown waits for what is being answered, then for no more than its context allows.
func TestShutdown(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
		entered <- struct{}{}
		<-leave
		echo(x)
	})
	result := make(chan error, 1)
	go func() {
		resp, err := h.client(t, false, nil).Get(h.url("/"))
		if err == nil {
			resp.Body.Close()
		}
		result <- err
	}()
	<-entered
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		ended <- h.server.Shutdown(ctx)
	}()
	time.Sleep(30 * time.Millisecond)
	close(leave)
	if err := <-result; err != nil {
		t.Errorf("the request that was being answered: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if _, err := net.DialTimeout("tcp", h.addr, time.Second); err == nil {
		t.Error("the listener is still there")
	}
}

// TestPlainOnTLSPort answers a client that forgot TLS.
func TestPlainOnTLSPort(t *testing.T) {
	h := serve(t, true, engine.Limits{}, echo)
	if got := h.raw(t, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.0 400 Bad Request") {
		t.Errorf("read %q", got)
	}
}

// TestEarlyBackend has a backend that answers before it reads the body, while the client still sends.
func TestEarlyBackend(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(403)
		_, _ = io.WriteString(w, "no")
	})
	h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	for _, http2 := range []bool{false, true} {
		client := h.client(t, http2, nil)
		for range 3 {
			pr, pw := io.Pipe()
			go func() {
				for range 200 {
					if _, err := pw.Write(make([]byte, 16<<10)); err != nil {
						return
					}
				}
				time.Sleep(50 * time.Millisecond)
				_, _ = pw.Write(make([]byte, 16<<10))
				pw.Close()
			}()
			resp, err := client.Post(h.url("/"), "text/plain", pr)
			if err != nil {
				t.Logf("h2=%v: %v", http2, err) // HTTP/1.1 may lose the answer when the connection is closed on the sender
				continue
			}
			data, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != 403 && resp.StatusCode != 502 {
				t.Errorf("h2=%v: %d %q, %v", http2, resp.StatusCode, data, err)
			}
		}
	}
}

// TestHostileResponse shows that nothing in a response's fields can begin a field of its own.
func TestHostileResponse(t *testing.T) {
	h := serve(t, true, engine.Limits{}, func(x *message.Exchange) {
		_ = x.Responder.Respond(&message.Response{Status: 200, Body: message.NoBody(), Header: message.Header{
			{Name: "X-A", Value: "a\r\nEvil: 1"}, {Name: "X\r\nEvil", Value: "1"}, {Name: "Content-Length", Value: "99"}, {Name: "Transfer-Encoding", Value: "chunked"},
			{Name: "Connection", Value: "X-B"}, {Name: "X-B", Value: "kept"}}})
	})
	for _, http2 := range []bool{false, true} {
		resp, err := h.client(t, http2, nil).Get(h.url("/"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Header.Get("Evil") != "" || resp.ContentLength != 0 || resp.Header.Get("X-B") != "kept" {
			t.Errorf("h2=%v: %v", http2, resp.Header)
		}
	}
}

// TestDownload streams a large response to a slow reader and holds little of it.
func TestDownload(t *testing.T) {
	if testing.Short() {
		t.Skip("100 MiB")
	}
	const size = 100 << 20
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, &pattern{n: size}) })
	h := serve(t, true, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	want := wantDigest("GET", size)
	for _, http2 := range []bool{false, true} {
		var peak atomic.Uint64
		stop := make(chan struct{})
		go watchHeap(&peak, stop)
		resp, err := h.client(t, http2, nil).Get(h.url("/"))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		n, err := io.Copy(sum, resp.Body)
		resp.Body.Close()
		close(stop)
		if got := fmt.Sprintf("GET %d %x", n, sum.Sum(nil)); err != nil || got != want {
			t.Errorf("h2=%v: %s, %v", http2, got, err)
		}
		if mib := peak.Load() >> 20; mib > 50 {
			t.Errorf("h2=%v: the heap grew to %d MiB", http2, mib)
		}
	}
}
