package element_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

// keeper is a gateway with a memory and nothing else.
type keeper struct {
	policy.Gateway
	shared *policy.Shared
}

func (k keeper) Shared() *policy.Shared { return k.shared }

// TestSharedValuesConcurrently has requests change what they find in the cache while others do, and be counted; run it with
// -race. None sees what another did, and as many pass as may.
func TestSharedValuesConcurrently(t *testing.T) {
	const text = `<policies><inbound>
		<rate-limit-by-key calls="100" renewal-period="300" counter-key="all" />
		<cache-lookup-value key="o" variable-name="o" default-value="@(new JObject(new JProperty("n", 0), new JProperty("list", new JArray(1, 2, 3))))" />
		<set-variable name="n" value="@{ var o = (JObject)context.Variables["o"]; var n = (int)o["n"]; o["n"] = 7; ((JArray)o["list"]).RemoveAt(0); return n + ((JArray)o["list"]).Count; }" />
		<cache-store-value key="o" value="@(new JObject(new JProperty("n", 0), new JProperty("list", new JArray(1, 2, 3))))" duration="60" />
		<return-response><set-body>@(context.Variables["n"].ToString())</set-body></return-response>
	</inbound></policies>`
	document, ds := pipelineCompiler().Compile("operation", text, policy.Operation, policy.CheckOptions{})
	if document == nil {
		t.Fatal(ds)
	}
	program := policy.Link(policy.Chain{Operation: document}, element.Forward())
	gate := keeper{shared: &policy.Shared{Cache: memory.NewCache(1 << 20), Limits: memory.NewLimits()}}
	defer gate.shared.Cache.Close()
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				r := program.Execute(policy.Invocation{Gateway: gate, Deployment: &policy.Deployment{}, Exchange: &message.Exchange{
					Context: context.Background(), Received: time.Now(), Conn: &message.Conn{},
					Request: &message.Request{Method: "GET", URL: message.URL{Scheme: "https", Host: "gw.test", Port: 443, Path: "/"}, Body: message.NoBody()},
				}})
				body, _ := r.Body.Bytes()
				answer := string(body)
				if r.Status == 429 {
					answer, _, _ = strings.Cut(answer, ". Try")
				}
				mu.Lock()
				answers[answer]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if answers["2"] != 100 || len(answers) != 2 {
		t.Errorf("the answers are %v; want 2 a hundred times, and refusals", answers)
	}
}
