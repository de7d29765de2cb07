package csharp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
)

// scenarios are the contexts read so far, by name.
var scenarios sync.Map

// contextOf is the environment that a case is compiled in, and a thread to run it on.
func contextOf(v vector) (csharp.Env, *types.Thread, error) {
	name := v.Ctx
	if name == "" {
		name = "default"
	}
	s, ok := scenarios.Load(name)
	if !ok {
		loaded, err := loadContext(name)
		if err != nil {
			return csharp.Env{}, nil, fmt.Errorf("context %s: %w", name, err)
		}
		s, _ = scenarios.LoadOrStore(name, loaded)
	}
	thread, err := s.(*exprctx.Scenario).Thread(v.Variables)
	if err == nil {
		thread.Now = func() time.Time { return recorded }
	}
	return exprctx.Env(), thread, err
}

// recorded is when the expressions were: some of them tell the day.
var recorded = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func loadContext(name string) (*exprctx.Scenario, error) {
	dir := filepath.Join("..", "testdata", "conformance")
	context, err := os.ReadFile(filepath.Join(dir, "contexts", name+".json"))
	if err != nil {
		return nil, err
	}
	certificates, err := os.ReadFile(filepath.Join(dir, "certificates.json"))
	if err != nil {
		return nil, err
	}
	return exprctx.LoadScenario(context, certificates)
}
