package cert

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// vector is a line of names.jsonl.
type vector struct {
	ID   string         `json:"id"`
	PEM  string         `json:"pem"`
	Want map[string]any `json:"want"`
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

// TestNamesAsDotNet compares every recorded property of every certificate, and the order of the fields.
func TestNamesAsDotNet(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			c, err := ParsePEM([]byte(v.PEM))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(NewView(c, false))
			if err != nil {
				t.Fatal(err)
			}
			var fields map[string]any
			if err := json.Unmarshal(got, &fields); err != nil {
				t.Fatal(err)
			}
			for name, want := range v.Want {
				if !reflect.DeepEqual(fields[name], want) {
					t.Errorf("%s =\n %#v, want\n %#v", name, fields[name], want)
				}
			}
			if len(fields) != len(v.Want) {
				t.Errorf("%d fields, want %d", len(fields), len(v.Want))
			}
		})
	}
}

// TestViewKeepsTheOrderOfTheFields reads the names of the top-level fields in the order of both texts.
func TestViewKeepsTheOrderOfTheFields(t *testing.T) {
	data, err := os.ReadFile("../../testdata/conformance/names.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	var v struct {
		PEM  string          `json:"pem"`
		Want json.RawMessage `json:"want"`
	}
	if err := json.Unmarshal(line, &v); err != nil {
		t.Fatal(err)
	}
	c, err := ParsePEM([]byte(v.PEM))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(NewView(c, false))
	if err != nil {
		t.Fatal(err)
	}
	if g, w := fieldNames(t, got), fieldNames(t, v.Want); !reflect.DeepEqual(g, w) {
		t.Errorf("fields\n %v, want\n %v", g, w)
	}
}

func fieldNames(t *testing.T, object []byte) []string {
	t.Helper()
	var names []string
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return names
}
