package std

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// relayed is a PROXY protocol header of version 2.
func relayed(command, family byte, payload []byte) string {
	head := append([]byte(relaySignature), command, family)
	head = binary.BigEndian.AppendUint16(head, uint16(len(payload)))
	return string(append(head, payload...))
}

var (
	client4 = []byte{203, 0, 113, 7, 192, 0, 2, 1, 0x30, 0x39, 0x20, 0xfb} // 203.0.113.7:12345 to 192.0.2.1:8443
	client6 = append(append(netip.MustParseAddr("2001:db8::7").AsSlice(), netip.MustParseAddr("2001:db8::1").AsSlice()...), 0x30, 0x39, 0x20, 0xfb)
	mapped6 = append(append(netip.MustParseAddr("::ffff:203.0.113.7").AsSlice(), netip.MustParseAddr("2001:db8::1").AsSlice()...), 0x30, 0x39, 0x20, 0xfb)
)

// whoami answers with what is known of the connection.
func whoami(x *message.Exchange) {
	c := x.Conn
	_ = x.Responder.Respond(&message.Response{Status: 200, Body: message.NewStringBody(
		fmt.Sprintf("%v %v local=%v relayed=%v", c.Remote, c.Peer.Addr(), c.Local.Port() == 8443, c.Relayed))})
}

func TestRelay(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	limits := engine.Limits{Handshake: 500 * time.Millisecond}
	tlv := append(append([]byte{}, client4...), 0x20, 0, 4, 1, 2, 3, 4)
	const self = "127.0.0.1:"
	for _, c := range []struct {
		name, head string
		// want begins the answer's body; empty: the connection is closed without one.
		want string
	}{
		{"IPv4", relayed(relayProxy, relayTCP4, client4), "203.0.113.7:12345 127.0.0.1 local=true relayed=true"},
		{"IPv6", relayed(relayProxy, relayTCP6, client6), "[2001:db8::7]:12345 127.0.0.1 local=true relayed=true"},
		{"4 in 6", relayed(relayProxy, relayTCP6, mapped6), "203.0.113.7:12345 127.0.0.1"},
		{"values after the addresses", relayed(relayProxy, relayTCP4, tlv), "203.0.113.7:12345"},
		{"LOCAL", relayed(relayLocal, 0, nil), self},
		{"LOCAL with addresses", relayed(relayLocal, relayTCP4, client4), self},
		{"unknown addresses", relayed(relayProxy, 0, nil), self},
		{"Unix socket", relayed(relayProxy, 0x31, make([]byte, 216)), self},
		{"none", "", ""},
		{"version 1", "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n", ""},
		{"UDP", relayed(relayProxy, 0x12, client4), ""},
		{"unknown command", relayed(0x22, relayTCP4, client4), ""},
		{"version 3", relayed(0x31, relayTCP4, client4), ""},
		{"no room for addresses", relayed(relayProxy, relayTCP4, client4[:11]), ""},
		{"too long", relayed(relayProxy, relayTCP4, make([]byte, relayMax+1)), ""},
		{"cut", relayed(relayProxy, relayTCP4, client4)[:20], ""},
		{"another signature", strings.Replace(relayed(relayProxy, relayTCP4, client4), "QUIT", "QUIX", 1), ""},
		{"twice", relayed(relayProxy, relayTCP4, client4) + relayed(relayProxy, relayTCP4, client4), ""},
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/tls=%v", c.name, secure), func(t *testing.T) {
				h := serveConfig(t, secure, Config{Handler: whoami, Proxies: loopback, Limits: limits})
				if got := relayCall(t, h, secure, c.head); c.want == "" && strings.HasPrefix(got, "HTTP/1.1 200") || !strings.Contains(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	}
	t.Run("from others it is no header", func(t *testing.T) {
		h := serveConfig(t, true, Config{Handler: whoami, Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Limits: limits})
		if got := relayCall(t, h, true, relayed(relayProxy, relayTCP4, client4)); strings.Contains(got, "200 OK") {
			t.Errorf("a stranger's header was taken: %q", got)
		}
		if got := relayCall(t, h, true, ""); !strings.Contains(got, "200 OK") || !strings.Contains(got, "relayed=false") {
			t.Errorf("without: %q", got)
		}
	})
}

// relayCall sends a header and a request, and returns the answer, or why there was none.
func relayCall(t *testing.T, h *harness, secure bool, head string) string {
	t.Helper()
	raw, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	_ = raw.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(raw, head); err != nil {
		return err.Error()
	}
	c := raw
	if secure {
		cfg := testkit.ClientTLS(h.root, nil)
		cfg.ServerName = "localhost"
		c = tls.Client(raw, cfg)
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return err.Error()
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err.Error()
	}
	body, _ := io.ReadAll(resp.Body)
	return resp.Proto + " " + resp.Status + " " + string(body)
}

// FuzzRelay asserts that any header is read or refused within its bounds, and that no byte after it is taken.
func FuzzRelay(f *testing.F) {
	f.Add([]byte(relayed(relayProxy, relayTCP4, client4)))
	f.Add([]byte(relayed(relayProxy, relayTCP6, client6)))
	f.Add([]byte(relayed(relayLocal, 0, nil)))
	f.Fuzz(func(t *testing.T, data []byte) {
		near, far := net.Pipe()
		go func() {
			_, _ = far.Write(append(append([]byte{}, data...), "TLS"...))
			_ = far.Close()
		}()
		c := newConn(NewServer(Config{}), near)
		if err := c.readRelay(); err == nil {
			rest, _ := io.ReadAll(near)
			if want := 16 + int(binary.BigEndian.Uint16(data[14:16])); len(data)+3-len(rest) != want && len(data) >= want {
				t.Errorf("%d bytes were read of a header of %d", len(data)+3-len(rest), want)
			}
		}
		_ = near.Close()
	})
}
