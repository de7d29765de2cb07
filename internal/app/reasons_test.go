package app

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/verify"
)

var updateReasons = flag.Bool("update", false, "write docs/reasons.md")

// requestReasons are the words for what ends a request, beside those of validate-client-certificate.
var requestReasons = [][2]string{
	{"HostUnknown", "no host name configuration has the Host of the request: 404"},
	{"HostMisdirected", "the Host's configuration is not the one that the handshake used: 421"},
	{"ForwardedCertificateInvalid", "a trusted proxy forwarded a client certificate that cannot be read: 400"},
	{"NoConfiguration", "the gateway has no configuration yet: 503"},
	{"OperationNotFound", "no API, or no operation of the API, matches: 404"},
	{"SubscriptionKeyNotFound", "the API needs a subscription key and none came: 401"},
	{"SubscriptionKeyInvalid", "a subscription key came that is none: 401"},
	{"ExpressionValueEvaluationFailure", "an expression of the policy failed: 500"},
	{"InternalServerError", "a defect of Postern, or a stored policy that does not compile any more: 500"},
	{"BackendConnectionFailure", "the backend could not be reached: 500"},
	{"BackendErrorStatusCode", "the backend answered with an error and the policy wants that to fail"},
	{"Timeout", "the backend did not answer in time: 500"},
	{"ClientConnectionFailure", "the client went away, or its body could not be read"},
	{"RequestBodyNotBuffered", "the body was sent to a backend already and not kept: 500"},
	{"LiquidTemplateFailure", "a Liquid template failed, or the body that it reads is neither JSON nor XML: 500"},
	{"RequestBodyTooLarge", "the body is too large to be kept: 413"},
	{"ManagedIdentityTokenUnavailable", "no token could be had for a managed identity: 500"},
	{"CertificateInvalid", "a client certificate for the backend, given as bytes, cannot be opened: 500"},
	{"CertificateNotFound", "the client certificate for the backend is not there: 500"},
	{"CertificateHasNoPrivateKey", "the client certificate for the backend has no private key: 500"},
	{"ConcurrencyLimitExceeded", "more requests are under way than limit-concurrency allows: 429"},
	{"RateLimitExceeded", "more requests came than rate-limit allows: 429"},
	{"QuotaExceeded", "more requests or bytes came than quota allows: 403"},
	{"TokenNotPresent", "validate-jwt: there is no token"},
	{"JwtInvalid", "validate-jwt: the token cannot be read or decrypted, or its times are missing or contradict each other"},
	{"TokenSignatureInvalid", "validate-jwt: the token's signature does not fit"},
	{"TokenSignatureKeyNotFound", "validate-jwt: no known key signs such tokens"},
	{"TokenExpired", "validate-jwt: the token is expired"},
	{"TokenAudienceNotAllowed", "validate-jwt: the token's audience is none of those allowed"},
	{"TokenIssuerNotAllowed", "validate-jwt: the token's issuer is none of those allowed"},
	{"TokenClaimNotFound", "validate-jwt: a required claim is missing"},
	{"TokenClaimValueNotAllowed", "validate-jwt: a claim has none of the values allowed"},
	{"OpenIDConfigUnavailable", "validate-jwt: the provider's keys could not be fetched"},
	{"CacheValueNotSupported", "cache-store-value: a value has a type that is not kept: 500"},
	{"CacheRemovalFailed", "cache-remove-value: there is no such cache, and the policy wants that to fail: 500"},
	{"InvalidLimit", "a limit or its period, made by an expression, is none: 500"},
	{"InvalidKey", "validate-jwt: a key of the policy cannot be used"},
}

func reasonsDocument() string {
	var b strings.Builder
	b.WriteString(`# Reasons

The words by which Postern says why. They are stable: new ones may come, those that are here keep their meaning. This page is
written by a test from the lists in the code (` + "`go test ./internal/app -run TestReasonsDocument -update`" + `).

## Why a request is refused

` + "`reason`" + ` in the access log, ` + "`context.LastError.Reason`" + ` in on-error. The policy's place is in ` + "`policy`" + ` (scope/section/path).

| Reason | Meaning |
|---|---|
`)
	for _, r := range requestReasons {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r[0], r[1])
	}
	b.WriteString("\nOf `validate-client-certificate`, all 401, with API Management's words where it has one:\n\n| Reason | Message |\n|---|---|\n")
	for _, r := range element.CertificateReasons() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r, r.Message())
	}
	b.WriteString(`
## Why a certificate is not good

` + "`reason`" + ` in the explanation of ` + "`postern cert verify --json`" + ` and of every path that was tried, ` + "`verdict_reason`" + ` in the access log, where
` + "`verdict`" + ` is the sentence with the certificate that fails and the detail, and ` + "`paths`" + ` every path tried with the lists and answers used. The flag is .NET's ` + "`X509ChainStatusFlags`" + `; where it is
empty, .NET throws instead, and the verdict is false.

| Reason | Flag | Meaning |
|---|---|---|
`)
	for _, r := range chain.Reasons() {
		meaning := r.Meaning
		if r.Strict {
			meaning += " (strict mode only)"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Reason, r.Flag, meaning)
	}
	b.WriteString(`
Each path of an explanation has its certificates and thumbprints, whether it ends in a trusted root, the first failing check
(` + "`reason`, `flag`, `at`, `detail`" + `), all failures, and what revocation said of each certificate: the status, why, and as
` + "`evidence`" + ` the list (with its number) or answer that was used, with ` + "`thisUpdate`, `nextUpdate`" + ` and address.

## What is reported on uploaded certificates

` + "`properties.report`" + ` of a certificate entity, ` + "`report`" + ` of an entry of the service's ` + "`certificates`" + `, and ` + "`properties.report`" + ` of the service
for its certificate entities: objects of ` + "`code`, `severity` (error, warning, info), `message`" + `, made anew for each answer. What a change brings
is remarked on in ` + "`Postern-Remark`" + ` fields too. Nothing is refused for it.

| Code | Meaning |
|---|---|
`)
	for _, c := range verify.FindingCodes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Code, c.Meaning)
	}
	b.WriteString("| `more` | there are more findings than the answer shows |\n")
	return b.String()
}

func TestReasonsDocument(t *testing.T) {
	want, file := reasonsDocument(), filepath.Join("..", "..", "docs", "reasons.md")
	if *updateReasons {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v); run this test with -update", file, err)
	}
}

// reasonInSource finds the reasons of failures that are written in the sources.
var reasonInSource = regexp.MustCompile(`(?:\bReason:\s*|\b[rR]eason[A-Z]\w*\s*=\s*|\b[rR]eason\s*=\s*)"([A-Z][A-Za-z]+)"`)

// TestEveryRequestReasonIsDocumented looks for reasons in the packages that refuse requests.
func TestEveryRequestReasonIsDocumented(t *testing.T) {
	document := reasonsDocument()
	found := 0
	for _, dir := range []string{"../gateway", "../policy", "../policy/element"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range reasonInSource.FindAllStringSubmatch(string(text), -1) {
				found++
				if !strings.Contains(document, "`"+m[1]+"`") {
					t.Errorf("%s: the reason %s is not in docs/reasons.md: add it to requestReasons in this file, then run TestReasonsDocument with -update", file, m[1])
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d reasons were found: the pattern has gone stale", found)
	}
}
