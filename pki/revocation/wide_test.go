package revocation_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

var wide = revocation.Mode{Wide: true}

// both checks a path as .NET does and in a wide mode, each by a checker of its own.
func both(t *testing.T, h *host, o revocation.Options, path []*chain.Info) (narrow, broad chain.Answer) {
	t.Helper()
	o.Fetcher = h.fetcher(t, "dead.test:80", "slow.test:80")
	if o.MaxWait == 0 {
		o.MaxWait = 2 * time.Second
	}
	return revocation.NewChecker(o).Check(path, time.Now())[0], revocation.NewChecker(o).With(wide).Check(path, time.Now())[0]
}

// points is a cRLDistributionPoints extension.
func points(t testing.TB, list ...rawPoint) pkix.Extension {
	return extension(t, idPoints, false, list)
}

// fullName is a distribution point with addresses.
func fullName(addresses ...string) rawPoint {
	p := rawPoint{}
	for _, a := range addresses {
		p.Name.Full = append(p.Name.Full, uriName(a))
	}
	return p
}

func TestOtherHostsAreTriedInWideModes(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	h.on("/hangs.crl", hang)
	for name, p := range map[string][]rawPoint{
		"another address of the point": {fullName("http://pki.test/dead.crl", "http://pki.test/a.crl")},
		"another point":                {fullName("http://pki.test/dead.crl"), fullName("http://pki.test/a.crl")},
		"after one that hangs":         {fullName("http://slow.test/hangs.crl", "http://pki.test/a.crl")},
	} {
		t.Run(name, func(t *testing.T) {
			for serial, status := range map[int64]chain.Status{1: chain.StatusGood, 7: chain.StatusRevoked} {
				leaf := a.issue(t, serial, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{points(t, p...)} })
				narrow, broad := both(t, h, revocation.Options{MaxWait: 800 * time.Millisecond}, pathOf(leaf, a.cert))
				want(t, ".NET", narrow, chain.StatusUnknown)
				want(t, "wide", broad, status)
			}
		})
	}
}

func TestListsForSomeReasonsAddUpInWideModes(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	reasons := func(bits ...byte) asn1.BitString { return asn1.BitString{Bytes: bits, BitLength: 9} }
	some := func(address string, r asn1.BitString) func(*x509.RevocationList) {
		scope := extension(t, idScope, true, rawScope{Name: pointName{Full: []asn1.RawValue{uriName(address)}}, Some: r})
		return func(l *x509.RevocationList) { l.ExtraExtensions = []pkix.Extension{scope} }
	}
	first, second := reasons(0x40, 0), reasons(0x3f, 0x80)
	h.serve("/one.crl", a.listOf(t, some("http://pki.test/one.crl", first), 7))
	h.serve("/two.crl", a.listOf(t, some("http://pki.test/two.crl", second), 8))
	leaf := func(serial int64, p ...rawPoint) []*chain.Info {
		return pathOf(a.issue(t, serial, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{points(t, p...)} }), a.cert)
	}
	one, two := fullName("http://pki.test/one.crl"), fullName("http://pki.test/two.crl")
	for name, tt := range map[string]struct {
		path []*chain.Info
		want chain.Status
	}{
		"both lists, on none":       {leaf(1, one, two), chain.StatusGood},
		"both lists, on the first":  {leaf(7, one, two), chain.StatusRevoked},
		"both lists, on the second": {leaf(8, one, two), chain.StatusRevoked},
		"half of the reasons":       {leaf(1, one), chain.StatusUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			narrow, broad := both(t, h, revocation.Options{}, tt.path)
			want(t, ".NET", narrow, chain.StatusUnknown)
			want(t, "wide", broad, tt.want)
		})
	}
}

