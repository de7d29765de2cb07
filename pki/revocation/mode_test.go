package revocation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/revocation"
)

func TestParseMode(t *testing.T) {
	good := map[string]revocation.Mode{
		"FailClosed":                 {},
		" failclosed ":               {},
		"FailOpen":                   {Failure: revocation.FailOpen},
		"FailOpenUntil=PT24H":        {Failure: revocation.FailOpenUntil, Grace: 24 * time.Hour},
		"FailOpenUntil=P1DT12H30M":   {Failure: revocation.FailOpenUntil, Grace: 36*time.Hour + 30*time.Minute},
		"failopenuntil=p2w":          {Failure: revocation.FailOpenUntil, Grace: 14 * 24 * time.Hour},
		"FailOpenUntil=PT90S":        {Failure: revocation.FailOpenUntil, Grace: 90 * time.Second},
		"FailOpenUntil=P366DT0H0M0S": {Failure: revocation.FailOpenUntil, Grace: 366 * 24 * time.Hour},
	}
	for text, want := range good {
		got, err := revocation.ParseMode(text)
		if err != nil || got != want {
			t.Errorf("ParseMode(%q) = %+v, %v; want %+v", text, got, err, want)
		}
		if again, err := revocation.ParseMode(got.String()); err != nil || again != got {
			t.Errorf("%q is printed as %q, which is read as %+v, %v", text, got.String(), again, err)
		}
	}
	for _, bad := range []string{
		"", "Open", "FailOpen=PT1H", "FailClosed=", "FailOpenUntil", "FailOpenUntil=", "FailOpenUntil=24h", "FailOpenUntil=P", "FailOpenUntil=PT",
		"FailOpenUntil=PT0S", "FailOpenUntil=P1Y", "FailOpenUntil=P1M", "FailOpenUntil=PT1M1H", "FailOpenUntil=P1H", "FailOpenUntil=PT1D",
		"FailOpenUntil=-PT1H", "FailOpenUntil=PT1.5H", "FailOpenUntil=P367D", "FailOpenUntil=P999999999W", "FailOpenUntil=PT99999999999999999999S",
		"FailOpenUntil=PT1HT1M",
	} {
		if got, err := revocation.ParseMode(bad); fault.KindOf(err) != fault.Invalid || got != (revocation.Mode{}) {
			t.Errorf("ParseMode(%s) = %+v, %v; want fault.Invalid and the closed mode", strings.TrimSpace(bad), got, err)
		}
	}
}
