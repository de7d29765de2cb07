package verify

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
)

// Detail is the whole of a verdict on one certificate, as `postern cert verify --json` prints it.
type Detail struct {
	// Verify and VerifyStatus are the verdict that was asked for and its flags.
	Verify       bool         `json:"verify"`
	VerifyStatus []chain.Flag `json:"verifyStatus"`
	// VerifyNoRevocation and its status are the verdict without revocation.
	VerifyNoRevocation       bool         `json:"verifyNoRevocation"`
	VerifyNoRevocationStatus []chain.Flag `json:"verifyNoRevocationStatus"`
	// Chain is the path, the leaf first.
	Chain []Element `json:"chain"`
	// Explanation says how the verdict came about.
	Explanation chain.Explanation `json:"explanation"`
}

// Element is one certificate of the path.
type Element struct {
	Subject    string       `json:"subject"`
	Thumbprint string       `json:"thumbprint"`
	NotBefore  time.Time    `json:"notBefore"`
	NotAfter   time.Time    `json:"notAfter"`
	Status     []chain.Flag `json:"status"`
}

// Explain judges one certificate and gives everything that is known about the verdict.
func Explain(in Input, opts Options) Detail {
	bare, full := Judge(in, opts)
	d := Detail{
		Verify: full.Verdict, VerifyStatus: flags(full), VerifyNoRevocation: bare.Verdict,
		VerifyNoRevocationStatus: flags(bare), Chain: []Element{}, Explanation: full.Explanation,
	}
	for n, c := range full.Chain {
		status := full.ElementStatus[n]
		if status == nil {
			status = []chain.Flag{}
		}
		d.Chain = append(d.Chain, Element{
			Subject: chain.NewInfo(c).Name(), Thumbprint: c.Thumbprint(), NotBefore: c.NotBefore, NotAfter: c.NotAfter, Status: status,
		})
	}
	return d
}

// WriteText prints a Detail for people.
func (d Detail) WriteText(w io.Writer) error {
	word := map[bool]string{true: "good", false: "REFUSED"}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", word[d.Verify], d.Explanation.Summary)
	if len(d.VerifyStatus) > 0 {
		fmt.Fprintf(&b, "status: %s\n", joinFlags(d.VerifyStatus))
	}
	if d.Verify != d.VerifyNoRevocation {
		fmt.Fprintf(&b, "without revocation: %s\n", word[d.VerifyNoRevocation])
	}
	for n, e := range d.Chain {
		fmt.Fprintf(&b, "%2d. %s  %s  %s to %s", n, e.Subject, e.Thumbprint, e.NotBefore.Format(time.DateOnly), e.NotAfter.Format(time.DateOnly))
		if len(e.Status) > 0 {
			fmt.Fprintf(&b, "  %s", joinFlags(e.Status))
		}
		b.WriteByte('\n')
	}
	details := strings.TrimPrefix(d.Explanation.String(), d.Explanation.Summary)
	if details = strings.TrimPrefix(details, "\n"); details != "" {
		b.WriteString(details + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func joinFlags(list []chain.Flag) string {
	names := make([]string, len(list))
	for n, f := range list {
		names[n] = string(f)
	}
	return strings.Join(names, ", ")
}
