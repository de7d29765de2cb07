package revocation

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// entryReader reads the entries of a list one after another.
type entryReader struct {
	list *CRL
	// likely is how many octets of index are to be expected, known after the first entry.
	likely int
	// issuer is the certificateIssuer that holds for the entries that follow; 0 is the list's own.
	issuer uint32
}

// readEntries reads revokedCertificates up to stop.
func (c *CRL) readEntries(o *octets, stop int64) error {
	r := entryReader{list: c}
	for o.at() < stop {
		e, err := o.element(stop, "CRL: entry")
		if err != nil {
			return err
		}
		if e.ID != der.Sequence {
			return fmt.Errorf("CRL: entry: unexpected tag 0x%02x", e.ID)
		}
		if r.likely == 0 {
			r.likely = r.expect(e, stop-o.at()+int64(len(e.Full)))
		}
		if err := r.read(e.Content); err != nil {
			return err
		}
	}
	return nil
}

// expect is how many octets the index of all entries takes if they are like the first.
func (r *entryReader) expect(first der.Element, all int64) int {
	serial, err := der.NewReader(first.Content).Next()
	if err != nil {
		return 0
	}
	count := all/int64(len(first.Full)) + 1
	return int(count * int64(len(serial.Content)+metaPlain))
}

// read reads one entry. Nearly all have a short serial number, a UTCTime and at most a reason, which cost no call.
func (r *entryReader) read(content []byte) error {
	serial, rest, err := readSerial(content)
	if err != nil {
		return err
	}
	i := item{reason: reasonNone}
	if len(rest) >= 15 && rest[0] == der.UTCTime && rest[1] == 13 {
		i.date, rest = utcSeconds(rest[2:15]), rest[15:]
	} else if i.date, rest, err = readDate(rest); err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
	case len(rest) == len(reasonHead)+1 && bytes.Equal(rest[:len(reasonHead)], reasonHead) && rest[len(reasonHead)] < 128:
		i.reason = int8(rest[len(reasonHead)])
	default:
		if err := r.readExtensions(rest, &i); err != nil {
			return err
		}
	}
	i.issuer = r.issuer
	r.list.entries.add(serial, i, r.likely)
	return nil
}

// reasonHead is the DER of entry extensions that are a reason alone, up to the reason.
var reasonHead = []byte{0x30, 12, 0x30, 10, 0x06, 3, 0x55, 0x1d, 21, 0x04, 3, 0x0a, 1}

func readSerial(content []byte) (serial, rest []byte, err error) {
	if len(content) > 2 && content[0] == der.Integer && content[1] < 0x80 && len(content) >= 2+int(content[1]) {
		end := 2 + int(content[1])
		serial, rest = content[2:end], content[end:]
	} else {
		r := der.NewReader(content)
		e, err := r.Read(der.Integer, "CRL: serial number")
		if err != nil {
			return nil, nil, err
		}
		serial, rest = e.Content, r.Rest()
	}
	if err := strictInteger(serial); err != nil {
		return nil, nil, fmt.Errorf("CRL: serial number: %w", err)
	}
	if len(serial) > maxSerialBytes {
		return nil, nil, errors.New("CRL: serial number is too long")
	}
	return serial, rest, nil
}

// maxSerialBytes is the longest serial number that is taken; RFC 5280 allows 20 octets.
const maxSerialBytes = 1<<16 - 1

func readDate(data []byte) (seconds uint32, rest []byte, err error) {
	r := der.NewReader(data)
	e, err := r.Next()
	if err != nil || !isTime(e) {
		return 0, nil, errors.New("CRL: malformed revocation date")
	}
	if t := readTime(e); !t.bad && t.at > 0 && t.at < 1<<32 {
		seconds = uint32(t.at)
	}
	return seconds, r.Rest(), nil
}

// utcSeconds reads a UTCTime with seconds and Z; 0 if it is none or before 1970.
func utcSeconds(b []byte) uint32 {
	var v [6]int
	for n := range v {
		a, c := b[2*n]-'0', b[2*n+1]-'0'
		if a > 9 || c > 9 {
			return 0
		}
		v[n] = int(a)*10 + int(c)
	}
	year, month, day := v[0]+2000, v[1], v[2]
	if v[0] >= 50 {
		year = v[0] + 1900
	}
	if b[12] != 'Z' || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || v[3] > 23 || v[4] > 59 || v[5] > 59 {
		return 0
	}
	// Days since 1970 of a date whose year begins in March.
	y, m := year, month-3
	if m < 0 {
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + day - 719469
	return uint32(((days*24+v[3])*60+v[4])*60 + v[5])
}

// readExtensions reads what an entry says beyond its serial number and date.
func (r *entryReader) readExtensions(data []byte, i *item) error {
	outer := der.NewReader(data)
	list, err := outer.Read(der.Sequence, "CRL: entry extensions")
	if err != nil {
		return err
	}
	for x := der.NewReader(list.Content); !x.Empty(); {
		oid, critical, value, err := readExtension(x)
		if err != nil {
			return err
		}
		switch oid {
		case oidCertIssuer:
			names, err := readNames(bytes.Clone(value))
			if err != nil {
				r.list.doubts("malformed certificateIssuer in an entry")
				continue
			}
			if len(r.list.issuers) >= maxIssuers {
				return errors.New("CRL: too many issuers of entries")
			}
			r.name(names)
			continue
		case oidReason:
			// A reason that cannot be read is none: the certificate stays revoked.
			i.reason = readReason(value)
		}
		if critical && r.list.criticalUnknown == "" {
			r.list.criticalUnknown = "in an entry: " + oid
		}
	}
	return outer.End("CRL: entry")
}

// maxIssuers bounds the entries that name an issuer.
const maxIssuers = 1 << 16

// name begins the entries of another issuer.
func (r *entryReader) name(names []chain.GeneralName) {
	r.list.issuers = append(r.list.issuers, names)
	r.issuer = uint32(len(r.list.issuers))
}
