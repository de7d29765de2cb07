package revocation

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// CRL is a certificate revocation list. It keeps the list's octets and a sorted
// index of twelve octets an entry, nothing else, and is safe for concurrent use.
type CRL struct {
	issuer    string
	rawIssuer []byte
	tbs, body []byte
	algorithm chain.Algorithm
	signature []byte

	thisUpdate, nextUpdate listTime
	hasNext                bool

	akid            *chain.AuthorityKey
	idp             scope
	number, base    []byte
	isDelta         bool
	criticalUnknown string
	// doubt is something that OpenSSL overlooks and that makes the list no proof that a certificate is good.
	doubt    string
	deltaURL string

	entries []entry
	issuers [][]chain.GeneralName

	mu       sync.Mutex
	verified map[[32]byte]bool
}

// listTime is a Time of a list; bad if it is not in the form of RFC 5280.
type listTime struct {
	at  int64
	bad bool
}

// entry is one revoked certificate: where its serial number stands in body, and what is said of it.
type entry struct {
	pos    uint32
	size   uint16
	reason int8
	// indirect says that the entry is of the issuer issuers[issuer].
	indirect bool
	issuer   uint32
}

// Reasons of revocation (RFC 5280 section 5.3.1).
const (
	reasonNone          = -1
	reasonRemoveFromCRL = 8
)

// Object identifiers of list and entry extensions (RFC 5280 sections 5.2 and 5.3).
const (
	oidReason     = "2.5.29.21"
	oidNumber     = "2.5.29.20"
	oidDelta      = "2.5.29.27"
	oidIDP        = "2.5.29.28"
	oidCertIssuer = "2.5.29.29"
	oidAKID       = "2.5.29.35"
	oidFreshest   = "2.5.29.46"
)

// maxListBytes is the largest list whose positions fit into the index.
const maxListBytes = 1 << 30

// ParseCRL reads a list in DER or PEM. Octets after the list are left unread, as OpenSSL leaves them.
func ParseCRL(data []byte) (*CRL, error) {
	if len(data) > maxListBytes {
		return nil, errors.New("CRL: too large")
	}
	if block, _ := pem.Decode(data); block != nil && block.Type == "X509 CRL" {
		data = block.Bytes
	}
	whole, err := der.NewReader(data).Read(der.Sequence, "CRL")
	if err != nil {
		return nil, err
	}
	parts, err := whole.Children()
	if err != nil {
		return nil, fmt.Errorf("CRL: %w", err)
	}
	if len(parts) != 3 || parts[0].ID != der.Sequence || parts[1].ID != der.Sequence || parts[2].ID != der.BitString {
		return nil, errors.New("CRL: malformed")
	}
	c := &CRL{tbs: parts[0].Full, algorithm: chain.ReadAlgorithm(parts[1].Full), verified: make(map[[32]byte]bool)}
	if c.signature, _, err = der.Bits(parts[2].Content); err != nil {
		return nil, fmt.Errorf("CRL: signature: %w", err)
	}
	c.idp.reasons = chain.AllReasons
	return c, c.parseTBS(parts[0].Content)
}

func (c *CRL) parseTBS(content []byte) error {
	r := der.NewReader(content)
	if version, ok, err := r.Optional(der.Integer, "CRL: version"); err != nil || (ok && strictInteger(version.Content) != nil) {
		return errors.New("CRL: malformed version")
	}
	algorithm, err := r.Read(der.Sequence, "CRL: algorithm")
	if err != nil {
		return err
	}
	if err := checkAlgorithm(algorithm.Content); err != nil {
		return err
	}
	issuer, err := r.Read(der.Sequence, "CRL: issuer")
	if err != nil {
		return err
	}
	if _, err := dn.Parse(issuer.Full); err != nil {
		return fmt.Errorf("CRL: issuer: %w", err)
	}
	c.rawIssuer, c.issuer = issuer.Full, chain.CanonicalName(issuer.Full)
	if err := c.parseTimes(r); err != nil {
		return err
	}
	revoked, ok, err := r.Optional(der.Sequence, "CRL: entries")
	if err != nil {
		return err
	}
	if ok {
		if err := c.parseEntries(revoked.Content); err != nil {
			return err
		}
	}
	extensions, ok, err := r.Optional(der.ContextConstructed, "CRL: extensions")
	if err != nil {
		return err
	}
	if ok {
		if err := c.parseExtensions(extensions.Content); err != nil {
			return err
		}
	}
	c.sort()
	return r.End("CRL")
}

// checkAlgorithm checks the form of an AlgorithmIdentifier.
func checkAlgorithm(content []byte) error {
	r := der.NewReader(content)
	id, err := r.Read(der.OID, "algorithm")
	if err != nil {
		return err
	}
	if _, err := der.OIDText(id.Content); err != nil {
		return fmt.Errorf("algorithm: %w", err)
	}
	if r.Empty() {
		return nil
	}
	if _, err := r.Next(); err != nil {
		return fmt.Errorf("algorithm: %w", err)
	}
	return r.End("algorithm")
}

