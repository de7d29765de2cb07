package gateway

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// TestSwapUnderLoad swaps snapshots while clients call: no request is lost, and none that begins after a swap sees
// what was before it.
func TestSwapUnderLoad(t *testing.T) {
	var live atomic.Int64
	f := newFixture(t, nil, nil)
	use := func(n int64) {
		copied := *f.service
		copied.APIs = []apim.API{{ID: fmt.Sprint(n), Path: "echo", Current: true, Operations: []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/"}}}}
		snap, err := NewSnapshot(&copied, Options{Judge: f.judge, BuiltIn: f.builtIn.Identity(t), Pipelines: func(api *apim.API, _ *apim.Operation) (Pipeline, error) {
			return pipelineFunc(func(in policy.Invocation) *message.Response {
				return &message.Response{Status: 200, Body: message.NewStringBody(in.Route.API.ID)}
			}), nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		f.server.Swap(snap)
		live.Store(n)
	}
	use(1)
	stop := make(chan struct{})
	var group sync.WaitGroup
	var calls atomic.Int64
	for i := range 6 {
		c := f.client(f.tls("", nil), i%2 == 0)
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				before := live.Load()
				got := f.get(c, "https://localhost/echo")
				var n int64
				if _, err := fmt.Sscan(got.body, &n); got.status != 200 || err != nil || n < before {
					t.Errorf("after snapshot %d: %d %s", before, got.status, got.body)
					return
				}
				calls.Add(1)
			}
		})
	}
	for n := int64(2); n < 40; n++ {
		use(n)
		time.Sleep(3 * time.Millisecond)
	}
	close(stop)
	group.Wait()
	if calls.Load() < 100 {
		t.Errorf("only %d calls were made", calls.Load())
	}
}

// TestDrainUnderLoad changes a hostname's configuration while clients call it; idempotent calls all succeed, whatever
// connection they were on.
func TestDrainUnderLoad(t *testing.T) {
	f := newFixture(t, tell, nil)
	stop := make(chan struct{})
	var group sync.WaitGroup
	for i := range 6 {
		c := f.client(f.tls("", nil), i%2 == 0)
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got := f.get(c, "https://mtls.example.com/echo/"); got.status != 200 || !strings.Contains(got.body, "api=echo") {
					t.Errorf("%d %s", got.status, got.body)
					return
				}
			}
		})
	}
	for range 10 {
		f.service.Hostnames[2].NegotiateClientCertificate = !f.service.Hostnames[2].NegotiateClientCertificate
		f.swap()
		time.Sleep(20 * time.Millisecond)
	}
	close(stop)
	group.Wait()
}
