package revocation

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// CRL is a certificate revocation list. It keeps what the list says of itself and an index of its entries, not its
// octets; it is safe for concurrent use.
type CRL struct {
	issuer    string
	rawIssuer []byte
	// digest is the digest of the signed part, by algorithm's hash; message is that part itself where it is what is
	// signed. sameAlgorithm says that the list names one algorithm in both places.
	digest, message []byte
	sameAlgorithm   bool
	algorithm       chain.Algorithm
	signature       []byte

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

	entries index
	// issuers are the certificateIssuers of entries; an item's issuer is the number of one, from 1.
	issuers [][]chain.GeneralName
	// source is where it was got: an address or a file; origin is how; known is what its server says of this version, and
	// late why there is no newer one. They are set before the list is shared.
	source string
	origin string
	known  validators
	late   error

	mu       sync.Mutex
	verified map[[32]byte]signed
}

// signed is whether an issuer's key verifies a list.
type signed struct {
	issuer *chain.Info
	ok     bool
}

// Origins of lists and answers, as evidence names them.
const (
	originFetched = "fetched"
	originKept    = "kept"
	originFile    = "file"
	originNamed   = "named"
	originLocal   = "local"
)

// listTime is a Time of a list; bad if it is not in the form of RFC 5280.
type listTime struct {
	at  int64
	bad bool
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

// Bounds of lists.
const (
	// maxListBytes is the largest list that is ever read.
	maxListBytes = 1 << 30
	// maxMessageBytes is the largest list whose signature is over the list itself (Ed25519, Ed448), which has to be held.
	maxMessageBytes = 32 << 20
)

var errTooLarge = errors.New("the list is too large")

// ParseCRL reads a list in DER or PEM. Octets after the list are left unread, as OpenSSL leaves them.
func ParseCRL(data []byte) (*CRL, error) { return ReadCRL(bytes.NewReader(data), maxListBytes) }

// ReadCRL reads a list of at most limit octets in DER or PEM from a stream, once and through a small window: a list in
// DER is never in memory as a whole. It stops at the end of the list. The signature is not verified by it.
func ReadCRL(src io.Reader, limit int64) (*CRL, error) {
	limit = min(limit, maxListBytes)
	o := newOctets(src, limit)
	if err := o.fill(1); err != nil {
		return nil, fmt.Errorf("CRL: %w", err)
	}
	if o.buf[0] == der.Sequence {
		return readDER(o)
	}
	whole, err := io.ReadAll(io.LimitReader(io.MultiReader(bytes.NewReader(o.buf[:o.end]), src), limit+1))
	if err != nil {
		return nil, fmt.Errorf("CRL: %w", err)
	}
	if int64(len(whole)) > limit {
		return nil, fmt.Errorf("CRL: %w", errTooLarge)
	}
	block, _ := pem.Decode(whole)
	if block == nil || block.Type != "X509 CRL" {
		return nil, errors.New("CRL: neither DER nor PEM")
	}
	return readDER(newOctets(bytes.NewReader(block.Bytes), limit))
}

// readDER reads a CertificateList (RFC 5280 section 5.1).
func readDER(o *octets) (*CRL, error) {
	end, err := o.enter(der.Sequence, maxListBytes, "CRL")
	if err != nil {
		return nil, err
	}
	if end > o.limit {
		return nil, fmt.Errorf("CRL: %w", errTooLarge)
	}
	c := &CRL{verified: make(map[[32]byte]signed)}
	c.idp.reasons = chain.AllReasons
	o.hashing, o.mark = true, o.pos
	tbs, err := o.enter(der.Sequence, end, "CRL")
	if err != nil {
		return nil, err
	}
	inner, err := c.readTBS(o, tbs)
	if err != nil {
		return nil, err
	}
	if err := o.flush(); err != nil {
		return nil, fmt.Errorf("CRL: %w", err)
	}
	o.hashing = false
	if o.sum != nil {
		c.digest = o.sum.Sum(nil)
	}
	outer, err := o.element(end, "CRL: algorithm")
	if err != nil || outer.ID != der.Sequence {
		return nil, errors.New("CRL: malformed")
	}
	c.sameAlgorithm = bytes.Equal(inner, outer.Full)
	bits, err := o.element(end, "CRL: signature")
	if err != nil || bits.ID != der.BitString || o.at() != end {
		return nil, errors.New("CRL: malformed")
	}
	signature, err := wholeOctets(bits.Content)
	if err != nil {
		return nil, fmt.Errorf("CRL: signature: %w", err)
	}
	c.signature = bytes.Clone(signature)
	return c, nil
}

// wholeOctets is the content of a signature's BIT STRING. One with unused bits is empty here, and so fits nothing, as
// OpenSSL verifies none.
func wholeOctets(content []byte) ([]byte, error) {
	signature, unused, err := der.Bits(content)
	if unused != 0 {
		signature = nil
	}
	return signature, err
}

// readTBS reads the signed part, which ends at end, and gives the algorithm that it names.
func (c *CRL) readTBS(o *octets, end int64) (algorithm []byte, err error) {
	if o.next(end) == der.Integer {
		version, err := o.element(end, "CRL: version")
		if err != nil || strictInteger(version.Content) != nil {
			return nil, errors.New("CRL: malformed version")
		}
	}
	if algorithm, err = c.readAlgorithm(o, end); err != nil {
		return nil, err
	}
	issuer, err := o.element(end, "CRL: issuer")
	if err != nil {
		return nil, err
	}
	if issuer.ID != der.Sequence {
		return nil, errors.New("CRL: malformed issuer")
	}
	if _, err := dn.Parse(issuer.Full); err != nil {
		return nil, fmt.Errorf("CRL: issuer: %w", err)
	}
	c.rawIssuer = bytes.Clone(issuer.Full)
	c.issuer = chain.CanonicalName(c.rawIssuer)
	if err := c.readTimes(o, end); err != nil {
		return nil, err
	}
	if o.next(end) == der.Sequence {
		stop, err := o.enter(der.Sequence, end, "CRL: entries")
		if err != nil {
			return nil, err
		}
		if err := c.readEntries(o, stop); err != nil {
			return nil, err
		}
	}
	if o.next(end) == der.ContextConstructed {
		extensions, err := o.element(end, "CRL: extensions")
		if err != nil {
			return nil, err
		}
		// What is kept of them are slices of a copy.
		if err := c.parseExtensions(bytes.Clone(extensions.Content)); err != nil {
			return nil, err
		}
	}
	c.entries.sort()
	if o.at() != end {
		return nil, errors.New("CRL: malformed")
	}
	return algorithm, nil
}

// readAlgorithm reads the algorithm inside the signed part and begins to hash by it.
func (c *CRL) readAlgorithm(o *octets, end int64) ([]byte, error) {
	e, err := o.element(end, "CRL: algorithm")
	if err != nil {
		return nil, err
	}
	if e.ID != der.Sequence {
		return nil, errors.New("CRL: malformed algorithm")
	}
	if err := checkAlgorithm(e.Content); err != nil {
		return nil, err
	}
	c.algorithm = chain.ReadAlgorithm(bytes.Clone(e.Full))
	switch hash := c.algorithm.Hash(); {
	case hash != 0:
		o.sum = hash.New()
	case c.algorithm.SignsMessage():
		o.keep = func(part []byte) error {
			if len(c.message)+len(part) > maxMessageBytes {
				return errTooLarge
			}
			c.message = append(c.message, part...)
			return nil
		}
	default:
		o.keep = func([]byte) error { return nil } // nothing verifies it
	}
	return bytes.Clone(e.Full), nil
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

func (c *CRL) readTimes(o *octets, end int64) error {
	e, err := o.element(end, "CRL: thisUpdate")
	if err != nil || !isTime(e) {
		return errors.New("CRL: malformed thisUpdate")
	}
	c.thisUpdate = readTime(e)
	if id := o.next(end); id == der.UTCTime || id == der.GeneralizedTime {
		e, err := o.element(end, "CRL: nextUpdate")
		if err != nil {
			return err
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

// Len is the number of entries.
func (c *CRL) Len() int { return c.entries.count }

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
	// unreadable says that the entries cannot be read any more.
	unreadable bool
	reason     int8
	// date is when it was revoked, in seconds since 1970; 0 if that is not known.
	date uint32
}

// lookup finds the entries of a serial number (INTEGER content) and issuer (canonical name).
func (c *CRL) lookup(serial []byte, issuer string) (f found) {
	f.unreadable = !c.entries.find(serial, func(i item) bool {
		switch {
		case !c.ofIssuer(i, issuer):
			f.foreign = true
		case i.reason == reasonRemoveFromCRL:
			f.removed = true
		default:
			f.revoked, f.reason, f.date = true, i.reason, i.date
		}
		return !f.revoked
	})
	return f
}

func (c *CRL) ofIssuer(i item, issuer string) bool {
	if i.issuer == 0 {
		return issuer == c.issuer
	}
	for _, n := range c.issuers[i.issuer-1] {
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
	s, done := c.verified[issuer.Cert.SHA256]
	if !done {
		s = signed{issuer, c.sameAlgorithm && c.verify(issuer)}
		if len(c.verified) >= maxVerified {
			clear(c.verified)
		}
		c.verified[issuer.Cert.SHA256] = s
	}
	return s.ok
}

// proved reports whether the list's signature was found good by some issuer's key.
func (c *CRL) proved() bool { return len(c.provers()) > 0 }

// provers are the issuers whose keys have verified the list.
func (c *CRL) provers() []*chain.Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []*chain.Info
	for _, s := range c.verified {
		if s.ok {
			list = append(list, s.issuer)
		}
	}
	return list
}

// olderThan reports whether c was issued before other, by the numbers where both are of one second.
func (c *CRL) olderThan(other *CRL) bool {
	if c.thisUpdate.at != other.thisUpdate.at {
		return c.thisUpdate.at < other.thisUpdate.at
	}
	return c.number != nil && other.number != nil && compareNumbers(c.number, other.number) < 0
}

// succeeds reports whether c is signed by an issuer of old and is no older.
func (c *CRL) succeeds(old *CRL) bool {
	if c.thisUpdate.bad || c.olderThan(old) {
		return false
	}
	for _, i := range old.provers() {
		if c.signedBy(i) {
			return true
		}
	}
	return false
}

// maxVerified is how many issuers' verdicts a list remembers.
const maxVerified = 64

func (c *CRL) verify(issuer *chain.Info) bool {
	if c.algorithm.SignsMessage() {
		return c.algorithm.Verify(issuer, c.message, c.signature)
	}
	return c.algorithm.VerifyDigest(issuer, c.digest, c.signature)
}
