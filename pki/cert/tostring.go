package cert

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Text is X509Certificate2.ToString(verbose) in US English, the dates in UTC.
// A malformed date or version is a CryptographicException, as there.
func (c *Certificate) Text(verbose bool) (string, error) {
	notBefore, err := c.NotBeforeUTC()
	if err != nil {
		return "", err
	}
	notAfter, err := c.NotAfterUTC()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if verbose {
		version, err := c.VersionNumber()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "[Version]\n  V%d\n\n", version)
	}
	c.writeName(&b, "Subject", c.SubjectName(), verbose, false)
	c.writeName(&b, "Issuer", c.IssuerName(), verbose, true)
	fmt.Fprintf(&b, "[Serial Number]\n  %s\n\n[Not Before]\n  %s\n\n[Not After]\n  %s\n\n[Thumbprint]\n  %s\n",
		c.SerialNumber(), longDate(notBefore), longDate(notAfter), c.thumbprint)
	if verbose {
		c.writeDetails(&b)
	}
	return b.String(), nil
}

// longDate is DateTime.ToString() in US English.
func longDate(t time.Time) string {
	return fmt.Sprintf("%d/%d/%04d %s", int(t.Month()), t.Day(), t.Year(), t.Format("3:04:05 PM"))
}

func (c *Certificate) writeName(b *strings.Builder, title, name string, verbose, forIssuer bool) {
	fmt.Fprintf(b, "[%s]\n  %s", title, name)
	if verbose {
		for _, n := range []struct {
			label string
			kind  NameType
		}{{"Simple", SimpleName}, {"Email", EmailName}, {"UPN", UPNName}, {"DNS", DNSNameType}} {
			if value := c.NameInfo(n.kind, forIssuer); value != "" {
				fmt.Fprintf(b, "\n  %s Name: %s", n.label, value)
			}
		}
	}
	b.WriteString("\n\n")
}

func (c *Certificate) writeDetails(b *strings.Builder) {
	signature, key := c.SignatureOID(), c.PublicKeyOID()
	fmt.Fprintf(b, "\n[Signature Algorithm]\n  %s(%s)\n\n[Public Key]\n  Algorithm: %s\n  Length: ",
		signature.FriendlyName, signature.Value, key.FriendlyName)
	if length, ok := c.rsaLength(); ok {
		fmt.Fprintf(b, "%s\n  Key Blob: %s\n  Parameters: %s", length, c.PublicKeyString(), upperHex(c.KeyParams))
	}
	if len(c.Extensions) > 0 {
		b.WriteString("\n\n[Extensions]")
	}
	for _, x := range c.Extensions {
		fmt.Fprintf(b, "\n* %s(%s):\n  %s", x.FriendlyName(), x.oid, x.Format(true))
	}
	b.WriteByte('\n')
}

// rsaLength is the size of an RSA key in bits, empty for keys of other kinds. It is false where
// .NET gives up: the key says RSA and is none. A key that crypto/rsa refuses still has a size.
func (c *Certificate) rsaLength() (string, bool) {
	if c.keyAlgorithmText != oidRSA {
		return "", true
	}
	ints, err := integers(c.KeyBits, 2)
	if err != nil {
		return "", false
	}
	return strconv.Itoa(ints[0].BitLen()), true
}
