package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestKillDuringWrites kills -9 while 1,000 writers are at work: every write answered 2xx is there after the restart.
func TestKillDuringWrites(t *testing.T) {
	p := start(t)
	const writers = 1000
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	enough := make(chan struct{})
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			name := fmt.Sprintf("nv-%d", i)
			status, _, err := p.tryARM(ctx, "PUT", "/namedValues/"+name, properties(object{"displayName": name, "value": name, "secret": i%2 == 0}))
			if err != nil || status != 201 {
				return
			}
			mu.Lock()
			acknowledged[name] = true
			if len(acknowledged) == writers/4 {
				close(enough)
			}
			mu.Unlock()
		})
	}
	select {
	case <-enough:
	case <-time.After(2 * time.Minute):
		t.Fatal("the writes do not come on")
	}
	p.kill()
	cancel()
	wg.Wait()
	again := startIn(t, p.dir)
	_, text := again.arm("GET", "/namedValues", nil)
	var list struct{ Value []struct{ Name string } }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, v := range list.Value {
		there[v.Name] = true
	}
	for name := range acknowledged {
		if !there[name] {
			t.Errorf("%s was acknowledged and is lost", name)
		}
	}
	t.Logf("%d writes were acknowledged before the kill, %d are there", len(acknowledged), len(there))
	if again.admin.BearerToken != p.admin.BearerToken {
		t.Error("the credential changed")
	}
}

// TestChangesAreLiveAtOnce measures from the answer of the management API to the gateway's new behaviour.
func TestChangesAreLiveAtOnce(t *testing.T) {
	p := start(t)
	ca, other := testkit.NewRoot(t, "A"), testkit.NewRoot(t, "B")
	client := other.NewClient(t, "client")
	p.api("a", "a", "", "GET /")
	answer := func(text string) string {
		return `<policies><inbound><return-response><set-body>@(` + text + `)</set-body></return-response></inbound></policies>`
	}
	for name, step := range map[string]struct {
		change func()
		want   string
	}{
		"policy":   {func() { p.policy("a", answer(`"changed"`)) }, "changed"},
		"hostname": {func() { p.policy("a", answer(`"" + (context.Request.Certificate != null)`)); p.trust(true, nil, nil) }, "True"},
		"CA": {func() {
			p.policy("a", answer(`"" + context.Request.Certificate?.VerifyNoRevocation()`))
			p.trust(true, []*testkit.Cert{ca, other}, nil)
		}, "True"},
	} {
		t.Run(name, func(t *testing.T) {
			step.change()
			begin := time.Now()
			for {
				r := p.caller(callerOptions{certificate: client}).get(t, "/a")
				if r.body == step.want {
					break
				}
				if time.Since(begin) > time.Second {
					t.Fatalf("after a second the gateway still answers %d %q, want %q", r.status, r.body, step.want)
				}
			}
		})
	}
}

// TestRestartKeepsEverything stops politely and starts again.
func TestRestartKeepsEverything(t *testing.T) {
	p := start(t)
	p.api("a", "a", "", "GET /")
	p.policy("a", `<policies><inbound><return-response><set-body>kept</set-body></return-response></inbound></policies>`)
	if err := p.cmd.Process.Signal(interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end on SIGTERM")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d on SIGTERM", code)
	}
	again := startIn(t, p.dir)
	if r := again.caller(callerOptions{}).get(t, "/a"); r.body != "kept" {
		t.Errorf("after the restart: %d %q", r.status, r.body)
	}
}
