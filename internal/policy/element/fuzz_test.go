package element_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/source"
)

// FuzzCheck: whatever the text, checking it ends, and every diagnostic has a place inside the text, a code and a message.
func FuzzCheck(f *testing.F) {
	for _, pattern := range []string{"seed/*.xml", "policies/*/*.xml"} {
		files, _ := filepath.Glob(filepath.Join(conformance, pattern))
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil {
				f.Add(string(text))
			}
		}
	}
	c := compiler()
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range c.Check("p", text, policy.CheckOptions{Offline: true}) {
			if d.Code == "" || d.Message == "" || d.Span.Start < 0 || d.Span.Start > len(text) {
				t.Errorf("%q: diagnostic %+v", text, d)
			}
		}
		if d, ds := c.Compile("p", text, policy.API, policy.CheckOptions{}); (d == nil) != source.Errors(ds) {
			t.Errorf("%q: Compile = %v, %v", text, d, ds)
		}
	})
}
