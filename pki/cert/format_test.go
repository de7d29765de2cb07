package cert

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// TestFormatAsOpenSSL reads testdata/format.jsonl: values of extensions, sound and odd, and what
// OpenSSL 3.0.19's X509V3_EXT_print makes of them, or their hex where it fails, which is what
// .NET on Linux shows.
func TestFormatAsOpenSSL(t *testing.T) {
	f, err := os.Open("testdata/format.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	count := 0
	for ; lines.Scan(); count++ {
		var v struct{ OID, DER, Want string }
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		value, err := hex.DecodeString(v.DER)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Extension{oid: v.OID, Value: value}).Format(true); got != v.Want {
			t.Errorf("Format of %s %s =\n %q, want\n %q", v.OID, v.DER, got, v.Want)
		}
	}
	if lines.Err() != nil || count == 0 {
		t.Fatalf("%d cases, %v", count, lines.Err())
	}
}
