package liquid_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/policy/liquid"
)

var conformance = filepath.Join("..", "..", "..", "testdata", "conformance")

// globals are a template's variables with the vectors' body.
func globals(t testing.TB) *liquid.Hash {
	data, err := os.ReadFile(filepath.Join(conformance, "contexts", "liquid-body.json"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := liquid.JSON(string(data), true)
	if err != nil {
		t.Fatal(err)
	}
	return liquid.NewHash().Set("body", body)
}

func render(source string, g *liquid.Hash, o liquid.Options) (string, error) {
	t, err := liquid.Compile(source)
	if err != nil {
		return "", err
	}
	return t.Render(g, o)
}

type vector struct {
	ID, Template string
	Want         struct {
		Value          *string
		Error, Message string
	}
}

func vectors(t testing.TB) (out []vector) {
	data, err := os.ReadFile(filepath.Join(conformance, "liquid.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(bytes.NewReader(data))
	for s.Scan() {
		var v vector
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// TestVectors holds rendering against what DotLiquid 2.3 gave, messages included.
func TestVectors(t *testing.T) {
	g := globals(t)
	messages := 0
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			got, err := render(v.Template, g, liquid.Options{})
			if v.Want.Value != nil {
				if err != nil || got != *v.Want.Value {
					t.Fatalf("%s\n got %q, %v\nwant %q", v.Template, got, err, *v.Want.Value)
				}
				return
			}
			e, ok := err.(*liquid.Error)
			if !ok || e.Line < 1 {
				t.Fatalf("%s\n got %q, %v\nwant %s: %s", v.Template, got, err, v.Want.Error, v.Want.Message)
			}
			if !strings.HasPrefix(e.Message, v.Want.Message) || e.Type != v.Want.Error {
				t.Errorf("%s\n got %s: %s\nwant %s: %s", v.Template, e.Type, e.Message, v.Want.Error, v.Want.Message)
				messages++
			}
		})
	}
}
