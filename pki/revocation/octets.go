package revocation

import (
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/postern-gateway/postern/pki/internal/der"
)

const (
	// windowBytes is how much of a list is in memory at a time, unless one element is bigger.
	windowBytes = 64 << 10
	// maxElementBytes is the biggest element of a list, other than the list of entries.
	maxElementBytes = 1 << 20
	// maxLengthOctets bounds the length octets of an element, leading zeros included.
	maxLengthOctets = 126
)

// octets reads DER from a stream, through a window: what a list says is read once, hashed on the way, and forgotten.
// Slices that it gives out are good until the next call.
type octets struct {
	src      io.Reader
	buf      []byte
	pos, end int
	// base is where in the stream buf begins; limit is where the stream has to end.
	base, limit int64

	// hashing says that what is read from mark on is to be hashed; it is kept in the window until there is a sum or a keeper.
	hashing bool
	mark    int
	sum     hash.Hash
	// keep takes the message itself, where the signature is over it.
	keep func([]byte) error
}

func newOctets(src io.Reader, limit int64) *octets {
	return &octets{src: src, buf: make([]byte, windowBytes), limit: limit}
}

// at is how far the stream was read.
func (o *octets) at() int64 { return o.base + int64(o.pos) }

// fill makes n octets available in the window.
func (o *octets) fill(n int) error {
	if o.end-o.pos >= n {
		return nil
	}
	if o.at()+int64(n) > o.limit {
		return errTooLarge
	}
	if err := o.flush(); err != nil {
		return err
	}
	from := o.pos
	if o.hashing {
		from = min(from, o.mark)
	}
	if from > 0 {
		copy(o.buf, o.buf[from:o.end])
		o.base += int64(from)
		o.pos, o.end, o.mark = o.pos-from, o.end-from, o.mark-from
	}
	for o.pos+n > len(o.buf) {
		if o.pos+n > 2*maxElementBytes {
			return errors.New("an element is too big")
		}
		o.buf = append(o.buf, make([]byte, len(o.buf))...)
	}
	for o.end-o.pos < n {
		got, err := o.src.Read(o.buf[o.end:])
		o.end += got
		if err != nil && o.end-o.pos < n {
			if errors.Is(err, io.EOF) {
				return der.ErrTruncated
			}
			return err
		}
	}
	return nil
}

// flush hands what was read to the sum or the keeper.
func (o *octets) flush() error {
	if !o.hashing || (o.sum == nil && o.keep == nil) {
		return nil
	}
	part := o.buf[o.mark:o.pos]
	o.mark = o.pos
	if o.sum != nil {
		o.sum.Write(part) //nolint:errcheck // never fails
		return nil
	}
	return o.keep(part)
}

// peek reads tag and length of the next element and stays before it; head is how many octets they take.
func (o *octets) peek() (id byte, head int, length int64, err error) {
	if err := o.fill(2); err != nil {
		return 0, 0, 0, err
	}
	id = o.buf[o.pos]
	if id&0x1f == 0x1f {
		return 0, 0, 0, errors.New("unexpected tag")
	}
	first := o.buf[o.pos+1]
	if first < 0x80 {
		return id, 2, int64(first), nil
	}
	if first == 0x80 {
		return 0, 0, 0, der.ErrIndefinite
	}
	head = 2 + int(first&0x7f)
	if head > 2+maxLengthOctets {
		return 0, 0, 0, errors.New("length is too large")
	}
	if err := o.fill(head); err != nil {
		return 0, 0, 0, err
	}
	for _, c := range o.buf[o.pos+2 : o.pos+head] {
		if length > maxListBytes {
			return 0, 0, 0, errors.New("length is too large")
		}
		length = length<<8 | int64(c)
	}
	return id, head, length, nil
}

// enter reads tag and length of an element that must have the tag id and end before stop, and gives its end.
func (o *octets) enter(id byte, stop int64, what string) (end int64, err error) {
	if o.at() >= stop {
		return 0, fmt.Errorf("%s: %w", what, der.ErrTruncated)
	}
	got, head, length, err := o.peek()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	if got != id {
		return 0, fmt.Errorf("%s: unexpected tag 0x%02x, want 0x%02x", what, got, id)
	}
	o.pos += head
	if end = o.at() + length; end > stop {
		return 0, fmt.Errorf("%s: %w", what, der.ErrTruncated)
	}
	return end, nil
}

// next is the tag of the next element before stop; 0 if there is none.
func (o *octets) next(stop int64) byte {
	if o.at() >= stop || o.fill(1) != nil {
		return 0
	}
	return o.buf[o.pos]
}

// element reads a whole element that ends before stop; what names it in the error.
func (o *octets) element(stop int64, what string) (der.Element, error) {
	if o.at() >= stop {
		return der.Element{}, fmt.Errorf("%s: %w", what, der.ErrTruncated)
	}
	_, head, length, err := o.peek()
	if err != nil {
		return der.Element{}, fmt.Errorf("%s: %w", what, err)
	}
	size := int64(head) + length
	if o.at()+size > stop {
		return der.Element{}, fmt.Errorf("%s: %w", what, der.ErrTruncated)
	}
	if size > maxElementBytes {
		return der.Element{}, fmt.Errorf("%s: too big", what)
	}
	if err := o.fill(int(size)); err != nil {
		return der.Element{}, fmt.Errorf("%s: %w", what, err)
	}
	full := o.buf[o.pos : o.pos+int(size)]
	o.pos += int(size)
	return der.NewReader(full).Next()
}
