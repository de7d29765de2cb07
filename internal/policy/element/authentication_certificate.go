package element

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
)

var authenticationCertificateSpec = policy.Spec{
	Name: "authentication-certificate",
	Doc:  "Authenticates with the backend by a client certificate: a certificate entity, or a PFX that an expression gives.",
	Attributes: []policy.Attribute{
		{Name: "thumbprint", Doc: "The SHA-1 thumbprint of a certificate entity; one of these three is needed.", Expression: true},
		{Name: "certificate-id", Doc: "The name of a certificate entity, in any case; goes on when the certificate is renewed.", Expression: true},
		{Name: "body", Doc: "The bytes of a PFX.", Expression: true},
		{Name: "password", Doc: "The password of the PFX in body.", Expression: true},
	},
}

var authenticationCertificate = &policy.Element{
	Spec:     authenticationCertificateSpec,
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("authentication-certificate"),
	Compile:  compileAuthenticationCertificate,
}

func compileAuthenticationCertificate(n *policy.Node) policy.Step {
	c := compileClientCertificate(n)
	if c == nil {
		return nil
	}
	return func(x *policy.Run) error {
		id, err := c.eval(x)
		if err != nil {
			return err
		}
		x.Certificate = id
		return nil
	}
}

// clientCertificate is a compiled authentication-certificate.
type clientCertificate struct {
	thumbprint, id, body, password policy.Text
	files                          *pfxCache
}

// compileClientCertificate is nil where it has reported what is wrong.
func compileClientCertificate(n *policy.Node) *clientCertificate {
	c := &clientCertificate{thumbprint: n.Text("thumbprint"), id: n.Text("certificate-id"), body: n.Text("body"), password: n.Text("password"), files: &pfxCache{}}
	given := 0
	for _, t := range []*policy.Text{&c.thumbprint, &c.id, &c.body} {
		if t.Set {
			given++
		}
	}
	switch {
	case given != 1:
		n.Errorf(policy.CodeConflict, "The element 'authentication-certificate' needs one of the attributes 'thumbprint', 'certificate-id' and 'body'.")
	case c.password.Set && !c.body.Set:
		n.AttrErrorf("password", policy.CodeConflict, "The attribute 'password' of 'authentication-certificate' goes with 'body'.")
	case c.body.Set && c.body.Expr == nil && !n.Open("body"):
		n.AttrErrorf("body", policy.CodeAttrValue, "The value of the attribute 'body' of 'authentication-certificate' is an expression that gives the bytes of a PFX.")
	case c.id.Set && c.id.Expr == nil && !n.Open("certificate-id") && !n.HasCertificate(strings.TrimSpace(c.id.Const)):
		n.AttrErrorf("certificate-id", policy.CodeReference, "There is no certificate '%s'.", strings.TrimSpace(c.id.Const))
	case c.thumbprint.Set && c.thumbprint.Expr == nil && !n.Open("thumbprint") && !isThumbprint(hexDigits(c.thumbprint.Const)):
		n.AttrErrorf("thumbprint", policy.CodeAttrValue, "The value of the attribute 'thumbprint' of 'authentication-certificate' is a SHA-1 thumbprint of 40 hexadecimal digits.")
	default:
		return c
	}
	return nil
}

// eval is the certificate for this request. One that is not there, or has no private key, is an error: nothing is sent
// without it.
func (c *clientCertificate) eval(x *policy.Run) (*cert.Identity, error) {
	id, err := c.find(x)
	switch {
	case err != nil:
		return nil, err
	case id.Key == nil:
		return nil, invalid("CertificateHasNoPrivateKey", "The certificate %s has no private key.", id.Certificate.Thumbprint())
	}
	x.Trace("authentication-certificate", "verbose", "Certificate was attached to request per configuration.")
	return id, nil
}

func (c *clientCertificate) find(x *policy.Run) (*cert.Identity, error) {
	switch {
	case c.body.Set:
		return c.load(x)
	case c.id.Set:
		id, err := c.id.Eval(x)
		if err != nil {
			return nil, err
		}
		if found := x.Deployment.CertificateByID(strings.TrimSpace(id)); found != nil {
			return found, nil
		}
		return nil, invalid("CertificateNotFound", "There is no certificate '%s'.", strings.TrimSpace(id))
	}
	thumbprint, err := c.thumbprint.Eval(x)
	if err != nil {
		return nil, err
	}
	if found := x.Deployment.CertificateByThumbprint(hexDigits(thumbprint)); found != nil {
		return found, nil
	}
	return nil, invalid("CertificateNotFound", "There is no certificate with the thumbprint '%s'.", hexDigits(thumbprint))
}

// load reads the PFX that the expression gives. The cause may tell of the file and goes nowhere but the log.
func (c *clientCertificate) load(x *policy.Run) (*cert.Identity, error) {
	body, err := c.body.Expr.Bytes(x)
	if err != nil {
		return nil, err
	}
	password, err := c.password.Eval(x)
	if err != nil {
		return nil, err
	}
	id, err := c.files.load(body, password)
	if err != nil {
		return nil, &policy.Failure{Reason: "CertificateInvalid", Message: "The bytes in body are no PFX that can be opened with the password.", Err: err}
	}
	return id, nil
}

// maxKeptFiles bounds the opened files that one element keeps.
const maxKeptFiles = 16

// pfxCache keeps files that were opened, since opening one costs many rounds of hashing by design. It is safe for
// concurrent use.
type pfxCache struct {
	mu   sync.Mutex
	kept map[[sha256.Size]byte]*cert.Identity
}

func (c *pfxCache) load(body []byte, password string) (*cert.Identity, error) {
	key := fileKey(body, password)
	c.mu.Lock()
	id := c.kept[key]
	c.mu.Unlock()
	if id != nil {
		return id, nil
	}
	id, err := pfx.Load(body, &password)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxKeptFiles {
		c.kept = map[[sha256.Size]byte]*cert.Identity{}
	}
	c.kept[key] = id
	return id, nil
}

// fileKey is a digest of both, apart from each other.
func fileKey(body []byte, password string) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(body))))
	h.Write(body)
	h.Write([]byte(password))
	return [sha256.Size]byte(h.Sum(sum[:0]))
}
