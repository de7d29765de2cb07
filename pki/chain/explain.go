package chain

import (
	"fmt"
	"strings"
	"time"
)

// Explanation says how a verdict came about, for people and machines. Its JSON form is stable: members may be added, those
// that are there keep their names and meanings. docs/reasons.md has the words.
type Explanation struct {
	// Reason is the stable word of the first failure; empty if the certificate is good.
	Reason Reason `json:"reason,omitempty"`
	// Summary is one sentence.
	Summary string `json:"summary"`
	// Paths are the paths that were tried; the last is the one that the verdict is about, or,
	// where none is good, the first is.
	Paths []PathReport `json:"paths,omitempty"`
	// Notes are other things that happened on the way.
	Notes []string `json:"notes,omitempty"`
}

// PathReport is one path that was tried.
type PathReport struct {
	// Certificates are the names of the certificates from the leaf up, Thumbprints their SHA-1 thumbprints as .NET has them.
	Certificates []string `json:"certificates"`
	Thumbprints  []string `json:"thumbprints"`
	// Trusted says that the path ends in a trusted root.
	Trusted bool `json:"trusted"`
	// Reason is the first failure, Flag .NET's word for it; empty for a good path. Flag is empty too where .NET throws.
	Reason Reason `json:"reason,omitempty"`
	Flag   Flag   `json:"flag,omitempty"`
	// At is the index of the certificate that fails; Detail says more.
	At     int    `json:"at"`
	Detail string `json:"detail,omitempty"`
	// Failures are all failures, the first included, from the leaf up.
	Failures []Failure `json:"failures,omitempty"`
	// Revocation is what was found out about each certificate but the root, the leaf first; nil where nothing was asked.
	Revocation []RevocationReport `json:"revocation,omitempty"`
}

// Failure is one check that a certificate of a path fails.
type Failure struct {
	// At is the index of the certificate in its path.
	At int `json:"at"`
	// Reason is the failure, Flag .NET's word for it, empty where .NET throws.
	Reason Reason `json:"reason"`
	Flag   Flag   `json:"flag,omitempty"`
}

// RevocationReport is what was found out about one certificate of a path.
type RevocationReport struct {
	// Certificate is the name of the certificate.
	Certificate string `json:"certificate"`
	// Status is "good", "revoked" or "unknown"; Detail says where it comes from, or why there is none.
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Evidence are the lists and answers that it was judged by.
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Kinds of Evidence.
const (
	// EvidenceCRL is a complete list, EvidenceDelta a delta list, EvidenceOCSP a responder's answer.
	EvidenceCRL   = "crl"
	EvidenceDelta = "delta-crl"
	EvidenceOCSP  = "ocsp"
)

// Evidence is a list or a responder's answer that a certificate was judged by.
type Evidence struct {
	// Kind is EvidenceCRL, EvidenceDelta or EvidenceOCSP.
	Kind string `json:"kind"`
	// Address is where it was fetched from; empty for one that the process has itself.
	Address string `json:"address,omitempty"`
	// Origin is how it was got: "fetched", "kept" (on disk, from before), "file", "named" (by the operator) or "local".
	Origin string `json:"origin,omitempty"`
	// Number is the cRLNumber in decimal; empty where there is none.
	Number string `json:"number,omitempty"`
	// ThisUpdate and NextUpdate are its times; NextUpdate is zero where there is none.
	ThisUpdate time.Time `json:"thisUpdate,omitzero"`
	NextUpdate time.Time `json:"nextUpdate,omitzero"`
}

// String is the evidence in a few words: "crl 17 of 2026-03-01T00:00:00Z from http://…".
func (e Evidence) String() string {
	text := e.Kind
	if e.Number != "" {
		text += " " + e.Number
	}
	if !e.ThisUpdate.IsZero() {
		text += " of " + e.ThisUpdate.UTC().Format(timeLayout)
	}
	if !e.NextUpdate.IsZero() {
		text += " until " + e.NextUpdate.UTC().Format(timeLayout)
	}
	if e.Address != "" {
		text += " from " + printable(e.Address)
	}
	if e.Origin == "kept" {
		text += ", kept on disk"
	}
	return text
}

// String is the report in one line.
func (r RevocationReport) String() string {
	text := fmt.Sprintf("%s: %s (%s", r.Certificate, r.Status, r.Detail)
	for _, e := range r.Evidence {
		text += "; " + e.String()
	}
	return text + ")"
}

func (e *Explanation) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}

