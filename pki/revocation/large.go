package revocation

import "io"

// largeList is where a list counts as large, in octets; maxLarge of them are read beyond that at a time, so that a gateway
// whose clients come all at once, each with a list of a million entries, does not hold dozens of them half read.
const (
	largeList = 8 << 20
	maxLarge  = 4
)

// gatedReader reads on past largeList only while it has one of the slots.
type gatedReader struct {
	src   io.Reader
	slots chan struct{}
	// pause is called before it waits: what counts the time of the source must not count on.
	pause func()
	limit int64
	read  int64
	held  bool
}

// Read implements io.Reader.
func (g *gatedReader) Read(p []byte) (int, error) {
	if !g.held && g.read >= g.limit {
		g.pause()
		g.slots <- struct{}{}
		g.held = true
	}
	n, err := g.src.Read(p)
	g.read += int64(n)
	return n, err
}

// release gives the slot back.
func (g *gatedReader) release() {
	if g.held {
		g.held = false
		<-g.slots
	}
}
