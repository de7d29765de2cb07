package message

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
)

func TestHeader(t *testing.T) {
	h := Header{{"Accept", "a"}, {"X-Id", "1"}, {"accept", "b"}}
	if got := h.Get("ACCEPT"); got != "a" {
		t.Errorf("Get(ACCEPT) = %q, want a", got)
	}
	if got := h.ValueList("Accept"); !slices.Equal(got, []string{"a", "b"}) || h.Count("Accept") != 2 {
		t.Errorf("ValueList(Accept) = %q", got)
	}
	if v, ok := h.Lookup("missing"); ok || v != "" || h.Has("X-I") {
		t.Errorf("Lookup(missing) = %q, %v", v, ok)
	}
	c := h.Clone()
	c.Set("ACCEPT", "c")
	if want := (Header{{"ACCEPT", "c"}, {"X-Id", "1"}}); !slices.Equal(c, want) {
		t.Errorf("after Set: %v, want %v", c, want)
	}
	c.SetAll("x-id", "1", "2")
	c.Add("Last", "z")
	if want := (Header{{"ACCEPT", "c"}, {"x-id", "1"}, {"x-id", "2"}, {"Last", "z"}}); !slices.Equal(c, want) {
		t.Errorf("after SetAll: %v, want %v", c, want)
	}
	if !c.Del("X-ID") || c.Del("X-ID") || len(c) != 2 {
		t.Errorf("after Del: %v", c)
	}
	if len(h) != 3 || h[0].Value != "a" {
		t.Errorf("the original changed with its clone: %v", h)
	}
	var names []string
	for n := range h.All() {
		names = append(names, n)
	}
	if !slices.Equal(names, []string{"Accept", "X-Id", "accept"}) {
		t.Errorf("All() names = %q", names)
	}
}

func TestHeaderNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Host", "hOST", true}, {"A@", "A`", false}, {"x-1", "X-1", true}, {"a", "ab", false}, {"A[", "A{", false}, {"-", "\r", false},
	} {
		if sameName(c.a, c.b) != c.same {
			t.Errorf("sameName(%q, %q) = %v", c.a, c.b, !c.same)
		}
	}
	for _, n := range []string{"", "a b", "a:", "ä", "a\x00", "(x)"} {
		if ValidName(n) {
			t.Errorf("ValidName(%q) = true", n)
		}
	}
	if !ValidName("X-Fine_1.~") {
		t.Error("ValidName(X-Fine_1.~) = false")
	}
	for v, want := range map[string]bool{"": true, "a\tb": true, "é": true, " a": false, "a ": false, "a\rb": false, "a\nb": false, "\x00": false, "a\x7f": false} {
		if ValidValue(v) != want {
			t.Errorf("ValidValue(%q) = %v", v, !want)
		}
	}
	for n, want := range map[string]bool{"te": true, "CONNECTION": true, "transfer-encoding": true, "Trailers": false, "Upgrade": true, "Accept": false} {
		if HopByHop(n) != want {
			t.Errorf("HopByHop(%q) = %v", n, !want)
		}
	}
}

func TestHeaderHasToken(t *testing.T) {
	h := Header{{"Connection", "keep-alive , Upgrade"}, {"connection", "X"}}
	for token, want := range map[string]bool{"upgrade": true, "x": true, "keep": false, "close": false} {
		if got := h.HasToken("Connection", token); got != want {
			t.Errorf("HasToken(%q) = %v, want %v", token, got, want)
		}
	}
}

func TestHeaderLookupsDoNotAllocate(t *testing.T) {
	h := Header{{"Accept", "a"}, {"X-Id", "1"}, {"Ocp-Apim-Subscription-Key", "b"}}
	if n := testing.AllocsPerRun(100, func() {
		_ = h.Get("ocp-apim-subscription-key")
		_ = h.Has("nothing")
		for range h.Values("x-id") {
			continue
		}
	}); n != 0 {
		t.Errorf("look-ups allocate %v times", n)
	}
}

type source struct {
	io.Reader
	closed bool
}

func (s *source) Close() error { s.closed = true; return nil }

func TestBodyStates(t *testing.T) {
	open := func(text string) *Body { return NewBody(&source{Reader: strings.NewReader(text)}, -1) }

	t.Run("buffered bodies are read as often as wanted", func(t *testing.T) {
		b := open("hello")
		if b.State() != Unread || b.Length() != -1 || b.Empty() || b.Replayable() {
			t.Fatalf("new body: %v, length %d", b.State(), b.Length())
		}
		for range 2 {
			data, err := b.Buffer(5)
			if err != nil || string(data) != "hello" || b.State() != Buffered || b.Length() != 5 {
				t.Fatalf("Buffer = %q, %v in state %v", data, err, b.State())
			}
			read, err := io.ReadAll(b)
			if err != nil || string(read) != "hello" {
				t.Fatalf("ReadAll = %q, %v", read, err)
			}
			if err := b.Rewind(); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("a taken body is empty", func(t *testing.T) {
		b := open("hello")
		if data, err := b.Take(0); err != nil || string(data) != "hello" {
			t.Fatalf("Take = %q, %v", data, err)
		}
		if !b.Empty() || b.State() != Consumed || !b.Replayable() {
			t.Errorf("after Take: %v, length %d", b.State(), b.Length())
		}
		if data, err := b.Take(0); err != nil || len(data) != 0 {
			t.Errorf("second Take = %q, %v", data, err)
		}
		if data, err := io.ReadAll(b); err != nil || len(data) != 0 {
			t.Errorf("reading after Take = %q, %v", data, err)
		}
		b.Replace([]byte("new"))
		if data, err := b.Buffer(0); err != nil || string(data) != "new" || b.Length() != 3 {
			t.Errorf("after Replace: %q, %v", data, err)
		}
	})
	t.Run("a streamed body is gone", func(t *testing.T) {
		b := open("hello")
		if data, err := io.ReadAll(b); err != nil || string(data) != "hello" || b.State() != Streaming {
			t.Fatalf("ReadAll = %q, %v in state %v", data, err, b.State())
		}
		if _, err := b.Buffer(0); !errors.Is(err, ErrBodyStreamed) {
			t.Errorf("Buffer: %v", err)
		}
		if _, err := b.Take(0); !errors.Is(err, ErrBodyStreamed) {
			t.Errorf("Take: %v", err)
		}
		if err := b.Rewind(); !errors.Is(err, ErrBodyStreamed) {
			t.Errorf("Rewind: %v", err)
		}
	})
	t.Run("limits", func(t *testing.T) {
		for _, b := range []*Body{open("hello"), NewBody(&source{Reader: strings.NewReader("hello")}, 5), NewStringBody("hello")} {
			if _, err := b.Buffer(4); fault.KindOf(err) != fault.TooLarge {
				t.Errorf("Buffer(4) of five bytes: %v", err)
			}
		}
	})
	t.Run("errors of the source are kept", func(t *testing.T) {
		broken := errors.New("broken")
		b := NewBody(io.NopCloser(io.MultiReader(strings.NewReader("he"), errReader{broken})), 5)
		if _, err := b.Buffer(0); !errors.Is(err, broken) || !errors.Is(b.Err(), broken) {
			t.Errorf("Buffer = %v, Err = %v", err, b.Err())
		}
		b = NewBody(io.NopCloser(errReader{broken}), 5)
		if _, err := io.ReadAll(b); !errors.Is(err, broken) || !errors.Is(b.Err(), broken) {
			t.Errorf("ReadAll = %v, Err = %v", err, b.Err())
		}
	})
	t.Run("closing closes the source once", func(t *testing.T) {
		s := &source{Reader: strings.NewReader("x")}
		b := NewBody(s, 1)
		if b.Close() != nil || b.Close() != nil || !s.closed {
			t.Error("not closed")
		}
		if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("Read after Close = %d, %v", n, err)
		}
	})
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"https://Example.com", "https://example.com/"},
		{"HTTP://h:80/a%2Fb?x=1&y=%20", "http://h/a%2Fb?x=1&y=%20"},
		{"http://h:8080?q", "http://h:8080/?q"},
		{"https://[::1]:8443/x", "https://[::1]:8443/x"},
		{"http://[FE80::1]/", "http://[fe80::1]/"},
		{"https://h./x", "https://h/x"},
	} {
		u, err := ParseURL(c.in)
		if err != nil || u.String() != c.want {
			t.Errorf("ParseURL(%q) = %q, %v, want %q", c.in, u.String(), err, c.want)
		}
	}
	for _, in := range []string{"", "h", "ftp://h", "http://", "http://a b/", "http://u@h/", "http://h:0/", "http://h:65536/", "http://h:+80/",
		"http://h/#f", "http://[::1", "http://[1.2.3.4]/", "http://h\x00/", "http:///x", "http://h:8 0/", "http://[::1]x/"} {
		if u, err := ParseURL(in); err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseURL(%q) = %v, %v, want an error", in, u, err)
		}
	}
}

func TestURLJoin(t *testing.T) {
	for _, c := range []struct{ base, suffix, query, want string }{
		{"http://h", "/a", "", "http://h/a"},
		{"http://h/api", "/a", "x=1", "http://h/api/a?x=1"},
		{"http://h/api/", "/a", "", "http://h/api/a"},
		{"http://h/api", "a", "", "http://h/api/a"},
		{"http://h/api", "", "", "http://h/api"},
		{"http://h/api", "/", "", "http://h/api/"},
		{"http://h/?k=1", "/a%2Fb", "x=1", "http://h/a%2Fb?k=1&x=1"},
	} {
		u, err := ParseURL(c.base)
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Join(c.suffix, c.query); got.String() != c.want {
			t.Errorf("%s joined with %q, %q = %s, want %s", c.base, c.suffix, c.query, got.String(), c.want)
		}
	}
}

func TestErrorResponses(t *testing.T) {
	for _, c := range []struct {
		r    *Response
		want string
	}{
		{ErrorResponse(404, "Resource not found"), `{ "statusCode": 404, "message": "Resource not found" }`},
		{ErrorResponse(429, "Rate limit is exceeded. Try again in 57 seconds."), `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds." }`},
		{ErrorResponse(400, "a \"q\" <é>\n"), `{ "statusCode": 400, "message": "a \"q\" <é>\n" }`},
		{InternalErrorResponse(ID{1}), `{ "statusCode": 500, "message": "Internal server error", "activityId": "01000000-0000-0000-0000-000000000000" }`},
	} {
		body, _ := c.r.Body.Bytes()
		if string(body) != c.want || c.r.Header.Get("content-type") != "application/json" {
			t.Errorf("body %s, want %s", body, c.want)
		}
	}
	if n := ErrorResponse(429, "Rate limit is exceeded. Try again in 57 seconds.").Body.Length(); n != 84 {
		t.Errorf("the 429 has %d bytes, observed were 84", n)
	}
}

func TestIDsAreGUIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s := NewID().String()
		if len(s) != 36 || s[14] != '4' || !strings.Contains("89ab", s[19:20]) || seen[s] {
			t.Fatalf("NewID() = %s", s)
		}
		seen[s] = true
	}
}
