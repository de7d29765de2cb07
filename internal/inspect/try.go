package inspect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/pki/pfx"
)

// Bounds of a tried request.
const (
	tryTime = 30 * time.Second
	// maxTryBody is how much of the answer's body is shown, in bytes.
	maxTryBody = 64 << 10
	// maxTryHeaders bounds the header fields.
	maxTryHeaders = 100
	// decisionTime is how long a decision may come after the answer that it led to.
	decisionTime = time.Second
)

// tryRequest is a request to be sent to our own gateway.
type tryRequest struct {
	Method, Host, Path string
	Headers            [][2]string
	Body               *string
	Certificate        *tryCertificate
}

// tryCertificate is the client certificate of a tried request: one made for it by the development CA, or a file.
type tryCertificate struct {
	Development *struct{ Name string }
	PFX         string
	Password    *string
}

// tryAnswer is what came back.
type tryAnswer struct {
	Status        int           `json:"status"`
	Reason        string        `json:"reason"`
	Proto         string        `json:"proto"`
	Headers       [][2]string   `json:"headers"`
	Body          string        `json:"body"`
	BodyTruncated bool          `json:"bodyTruncated"`
	DurationMS    float64       `json:"durationMs"`
	RequestID     string        `json:"requestId"`
	Decision      *decisionView `json:"decision"`
	Certificate   *shortView    `json:"certificate"`
}

// try answers POST /postern/v1/try: it sends a request to the gateway's own listener as a client would, and nowhere else.
func (s *Server) try(w http.ResponseWriter, r *http.Request) (any, error) {
	var q tryRequest
	if err := reply.Read(w, r, maxBody, &q); err != nil {
		return nil, err
	}
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	host, port, err := s.tryHost(svc, q.Host)
	if err != nil {
		return nil, err
	}
	req, err := q.build(net.JoinHostPort(host.name, port))
	if err != nil {
		return nil, err
	}
	client, err := s.clientCertificate(r.Context(), q.Certificate)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), tryTime)
	defer cancel()
	return s.send(req.WithContext(ctx), host, client)
}

// target is the host name of a tried request with its configuration.
type target struct {
	name   string
	config *apim.Hostname
}

// tryHost finds the host name; without one the first that asks for a certificate, else the first.
func (s *Server) tryHost(svc *apim.Service, given string) (target, string, error) {
	_, port, err := net.SplitHostPort(s.GatewayAddress())
	if err != nil {
		return target{}, "", err
	}
	name := strings.ToLower(given)
	if h, p, err := net.SplitHostPort(name); err == nil {
		name, port = h, p
	}
	if name == "" {
		for i := range svc.Hostnames {
			if h := &svc.Hostnames[i]; !strings.HasPrefix(h.Name, "*") && (name == "" || newHostnameAdmission(svc, h).Asks) {
				name = h.Name
				if newHostnameAdmission(svc, h).Asks {
					break
				}
			}
		}
	}
	h := hostOf(svc, name)
	if h == nil {
		return target{}, "", targeted("host", "%q is not a host name of this gateway. Only those are called from here.", given)
	}
	return target{name, h}, port, nil
}

// build makes the request.
func (q *tryRequest) build(host string) (*http.Request, error) {
	method := strings.ToUpper(q.Method)
	if method == "" {
		method = http.MethodGet
	}
	if !message.ValidName(method) || method == http.MethodConnect {
		return nil, targeted("method", "%q is not a method that can be tried.", q.Method)
	}
	path := q.Path
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u, err := url.ParseRequestURI(path)
	if err != nil || u.Host != "" {
		return nil, targeted("path", "%q is not a path with an optional query.", q.Path)
	}
	u.Scheme, u.Host = "https", host
	var body io.Reader
	if q.Body != nil && *q.Body != "" {
		body = strings.NewReader(*q.Body)
	}
	req, err := http.NewRequest(method, u.String(), body)
	if err != nil {
		return nil, targeted("path", "%q is not a path with an optional query.", q.Path)
	}
	req.Header.Set("User-Agent", "postern-portal")
	return req, q.fields(req.Header)
}

// fields puts the header fields of the request into h.
func (q *tryRequest) fields(h http.Header) error {
	if len(q.Headers) > maxTryHeaders {
		return targeted("headers", "There are %d header fields; at most %d are taken.", len(q.Headers), maxTryHeaders)
	}
	for _, f := range q.Headers {
		name, value := f[0], f[1]
		switch {
		case !message.ValidName(name) || !message.ValidValue(value):
			return targeted("headers", "The header field %q cannot be sent: its name or value has characters that it cannot have.", name)
		case message.HopByHop(name) || strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Host"):
			return targeted("headers", "The header field %q belongs to the connection and is set by the client.", name)
		case strings.EqualFold(name, "User-Agent"):
			h.Set(name, value)
		default:
			h.Add(name, value)
		}
	}
	return nil
}

