package std

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
)

// The PROXY protocol, version 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt, section 2.2): a header of 16 bytes, the
// addresses, then type-length-values.
const (
	relaySignature = "\r\n\r\n\x00\r\nQUIT\n"
	relayHeader    = 16
	// relayMax bounds addresses and values together. Those that proxies send are some hundreds of bytes, with a client
	// certificate's facts.
	relayMax = 4096
	// relayTime bounds the wait for the header, which proxies send at once.
	relayTime = 5 * time.Second
)

const (
	relayLocal = 0x20 // version 2, LOCAL: the proxy speaks for itself, as for a health check
	relayProxy = 0x21 // version 2, PROXY
	relayTCP4  = 0x11
	relayTCP6  = 0x21
)

// relays reports whether connections from that address begin with a PROXY protocol header.
func (s *Server) relays(a netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// readRelay reads the PROXY protocol header that a proxy must send, and takes the client's address from it. No byte
// beyond the header is read.
func (c *conn) readRelay() error {
	_ = c.Conn.SetReadDeadline(time.Now().Add(min(relayTime, c.server.limits.Handshake)))
	var head [relayHeader]byte
	if _, err := io.ReadFull(c.Conn, head[:]); err != nil {
		return fault.Wrap(fault.Invalid, err, "no PROXY protocol header came")
	}
	switch {
	case bytes.HasPrefix(head[:], []byte("PROXY ")):
		return fault.New(fault.Invalid, "version 1 of the PROXY protocol is not supported; have the proxy send version 2")
	case string(head[:len(relaySignature)]) != relaySignature:
		return fault.New(fault.Invalid, "the connection does not begin with a PROXY protocol header")
	case head[12] != relayLocal && head[12] != relayProxy:
		return fault.New(fault.Invalid, "PROXY protocol version and command 0x%02x are not known", head[12])
	}
	length := int(binary.BigEndian.Uint16(head[14:]))
	if length > relayMax {
		return fault.New(fault.Invalid, "the PROXY protocol header is longer than %d bytes", relayMax)
	}
	rest := make([]byte, length)
	if _, err := io.ReadFull(c.Conn, rest); err != nil {
		return fault.Wrap(fault.Invalid, err, "the PROXY protocol header ends too soon")
	}
	_ = c.Conn.SetReadDeadline(time.Time{})
	if head[12] == relayLocal {
		return nil
	}
	c.info.Relayed = true
	return c.relayAddresses(head[13], rest)
}

// relayAddresses takes the addresses of the client's connection to the proxy. Where the proxy does not know them, or the
// client came by a Unix socket, those of the proxy stay.
func (c *conn) relayAddresses(family byte, b []byte) error {
	size := 0
	switch family {
	case relayTCP4:
		size = 4
	case relayTCP6:
		size = 16
	case 0x00, 0x31, 0x32:
		return nil
	default:
		return fault.New(fault.Invalid, "PROXY protocol family and transport 0x%02x are not those of a TCP connection", family)
	}
	if len(b) < 2*size+4 {
		return fault.New(fault.Invalid, "the PROXY protocol header has no room for its addresses")
	}
	source, _ := netip.AddrFromSlice(b[:size])
	target, _ := netip.AddrFromSlice(b[size : 2*size])
	ports := b[2*size:]
	c.info.Remote = netip.AddrPortFrom(source.Unmap(), binary.BigEndian.Uint16(ports))
	c.info.Local = netip.AddrPortFrom(target.Unmap(), binary.BigEndian.Uint16(ports[2:]))
	return nil
}

// relayFailed logs why a proxy's connection was closed.
func (s *Server) relayFailed(c *conn, err error) {
	s.log.LogAttrs(context.Background(), slog.LevelWarn, "connection refused: its address is that of a proxy which must speak the PROXY protocol",
		slog.Any(logkey.Error, err), slog.String(logkey.Remote, c.info.Peer.String()))
}
