package cert

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// vector is a line of names.jsonl.
type vector struct {
	ID   string          `json:"id"`
	PEM  string          `json:"pem"`
	Want json.RawMessage `json:"want"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open("../../testdata/conformance/names.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []vector
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v vector
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if s.Err() != nil || len(list) == 0 {
		t.Fatalf("names.jsonl: %d vectors, %v", len(list), s.Err())
	}
	return list
}

func TestEveryVectorParses(t *testing.T) {
	for _, v := range vectors(t) {
		if _, err := ParsePEM([]byte(v.PEM)); err != nil {
			t.Errorf("%s: %v", v.ID, err)
		}
	}
}
