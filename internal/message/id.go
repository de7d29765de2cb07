package message

import "math/rand/v2"

// ID names one exchange; policies see it as context.RequestId, logs and error bodies show it.
type ID [16]byte

// NewID is a random GUID (version 4, RFC 9562 section 5.4). It names, it does not authorize: it is drawn from
// the runtime's generator, which takes no system call.
func NewID() ID {
	var id ID
	hi, lo := rand.Uint64(), rand.Uint64()
	for i := range 8 {
		id[i] = byte(hi >> (8 * i))
		id[8+i] = byte(lo >> (8 * i))
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// String is the GUID in lower case with dashes.
func (id ID) String() string {
	var text [36]byte
	const digits = "0123456789abcdef"
	at := 0
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[at] = '-'
			at++
		}
		text[at], text[at+1] = digits[b>>4], digits[b&15]
		at += 2
	}
	return string(text[:])
}