// TestIndirectLists has a list of another issuer than the certificate's, which names the issuers of its entries.
func TestIndirectLists(t *testing.T) {
	root := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/root.crl", root.list(t))
	at := func(address string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.CRLDistributionPoints = []string{address} }
	}
	ca := root.under(t, "CA", at("http://pki.test/root.crl"))
	lister := root.under(t, "Lister", func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.SubjectKeyId = false, x509.KeyUsageCRLSign, []byte("lister")
		c.CRLDistributionPoints = []string{"http://pki.test/root.crl"}
	})
	stranger := newAuthority(t, "Lister")
	indirect := func(address string, entries ...x509.RevocationListEntry) func(*x509.RevocationList) {
		scope := extension(t, idScope, true, rawScope{Name: pointName{Full: []asn1.RawValue{uriName(address)}}, Indirect: true})
		return func(l *x509.RevocationList) {
			l.ExtraExtensions, l.RevokedCertificateEntries = []pkix.Extension{scope}, entries
		}
	}
	entry := func(serial int64, of *authority) x509.RevocationListEntry {
		e := x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: time.Now().Add(-time.Minute)}
		if of != nil {
			e.ExtraExtensions = []pkix.Extension{extension(t, idCertIssuer, true, []asn1.RawValue{directoryName(of)})}
		}
		return e
	}
	h.serve("/by-root.crl", root.listOf(t, indirect("http://pki.test/by-root.crl", entry(5, nil), entry(7, ca), entry(8, nil))))
	h.serve("/by-lister.crl", lister.listOf(t, indirect("http://pki.test/by-lister.crl", entry(7, ca))))
	h.serve("/by-stranger.crl", stranger.listOf(t, indirect("http://pki.test/by-stranger.crl")))

	leaf := func(serial int64, address string, of *authority) []*chain.Info {
		p := fullName(address)
		p.Issuer = []asn1.RawValue{directoryName(of)}
		x := ca.issue(t, serial, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{points(t, p)} })
		return []*chain.Info{chain.NewInfo(x), chain.NewInfo(ca.cert), chain.NewInfo(root.cert)}
	}
	signers := func(subject string) (list []*cert.Certificate) {
		for _, x := range []*cert.Certificate{stranger.cert, lister.cert, root.cert} {
			if chain.CanonicalName(x.RawSubject) == subject {
				list = append(list, x)
			}
		}
		return list
	}
	byRoot, byLister := "http://pki.test/by-root.crl", "http://pki.test/by-lister.crl"
	for name, tt := range map[string]struct {
		path    []*chain.Info
		signers func(string) []*cert.Certificate
		want    chain.Status
	}{
		"by the root, good":                     {leaf(1, byRoot, root), nil, chain.StatusGood},
		"by the root, revoked":                  {leaf(7, byRoot, root), nil, chain.StatusRevoked},
		"by the root, the issuer holds on":      {leaf(8, byRoot, root), nil, chain.StatusRevoked},
		"by the root, an entry of the root's":   {leaf(5, byRoot, root), nil, chain.StatusGood},
		"by a signer of the root's, good":       {leaf(1, byLister, lister), signers, chain.StatusGood},
		"by a signer of the root's, revoked":    {leaf(7, byLister, lister), signers, chain.StatusRevoked},
		"by a signer that nobody has":           {leaf(1, byLister, lister), nil, chain.StatusUnknown},
		"by a stranger of the signer's name":    {leaf(1, "http://pki.test/by-stranger.crl", lister), signers, chain.StatusUnknown},
		"by another than the certificate names": {leaf(1, byRoot, lister), signers, chain.StatusUnknown},
		"at another address than the list says": {leaf(1, "http://pki.test/root.crl", root), signers, chain.StatusUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			narrow, broad := both(t, h, revocation.Options{Signers: tt.signers}, tt.path)
			want(t, ".NET", narrow, chain.StatusUnknown)
			want(t, "wide", broad, tt.want)
		})
	}
}

