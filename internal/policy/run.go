package policy

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// Invocation is one request for a program to run on.
type Invocation struct {
	// Exchange is the request; its Request is edited in place.
	Exchange *message.Exchange
	// ID is context.RequestId.
	ID message.ID
	// Route is what was matched.
	Route Route
	// Caller is who calls.
	Caller Caller
	// Gateway is what the policies act through.
	Gateway Gateway
	// Deployment is what context.Deployment shows; never nil.
	Deployment *Deployment
	// Base is the API's service URL, and Suffix the part of the request's path after the API's own ("/items/1"): together
	// the URL at the backend. A zero Base (no scheme) leaves the request's URL alone until set-backend-service.
	Base   message.URL
	Suffix string
	// MaxBodyBytes bounds a body that is held in memory; zero: DefaultMaxBodyBytes.
	MaxBodyBytes int64
	// Clock is the clock; nil means time.Now.
	Clock func() time.Time
	// Tracer is told of each step; nil: nobody asked.
	Tracer Tracer
	// Failed, if not nil, is an error found before any policy could run (no operation, no key): on-error alone runs.
	Failed *Failure
	// Preflight tells that the request asks whether another may be made. If no cors policy answers it, Failed is what comes.
	Preflight Preflight
}

// DefaultMaxBodyBytes bounds a body in memory where the gateway says nothing else.
const DefaultMaxBodyBytes = 128 << 20

// Tracer is told what a program does. A Run without one does not look at it again.
type Tracer interface {
	// Step is called after each step, err what it returned (Done included).
	Step(at *Place, elapsed time.Duration, err error)
	// Message is text for the trace: context.Trace(), <trace>, and what elements have to tell.
	Message(at *Place, source, severity, text string)
}

// Run is one request on its way through the policies. It belongs to one goroutine; steps read and edit it.
type Run struct {
	Invocation
	// Request is what goes to the backend; Original is the URL that the client sent.
	Request  *message.Request
	Original message.URL
	// Host is the Host field for the backend that a policy has set; empty: the backend's own.
	Host string
	// Certificate is the client certificate for the backend that a policy has chosen (authentication-certificate); nil: none.
	Certificate *cert.Identity
	// Response is nil until there is one.
	Response *message.Response
	// Started is when the program began: context.Timestamp.
	Started time.Time
	// Variables are context.Variables.
	Variables Variables
	// LastError is nil while all goes well.
	LastError *LastError
	// Failure is what LastError tells of; nil while all goes well.
	Failure *Failure
	// Expressions is the language's own state for this request; kept with the Run when it is used again.
	Expressions any

	// after and counted: see After and First.
	after   []func(*Run, *message.Response)
	counted []string

	program *Program
	failed  *Place
	place   *Place
	depth   int
}

var runs = sync.Pool{New: func() any { return &Run{} }}

// Execute runs the program and returns the answer, which is never nil. It does not write it.
func (p *Program) Execute(in Invocation) *message.Response {
	x := runs.Get().(*Run)
	x.begin(p, in)
	r := x.execute()
	x.finish(r)
	x.end()
	runs.Put(x)
	return r
}

// NewRun is a run outside of a program, for evaluating an expression by itself.
func NewRun(in Invocation) *Run {
	x := &Run{}
	x.begin(nil, in)
	return x
}

func (x *Run) begin(p *Program, in Invocation) {
	keep := x.Expressions
	variables := x.Variables.reset()
	*x = Run{Invocation: in, program: p, Expressions: keep, Variables: variables}
	x.Request = in.Exchange.Request
	x.Original = x.Request.URL
	x.Started = in.Exchange.Received
	if x.Started.IsZero() {
		x.Started = time.Now()
	}
	x.Rebase()
}

// end forgets the request, so that the pool keeps nothing of it.
func (x *Run) end() {
	if r, ok := x.Expressions.(interface{ Reset() }); ok {
		r.Reset()
	}
	*x = Run{Expressions: x.Expressions, Variables: x.Variables.reset()}
}

// Context is the request's.
func (x *Run) Context() context.Context {
	if c := x.Exchange.Context; c != nil {
		return c
	}
	return context.Background()
}

// Now is the present instant.
func (x *Run) Now() time.Time {
	if x.Clock != nil {
		return x.Clock()
	}
	return time.Now()
}

// BodyLimit bounds a body that is read into memory.
func (x *Run) BodyLimit() int64 {
	if x.MaxBodyBytes > 0 {
		return x.MaxBodyBytes
	}
	return DefaultMaxBodyBytes
}

// Rebase makes the request's URL of Base, Suffix and the query that it has.
func (x *Run) Rebase() {
	if x.Base.Scheme != "" {
		x.Request.URL = x.Base.Join(x.Suffix, x.Request.URL.Query)
	}
}

// Answer is the response, made if there is none yet.
func (x *Run) Answer() *message.Response {
	if x.Response == nil {
		x.Response = &message.Response{Status: 200, Body: message.NoBody()}
	}
	return x.Response
}

