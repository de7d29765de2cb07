package cert

import (
	"fmt"
	"time"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// readTime reads a Time (RFC 5280 section 4.1.2.5): UTCTime is of the years 1950 to 2049.
func readTime(r *der.Reader, what string) (time.Time, error) {
	e, err := r.Next()
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", what, err)
	}
	text := string(e.Content)
	switch e.ID {
	case der.UTCTime:
		if len(text) >= 2 && text[0] >= '5' {
			text = "19" + text
		} else {
			text = "20" + text
		}
	case der.GeneralizedTime:
	default:
		return time.Time{}, fmt.Errorf("%s: unexpected tag 0x%02x", what, e.ID)
	}
	t, err := parseTime(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", what, err)
	}
	return t, nil
}

// parseTime reads YYYYMMDDhhmm[ss][.f…](Z|±hhmm), the forms that OpenSSL reads.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{"20060102150405Z", "200601021504Z", "20060102150405-0700", "200601021504-0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("malformed time %q", text)
}
