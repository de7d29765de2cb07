package gateway

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
)

func TestTicketKeys(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, TicketSecretBytes)
	now := time.Date(2026, 3, 1, 11, 58, 0, 0, time.UTC)
	keys := func(secret []byte, host byte) *ticketKeys {
		k, err := newTicketKeys(secret, [32]byte{host})
		if err != nil {
			t.Fatal(err)
		}
		k.now = func() time.Time { return now }
		return k
	}
	one, two, other, stranger := keys(secret, 1), keys(secret, 1), keys(secret, 2), keys(bytes.Repeat([]byte{8}, TicketSecretBytes), 1)
	ticket, err := one.seal([]byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	opens := func(k *ticketKeys, ticket []byte) bool {
		state, ok := k.open(ticket)
		return ok && string(state) == "state"
	}
	if !opens(one, ticket) || !opens(two, ticket) {
		t.Error("a node of the same secret and configuration does not open the ticket")
	}
	if opens(other, ticket) || opens(stranger, ticket) {
		t.Error("another configuration or secret opens the ticket")
	}
	for n := range ticket {
		forged := bytes.Clone(ticket)
		forged[n] ^= 1
		if _, ok := one.open(forged); ok {
			t.Errorf("a ticket changed at %d is opened", n)
		}
		if _, ok := one.open(ticket[:n]); ok {
			t.Errorf("a ticket cut at %d is opened", n)
		}
	}
	if again, _ := one.seal([]byte("state")); bytes.Equal(again, ticket) {
		t.Error("two tickets are the same")
	}
	for _, c := range []struct {
		name string
		at   time.Duration
		want bool
	}{
		{"later in the window", time.Minute, true},
		{"in the next window", 10 * time.Minute, true},
		{"at the end of the next window", 2*time.Minute + ticketWindow - time.Second, true},
		{"in the window after", 2*time.Minute + ticketWindow, false},
		{"on a node a little behind", -3 * time.Minute, true},
	} {
		start := now
		now = now.Add(c.at)
		if got := opens(two, ticket); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		now = start
	}
	now = now.Add(10 * time.Minute) // the next window
	ahead, _ := one.seal([]byte("state"))
	now = now.Add(-10 * time.Minute)
	if !opens(two, ahead) {
		t.Error("a ticket of a node that is a little ahead is not opened")
	}
	now = now.Add(-10 * time.Minute)
	if opens(two, ahead) {
		t.Error("a ticket of the far future is opened")
	}
	if _, err := newTicketKeys([]byte("short"), [32]byte{}); err == nil {
		t.Error("a short secret is taken")
	}
}

// TestTicketsInACluster: nodes that share a secret resume each other's sessions, others and other hostnames never.
func TestTicketsInACluster(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			first := newFixture(t, tell, nil)
			node := func(secret byte, change func(*apim.Service)) *fixture {
				f := newFixture(t, tell, nil)
				f.root, f.builtIn, f.service = first.root, first.builtIn, first.service
				copied := *first.service
				copied.Hostnames = slices.Clone(first.service.Hostnames)
				if change != nil {
					change(&copied)
				}
				snap, err := NewSnapshot(&copied, Options{
					Judge: f.judge, BuiltIn: f.builtIn.Identity(t), Logger: slog.New(f.log), TicketSecret: bytes.Repeat([]byte{secret}, TicketSecretBytes),
					Pipelines: func(*apim.API, *apim.Operation) (Pipeline, error) { return f.run, nil },
				})
				if err != nil {
					t.Fatal(err)
				}
				f.server.Swap(snap)
				return f
			}
			a, b, stranger := node(1, nil), node(1, nil), node(2, nil)
			changed := node(1, func(s *apim.Service) {
				s.Hostnames[2].NegotiateClientCertificate = false
			})
			client := first.root.NewClient(t, "client")
			cache := &oneSession{}
			call := func(f *fixture, host string) string {
				cfg := f.tls(host, client)
				cfg.MaxVersion, cfg.ClientSessionCache, cfg.InsecureSkipVerify = version, cache, true
				c := f.client(cfg, false)
				defer c.CloseIdleConnections()
				return f.get(c, "https://"+host+"/echo/").body
			}
			const host = "mtls.example.com"
			call(a, host)
			if got := call(b, host); !strings.Contains(got, "resumed=true") || !strings.Contains(got, client.Cert(t).Thumbprint()) {
				t.Errorf("at the other node: %s", got)
			}
			if got := call(a, host); !strings.Contains(got, "resumed=true") {
				t.Errorf("back at the first, with the other's ticket: %s", got)
			}
			if got := call(b, "a.wild.example.com"); !strings.Contains(got, "resumed=false") || strings.Contains(got, client.Cert(t).Thumbprint()) {
				t.Errorf("at another hostname: %s", got)
			}
			call(a, host)
			if got := call(stranger, host); !strings.Contains(got, "resumed=false") {
				t.Errorf("at a node of another secret: %s", got)
			}
			call(a, host)
			if got := call(changed, host); !strings.Contains(got, "resumed=false") {
				t.Errorf("at a node that has another configuration of the host: %s", got)
			}
		})
	}
}