// responder answers OCSP requests of a's certificates: those with the serial numbers revoked so, all others good.
func (a *authority) responder(t testing.TB, nonces func(nonce []byte) []byte, revoked ...int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		q, err := ocsp.ParseRequest(body)
		if err != nil {
			t.Errorf("request: %v", err)
			return
		}
		now := time.Now()
		template := ocsp.Response{Status: ocsp.Good, SerialNumber: q.SerialNumber, ThisUpdate: now.Add(-time.Minute), NextUpdate: now.Add(time.Hour), IssuerHash: crypto.SHA1}
		if slices.Contains(revoked, q.SerialNumber.Int64()) {
			template.Status, template.RevokedAt = ocsp.Revoked, now.Add(-time.Hour)
		}
		if nonces != nil {
			if n := nonces(nonceOf(body)); n != nil {
				value, err := asn1.Marshal(n)
				if err != nil {
					t.Error(err)
				}
				template.ExtraExtensions = []pkix.Extension{{Id: idNonce, Value: value}}
			}
		}
		raw, err := ocsp.CreateResponse(a.std, a.std, template, a.key)
		if err != nil {
			t.Error(err)
			return
		}
		w.Write(raw) //nolint:errcheck // the client says so
	}
}

var idNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}

// nonceOf finds the nonce of a request, nil if there is none.
func nonceOf(request []byte) []byte {
	id := []byte{6, 9, 0x2b, 6, 1, 5, 5, 7, 48, 1, 2}
	at := bytes.Index(request, id)
	if at < 0 {
		return nil
	}
	var value, nonce []byte
	if _, err := asn1.Unmarshal(request[at+len(id):], &value); err != nil {
		return nil
	}
	if _, err := asn1.Unmarshal(value, &nonce); err != nil {
		return nil
	}
	return nonce
}

func TestWideModesAskResponderBeforeList(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.on("/ocsp", a.responder(t, nil, 7))
	h.on("/none", nil)
	lists := 0
	h.on("/a.crl", func(w http.ResponseWriter, _ *http.Request) { lists++; w.Write(a.list(t, 8)) }) //nolint:errcheck // the client says so
	client := func(serial int64, responders ...string) []*chain.Info {
		return pathOf(a.client(t, serial, "http://pki.test/a.crl", responders...), a.cert)
	}
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t)}).With(wide)
	want(t, "good", c.Check(client(1, "http://pki.test/ocsp"), time.Now())[0], chain.StatusGood)
	want(t, "revoked", c.Check(client(7, "http://pki.test/ocsp"), time.Now())[0], chain.StatusRevoked)
	want(t, "good by the second responder", c.Check(client(2, "http://pki.test/none", "http://pki.test/ocsp"), time.Now())[0], chain.StatusGood)
	if lists != 0 {
		t.Error("a list was downloaded though the responder answers")
	}
	want(t, "good by the list", c.Check(client(3, "http://pki.test/none"), time.Now())[0], chain.StatusGood)
	want(t, "a list that is there revokes, whatever the responder says", c.Check(client(8, "http://pki.test/ocsp"), time.Now())[0], chain.StatusRevoked)
}

func TestAHangingResponderLeavesTimeForAList(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t))
	h.on("/ocsp", hang)
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), MaxWait: 1500 * time.Millisecond}).With(wide)
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl", "http://pki.test/ocsp"), a.cert)
	want(t, "at first", c.Check(path, time.Now())[0], chain.StatusGood)
	begun := time.Now()
	for range 50 {
		want(t, "afterwards", c.Check(path, time.Now())[0], chain.StatusGood)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("fifty checks took %v: each waited", took)
	}
}

func TestNonce(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	path := pathOf(a.issue(t, 1, func(c *x509.Certificate) { c.OCSPServer = []string{"http://pki.test/ocsp"} }), a.cert)
	for name, tt := range map[string]struct {
		nonces func([]byte) []byte
		want   chain.Status
	}{
		"the nonce that was sent": {func(n []byte) []byte { return n }, chain.StatusGood},
		"none":                    {nil, chain.StatusGood},
		"another":                 {func([]byte) []byte { return []byte("another") }, chain.StatusUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			sent := 0
			nonces := func(n []byte) []byte {
				sent = len(n)
				if tt.nonces == nil {
					return nil
				}
				return tt.nonces(n)
			}
			h.on("/ocsp", a.responder(t, nonces))
			c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Nonce: true})
			want(t, name, c.Check(path, time.Now())[0], tt.want)
			if sent != 32 {
				t.Errorf("%d octets of nonce were sent, want 32", sent)
			}
		})
	}
}
