package element

import (
	"crypto/rsa"
	"encoding/base64"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/jwt"
)

// signingKey is a key of issuer-signing-keys: known when the document is compiled, or found for each request.
type signingKey struct {
	fixed       jwt.Key
	id          string
	certificate string
	secret      policy.Text
}

func compileSigningKeys(n *policy.Node) []signingKey {
	var list []signingKey
	if n == nil {
		return nil
	}
	for _, child := range n.Children("key") {
		k := signingKey{id: child.Literal("id"), certificate: child.Literal("certificate-id"), secret: child.TrimmedBody()}
		switch {
		case !oneOf(child, "a secret, certificate-id, or n and e", written(&k.secret), child.Has("certificate-id"), child.Has("n") || child.Has("e")):
		case k.certificate != "":
			checkEntity(child, k.certificate)
		case child.Has("n") || child.Has("e"):
			key, err := jwt.RSAKey(k.id, child.Literal("n"), child.Literal("e"))
			if err != nil && !child.Open("n") && !child.Open("e") {
				child.Errorf(policy.CodeAttrValue, "The attributes 'n' and 'e' are no key: %s.", err)
			}
			k.fixed = key
		default:
			checkSecret(child, &k.secret)
		}
		list = append(list, k)
	}
	return list
}

// oneOf reports whether one of some ways of writing a key is used, and says so if not.
func oneOf(n *policy.Node, ways string, used ...bool) bool {
	count := 0
	for _, u := range used {
		if u {
			count++
		}
	}
	if count != 1 {
		n.Errorf(policy.CodeConflict, "The element 'key' needs %s, and one of these only.", ways)
	}
	return count == 1
}

func checkEntity(n *policy.Node, id string) {
	if !n.Open("certificate-id") && !n.HasCertificate(id) {
		n.AttrErrorf("certificate-id", policy.CodeReference, "There is no certificate '%s'.", id)
	}
}

func checkSecret(n *policy.Node, t *policy.Text) {
	if t.Expr == nil && !n.OpenText() {
		if _, ok := secretBytes(t.Const); !ok {
			n.Errorf(policy.CodeAttrValue, "The text of 'key' is no secret in base64.")
		}
	}
}

// secretBytes reads a secret in base64.
func secretBytes(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	return b, err == nil && len(b) > 0
}

// secretOf is the secret of a key's text for this request.
func secretOf(x *policy.Run, t *policy.Text) ([]byte, error) {
	text, err := t.Eval(x)
	if err != nil {
		return nil, err
	}
	b, ok := secretBytes(text)
	if !ok {
		return nil, invalid("InvalidKey", "The text of a key is no secret in base64.")
	}
	return b, nil
}

func signingKeys(x *policy.Run, list []signingKey) ([]jwt.Key, error) {
	var keys []jwt.Key
	for i := range list {
		k := &list[i]
		switch {
		case k.fixed.RSA != nil:
			keys = append(keys, k.fixed)
		case k.certificate != "":
			e := x.Deployment.CertificateByID(k.certificate)
			if e == nil {
				return nil, invalid("CertificateNotFound", "There is no certificate '%s'.", k.certificate)
			}
			key, err := jwt.CertificateKey(e.Certificate.Raw)
			if err != nil {
				return nil, &policy.Failure{Reason: "InvalidKey", Message: "The certificate '" + k.certificate + "' verifies no tokens.", Err: err}
			}
			if k.id != "" {
				key.ID, key.Fold = k.id, false
			}
			keys = append(keys, key)
		default:
			secret, err := secretOf(x, &k.secret)
			if err != nil {
				return nil, err
			}
			keys = append(keys, jwt.Key{ID: k.id, Secret: secret})
		}
	}
	return keys, nil
}

// decryptionKey is a key of decryption-keys.
type decryptionKey struct {
	certificate string
	secret      policy.Text
}

func compileDecryptionKeys(n *policy.Node) []decryptionKey {
	var list []decryptionKey
	if n == nil {
		return nil
	}
	for _, child := range n.Children("key") {
		k := decryptionKey{child.Literal("certificate-id"), child.TrimmedBody()}
		switch {
		case !oneOf(child, "a secret or certificate-id", written(&k.secret), child.Has("certificate-id")):
		case k.certificate != "":
			checkEntity(child, k.certificate)
		default:
			checkSecret(child, &k.secret)
		}
		list = append(list, k)
	}
	return list
}

func decryptionKeys(x *policy.Run, list []decryptionKey) ([]jwt.DecryptionKey, error) {
	var keys []jwt.DecryptionKey
	for i := range list {
		k := &list[i]
		if k.certificate == "" {
			secret, err := secretOf(x, &k.secret)
			if err != nil {
				return nil, err
			}
			keys = append(keys, jwt.DecryptionKey{Secret: secret})
			continue
		}
		e := x.Deployment.CertificateByID(k.certificate)
		if e == nil {
			return nil, invalid("CertificateNotFound", "There is no certificate '%s'.", k.certificate)
		}
		private, ok := e.Key.(*rsa.PrivateKey)
		if !ok {
			return nil, invalid("InvalidKey", "The certificate '%s' has no RSA key to decrypt with.", k.certificate)
		}
		keys = append(keys, jwt.DecryptionKey{RSA: private})
	}
	return keys, nil
}

// written reports whether an element has a text.
func written(t *policy.Text) bool { return t.Expr != nil || t.Const != "" }
