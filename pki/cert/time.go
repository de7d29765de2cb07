package cert

import (
	"fmt"
	"time"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// never is where the validity of a certificate with a malformed date begins.
var never = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// TimesValid reports whether both ends of the validity have the form that RFC 5280 section 4.1.2.5
// asks for. OpenSSL reads certificates where they have not, and verifies none of them.
func (c *Certificate) TimesValid() bool { return !c.badNotBefore && !c.badNotAfter }

// readTime reads a Time. One of the right type but another form than YYMMDDhhmmssZ or
// YYYYMMDDhhmmssZ is bad and no error, as with .NET.
func readTime(r *der.Reader, what string) (t time.Time, bad bool, err error) {
	e, err := r.Next()
	if err != nil {
		return t, true, fmt.Errorf("%s: %w", what, err)
	}
	if e.ID != der.UTCTime && e.ID != der.GeneralizedTime {
		return t, true, fmt.Errorf("%s: unexpected tag 0x%02x", what, e.ID)
	}
	t, ok := parseTime(string(e.Content))
	return t, !ok, nil
}

// parseTime reads a date by its length alone, as .NET does. Two digits are a year from 1950 to 2049.
func parseTime(text string) (time.Time, bool) {
	switch {
	case len(text) == 13 && text[0] >= '5':
		text = "19" + text
	case len(text) == 13:
		text = "20" + text
	case len(text) != 15:
		return time.Time{}, false
	}
	t, err := time.Parse("20060102150405Z", text)
	return t.UTC(), err == nil && t.Year() > 0
}
