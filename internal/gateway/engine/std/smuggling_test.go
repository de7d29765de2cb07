package std

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// TestHTTP1Framing sends heads that two readers could understand in two ways: each is refused, or reaches the
// handler in one form.
func TestHTTP1Framing(t *testing.T) {
	h := serve(t, false, engine.Limits{HeaderBytes: 2000, HeaderCount: 20, URLBytes: 500, BodyBytes: 1000}, echo)
	const host = "Host: h\r\n"
	cases := []struct {
		name, request string
		want          []string // status lines' beginnings, one a response
	}{
		{"plain", "GET /a?b HTTP/1.1\r\n" + host + "\r\n", []string{"200"}},
		{"pipelined", "GET /a HTTP/1.1\r\n" + host + "\r\nPOST /b HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nhiGET /c HTTP/1.1\r\n" + host + "\r\n", []string{"200", "200", "200"}},
		{"length and encoding", "POST / HTTP/1.1\r\n" + host + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", []string{"400"}},
		{"encoding and length", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG", []string{"400"}},
		{"differing lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", []string{"400"}},
		{"equal lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", []string{"400"}},
		{"list of lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\na", []string{"400"}},
		{"signed length", "POST / HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\nabcde", []string{"400"}},
		{"negative length", "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", []string{"400"}},
		{"hexadecimal length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x5\r\n\r\nabcde", []string{"400"}},
		{"empty length", "POST / HTTP/1.1\r\n" + host + "Content-Length: \r\n\r\n", []string{"400"}},
		{"huge length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n", []string{"400"}},
		{"length over the limit", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n", []string{"413"}},
		{"length with inner space", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1 2\r\n\r\n", []string{"400"}},
		{"bare LF", "GET / HTTP/1.1\n" + "Host: h\n\n", []string{"400"}},
		{"bare LF in a field", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", []string{"400"}},
		{"bare CR in a value", "GET / HTTP/1.1\r\n" + host + "X: a\rb\r\n\r\n", []string{"400"}},
		{"folded line", "GET / HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n", []string{"400"}},
		{"folded first line", "GET / HTTP/1.1\r\n X: a\r\n" + host + "\r\n", []string{"400"}},
		{"space before colon", "GET / HTTP/1.1\r\n" + host + "Content-Length : 5\r\n\r\n", []string{"400"}},
		{"tab in name", "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding\t: chunked\r\n\r\n", []string{"400"}},
		{"no colon", "GET / HTTP/1.1\r\n" + host + "nothing\r\n\r\n", []string{"400"}},
		{"empty name", "GET / HTTP/1.1\r\n" + host + ": x\r\n\r\n", []string{"400"}},
		{"NUL in a value", "GET / HTTP/1.1\r\n" + host + "X: a\x00b\r\n\r\n", []string{"400"}},
		{"NUL in a name", "GET / HTTP/1.1\r\n" + host + "X\x00: a\r\n\r\n", []string{"400"}},
		{"control in a value", "GET / HTTP/1.1\r\n" + host + "X: a\x1bb\r\n\r\n", []string{"400"}},
		{"control in the target", "GET /\x01 HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"raw byte in the target", "GET /\xe9 HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"fragment in the target", "GET /a#b HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"broken escape in the path", "GET /%zz HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"broken escape at the end", "GET /a%2 HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"broken escape in the query", "GET /a?%zz HTTP/1.1\r\n" + host + "\r\n", []string{"200"}},
		{"two spaces", "GET  / HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"space in the target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"tab for space", "GET\t/ HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"HTTP/0.9", "GET /\r\n\r\n", []string{"400"}},
		{"HTTP/1.2", "GET / HTTP/1.2\r\n" + host + "\r\n", []string{"505"}},
		{"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []string{"505"}},
		{"HTTP/01.1", "GET / HTTP/01.1\r\n" + host + "\r\n", []string{"400"}},
		{"method with colon", "GE:T / HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"no host", "GET / HTTP/1.1\r\n\r\n", []string{"400"}},
		{"no host in 1.0", "GET / HTTP/1.0\r\n\r\n", []string{"200"}},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", []string{"400"}},
		{"two equal hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", []string{"400"}},
		{"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", []string{"400"}},
		{"host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", []string{"400"}},
		{"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", []string{"400"}},
		{"absolute form", "GET http://h/a?b HTTP/1.1\r\n" + host + "\r\n", []string{"200"}},
		{"absolute form that differs", "GET http://evil/ HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"absolute form of the other scheme", "GET https://h/ HTTP/1.1\r\n" + host + "\r\n", []string{"421"}},
		{"absolute form with a user", "GET http://u@h/ HTTP/1.1\r\nHost: u@h\r\n\r\n", []string{"400"}},
		{"target without a slash", "GET a HTTP/1.1\r\n" + host + "\r\n", []string{"400"}},
		{"CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", []string{"405"}},
		{"encoding in 1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []string{"400"}},
		{"unknown encoding", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", []string{"501"}},
		{"identity", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n\r\n", []string{"400"}},
		{"chunked twice", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", []string{"400"}},
		{"encoding twice", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []string{"400"}},
		{"xchunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", []string{"501"}},
		{"chunked in upper case", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", []string{"200"}},
		{"chunked with vertical tab", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", []string{"400"}},
		{"chunked with parameter", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", []string{"501"}},
		{"chunk extension", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0;x\r\n\r\nGET /2 HTTP/1.1\r\n" + host + "\r\n", []string{"200", "200"}},
		{"chunk size with sign", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n+2\r\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunk size with 0x", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunk size with space", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2 \r\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunk size over 64 bits", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunk size line too long", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("a", 400) + "\r\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunk with bare LF", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunk longer than said", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nhixx\r\n0\r\n\r\n", []string{"400"}},
		{"chunk end with bare LF", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\n0\r\n\r\n", []string{"400"}},
		{"chunk extension with control", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;\x00\r\nhi\r\n0\r\n\r\n", []string{"400"}},
		{"chunks over the limit", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + strings.Repeat("a", 1024) + "\r\n0\r\n\r\n", []string{"400"}},
		{"framing in a trailer", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n", []string{"400"}},
		{"bare LF in a trailer", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\n\r\n", []string{"400"}},
		{"other expectation", "POST / HTTP/1.1\r\n" + host + "Expect: 200-ok\r\n\r\n", []string{"417"}},
		{"URL too long", "GET /" + strings.Repeat("a", 501) + " HTTP/1.1\r\n" + host + "\r\n", []string{"414"}},
		{"URL without end", "GET /" + strings.Repeat("a", 5000), []string{"414"}},
		{"header too large", "GET / HTTP/1.1\r\n" + host + "X: " + strings.Repeat("a", 2001) + "\r\n\r\n", []string{"431"}},
		{"header without end", "GET / HTTP/1.1\r\n" + host + "X: " + strings.Repeat("a", 5000), []string{"431"}},
		{"too many fields", "GET / HTTP/1.1\r\n" + host + strings.Repeat("X: a\r\n", 20) + "\r\n", []string{"431"}},
		{"refusal keeps its place", "GET /a HTTP/1.1\r\n" + host + "\r\nGET /b HTTP/1.1\r\nHost: h\nX: y\r\n\r\nGET /c HTTP/1.1\r\n" + host + "\r\n", []string{"200", "400"}},
		{"empty line first", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", []string{"200"}},
		{"upgrade without connection", "GET / HTTP/1.1\r\n" + host + "Upgrade: websocket\r\n\r\nGET /2 HTTP/1.1\r\n" + host + "\r\n", []string{"200", "200"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data := h.raw(t, c.request)
			got := responses(t, data)
			ok := len(got) == len(c.want)
			for i := range got {
				ok = ok && strings.HasPrefix(got[i], c.want[i])
			}
			if !ok {
				t.Errorf("answers %q, want %q; read %q", got, c.want, data)
			}
			if strings.Contains(data, "400 Bad Request\r\n") && strings.Contains(data, "text/plain") {
				t.Errorf("net/http answered by itself: %q", data)
			}
		})
	}
}

// TestHTTP1Form shows what the handler sees of what is let through.
func TestHTTP1Form(t *testing.T) {
	h := serve(t, false, engine.Limits{}, echo)
	for _, c := range []struct{ name, request, want string }{
		{"order and spelling are kept", "GET /x HTTP/1.1\r\nzeta: 1\r\nHost: h\r\nALPHA:  2 \r\nzeta: 3\r\n\r\n", "GET /x h\nzeta: 1\nALPHA: 2\nzeta: 3\n\n"},
		{"absolute form gives the host", "GET http://h:80/x?y HTTP/1.1\r\nHost: h:80\r\n\r\n", "GET /x?y h:80\n\n"},
		{"absolute form without path", "GET http://h?y HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?y h\n\n"},
		{"what Connection names is dropped", "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nKeep-Alive: 5\r\nConnection: keep-alive, x-a\r\nTE: trailers\r\nProxy-Connection: x\r\n\r\n", "GET / h\n\n"},
		{"chunks are joined", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;e=\"x\"\r\nabc\r\n02\r\nde\r\n0\r\nX-T: 1\r\n\r\n", "POST / h\n\nabcde"},
		{"encoded slashes stay", "GET /a%2Fb%20c HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a%2Fb%20c h\n\n"},
		{"Expect is answered by the engine", "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi", "POST / h\n\nhi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := h.raw(t, c.request)
			data = strings.TrimPrefix(data, "HTTP/1.1 100 Continue\r\n\r\n")
			if got := responses(t, data); len(got) != 1 || got[0] != "200 OK\n"+c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestSlowHead sends a head in two parts with too long a pause, and bodies likewise.
func TestSlowClients(t *testing.T) {
	h := serve(t, false, engine.Limits{ReadHeader: 80 * time.Millisecond, ReadBody: 80 * time.Millisecond, Idle: 300 * time.Millisecond}, func(x *message.Exchange) {
		if _, err := x.Request.Body.Buffer(0); err != nil {
			status := 400
			if err == message.ErrBodyTimeout {
				status = 408
			}
			_ = x.Responder.Respond(message.ErrorResponse(status, err.Error()))
			return
		}
		_ = x.Responder.Respond(&message.Response{Status: 200, Body: message.NoBody()})
	})
	for _, c := range []struct{ name, first, want string }{
		{"head", "GET / HTTP/1.1\r\nHost:", "HTTP/1.1 408"},
		{"head of the second request", "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP", "HTTP/1.1 408"},
		{"body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 408"},
		{"chunk", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "HTTP/1.1 408"},
		{"nothing", "", ""},
		{"idle", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", h.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, c.first); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
			data, err := io.ReadAll(conn)
			if err != nil || !strings.Contains(string(data), c.want) {
				t.Errorf("read %q, %v, want %s", data, err, c.want)
			}
		})
	}
}

// TestForwardedFraming shows that the backend gets one unambiguous length whatever the client's framing was.
func TestForwardedFraming(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Length", r.Header.Get("Content-Length"))
		w.Header().Set("X-Encoding", strings.Join(r.TransferEncoding, ","))
		_, _ = w.Write(body)
	})
	h := serve(t, false, engine.Limits{}, proxy(NewTransport(TransportConfig{}), backend.URL))
	for _, c := range []struct{ name, request, want string }{
		{"length", "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 005\r\n\r\nhello", "X-Length: 5\r\n"},
		{"chunked", "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\n\r\n", "X-Encoding: chunked\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if data := h.raw(t, c.request); !strings.Contains(data, c.want) || !strings.Contains(data, "hello") {
				t.Errorf("read %q, want %s", data, c.want)
			}
		})
	}
}
