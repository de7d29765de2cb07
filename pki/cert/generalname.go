package cert

import (
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// NameKind is the kind of a GeneralName: the context tag number of RFC 5280 section 4.2.1.6.
type NameKind uint8

// The kinds of GeneralName.
const (
	OtherName     NameKind = 0
	RFC822Name    NameKind = 1
	DNSName       NameKind = 2
	X400Address   NameKind = 3
	DirectoryName NameKind = 4
	EDIPartyName  NameKind = 5
	URI           NameKind = 6
	IPAddress     NameKind = 7
	RegisteredID  NameKind = 8
)

// GeneralName is one name of a subject, an issuer or a place (RFC 5280 section 4.2.1.6).
type GeneralName struct {
	// Kind tells which of the fields below is set.
	Kind NameKind
	// Value is the content: the octets of a mail address, DNS name, URI or IP address
	// (4 or 16 bytes; in a name constraint 8 or 32), and the raw content of the other kinds.
	Value []byte
	// Name is the DirectoryName.
	Name dn.Name
	// OID is the RegisteredID, or the type of an OtherName, in dotted form.
	OID string
	// Other is the whole DER of an OtherName's value.
	Other []byte
}

// Text is Value as text, for the kinds that are text.
func (g GeneralName) Text() string { return string(g.Value) }

// ParseGeneralNames reads a GeneralNames SEQUENCE, all of value.
func ParseGeneralNames(value []byte) ([]GeneralName, error) {
	seq, err := der.One(value, der.Sequence, "general names")
	if err != nil {
		return nil, err
	}
	return parseGeneralNames(seq.Content)
}

func parseGeneralNames(content []byte) ([]GeneralName, error) {
	list := []GeneralName{}
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("general name: %w", err)
		}
		g, err := parseGeneralName(e)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

// constructedKinds are the kinds whose encoding is constructed.
const constructedKinds = 1<<OtherName | 1<<X400Address | 1<<DirectoryName | 1<<EDIPartyName

func parseGeneralName(e der.Element) (g GeneralName, err error) {
	g = GeneralName{Kind: NameKind(e.Number), Value: e.Content}
	if e.ID&0xc0 != der.Context || e.Number > int(RegisteredID) || e.Constructed() != (constructedKinds>>e.Number&1 == 1) {
		return g, fmt.Errorf("general name: unexpected tag 0x%02x", e.ID)
	}
	switch g.Kind {
	case OtherName:
		err = g.parseOther()
	case DirectoryName:
		g.Name, err = dn.Parse(e.Content)
	case RegisteredID:
		g.OID, err = der.OIDText(e.Content)
	case EDIPartyName:
		err = checkParty(e.Content)
	}
	if err != nil {
		return g, fmt.Errorf("general name: %w", err)
	}
	return g, nil
}

// constructedTypes are the universal types that are constructed in DER: EXTERNAL, EMBEDDED PDV,
// SEQUENCE, SET and CHARACTER STRING.
const constructedTypes = 1<<8 | 1<<11 | 1<<16 | 1<<17 | 1<<29

func (g *GeneralName) parseOther() error {
	r := der.NewReader(g.Value)
	id, err := r.Read(der.OID, "other name")
	if err != nil {
		return err
	}
	if g.OID, err = der.OIDText(id.Content); err != nil {
		return err
	}
	value, err := r.Read(der.ContextConstructed, "other name")
	if err != nil {
		return err
	}
	inner := der.NewReader(value.Content)
	e, err := inner.Next()
	if err != nil {
		return err
	}
	if e.Universal() && e.Constructed() && constructedTypes>>e.Number&1 == 0 {
		return errors.New("other name: value in pieces")
	}
	g.Other = e.Full
	if !inner.Empty() {
		return errors.New("other name: trailing bytes")
	}
	return r.End("other name")
}

// checkParty reads the two DirectoryStrings of an EDIPartyName.
func checkParty(content []byte) error {
	r := der.NewReader(content)
	assigner, ok, err := r.Optional(der.ContextConstructed, "name assigner")
	if err != nil {
		return err
	}
	if ok && !directoryString(assigner.Content) {
		return errors.New("name assigner: not a directory string")
	}
	party, err := r.Read(der.ContextConstructed+1, "party name")
	if err != nil {
		return err
	}
	if !directoryString(party.Content) {
		return errors.New("party name: not a directory string")
	}
	return r.End("party name")
}

// directoryString reports whether content is one DirectoryString (RFC 5280 section 4.1.2.4).
func directoryString(content []byte) bool {
	r := der.NewReader(content)
	e, err := r.Next()
	if err != nil || !r.Empty() {
		return false
	}
	switch e.ID {
	case der.UTF8String, der.PrintableString, der.T61String, der.BMPString, der.UniversalString:
		return true
	}
	return false
}
