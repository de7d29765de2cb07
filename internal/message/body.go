package message

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/postern-gateway/postern/fault"
)

// BodyState says what has become of a body.
type BodyState uint8

const (
	// Unread is a body that still waits in the connection; nothing of it was read, and a client that sent
	// "Expect: 100-continue" was not answered yet.
	Unread BodyState = iota
	// Streaming is a body that is being, or has been, passed on chunk by chunk; it cannot be had again.
	Streaming
	// Buffered is a body whose bytes are all in memory; it can be read as often as one likes.
	Buffered
	// Consumed is a body that was taken by a policy without being kept; it is empty from then on.
	Consumed
)

var bodyStateNames = [...]string{Unread: "unread", Streaming: "streaming", Buffered: "buffered", Consumed: "consumed"}

// String is the state in a word.
func (s BodyState) String() string { return bodyStateNames[s] }

// ErrBodyStreamed is returned by Buffer, Take and Rewind once the body has been passed on unbuffered.
var ErrBodyStreamed = errors.New("the body has been streamed and is not there any more")

// Body is the content of a message. It is read from its connection only when asked for, so that a message whose
// body no policy looks at is streamed through. The zero value is an empty body.
//
// The methods may be called from one goroutine at a time, with two exceptions made for engines: Read may go on in
// a transport's goroutine while others ask for State or Err.
type Body struct {
	mu     sync.Mutex
	state  BodyState
	length int64
	source io.ReadCloser
	data   []byte
	offset int
	err    error
}

// NewBody is an unread body of the given length in bytes, -1 if it is not known. Reading from source is what
// answers "Expect: 100-continue"; it is closed with the body.
func NewBody(source io.ReadCloser, length int64) *Body {
	if source == nil || length == 0 {
		return &Body{source: source, state: Buffered}
	}
	return &Body{source: source, length: length}
}

// NewBytesBody is a buffered body; it keeps b, which must not change any more.
func NewBytesBody(b []byte) *Body { return &Body{data: b, length: int64(len(b)), state: Buffered} }

// NewStringBody is a buffered body of that text.
func NewStringBody(s string) *Body { return NewBytesBody([]byte(s)) }

// NoBody is a new empty body.
func NoBody() *Body { return &Body{state: Buffered} }

// Length is the number of bytes that reading from the start would yield, -1 if that is not known before the end.
func (b *Body) Length() int64 { return b.length }

// Empty reports whether the body is known to have no bytes.
func (b *Body) Empty() bool { return b.length == 0 }

// State says what has become of the body.
func (b *Body) State() BodyState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Err is the first error other than io.EOF with which reading the source failed: the sender's fault, or a limit.
func (b *Body) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Read streams the body, or reads from its buffer. A consumed body reads as empty.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	if b.state == Buffered || b.state == Consumed {
		defer b.mu.Unlock()
		if b.offset >= len(b.data) {
			return 0, io.EOF
		}
		n := copy(p, b.data[b.offset:])
		b.offset += n
		return n, nil
	}
	if b.source == nil {
		b.mu.Unlock()
		return 0, io.EOF
	}
	b.state = Streaming
	source := b.source
	b.mu.Unlock()
	n, err := source.Read(p)
	if err != nil && err != io.EOF {
		b.fail(err)
	}
	return n, err
}

func (b *Body) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
}

// Bytes is the whole body if it is in memory already; it must not be changed.
func (b *Body) Bytes() ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data, b.state == Buffered || b.state == Consumed
}

// Buffer reads the body to its end, keeps it, and returns it; it must not be changed. The body can be read again
// and passed on. limit bounds its size in bytes, zero or less: no bound. Errors: fault.TooLarge over the limit (the
// body is lost then), ErrBodyStreamed, or what reading gave.
func (b *Body) Buffer(limit int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.state {
	case Streaming:
		return nil, ErrBodyStreamed
	case Buffered, Consumed:
		if limit > 0 && int64(len(b.data)) > limit {
			return nil, tooLarge(limit)
		}
		b.offset = 0
		return b.data, nil
	}
	b.state = Streaming
	data, err := b.readAll(limit)
	if err != nil {
		if b.err == nil {
			b.err = err
		}
		return nil, err
	}
	b.data, b.offset, b.length, b.state = data, 0, int64(len(data)), Buffered
	return data, nil
}

// readAll reads what is in the source, at most limit bytes.
func (b *Body) readAll(limit int64) ([]byte, error) {
	if b.source == nil {
		return nil, nil
	}
	if limit > 0 && b.length > limit {
		return nil, tooLarge(limit)
	}
	var source io.Reader = b.source
	if limit > 0 {
		source = io.LimitReader(source, limit+1)
	}
	var buf bytes.Buffer
	if b.length > 0 {
		// A sender may announce more than it sends: grow at once only to a bounded size.
		buf.Grow(int(min(b.length, maxFirstGrow)) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(source); err != nil {
		return nil, err
	}
	if limit > 0 && int64(buf.Len()) > limit {
		return nil, tooLarge(limit)
	}
	return buf.Bytes(), nil
}

// maxFirstGrow bounds what is set aside on the word of a Content-Length alone.
const maxFirstGrow = 1 << 20

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "the body is larger than %d bytes", limit)
}

// Take is Buffer, except that the body is not kept: it is Consumed and empty from then on, as in API Management
// after context.Request.Body.As<T>() without preserveContent. Taking it a second time gives no bytes.
func (b *Body) Take(limit int64) ([]byte, error) {
	data, err := b.Buffer(limit)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data, b.offset, b.length, b.state = nil, 0, 0, Consumed
	return data, nil
}

// Replace makes data the body, buffered; what was not read of the old one is left to the engine to discard.
func (b *Body) Replace(data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data, b.offset, b.length, b.state = data, 0, int64(len(data)), Buffered
}

// Rewind makes the next Read begin at the start. It does nothing to an unread body and fails with ErrBodyStreamed
// for one that was streamed.
func (b *Body) Rewind() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == Streaming {
		return ErrBodyStreamed
	}
	b.offset = 0
	return nil
}

// Replayable reports whether the body can be sent again after it has been sent once: it is empty or in memory.
func (b *Body) Replayable() bool {
	s := b.State()
	return s == Buffered || s == Consumed
}

// Close closes the source. The bytes of a buffered body stay readable.
func (b *Body) Close() error {
	b.mu.Lock()
	source := b.source
	b.source = nil
	if b.state == Unread {
		b.state = Streaming
	}
	b.mu.Unlock()
	if source == nil {
		return nil
	}
	return source.Close()
}

// ErrBodyTimeout is what reading a request's body gives when the client sends no more of it in time.
var ErrBodyTimeout = errors.New("the client sent no more of its body in time")
