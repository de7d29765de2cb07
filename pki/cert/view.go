package cert

import (
	"errors"

	"github.com/postern-gateway/postern/pki/dn"
)

// View is a certificate as .NET shows it, for machines: the fields, their names and their order
// are those of `postern cert show --json`. A member that throws is {"error": type}.
type View struct {
	Subject            string          `json:"subject"`
	Issuer             string          `json:"issuer"`
	SubjectName        string          `json:"subjectName"`
	IssuerName         string          `json:"issuerName"`
	Thumbprint         string          `json:"thumbprint"`
	SerialNumber       string          `json:"serialNumber"`
	NotBefore          any             `json:"notBefore"`
	NotAfter           any             `json:"notAfter"`
	Version            any             `json:"version"`
	FriendlyName       string          `json:"friendlyName"`
	HasPrivateKey      bool            `json:"hasPrivateKey"`
	SignatureAlgorithm string          `json:"signatureAlgorithm"`
	KeyAlgorithm       string          `json:"keyAlgorithm"`
	PublicKeyOID       string          `json:"publicKeyOid"`
	PublicKey          string          `json:"publicKey"`
	CertHash           string          `json:"certHash"`
	HashCode           int32           `json:"hashCode"`
	Text               any             `json:"toString"`
	VerboseText        any             `json:"toStringVerbose"`
	SimpleName         string          `json:"nameInfoSimpleName"`
	SimpleNameIssuer   string          `json:"nameInfoSimpleNameIssuer"`
	EmailName          string          `json:"nameInfoEmailName"`
	EmailNameIssuer    string          `json:"nameInfoEmailNameIssuer"`
	UPNName            string          `json:"nameInfoUpnName"`
	UPNNameIssuer      string          `json:"nameInfoUpnNameIssuer"`
	DNSName            string          `json:"nameInfoDnsName"`
	DNSNameIssuer      string          `json:"nameInfoDnsNameIssuer"`
	DNSFromAlt         string          `json:"nameInfoDnsFromAlternativeName"`
	DNSFromAltIssuer   string          `json:"nameInfoDnsFromAlternativeNameIssuer"`
	URLName            string          `json:"nameInfoUrlName"`
	URLNameIssuer      string          `json:"nameInfoUrlNameIssuer"`
	Decode             DecodedView     `json:"decode"`
	Extensions         []ExtensionView `json:"extensions"`
}

// DecodedView is SubjectName.Decode with one flag each.
type DecodedView struct {
	None             string `json:"None"`
	Reversed         string `json:"Reversed"`
	UseSemicolons    string `json:"UseSemicolons"`
	DoNotUseQuotes   string `json:"DoNotUseQuotes"`
	UseNewLines      string `json:"UseNewLines"`
	DoNotUsePlusSign string `json:"DoNotUsePlusSign"`
}

// ExtensionView is one extension. Name is nil if .NET has none for it.
type ExtensionView struct {
	OID         string  `json:"oid"`
	Name        *string `json:"name"`
	Critical    bool    `json:"critical"`
	Format      string  `json:"format"`
	FormatMulti string  `json:"formatMulti"`
}

// thrown is the JSON of a member that throws.
type thrown struct {
	Error string `json:"error"`
}

// NewView shows c; hasKey tells whether a private key came with it.
func NewView(c *Certificate, hasKey bool) View {
	signature, key := c.SignatureOID(), c.PublicKeyOID()
	v := View{
		Subject: c.SubjectName(), Issuer: c.IssuerName(), SubjectName: c.SubjectName(), IssuerName: c.IssuerName(),
		Thumbprint: c.thumbprint, SerialNumber: c.SerialNumber(), Version: orThrown(c.VersionNumber()), HasPrivateKey: hasKey,
		SignatureAlgorithm: signature.FriendlyName + "|" + signature.Value, KeyAlgorithm: key.Value,
		PublicKeyOID: key.FriendlyName + "|" + key.Value, PublicKey: c.PublicKeyString(),
		CertHash: c.thumbprint, HashCode: c.HashCode(), Text: orThrown(c.Text(false)), VerboseText: orThrown(c.Text(true)),
		NotBefore: thrown{CryptographicException}, NotAfter: thrown{CryptographicException},
		Decode: decodedView(c.Subject), Extensions: []ExtensionView{},
	}
	const roundTrip = "2006-01-02T15:04:05.0000000Z"
	if t, err := c.NotBeforeUTC(); err == nil {
		v.NotBefore = t.Format(roundTrip)
	}
	if t, err := c.NotAfterUTC(); err == nil {
		v.NotAfter = t.Format(roundTrip)
	}
	for kind, targets := range map[NameType][2]*string{
		SimpleName: {&v.SimpleName, &v.SimpleNameIssuer}, EmailName: {&v.EmailName, &v.EmailNameIssuer},
		UPNName: {&v.UPNName, &v.UPNNameIssuer}, DNSNameType: {&v.DNSName, &v.DNSNameIssuer},
		DNSFromAlternativeName: {&v.DNSFromAlt, &v.DNSFromAltIssuer}, URLName: {&v.URLName, &v.URLNameIssuer},
	} {
		*targets[0], *targets[1] = c.NameInfo(kind, false), c.NameInfo(kind, true)
	}
	for _, x := range c.Extensions {
		e := ExtensionView{OID: x.oid, Critical: x.Critical, Format: x.Format(false), FormatMulti: x.Format(true)}
		if name := x.FriendlyName(); name != "" {
			e.Name = &name
		}
		v.Extensions = append(v.Extensions, e)
	}
	return v
}

func decodedView(n dn.Name) DecodedView {
	return DecodedView{
		None: n.Decode(dn.None), Reversed: n.Decode(dn.Reversed), UseSemicolons: n.Decode(dn.UseSemicolons),
		DoNotUseQuotes: n.Decode(dn.DoNotUseQuotes), UseNewLines: n.Decode(dn.UseNewLines),
		DoNotUsePlusSign: n.Decode(dn.DoNotUsePlusSign),
	}
}

// orThrown is value, or the JSON of the exception that err is.
func orThrown[T any](value T, err error) any {
	if err == nil {
		return value
	}
	if e, ok := errors.AsType[*Exception](err); ok {
		return thrown{e.Type}
	}
	return thrown{CryptographicException}
}
