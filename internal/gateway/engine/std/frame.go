package std

import (
	"bytes"
	"net"

	"github.com/postern-gateway/postern/internal/message"
)

// advance looks at the bytes that were not looked at yet, as far as they go, and reports whether it got on.
func (g *guard) advance() bool {
	if g.state != inHead && g.state != isRefused && g.ready == len(g.buf) {
		return false
	}
	switch g.state {
	case inHead:
		return g.advanceHead()
	case inBody, inChunk:
		n := min(int64(len(g.buf)-g.ready), g.remaining)
		g.ready += int(n)
		g.consumed(n)
		return true
	case inChunkSize:
		return g.advanceLine(maxChunkLine, g.chunkSize)
	case inChunkEnd:
		return g.advanceLine(2, func(line []byte) bool {
			g.state = inChunkSize
			return len(line) == 0
		})
	case inTrailer:
		return g.advanceLine(g.limits.HeaderBytes, g.trailerLine)
	case inTunnel:
		g.ready = len(g.buf)
		return true
	}
	return false
}

// advanceLine takes one line that ends in CRLF from the buffer, if it is there whole, and has take judge it.
func (g *guard) advanceLine(limit int, take func(line []byte) bool) bool {
	rest := g.buf[g.ready:]
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		if len(rest) > limit {
			return g.broken()
		}
		return false
	}
	if end == 0 || rest[end-1] != '\r' || end > limit+1 || !take(rest[:end-1]) {
		return g.broken()
	}
	g.ready += end + 1
	return true
}

// broken ends the connection because of a fault in a body; net/http takes the error for one of the network.
func (g *guard) broken() bool {
	g.failure = &net.OpError{Op: "read", Net: "tcp", Err: errChunk}
	return true
}

// chunkSize reads a chunk-size line (RFC 9112 section 7.1): hexadecimal digits alone, then perhaps extensions,
// which are checked for control characters and not passed on by net/http.
func (g *guard) chunkSize(line []byte) bool {
	size, digits := int64(0), 0
	for digits < len(line) {
		d := unhex(line[digits])
		if d < 0 {
			break
		}
		if digits++; digits > maxChunkDigits {
			return false
		}
		size = size<<4 | int64(d)
	}
	if digits == 0 {
		return false
	}
	if ext := bytes.TrimLeft(line[digits:], " \t"); len(ext) > 0 && ext[0] != ';' || len(ext) == 0 && digits < len(line) {
		return false
	}
	for _, c := range line[digits:] {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	if size == 0 {
		g.state, g.lineBytes, g.lineCount = inTrailer, 0, 0
		return true
	}
	g.state, g.remaining = inChunk, size
	return true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// trailerLine judges a line of the trailer section.
func (g *guard) trailerLine(line []byte) bool {
	if len(line) == 0 {
		g.endMessage()
		return true
	}
	g.lineBytes += len(line)
	g.lineCount++
	if g.lineBytes > g.limits.HeaderBytes || g.lineCount > g.limits.HeaderCount {
		return false
	}
	f, ok := parseField(string(line))
	return ok && !framing(f.Name)
}

// framing reports whether a field of that name frames or routes a message and so may never be a trailer
// (RFC 9110 section 6.5.1).
func framing(name string) bool {
	h := message.Header{{Name: name}}
	return h.Has("Content-Length") || h.Has("Transfer-Encoding") || h.Has("Host") || h.Has("Trailer") ||
		h.Has("Content-Encoding") || h.Has("Content-Type") || h.Has("Content-Range")
}

// advanceHead takes a whole head from the buffer if it is there.
func (g *guard) advanceHead() bool {
	// An empty line or two before a request line is tolerated, as RFC 9112 section 2.2 asks.
	for g.ready+1 < len(g.buf) && g.skippedEOL < 2 && g.buf[g.ready] == '\r' && g.buf[g.ready+1] == '\n' && g.start == g.ready {
		g.ready += 2
		g.start = g.ready
		g.skippedEOL++
	}
	rest := g.buf[g.ready:]
	if len(rest) == 0 {
		return false
	}
	end := bytes.Index(rest, []byte("\r\n\r\n"))
	if end < 0 {
		return g.checkPartial(rest)
	}
	h := parseHead(string(rest[:end+2]), g.limits, g.secure)
	if h.refusal.status != 0 {
		g.refuse(h.refusal.status, h.refusal.message)
		return true
	}
	g.ready += end + 4
	g.push(h)
	g.disarm()
	switch {
	case h.chunked:
		g.state = inChunkSize
	case h.length > 0:
		g.state, g.remaining = inBody, h.length
	case h.upgrade != "":
		// What follows belongs to the other protocol, or to nobody: a refused upgrade closes the connection.
		g.state = inTunnel
	}
	return true
}

// checkPartial refuses early what can only be refused in the end: a head over its limits, or lines that do not end
// in CRLF.
func (g *guard) checkPartial(rest []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(rest[at:], '\n')
		if i < 0 {
			break
		}
		at += i
		if at == 0 || rest[at-1] != '\r' {
			g.refuse(400, badHead)
			return true
		}
		at++
	}
	line := bytes.IndexByte(rest, '\n')
	switch {
	case line < 0 && len(rest) > g.limits.URLBytes+requestLineExtra:
		g.refuse(414, urlTooLong)
	case line > 0 && len(rest)-line > g.limits.HeaderBytes:
		g.refuse(431, headTooLarge)
	default:
		return false
	}
	return true
}

func (g *guard) push(h *head) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heads = append(g.heads, h)
}

// refuse puts the stand-in in the place of all that the client has sent and will send.
func (g *guard) refuse(status int, text string) {
	g.push(&head{refusal: refusal{status, text}})
	g.mu.Lock()
	g.refusing = true
	g.mu.Unlock()
	kept := g.buf[g.start:g.ready]
	buf := make([]byte, 0, len(kept)+len(refusedHead))
	buf = append(append(buf, kept...), refusedHead...)
	g.buf, g.start, g.ready = buf, 0, len(buf)
	g.state = isRefused
	g.disarm()
}