func (c *CRL) parseTimes(r *der.Reader) error {
	e, err := r.Next()
	if err != nil || !isTime(e) {
		return errors.New("CRL: malformed thisUpdate")
	}
	c.thisUpdate = readTime(e)
	if r.Is(der.UTCTime) || r.Is(der.GeneralizedTime) {
		e, err := r.Next()
		if err != nil {
			return fmt.Errorf("CRL: nextUpdate: %w", err)
		}
		c.nextUpdate, c.hasNext = readTime(e), true
	}
	return nil
}

func isTime(e der.Element) bool { return e.ID == der.UTCTime || e.ID == der.GeneralizedTime }

// readTime reads a Time in the one form that RFC 5280 allows.
func readTime(e der.Element) listTime {
	text := string(e.Content)
	if e.ID == der.UTCTime {
		if len(text) > 0 && text[0] >= '5' {
			text = "19" + text
		} else {
			text = "20" + text
		}
	}
	t, err := time.Parse("20060102150405Z", text)
	if err != nil {
		return listTime{bad: true}
	}
	return listTime{at: t.Unix()}
}

func (c *CRL) parseEntries(content []byte) error {
	c.body = content
	current, indirect := uint32(0), false
	for r := der.NewReader(content); !r.Empty(); {
		before := len(r.Rest())
		e, err := r.Read(der.Sequence, "CRL: entry")
		if err != nil {
			return err
		}
		item := der.NewReader(e.Content)
		serial, err := item.Read(der.Integer, "CRL: serial number")
		if err != nil {
			return err
		}
		if err := strictInteger(serial.Content); err != nil {
			return fmt.Errorf("CRL: serial number: %w", err)
		}
		if len(serial.Content) > 1<<16-1 {
			return errors.New("CRL: serial number is too long")
		}
		if date, err := item.Next(); err != nil || !isTime(date) {
			return errors.New("CRL: malformed revocation date")
		}
		// The serial number's content stands behind the headers of the entry and of the number.
		headers := len(e.Full) - len(e.Content) + len(serial.Full) - len(serial.Content)
		pos := len(content) - before + headers
		x := entry{pos: uint32(pos), size: uint16(len(serial.Content)), reason: reasonNone}
		extensions, ok, err := item.Optional(der.Sequence, "CRL: entry extensions")
		if err != nil {
			return err
		}
		if ok {
			own, err := c.parseEntryExtensions(extensions.Content, &x)
			if err != nil {
				return err
			}
			if own {
				current, indirect = uint32(len(c.issuers)-1), true
			}
		}
		x.issuer, x.indirect = current, indirect
		c.entries = append(c.entries, x)
		if err := item.End("CRL: entry"); err != nil {
			return err
		}
	}
	return nil
}

// parseEntryExtensions reads what an entry says beyond its serial number; own says that it names its issuer.
func (c *CRL) parseEntryExtensions(content []byte, x *entry) (own bool, err error) {
	for r := der.NewReader(content); !r.Empty(); {
		oid, critical, value, err := readExtension(r)
		if err != nil {
			return false, err
		}
		switch oid {
		case oidCertIssuer:
			names, err := readNames(value)
			if err != nil {
				c.doubts("malformed certificateIssuer in an entry")
				continue
			}
			c.issuers, own = append(c.issuers, names), true
			continue
		case oidReason:
			// A reason that cannot be read is none: the certificate stays revoked.
			x.reason = readReason(value)
		}
		if critical && c.criticalUnknown == "" {
			c.criticalUnknown = "in an entry: " + oid
		}
	}
	return own, nil
}

func readReason(value []byte) int8 {
	e, err := der.NewReader(value).Read(der.Enumerated, "reason")
	if err != nil || len(e.Content) != 1 || e.Content[0] > 127 {
		return reasonNone
	}
	return int8(e.Content[0])
}

func readNames(value []byte) ([]chain.GeneralName, error) {
	seq, err := der.NewReader(value).Read(der.Sequence, "names")
	if err != nil {
		return nil, err
	}
	return chain.ReadGeneralNames(seq.Content)
}

// readExtension reads one Extension.
func readExtension(r *der.Reader) (oid string, critical bool, value []byte, err error) {
	e, err := r.Read(der.Sequence, "extension")
	if err != nil {
		return
	}
	x := der.NewReader(e.Content)
	id, err := x.Read(der.OID, "extension")
	if err != nil {
		return
	}
	if oid, err = der.OIDText(id.Content); err != nil {
		return
	}
	flag, ok, err := x.Optional(der.Boolean, "critical")
	if err != nil {
		return
	}
	if ok && len(flag.Content) != 1 {
		err = errors.New("malformed critical flag")
		return
	}
	critical = ok && flag.Content[0] != 0
	octets, err := x.Read(der.OctetString, "extension "+oid)
	if err != nil {
		return
	}
	return oid, critical, octets.Content, x.End("extension " + oid)
}

