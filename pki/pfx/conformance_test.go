package pfx

import (
	"bufio"
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

type vector struct {
	ID       string         `json:"id"`
	Data     []byte         `json:"data"`
	Password *string        `json:"password"`
	Want     map[string]any `json:"want"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open("../../testdata/conformance/files.jsonl")
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
		t.Fatalf("files.jsonl: %d vectors, %v", len(list), s.Err())
	}
	return list
}

// TestFilesAsDotNet compares what is made of every recorded file, in every field. Where .NET
// refuses a file with a message of tolerated, loading it is better.
func TestFilesAsDotNet(t *testing.T) {
	tolerated := map[any]bool{
		"Cannot find the original signer.": true, // a PKCS#7 bundle
		messageKey:                         true, // an Ed25519 key
	}
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			text, err := json.Marshal(NewView(v.Data, v.Password))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			_, refused := v.Want["error"]
			if raw, base64 := fromBase64(v.Data); got["thumbprint"] != nil && refused && (tolerated[v.Want["message"]] || base64 && len(raw) > 0) {
				if !reflect.DeepEqual(got["contentType"], v.Want["contentType"]) {
					t.Errorf("contentType = %v, want %v", got["contentType"], v.Want["contentType"])
				}
				return
			}
			if !reflect.DeepEqual(got, v.Want) {
				t.Errorf("got\n %v, want\n %v", got, v.Want)
			}
		})
	}
}