// add reports a path that was judged.
func (e *Explanation) add(p *path) {
	r := PathReport{Trusted: p.trusted}
	if !p.good() {
		r.Reason, r.At, r.Detail = p.first, p.firstAt, p.detail
		if r.Reason == reasonRootSignature || r.Reason == ReasonNone {
			r.Reason, r.At, r.Detail = p.firstListed(), p.firstListedAt(), ""
		}
		r.Flag = r.Reason.Flag()
	}
	for n, c := range p.certs {
		r.Certificates, r.Thumbprints = append(r.Certificates, c.Name()), append(r.Thumbprints, c.Cert.Thumbprint())
		for _, reason := range p.errors[n] {
			r.Failures = append(r.Failures, Failure{At: n, Reason: reason, Flag: reason.Flag()})
		}
	}
	for n, a := range p.answers {
		r.Revocation = append(r.Revocation, RevocationReport{Certificate: p.certs[n].Name(), Status: a.Status.String(), Detail: a.Detail, Evidence: a.Evidence})
	}
	e.Paths = append(e.Paths, r)
}

// String is the report in one line: the path, its first failing check, and what each certificate's revocation was judged by.
func (r PathReport) String() string { return r.text("; ") }

// text is the report with a separator between its parts.
func (r PathReport) text(separator string) string {
	parts := []string{strings.Join(r.Certificates, " <- ")}
	if r.Reason != ReasonNone {
		failed := fmt.Sprintf("%s at certificate %d", r.Reason, r.At)
		if r.Detail != "" {
			failed += ": " + r.Detail
		}
		parts = append(parts, failed)
	}
	for _, x := range r.Revocation {
		parts = append(parts, "revocation of "+x.String())
	}
	return strings.Join(parts, separator)
}

// String is the explanation in a few lines.
func (e Explanation) String() string {
	var b strings.Builder
	b.WriteString(e.Summary)
	for _, p := range e.Paths {
		b.WriteString("\npath: " + p.text("\n  "))
	}
	for _, n := range e.Notes {
		fmt.Fprintf(&b, "\nnote: %s", n)
	}
	return b.String()
}

// nearest tells of a path that ends in a trusted root, where the one that decides, as in .NET the first, does not: its
// failure is what there is to repair.
func (e *Explanation) nearest(p *path) string {
	if p.trusted {
		return ""
	}
	for _, o := range e.Paths {
		if !o.Trusted || o.Reason == ReasonNone {
			continue
		}
		text := fmt.Sprintf("; the path to the trusted root %q fails by %s at %q", o.Certificates[len(o.Certificates)-1], o.Reason, o.Certificates[min(o.At, len(o.Certificates)-1)])
		if o.Detail != "" {
			text += " (" + o.Detail + ")"
		}
		return text
	}
	return ""
}

func (b *builder) explain(r *Result, p *path) {
	if r.Verdict {
		b.report.Reason = ReasonNone
		b.report.Summary = fmt.Sprintf("%q is good: its path of %d ends in the trusted root %q", b.leaf.Name(), len(p.certs), p.last().Name())
	} else {
		b.report.Reason = r.Reason
		b.report.Summary = fmt.Sprintf("%q is refused: %s at %q", b.leaf.Name(), r.Reason, p.certs[min(p.firstAt, len(p.certs)-1)].Name())
		if p.detail != "" {
			b.report.Summary += " (" + p.detail + ")"
		}
	}
	r.Explanation = b.report
}
