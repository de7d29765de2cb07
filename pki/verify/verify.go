// Package verify gives the two verdicts on a certificate, with and without
// revocation, in the forms that the command line prints.
package verify

import (
	"fmt"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// Case is a certificate and what it is judged with, all in PEM: a line of conformance/chains.jsonl.
type Case struct {
	// ID is given back in the Report.
	ID string `json:"id"`
	// Leaf is the certificate.
	Leaf string `json:"leaf"`
	// Sent are the certificates that the client sent beside it; Roots and Intermediates the service's two stores.
	Sent          []string `json:"sent"`
	Roots         []string `json:"roots"`
	Intermediates []string `json:"intermediates"`
}

// Report are the two verdicts on a Case.
type Report struct {
	ID string `json:"id"`
	// Verify is what X509Certificate2.Verify() returns, VerifyStatus the flags of the chain in the order of their names.
	Verify       bool         `json:"verify"`
	VerifyStatus []chain.Flag `json:"verifyStatus"`
	// VerifyNoRevocation is the same without revocation.
	VerifyNoRevocation       bool         `json:"verifyNoRevocation"`
	VerifyNoRevocationStatus []chain.Flag `json:"verifyNoRevocationStatus"`
	// ChainLength is the number of certificates of the chain; nil where .NET throws.
	ChainLength *int `json:"chainLength"`
	// Explanation says how the verdict came about, in a few lines.
	Explanation string `json:"explanation"`
}

// Options say how to judge. The zero value judges now, and fetches nothing.
type Options struct {
	// Now is the instant that is judged; zero means time.Now().
	Now time.Time
	// Checker answers for revocation and fetches issuers; nil asks nobody, so that Verify is
	// false for every certificate that is not a root itself.
	Checker *revocation.Checker
	// Mode is how the Checker judges; the zero value is .NET's way.
	Mode revocation.Mode
	// NoRevocation leaves revocation out: Verify is then VerifyNoRevocation.
	NoRevocation bool
	// Strict also refuses what .NET lets pass (chain.Options.Strict).
	Strict bool
	// SystemRoots are trusted beside the roots of a Case.
	SystemRoots []*cert.Certificate
}

// Run judges a Case. A certificate that cannot be read is refused, and the explanation says why.
func Run(c Case, opts Options) Report {
	in, err := parse(c)
	if err != nil {
		return Report{ID: c.ID, VerifyStatus: []chain.Flag{}, VerifyNoRevocationStatus: []chain.Flag{}, Explanation: err.Error()}
	}
	bare, full := Judge(in, opts)
	r := Report{
		ID: c.ID, Verify: full.Verdict, VerifyStatus: flags(full), VerifyNoRevocation: bare.Verdict,
		VerifyNoRevocationStatus: flags(bare), Explanation: full.Explanation.String(),
	}
	if !full.Threw {
		n := len(full.Chain)
		r.ChainLength = &n
	}
	return r
}

func flags(r *chain.Result) []chain.Flag {
	if r.Status == nil {
		return []chain.Flag{}
	}
	return r.Status
}

// Input is a Case that was read.
type Input struct {
	Leaf                       *cert.Certificate
	Sent, Roots, Intermediates []*cert.Certificate
}

// Judge gives the results without and with revocation.
func Judge(in Input, opts Options) (bare, full *chain.Result) {
	roots := append(append([]*cert.Certificate(nil), in.Roots...), opts.SystemRoots...)
	o := chain.Options{
		Sent: in.Sent, Roots: chain.NewPool(roots), Intermediates: chain.NewPool(in.Intermediates),
		Now: opts.Now, Strict: opts.Strict,
	}
	if opts.Checker != nil {
		o.Issuers = opts.Checker
	}
	bare = chain.Build(in.Leaf, o)
	if opts.NoRevocation {
		return bare, bare
	}
	o.Revocation = silence{}
	if opts.Checker != nil {
		o.Revocation = opts.Checker.With(opts.Mode)
	}
	return bare, chain.Build(in.Leaf, o)
}

// silence is a Revocation that knows nothing.
type silence struct{}

func (silence) Check(path []*chain.Info, _ time.Time) []chain.Answer {
	answers := make([]chain.Answer, len(path)-1)
	for n := range answers {
		answers[n].Detail = "revocation is not asked"
	}
	return answers
}

func parse(c Case) (in Input, err error) {
	if in.Leaf, err = cert.ParsePEM([]byte(c.Leaf)); err != nil {
		return in, fmt.Errorf("leaf: %w", err)
	}
	for _, list := range []struct {
		name string
		from []string
		into *[]*cert.Certificate
	}{{"sent", c.Sent, &in.Sent}, {"roots", c.Roots, &in.Roots}, {"intermediates", c.Intermediates, &in.Intermediates}} {
		for n, text := range list.from {
			parsed, err := cert.ParsePEM([]byte(text))
			if err != nil {
				return in, fault.Wrap(fault.Invalid, err, "%s[%d] cannot be read", list.name, n)
			}
			*list.into = append(*list.into, parsed)
		}
	}
	return in, nil
}
