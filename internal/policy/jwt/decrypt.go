package jwt

import (
	"crypto/rsa"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// DecryptionKey opens encrypted tokens (RFC 7516): a secret, shared directly or wrapping the key, or an RSA key.
type DecryptionKey struct {
	Secret []byte
	RSA    *rsa.PrivateKey
}

// The algorithms of encrypted tokens: those of the service's page. RSA1_5 is not among them: answering it tells a client
// whether a padding was right.
var (
	secretAlgorithms = []jose.KeyAlgorithm{jose.DIRECT, jose.A128KW, jose.A192KW, jose.A256KW}
	rsaAlgorithms    = []jose.KeyAlgorithm{jose.RSA_OAEP, jose.RSA_OAEP_256}
	encryptions      = []jose.ContentEncryption{jose.A128CBC_HS256, jose.A192CBC_HS384, jose.A256CBC_HS512}
)

// decrypt is the token inside an encrypted one.
func (p *Params) decrypt(token string, parts []string) (string, *Error) {
	header, ok := object(parts[0])
	if !ok {
		return "", badHeader()
	}
	if _, critical := header["crit"]; critical {
		return "", wrong(Malformed, "IDX14102", "The header 'crit' names headers that must be understood, and none is.")
	}
	if _, compressed := header["zip"]; compressed {
		return "", wrong(Malformed, "IDX10682", "Compressed tokens are not taken.")
	}
	if len(p.Decryption) == 0 {
		return "", wrong(Decryption, "IDX10609", "Decryption failed. No Keys tried: token: '%s'.", hidden)
	}
	for i := range p.Decryption {
		if inner, err := p.Decryption[i].open(token); err == nil {
			return inner, nil
		}
	}
	return "", wrong(Decryption, "IDX10603", "Decryption failed. Keys tried: '%d'.", len(p.Decryption))
}

func (k *DecryptionKey) open(token string) (string, error) {
	var key any = k.RSA
	algorithms := rsaAlgorithms
	if k.RSA == nil {
		if len(k.Secret) == 0 {
			return "", errors.New("there is no key")
		}
		key, algorithms = k.Secret, secretAlgorithms
	}
	object, err := jose.ParseEncryptedCompact(token, algorithms, encryptions)
	if err != nil {
		return "", err
	}
	inner, err := object.Decrypt(key)
	return string(inner), err
}
