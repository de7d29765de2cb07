package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// vectors reads the lines of a file of testdata/conformance.
func vectors(t *testing.T, name string) []map[string]any {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []map[string]any
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		var v map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// lines writes objects as lines, with the named members only.
func lines(t *testing.T, objects []map[string]any, members ...string) string {
	t.Helper()
	var b strings.Builder
	for _, o := range objects {
		kept := map[string]any{}
		for _, m := range members {
			if v, ok := o[m]; ok {
				kept[m] = v
			}
		}
		data, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(data, '\n'))
	}
	return b.String()
}

// command runs postern in this process.
func command(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func results(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(text) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, v)
	}
	return all
}

func TestShowLinesAnswersInOrderWithEveryField(t *testing.T) {
	cases := vectors(t, "names.jsonl")
	out, err := command(t, lines(t, cases, "id", "pem"), "cert", "show", "--jsonl")
	if err != nil {
		t.Fatal(err)
	}
	got := results(t, out)
	if len(got) != len(cases) {
		t.Fatalf("%d answers to %d lines", len(got), len(cases))
	}
	for i, c := range cases {
		if got[i]["id"] != c["id"] {
			t.Fatalf("answer %d is to %v, want %v", i, got[i]["id"], c["id"])
		}
		for field, want := range c["want"].(map[string]any) {
			if !reflect.DeepEqual(got[i][field], want) {
				t.Errorf("%v: %s = %v, want %v", c["id"], field, got[i][field], want)
			}
		}
	}
}

func TestShowLinesOfFiles(t *testing.T) {
	cases := vectors(t, "files.jsonl")
	out, err := command(t, lines(t, cases, "id", "data", "password"), "cert", "show", "--jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range results(t, out) {
		want := cases[i]["want"].(map[string]any)
		if got["id"] != cases[i]["id"] {
			t.Fatalf("answer %d is to %v", i, got["id"])
		}
		if want["error"] == nil && !reflect.DeepEqual(got["thumbprint"], want["thumbprint"]) {
			t.Errorf("%v: thumbprint %v, want %v", got["id"], got["thumbprint"], want["thumbprint"])
		}
	}
}

func TestVerifyLines(t *testing.T) {
	cases := vectors(t, "chains.jsonl")
	served := map[string][2]string{}
	for _, c := range cases {
		pages, _ := c["http"].(map[string]any)
		for path, page := range pages {
			p := page.(map[string]any)
			kind, _ := p["contentType"].(string)
			served[path] = [2]string{kind, p["body"].(string)}
		}
	}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := served[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", page[0])
		body, _ := base64.StdEncoding.DecodeString(page[1])
		_, _ = w.Write(body)
	}))
	defer host.Close()
	out, err := command(t, lines(t, cases, "id", "leaf", "sent", "roots", "intermediates"), "cert", "verify", "--jsonl",
		"--resolve", "pki.test:80="+strings.TrimPrefix(host.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	got := results(t, out)
	if len(got) != len(cases) {
		t.Fatalf("%d answers to %d lines", len(got), len(cases))
	}
	agree := 0
	for i, c := range cases {
		want := c["want"].(map[string]any)
		if got[i]["id"] != c["id"] || got[i]["explanation"] == nil {
			t.Errorf("answer %d: %v", i, got[i])
		}
		if want["verify"] == false && got[i]["verify"] == true && c["mayAccept"] == nil {
			t.Errorf("%v is let in, and .NET refuses it", c["id"])
		}
		if got[i]["verify"] == want["verify"] && got[i]["verifyNoRevocation"] == want["verifyNoRevocation"] {
			agree++
		}
	}
	t.Logf("%d of %d verdicts are .NET's; those that may differ are judged in pki/verify", agree, len(cases))
	if agree < len(cases)*9/10 {
		t.Errorf("only %d of %d verdicts are .NET's", agree, len(cases))
	}
}

func TestUsageErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.pem")
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"cert", "show"}, exitUsage},
		{[]string{"cert", "show", missing}, exitUsage},
		{[]string{"cert", "verify", missing}, exitUsage},
		{[]string{"cert", "verify", "--at", "yesterday", missing}, exitUsage},
		{[]string{"cert", "verify", "--fetch-allow", "x", missing}, exitUsage},
		{[]string{"policy", "check", "--format", "yaml", missing}, exitUsage},
		{[]string{"policy", "check", "--scope", "galaxy", missing}, exitUsage},
		{[]string{"nonsense"}, exitUsage},
		{[]string{"serve", "--gateway-listen", "8443"}, exitUsage},
		{[]string{"version", "--json"}, exitYes},
	} {
		if got := run(t.Context(), c.args); got != c.want {
			t.Errorf("postern %s: exit %d, want %d", strings.Join(c.args, " "), got, c.want)
		}
	}
}