// doubts notes the first thing that makes the list no proof.
func (c *CRL) doubts(what string) {
	if c.doubt == "" {
		c.doubt = what
	}
}

func (c *CRL) parseExtensions(content []byte) error {
	list, err := der.One(content, der.Sequence, "CRL: extensions")
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for r := der.NewReader(list.Content); !r.Empty(); {
		oid, critical, value, err := readExtension(r)
		if err != nil {
			return fmt.Errorf("CRL: %w", err)
		}
		if meaningful := oid == oidIDP || oid == oidDelta; meaningful && seen[oid] {
			c.doubts("extension " + oid + " is there twice")
		}
		seen[oid] = true
		if critical && oid != oidIDP && oid != oidAKID && oid != oidDelta && c.criticalUnknown == "" {
			c.criticalUnknown = oid
		}
		if err := c.readListExtension(oid, value); err != nil && (oid == oidIDP || oid == oidDelta) {
			c.doubts(fmt.Sprintf("extension %s: %v", oid, err))
		}
	}
	return nil
}

func (c *CRL) readListExtension(oid string, value []byte) (err error) {
	switch oid {
	case oidIDP:
		return c.idp.read(value, c.rawIssuer)
	case oidAKID:
		c.akid, err = chain.ReadAuthorityKey(value)
	case oidNumber:
		c.number, err = readInteger(value)
	case oidDelta:
		c.base, err = readInteger(value)
		c.isDelta = err == nil
	case oidFreshest:
		points, perr := chain.ReadPoints(value, c.rawIssuer)
		c.deltaURL, err = chain.FirstURL(points), perr
	}
	return err
}

func readInteger(value []byte) ([]byte, error) {
	e, err := der.NewReader(value).Read(der.Integer, "number")
	if err != nil {
		return nil, err
	}
	return e.Content, strictInteger(e.Content)
}

func strictInteger(content []byte) error {
	if len(content) == 0 {
		return errors.New("empty integer")
	}
	if len(content) > 1 && ((content[0] == 0 && content[1]&0x80 == 0) || (content[0] == 0xff && content[1]&0x80 != 0)) {
		return errors.New("padded integer")
	}
	return nil
}

// sort brings the index into the order of the serial numbers.
func (c *CRL) sort() {
	slices.SortStableFunc(c.entries, func(a, b entry) int { return bytes.Compare(c.serial(a), c.serial(b)) })
}

func (c *CRL) serial(e entry) []byte { return c.body[e.pos : e.pos+uint32(e.size)] }

// Len is the number of entries.
func (c *CRL) Len() int { return len(c.entries) }

// ThisUpdate and NextUpdate are the times of the list; NextUpdate is zero if there is none.
func (c *CRL) ThisUpdate() time.Time { return time.Unix(c.thisUpdate.at, 0).UTC() }

// NextUpdate is when a newer list is promised; zero if nothing is promised.
func (c *CRL) NextUpdate() time.Time {
	if !c.hasNext || c.nextUpdate.bad {
		return time.Time{}
	}
	return time.Unix(c.nextUpdate.at, 0).UTC()
}

// found is what a list says of one certificate.
type found struct {
	revoked, removed bool
	// foreign says that the list has the serial number for another issuer.
	foreign bool
	reason  int8
}

// lookup finds the entries of a serial number (INTEGER content) and issuer (canonical name).
func (c *CRL) lookup(serial []byte, issuer string) (f found) {
	n, _ := slices.BinarySearchFunc(c.entries, serial, func(e entry, want []byte) int { return bytes.Compare(c.serial(e), want) })
	for ; n < len(c.entries) && bytes.Equal(c.serial(c.entries[n]), serial); n++ {
		e := c.entries[n]
		if !c.ofIssuer(e, issuer) {
			f.foreign = true
			continue
		}
		if e.reason == reasonRemoveFromCRL {
			f.removed = true
		} else if !f.revoked {
			f.revoked, f.reason = true, e.reason
		}
	}
	return f
}

func (c *CRL) ofIssuer(e entry, issuer string) bool {
	if !e.indirect {
		return issuer == c.issuer
	}
	for _, n := range c.issuers[e.issuer] {
		if n.Kind == chain.NameDirectory && n.Directory == issuer {
			return true
		}
	}
	return false
}

// signedBy reports whether issuer's key verifies the list's signature; each issuer is tried once.
func (c *CRL) signedBy(issuer *chain.Info) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok, done := c.verified[issuer.Cert.SHA256]
	if !done {
		ok = c.algorithm.Verify(issuer, c.tbs, c.signature)
		c.verified[issuer.Cert.SHA256] = ok
	}
	return ok
}
