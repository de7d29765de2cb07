package verify_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/verify"
)

func TestLines(t *testing.T) {
	v := vectors(t)[0]
	line, err := json.Marshal(v.Case)
	if err != nil {
		t.Fatal(err)
	}
	in := string(line) + "\n\n" + `{"id":"unreadable","leaf":"nothing"}` + "\n"
	var out bytes.Buffer
	if err := verify.Lines(strings.NewReader(in), &out, verify.Options{}); err != nil {
		t.Fatal(err)
	}
	reports := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(reports) != 2 {
		t.Fatalf("%d reports, want 2: %s", len(reports), out.String())
	}
	for n, want := range []string{`"id":"` + v.ID + `"`, `"id":"unreadable","verify":false,"verifyStatus":[],"verifyNoRevocation":false,"verifyNoRevocationStatus":[],"chainLength":null`} {
		if !strings.Contains(reports[n], want) {
			t.Errorf("report %d = %s, want it to contain %s", n, reports[n], want)
		}
	}
}

func TestLinesNamesABadLine(t *testing.T) {
	err := verify.Lines(strings.NewReader("{\"id\":\"a\"}\nnonsense\n"), &bytes.Buffer{}, verify.Options{})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("Lines = %v, want fault.Invalid that names line 2", err)
	}
}

func TestExplain(t *testing.T) {
	for _, v := range vectors(t) {
		if v.ID != "time-leaf-expired" {
			continue
		}
		leaf, err := cert.ParsePEM([]byte(v.Leaf))
		if err != nil {
			t.Fatal(err)
		}
		d := verify.Explain(verify.Input{Leaf: leaf}, verify.Options{NoRevocation: true})
		var text bytes.Buffer
		if err := d.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"REFUSED", "issuer-not-found", leaf.Thumbprint(), "NotTimeValid"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("text lacks %q:\n%s", want, text.String())
			}
		}
	}
}
