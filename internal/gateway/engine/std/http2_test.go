package std

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/testkit"
)

// http2Request sends one request, field by field as given, and tells what came back: the status and the body, or how
// the stream or the connection ended.
func (h *harness) http2Request(t testing.TB, fields []hpack.HeaderField, data ...string) string {
	t.Helper()
	cfg := testkit.ClientTLS(h.root, nil)
	cfg.NextProtos = []string{"h2"}
	c, err := tls.Dial("tcp", h.addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, http2.ClientPreface)
	fr := http2.NewFramer(c, c)
	_ = fr.WriteSettings()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range fields {
		_ = enc.WriteField(f)
	}
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: len(data) == 0})
	for i, d := range data {
		_ = fr.WriteData(1, i == len(data)-1, []byte(d))
	}
	return readHTTP2(fr)
}

// readHTTP2 reads the answer on stream 1.
func readHTTP2(fr *http2.Framer) string {
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var out strings.Builder
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			return strings.TrimSpace(out.String() + " closed")
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			fmt.Fprintf(&out, "%s ", f.PseudoValue("status"))
			if f.StreamEnded() {
				return strings.TrimSpace(out.String())
			}
		case *http2.DataFrame:
			out.Write(f.Data())
			if f.StreamEnded() {
				return out.String()
			}
		case *http2.RSTStreamFrame:
			return strings.TrimSpace(out.String() + " reset " + f.ErrCode.String())
		case *http2.GoAwayFrame:
			return strings.TrimSpace(out.String() + " goaway " + f.ErrCode.String())
		}
	}
}

// TestHTTP2Framing sends requests that HTTP/2 forbids, or that would be ambiguous as HTTP/1.1.
func TestHTTP2Framing(t *testing.T) {
	h := serve(t, true, engine.Limits{HeaderBytes: 2000, HeaderCount: 20, URLBytes: 500, BodyBytes: 1000}, echo)
	fields := func(pairs ...string) []hpack.HeaderField {
		list := []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "h"}, {Name: ":path", Value: "/"}}
		for i := 0; i < len(pairs); i += 2 {
			at := -1
			for j := range list {
				if list[j].Name == pairs[i] && pairs[i][0] == ':' {
					at = j
				}
			}
			if at >= 0 {
				list[at].Value = pairs[i+1]
				continue
			}
			list = append(list, hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
		}
		return list
	}
	var many []string
	for range 21 {
		many = append(many, "x", "y")
	}
	for _, c := range []struct {
		name   string
		fields []hpack.HeaderField
		data   []string
		want   string // a beginning; empty: anything but an answer of status 200
	}{
		{"plain", fields("x", "1"), []string{"hi"}, "200 POST / h\nX: 1\n\nhi"},
		{"length that fits", fields("content-length", "2"), []string{"hi"}, "200 POST / h\n\nhi"},
		{"content longer than its length", fields("content-length", "1"), []string{"hi"}, ""},
		{"content shorter than its length", fields("content-length", "3"), []string{"hi"}, ""},
		{"length without content", fields("content-length", "3"), nil, ""},
		{"two lengths", fields("content-length", "2", "content-length", "3"), []string{"hi"}, ""},
		{"two equal lengths", fields("content-length", "2", "content-length", "2"), []string{"hi"}, "400"},
		{"signed length", fields("content-length", "+2"), []string{"hi"}, ""},
		{"list of lengths", fields("content-length", "2, 2"), []string{"hi"}, ""},
		{"length over the limit", fields("content-length", "1001"), []string{"hi"}, ""},
		{"transfer-encoding", fields("transfer-encoding", "chunked"), []string{"0\r\n\r\n"}, ""},
		{"connection", fields("connection", "close"), nil, ""},
		{"keep-alive", fields("keep-alive", "5"), nil, ""},
		{"proxy-connection", fields("proxy-connection", "close"), nil, ""},
		{"upgrade", fields("upgrade", "websocket"), nil, ""},
		{"te", fields("te", "gzip"), nil, ""},
		{"te trailers", fields("te", "trailers"), nil, "200 POST / h\n\n"},
		{"name in upper case", fields("X-Upper", "1"), nil, ""},
		{"name with colon", fields("a:b", "1"), nil, ""},
		{"name with space", fields("content-length ", "1"), nil, ""},
		{"name with CRLF", fields("a\r\nb", "1"), nil, ""},
		{"value with CRLF", fields("x", "a\r\nevil: 1"), nil, ""},
		{"value with LF", fields("x", "a\nevil: 1"), nil, ""},
		{"value with NUL", fields("x", "a\x00b"), nil, ""},
		{"pseudo-header after field", append([]hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "h"}, {Name: "x", Value: "1"}}, hpack.HeaderField{Name: ":path", Value: "/"}), nil, ""},
		{"pseudo-header twice", append(fields(), hpack.HeaderField{Name: ":path", Value: "/2"}), nil, ""},
		{"unknown pseudo-header", append(fields(), hpack.HeaderField{Name: ":evil", Value: "1"}), nil, ""},
		{"no path", fields(":path", ""), nil, ""},
		{"path without slash", fields(":path", "a"), nil, ""},
		{"path in absolute form", fields(":path", "http://evil/"), nil, ""},
		{"path with space", fields(":path", "/a HTTP/1.1\r\nHost: evil"), nil, ""},
		{"path with fragment", fields(":path", "/a#b"), nil, ""},
		{"path too long", fields(":path", "/"+strings.Repeat("a", 500)), nil, "414"},
		{"method with space", fields(":method", "GET / HTTP/1.1"), nil, ""},
		{"CONNECT", []hpack.HeaderField{{Name: ":method", Value: "CONNECT"}, {Name: ":authority", Value: "h:443"}}, nil, "405"},
		{"host that differs", fields("host", "evil"), nil, "400"},
		{"host that agrees", fields("host", "H"), nil, "200 POST / h\n\n"},
		{"two hosts", fields("host", "h", "host", "h"), nil, "400"},
		{"authority with path", fields(":authority", "h/x"), nil, "400"},
		{"authority with user", fields(":authority", "u@h"), nil, ""},
		{"too many fields", fields(many...), nil, "431"},
		{"header too large", fields("x", strings.Repeat("a", 2000)), nil, "431"},
		{"other expectation", fields("expect", "200-ok"), nil, "417"},
		{"body over the limit", fields(), []string{strings.Repeat("a", 1001)}, "400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := h.http2Request(t, c.fields, c.data...)
			if c.want == "" && strings.HasPrefix(got, "200") || !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if strings.Contains(strings.ToLower(got), "evil: 1") {
				t.Errorf("a field was smuggled: %q", got)
			}
		})
	}
}

// TestSlowHTTP2Body ends the wait for a body.
func TestSlowHTTP2Body(t *testing.T) {
	h := serve(t, true, engine.Limits{ReadBody: 80 * time.Millisecond}, echo)
	cfg := testkit.ClientTLS(h.root, nil)
	cfg.NextProtos = []string{"h2"}
	c, err := tls.Dial("tcp", h.addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, http2.ClientPreface)
	fr := http2.NewFramer(c, c)
	_ = fr.WriteSettings()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "POST"}, {":scheme", "https"}, {":authority", "h"}, {":path", "/"}} {
		_ = enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true})
	_ = fr.WriteData(1, false, []byte("part"))
	if got := readHTTP2(fr); !strings.Contains(got, "in time") {
		t.Errorf("got %q", got)
	}
}
