package std

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
)

// script is a net.Conn that gives its bytes in pieces.
type script struct {
	net.Conn
	data  []byte
	piece int
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.piece)], s.data)
	s.data = s.data[n:]
	return n, nil
}

func (s *script) SetReadDeadline(time.Time) error { return nil }

// through is what the guard lets through of data, and the heads it noted.
func through(data []byte, piece int) (out []byte, heads []*head) {
	limits := engine.Limits{HeaderBytes: 4096, HeaderCount: 50, URLBytes: 1024, BodyBytes: 1 << 20}.WithDefaults()
	g := newGuard(&script{data: bytes.Clone(data), piece: piece}, nil, &limits, false)
	out, _ = io.ReadAll(g)
	return out, g.heads
}

// FuzzGuard asserts that how the bytes arrive makes no difference, and that net/http reads of what is let through the
// very requests that the guard has noted: same methods, targets and hosts, same content lengths, none more.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{
		"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2;a=b\r\nhi\r\n0\r\nX: 1\r\n\r\nGET http://h/ HTTP/1.0\r\nHost: h\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
		"GET / HTTP/1.1\nHost: h\n\n", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nraw bytes",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, piece uint8) {
		whole, heads := through(data, len(data)+1)
		parts, again := through(data, int(piece%16)+1)
		if (!bytes.Equal(whole, parts) || len(heads) != len(again)) && !refusedLast(heads) && !refusedLast(again) {
			// A refusal may come before or after the rest of a head has arrived; all else must be the same.
			t.Fatalf("%q in pieces of %d is let through as %q, whole as %q", data, piece%16+1, parts, whole)
		}
		r := bufio.NewReader(bytes.NewReader(whole))
		for i, h := range heads {
			req, err := http.ReadRequest(r)
			if err != nil {
				t.Fatalf("net/http cannot read request %d of %q: %v", i, whole, err)
			}
			if h.refusal.status != 0 {
				if req.Host != "refused" {
					t.Fatalf("request %d of %q is refused but reaches net/http as %s %s", i, data, req.Method, req.RequestURI)
				}
				return
			}
			if req.Method != h.method || !strings.EqualFold(req.Host, h.host) || req.ContentLength != h.length {
				t.Fatalf("request %d of %q: net/http reads %s %s length %d, the guard %s %s length %d", i, data, req.Method, req.Host, req.ContentLength, h.method, h.host, h.length)
			}
			if h.upgrade != "" {
				return
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				return // the guard has ended the connection in the body, or the input was cut off
			} else if err != nil {
				return
			}
		}
		if rest, _ := io.ReadAll(r); len(rest) > 0 {
			t.Fatalf("%d bytes reach net/http beyond the %d requests noted: %q of %q", len(rest), len(heads), rest, data)
		}
	})
}

func refusedLast(heads []*head) bool {
	return len(heads) > 0 && heads[len(heads)-1].refusal.status != 0
}