func (x *Run) execute() *message.Response {
	if x.Preflight != NoPreflight {
		return x.preflight()
	}
	err := error(nil)
	if x.Failed != nil {
		err = x.Failed
	}
	for section := Inbound; section <= Outbound && err == nil; section++ {
		if section == Outbound {
			x.Answer()
		}
		err = x.section(section)
	}
	switch {
	case err == nil:
		return x.Answer()
	case errors.Is(err, Done):
		r := x.Answer()
		if r.Status >= 400 && x.place != nil {
			x.Exchange.Notes.Place = x.place // the policy refused
		}
		return r
	}
	x.fail(err)
	if err := x.section(OnError); err != nil && !errors.Is(err, Done) {
		x.noteFault(err)
		x.discard()
		return message.InternalErrorResponse(x.ID)
	}
	return x.Answer()
}

// fail sets LastError and the default answer.
func (x *Run) fail(err error) {
	f := asFailure(err)
	last := &LastError{Source: f.Source, Reason: f.Reason, Message: f.Message, Status: f.Status}
	if last.Status == 0 {
		last.Status = 500
	}
	if at := x.failed; at != nil {
		if last.Source == "" {
			last.Source = at.Element
		}
		last.Scope, last.Section, last.Path, last.PolicyID = at.Scope.String(), at.Section.String(), at.Path, at.ID
	}
	x.LastError, x.Failure = last, f
	notes := &x.Exchange.Notes
	notes.Reason, notes.Message = last.Reason, last.Message
	if at := x.failed; at != nil {
		notes.Place = at
		notes.At = last.Scope + "/" + last.Section + "/" + at.Path
	}
	x.noteFault(err)
	x.discard()
	x.Response = f.response(x.ID)
}

// noteFault keeps a panic for the log.
func (x *Run) noteFault(err error) {
	if p, ok := errors.AsType[*panicked](err); ok {
		x.Exchange.Notes.Fault = p
	}
}

// note keeps the last judgement that was not good, or else the last, and for the log why it was not.
func (x *Run) note(v Verdict) Verdict {
	notes := &x.Exchange.Notes
	if !v.OK {
		notes.Certificate, notes.Judged = v.Explanation, v.Judged
	} else if notes.Certificate == "" {
		notes.Judged = v.Judged
	}
	return v
}

// discard closes a response that will not be sent.
func (x *Run) discard() {
	if x.Response != nil && x.Response.Body != nil {
		_ = x.Response.Body.Close()
	}
	x.Response = nil
}

// Replace makes r the answer; the one that was there is closed.
func (x *Run) Replace(r *message.Response) {
	if x.Response != r {
		x.discard()
	}
	x.Response = r
}

// section runs one section; a panic in it is this request's error and nobody else's.
func (x *Run) section(s Section) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
			if x.failed == nil {
				x.failed = x.place
			}
		}
	}()
	x.depth = 0
	return x.Do(x.program.sections[s])
}

// maxDepth bounds how deep blocks run inside each other: documents nest less, but <base/> inside policies adds up.
const maxDepth = 1000

// Do runs the steps of a block up to the first error.
func (x *Run) Do(b Block) error {
	if x.depth++; x.depth > maxDepth {
		return errors.New("policies nest too deep")
	}
	for i := range b {
		op := &b[i]
		if x.Preflight != NoPreflight && !op.At.leads() {
			continue
		}
		x.place = op.At
		if x.Tracer == nil {
			if err := op.Step(x); err != nil {
				return x.blame(op.At, err)
			}
			continue
		}
		start := time.Now()
		err := op.Step(x)
		x.Tracer.Step(op.At, time.Since(start), err)
		if err != nil {
			return x.blame(op.At, err)
		}
	}
	x.depth--
	return nil
}

// blame remembers the innermost policy that failed.
func (x *Run) blame(at *Place, err error) error {
	if x.failed == nil && !errors.Is(err, Done) {
		x.failed = at
	}
	return err
}

// inherit runs what a <base/> inside other policies stands for.
func (x *Run) inherit(scope Scope, section Section) error {
	return x.Do(x.program.above[section][scope])
}

// Trace writes to the request's trace, if there is one.
func (x *Run) Trace(source, severity, text string) {
	if x.Tracer != nil {
		x.Tracer.Message(x.place, source, severity, text)
	}
}

// Tracing tells whether the request is traced.
func (x *Run) Tracing() bool { return x.Tracer != nil }

// Peer is the client's certificate, nil if none was sent.
func (x *Run) Peer() *message.Peer {
	return x.Exchange.Peer()
}

// VerifyPeer judges the client's certificate; without one, or without a gateway, the verdict is no.
func (x *Run) VerifyPeer(revocation bool) Verdict {
	p := x.Peer()
	if p == nil || x.Gateway == nil {
		return Verdict{Explanation: "there is no client certificate"}
	}
	return x.note(x.Gateway.VerifyPeer(x.Context(), p, revocation))
}

// VerifyCertificate judges any certificate; without a gateway the verdict is no.
func (x *Run) VerifyCertificate(c *cert.Certificate, revocation bool) Verdict {
	if x.Gateway == nil || c == nil {
		return Verdict{Explanation: "there is nothing to judge certificates by"}
	}
	return x.note(x.Gateway.VerifyCertificate(x.Context(), c, revocation))
}

// ResponseHolder is an object in a variable that is a response, as expressions see one (IResponse).
type ResponseHolder interface {
	// Response is the response itself.
	Response() *message.Response
}