// clientCertificate is the certificate to send; nil for none.
func (s *Server) clientCertificate(ctx context.Context, q *tryCertificate) (*tls.Certificate, error) {
	switch {
	case q == nil || q.Development == nil && q.PFX == "":
		return nil, nil
	case q.Development != nil && q.PFX != "":
		return nil, targeted("certificate", "Choose either a certificate of the development CA or a file.")
	case q.Development != nil:
		return s.developmentCertificate(caller(ctx), q.Development.Name)
	}
	raw, err := fileBytes(q.PFX)
	if err != nil {
		return nil, targeted("certificate.pfx", "The file is not in base64: %s.", err)
	}
	load := pfx.Load
	if strings.Contains(q.PFX, "PRIVATE KEY-----") {
		load = pfx.LoadPEM
	}
	identity, err := load(raw, q.Password)
	switch {
	case errors.Is(err, pfx.ErrPassword):
		return nil, targeted("certificate.password", "The password is wrong, or the file is damaged.")
	case err != nil:
		return nil, targeted("certificate.pfx", "The file could not be read: %s", oneLine(err))
	case identity.Key == nil:
		return nil, targeted("certificate.pfx", "The file has no private key: a client proves with it that the certificate is its own.")
	}
	c := &tls.Certificate{Certificate: [][]byte{identity.Certificate.Raw}, PrivateKey: identity.Key}
	for _, x := range identity.Chain {
		c.Certificate = append(c.Certificate, x.Raw)
	}
	return c, nil
}

func (s *Server) developmentCertificate(p *identity.Principal, name string) (*tls.Certificate, error) {
	if s.IssueDevelopment == nil {
		return nil, missing("development CA")
	}
	if p.Kind != identity.Administrator {
		return nil, fault.New(fault.Forbidden, "'%s' is not the administrator, who alone has certificates issued by the development CA.", p.Name)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, err
	}
	leaf, err := s.IssueDevelopment(csr, name)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}, nil
}

// send sends the request over a connection of its own.
func (s *Server) send(req *http.Request, to target, client *tls.Certificate) (*tryAnswer, error) {
	plain, err := s.dial(req.Context())
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The gateway cannot be reached: %s.", err)
	}
	defer plain.Close() //nolint:errcheck // the transport has closed it where it was used
	decided, done := s.await(plain.LocalAddr())
	defer done()
	config := &tls.Config{
		ServerName: to.name, NextProtos: []string{"h2", "http/1.1"},
		InsecureSkipVerify: true, //nolint:gosec // ours looks at the certificate itself
		VerifyConnection:   s.ours(to.config),
	}
	if client != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return client, nil }
	}
	transport := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn := tls.Client(plain, config)
			return conn, conn.HandshakeContext(ctx)
		},
		ForceAttemptHTTP2: true, DisableCompression: true,
	}
	defer transport.CloseIdleConnections()
	start := time.Now()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The request failed: %s.", oneLine(err))
	}
	defer resp.Body.Close() //nolint:errcheck // what was read is shown
	a := newTryAnswer(resp)
	a.DurationMS = milliseconds(time.Since(start))
	select {
	case d := <-decided:
		a.RequestID, a.Decision = d.RequestID, d.view()
		a.Certificate = a.Decision.Certificate
	case <-time.After(decisionTime):
	}
	return a, nil
}

// await is the decision on a request that comes from the address.
func (s *Server) await(local net.Addr) (<-chan *Decision, func()) {
	a, err := netip.ParseAddrPort(local.String())
	if s.Recorder == nil || err != nil {
		return nil, func() {}
	}
	return s.Recorder.await(netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
}

func newTryAnswer(resp *http.Response) *tryAnswer {
	_, reason, _ := strings.Cut(resp.Status, " ")
	a := &tryAnswer{Status: resp.StatusCode, Reason: reason, Proto: resp.Proto, Headers: [][2]string{}}
	for name, values := range resp.Header {
		for _, v := range values {
			a.Headers = append(a.Headers, [2]string{name, v})
		}
	}
	slices.SortStableFunc(a.Headers, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	data, _ := io.ReadAll(io.LimitReader(resp.Body, maxTryBody+1)) // a body that breaks off is shown as far as it came
	if len(data) > maxTryBody {
		data, a.BodyTruncated = data[:maxTryBody], true
	}
	a.Body = strings.ToValidUTF8(string(data), "\uFFFD")
	return a
}
