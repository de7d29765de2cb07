package revocation

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/dn"
)

// Blocked is a certificate that the operator refuses: by its thumbprint, or by issuer and serial number.
type Blocked struct {
	// Thumbprint is the SHA-1 or SHA-256 of the certificate in hex; colons, spaces and case count not.
	Thumbprint string
	// Issuer is the issuer's name as .NET writes it ("CN=Corp CA, O=Corp"), Serial the serial number in hex. They go together.
	Issuer, Serial string
	// Reason is for the explanation; may be empty.
	Reason string
}

// BlockList are the certificates that the operator refuses, whatever lists and responders say. Certificates anywhere on a
// path count, roots and self-signed ones too. The zero value refuses nobody. It is safe for concurrent use.
type BlockList struct {
	current atomic.Pointer[blockIndex]

	mu     sync.Mutex
	set    []blockEntry
	inFile []blockEntry
	watch  fileWatch
	notify []func()
}

// blockEntry is a Blocked that was read.
type blockEntry struct {
	digest string
	serial string
	issuer dn.Name
	reason string
}

// blockIndex finds entries.
type blockIndex struct {
	digests map[string]string
	serials map[string][]blockEntry
}

// maxBlockedBytes is the largest file of blocked certificates.
const maxBlockedBytes = 64 << 20

// Set refuses these certificates in the place of those that were Set before, and at once: remembered verdicts are made
// anew. An entry that cannot be read is a fault.Invalid, and nothing is changed.
func (b *BlockList) Set(list []Blocked) error {
	entries, err := readBlocked(list)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.set = entries
	b.publish()
	b.mu.Unlock()
	b.tell()
	return nil
}

// Watch refuses the certificates of a file too, and follows its changes while a Checker that has the list runs. A file
// that cannot be read is a fault.Invalid now; later what was read before holds, and the log is told.
func (b *BlockList) Watch(path string) error {
	b.mu.Lock()
	b.watch = fileWatch{path: path}
	b.mu.Unlock()
	_, err := b.readFile()
	return err
}

// Check says whether a certificate is refused, and why.
func (b *BlockList) Check(c *cert.Certificate) (detail string, blocked bool) {
	if b == nil {
		return "", false
	}
	x := b.current.Load()
	if x == nil {
		return "", false
	}
	reason, ok := x.digests[string(c.SHA256[:])]
	if !ok {
		reason, ok = x.digests[string(c.SHA1[:])]
	}
	if !ok {
		for _, e := range x.serials[serialKey(c.Serial)] {
			if e.issuer.Equal(c.Issuer) {
				reason, ok = e.reason, true
				break
			}
		}
	}
	if !ok {
		return "", false
	}
	if reason == "" {
		return "on the operator's block list", true
	}
	return "on the operator's block list: " + reason, true
}

// Len is the number of entries.
func (b *BlockList) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.set) + len(b.inFile)
}

// onChange has f called after each change.
func (b *BlockList) onChange(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notify = append(b.notify, f)
}

func (b *BlockList) tell() {
	b.mu.Lock()
	list := b.notify
	b.mu.Unlock()
	for _, f := range list {
		f()
	}
}

// publish makes the index of all entries the current one, under the lock.
func (b *BlockList) publish() {
	x := &blockIndex{digests: make(map[string]string), serials: make(map[string][]blockEntry)}
	for _, list := range [][]blockEntry{b.set, b.inFile} {
		for _, e := range list {
			if e.digest != "" {
				x.digests[e.digest] = e.reason
			} else {
				x.serials[e.serial] = append(x.serials[e.serial], e)
			}
		}
	}
	b.current.Store(x)
}

// reread reads the file again if it has changed.
func (b *BlockList) reread(log *slog.Logger) {
	changed, err := b.readFile()
	if err != nil {
		log.LogAttrs(context.Background(), slog.LevelError, "the block list cannot be read; what was read before holds", slog.Any("error", err))
	}
	if changed {
		log.LogAttrs(context.Background(), slog.LevelInfo, "the block list was read", slog.Int("entries", b.Len()))
		b.tell()
	}
}

// readFile reads the file if that is due.
func (b *BlockList) readFile() (changed bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	path := b.watch.path
	if path == "" {
		return false, nil
	}
	due, err := b.watch.due()
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "block list %q cannot be read", path)
	}
	if !due {
		return false, nil
	}
	if b.watch.read.size > maxBlockedBytes {
		return false, fault.New(fault.Invalid, "block list %q has more than %d bytes", path, maxBlockedBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "block list %q cannot be read", path)
	}
	list, err := ParseBlockList(text)
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "block list %q cannot be read", path)
	}
	entries, err := readBlocked(list)
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "block list %q cannot be read", path)
	}
	b.inFile = entries
	b.publish()
	return true, nil
}

// ParseBlockList reads a block list: an entry a line, a thumbprint (SHA-1 or SHA-256 in hex) or "SERIAL @ ISSUER" with the
// issuer's name as .NET writes it. What follows " #" is the reason; empty lines, and those that begin with "#", do not
// count. A line that is neither is a fault.Invalid that names it.
func ParseBlockList(text []byte) ([]Blocked, error) {
	var list []Blocked
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		entry, reason := line, ""
		if at := strings.LastIndex(line, " #"); at >= 0 {
			entry, reason = strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+2:])
		}
		e := Blocked{Thumbprint: entry, Reason: reason}
		if serial, issuer, ok := strings.Cut(entry, "@"); ok {
			e = Blocked{Serial: strings.TrimSpace(serial), Issuer: strings.TrimSpace(issuer), Reason: reason}
		}
		if _, err := readBlocked([]Blocked{e}); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "cannot be read")
	}
	return list, nil
}

func readBlocked(list []Blocked) ([]blockEntry, error) {
	entries := make([]blockEntry, 0, len(list))
	for _, b := range list {
		e := blockEntry{reason: b.Reason}
		if b.Thumbprint != "" {
			digest, err := readHex(b.Thumbprint)
			if err != nil || (len(digest) != 20 && len(digest) != 32) {
				return nil, fault.New(fault.Invalid, "%q is neither a thumbprint (SHA-1 or SHA-256 in hex) nor SERIAL @ ISSUER", b.Thumbprint)
			}
			e.digest = string(digest)
			entries = append(entries, e)
			continue
		}
		serial, err := readHex(b.Serial)
		if err != nil || len(serial) == 0 {
			return nil, fault.New(fault.Invalid, "%q is not a serial number in hex", b.Serial)
		}
		issuer, err := dn.ParseText(b.Issuer)
		if err != nil || issuer.Empty() {
			return nil, fault.New(fault.Invalid, "%q is not an issuer's name such as CN=Corp CA, O=Corp", b.Issuer)
		}
		e.serial, e.issuer = serialKey(serial), issuer
		entries = append(entries, e)
	}
	return entries, nil
}

// readHex reads hex with colons, spaces and marks that come along when a thumbprint is copied from a dialog.
func readHex(text string) ([]byte, error) {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case ' ', ':', '\u200e', '\u200f', '\u202a', '\u202c':
			return -1
		}
		return r
	}, text)
	if len(plain)%2 == 1 {
		plain = "0" + plain
	}
	return hex.DecodeString(plain)
}

// serialKey is a serial number without leading zeros.
func serialKey(serial []byte) string { return string(bytes.TrimLeft(serial, "\x00")) }
