package inspect

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/dn"
)

// dialTime bounds a handshake with our own gateway.
const dialTime = 10 * time.Second

// handshakeView is what a handshake showed.
type handshakeView struct {
	OK                       bool         `json:"ok"`
	Error                    string       `json:"error,omitempty"`
	Version                  string       `json:"version"`
	Cipher                   string       `json:"cipher"`
	ALPN                     string       `json:"alpn"`
	AsksForClientCertificate bool         `json:"asksForClientCertificate"`
	AcceptableAuthorities    []string     `json:"acceptableAuthorities"`
	ServerCertificates       []serverView `json:"serverCertificates"`
	SNI                      bool         `json:"sni"`
	DurationMS               float64      `json:"durationMs"`
}

// serverView is a certificate that the gateway showed.
type serverView struct {
	shortView
	DNSNames []string `json:"dnsNames"`
}

// handshake answers POST /postern/v1/handshake: it shakes hands with the gateway's own listener.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request) (any, error) {
	var q struct{ HostName string }
	if err := reply.Read(w, r, maxBody, &q); err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.TrimSpace(q.HostName))
	if len(name) > 253 || strings.ContainsAny(name, " \t\r\n/:@") && net.ParseIP(name) == nil {
		return nil, targeted("hostName", "%q is not a host name.", q.HostName)
	}
	ctx, cancel := context.WithTimeout(r.Context(), dialTime)
	defer cancel()
	return s.shakeHands(ctx, name), nil
}

func (s *Server) shakeHands(ctx context.Context, name string) *handshakeView {
	v := &handshakeView{AcceptableAuthorities: []string{}, ServerCertificates: []serverView{}}
	v.SNI = name != "" && net.ParseIP(name) == nil
	config := &tls.Config{
		ServerName: name, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS10,
		InsecureSkipVerify: true, //nolint:gosec // what the server shows is the answer; nothing is sent to it
		GetClientCertificate: func(i *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			v.AsksForClientCertificate = true
			for _, raw := range i.AcceptableCAs {
				v.AcceptableAuthorities = append(v.AcceptableAuthorities, nameText(raw))
			}
			return &tls.Certificate{}, nil
		},
	}
	start := time.Now()
	plain, err := s.dial(ctx)
	if err != nil {
		v.Error = "The gateway cannot be reached: " + oneLine(err)
		return v
	}
	defer plain.Close() //nolint:errcheck // nothing was written
	conn := tls.Client(plain, config)
	err = conn.HandshakeContext(ctx)
	v.DurationMS = milliseconds(time.Since(start))
	if err != nil {
		v.Error = "The handshake failed: " + oneLine(err)
		return v
	}
	state := conn.ConnectionState()
	v.OK, v.Version, v.Cipher, v.ALPN = true, tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite), state.NegotiatedProtocol
	for _, x := range state.PeerCertificates {
		view := serverView{DNSNames: x.DNSNames}
		if view.DNSNames == nil {
			view.DNSNames = []string{}
		}
		if c, err := cert.Parse(x.Raw); err == nil {
			view.shortView = *newShortView(c)
		}
		v.ServerCertificates = append(v.ServerCertificates, view)
	}
	return v
}

// dial connects to the gateway's listener.
func (s *Server) dial(ctx context.Context) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", loopback(s.GatewayAddress()))
	if err != nil || s.Greet == nil {
		return conn, err
	}
	if err := s.Greet(conn); err != nil {
		_ = conn.Close() // it is of no use
		return nil, err
	}
	return conn, nil
}

// nameText is a distinguished name as .NET writes it, in hexadecimal where it cannot be read.
func nameText(raw []byte) string {
	n, err := dn.Parse(raw)
	if err != nil {
		return hex.EncodeToString(raw)
	}
	return n.String()
}

// loopback is a listener's address as this process reaches it.
func loopback(address string) string {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !a.Addr().IsUnspecified() {
		return address
	}
	ip := netip.IPv6Loopback()
	if a.Addr().Is4() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.AddrPortFrom(ip, a.Port()).String()
}

// hostOf finds the host name configuration of a name: the exact one, or a wildcard over its first label.
func hostOf(svc *apim.Service, name string) *apim.Hostname {
	_, rest, _ := strings.Cut(name, ".")
	var wildcard *apim.Hostname
	for i := range svc.Hostnames {
		switch h := &svc.Hostnames[i]; {
		case strings.EqualFold(h.Name, name):
			return h
		case rest != "" && strings.EqualFold(h.Name, "*."+rest):
			wildcard = h
		}
	}
	return wildcard
}

// ours is a check that a handshake was with our own gateway: it showed the certificate of the host name.
func (s *Server) ours(h *apim.Hostname) func(tls.ConnectionState) error {
	want := s.BuiltIn()
	if h.Identity != nil {
		want = h.Identity.Certificate.Raw
	}
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 || string(state.PeerCertificates[0].Raw) != string(want) {
			return errors.New("another server answers at the gateway's address")
		}
		return nil
	}
}

// missing is the error of an endpoint whose part is not there.
func missing(what string) error {
	return fault.New(fault.Unsupported, "This Postern has no %s.", what)
}
