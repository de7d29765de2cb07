package gateway

import (
	"slices"
	"testing"

	"github.com/postern-gateway/postern/internal/message"
)

func TestPortalCookieGoesNoFurther(t *testing.T) {
	header := func(pairs ...string) (h message.Header) {
		for i := 0; i+1 < len(pairs); i += 2 {
			h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	for _, c := range []struct {
		name     string
		in, want message.Header
	}{
		{"alone", header("A", "b", "Cookie", "__Host-postern=secret", "C", "d"), header("A", "b", "C", "d")},
		{"among others", header("cookie", "a=b; __Host-postern=secret;c=d"), header("cookie", "a=b; c=d")},
		{"twice", header("Cookie", "__Host-postern=x", "Cookie", "__Host-postern = y; z=1"), header("Cookie", "z=1")},
		{"not there", header("Cookie", "a=b;c=d"), header("Cookie", "a=b;c=d")},
		{"a name like it", header("Cookie", "__Host-postern2=a; x=__Host-postern"), header("Cookie", "__Host-postern2=a; x=__Host-postern")},
		{"elsewhere", header("X-Note", "__Host-postern=a"), header("X-Note", "__Host-postern=a")},
	} {
		if dropPortalCookie(&c.in); !slices.Equal(c.in, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.in, c.want)
		}
	}
}
