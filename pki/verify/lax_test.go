package verify_test

import (
	"slices"
	"testing"

	"github.com/postern-gateway/postern/pki/revocation"
	"github.com/postern-gateway/postern/pki/verify"
)

// laxReasons are the reasons for refusing that Mode.Lax drops, so that the verdict must be .NET's.
var laxReasons = []string{
	"the list or answer is not valid yet, or its times do not fit", "nextUpdate is missing", "weak signature on the list or answer",
	"removeFromCRL in a complete list", "a critical extension is not understood", "a delta list says more, or stands alone", "the responder is not the issuer's own",
	"the responder and the list contradict each other, or the answer itself",
}

// TestLaxModeIsAsDotNet judges revocation as .NET does where it is laxer. Only a list with two entries for one certificate
// that contradict each other is refused all the same.
func TestLaxModeIsAsDotNet(t *testing.T) {
	list := vectors(t)
	checker := revocation.NewChecker(revocation.Options{Fetcher: serve(t, list, true, "127.0.0.0/8")})
	lax := 0
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			r := verify.Run(v.Case, verify.Options{Checker: checker, Mode: revocation.Mode{Lax: true}})
			if slices.Contains(laxReasons, v.MayRefuse) && v.ID != "crl-twice" {
				lax++
				if r.Verify != v.Want.Verify {
					t.Errorf("%s: Verify = %v, want %v; %v\n%s", v.About, r.Verify, v.Want.Verify, r.VerifyStatus, r.Explanation)
				}
				return
			}
			if r.Verify && !v.Want.Verify && v.MayAccept == "" {
				t.Errorf("%s: lax lets in what .NET refuses\n%s", v.About, r.Explanation)
			}
		})
	}
	if lax < 15 {
		t.Errorf("%d vectors are about laxness, want at least 15", lax)
	}
}
