package chain

import (
	"fmt"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// NameKind is the kind of a GeneralName: its tag number (RFC 5280 section 4.2.1.6).
type NameKind uint8

// The kinds of GeneralName.
const (
	NameOther     NameKind = 0
	NameMail      NameKind = 1
	NameDNS       NameKind = 2
	NameX400      NameKind = 3
	NameDirectory NameKind = 4
	NameEDI       NameKind = 5
	NameURI       NameKind = 6
	NameIP        NameKind = 7
	NameID        NameKind = 8
)

// GeneralName is one name of a subject, an issuer or a distribution point.
type GeneralName struct {
	// Kind says how to read the rest.
	Kind NameKind
	// Value is the content octets: the text, the address, or what is inside the tag.
	Value []byte
	// Directory is the canonical form of a directoryName.
	Directory string
	// TypeID is the type of an otherName in dotted form.
	TypeID string
}

// ReadGeneralNames reads the content of a GeneralNames (RFC 5280 section 4.2.1.6).
func ReadGeneralNames(content []byte) ([]GeneralName, error) {
	var names []GeneralName
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		n, err := readGeneralName(e)
		if err != nil {
			return nil, err
		}
		names = append(names, n)
	}
	return names, nil
}

func readGeneralName(e der.Element) (GeneralName, error) {
	n := GeneralName{Kind: NameKind(e.Number), Value: e.Content}
	if e.ID&0xc0 != der.Context || e.Number > int(NameID) {
		return n, fmt.Errorf("general name: unexpected tag 0x%02x", e.ID)
	}
	made := n.Kind == NameOther || n.Kind == NameX400 || n.Kind == NameDirectory || n.Kind == NameEDI
	if made != e.Constructed() {
		return n, fmt.Errorf("general name: unexpected tag 0x%02x", e.ID)
	}
	switch n.Kind {
	case NameOther:
		return readOtherName(n, e)
	case NameEDI:
		return n, checkEDI(e)
	case NameID:
		_, err := der.OIDText(e.Content)
		return n, err
	case NameDirectory:
		if _, err := dn.Parse(e.Content); err != nil {
			return n, err
		}
		n.Directory = CanonicalName(e.Content)
	}
	return n, nil
}

// checkEDI checks the form of an EDIPartyName: an optional assigner and a party.
func checkEDI(e der.Element) error {
	r := der.NewReader(e.Content)
	if _, _, err := r.Optional(der.ContextConstructed, "EDI party"); err != nil {
		return err
	}
	if _, err := r.Read(der.ContextConstructed+1, "EDI party"); err != nil {
		return err
	}
	return r.End("EDI party")
}

func readOtherName(n GeneralName, e der.Element) (GeneralName, error) {
	r := der.NewReader(e.Content)
	id, err := r.Read(der.OID, "other name")
	if err != nil {
		return n, err
	}
	if n.TypeID, err = der.OIDText(id.Content); err != nil {
		return n, err
	}
	value, err := r.Read(der.ContextConstructed, "other name")
	if err != nil {
		return n, err
	}
	n.Value = value.Content
	inner := der.NewReader(value.Content)
	if _, err := inner.Next(); err != nil {
		return n, fmt.Errorf("other name: %w", err)
	}
	if err := inner.End("other name"); err != nil {
		return n, err
	}
	return n, r.End("other name")
}
