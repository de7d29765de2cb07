package pfx

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Object identifiers of PKCS#12 (RFC 7292 appendix D) and PBMAC1 (RFC 8018 appendix A.5).
const (
	oidKeyBag         = "1.2.840.113549.1.12.10.1.1"
	oidShroudedKeyBag = "1.2.840.113549.1.12.10.1.2"
	oidCertBag        = "1.2.840.113549.1.12.10.1.3"
	oidX509Cert       = "1.2.840.113549.1.9.22.1"
	oidLocalKeyID     = "1.2.840.113549.1.9.21"
	oidPBMAC1         = "1.2.840.113549.1.5.14"
)

// pfxFile is a PFX (RFC 7292 section 4), not yet opened.
type pfxFile struct {
	// kind is the content type of the authenticated safe, content the DER within its [0].
	kind    string
	content []byte
	mac     *macData
}

// macData is MacData: the digest of the whole under a key from the password.
type macData struct {
	algorithm string
	params    []byte
	digest    []byte
	salt      []byte
	rounds    *big.Int
}

// parsePFX reads the outer form of a PKCS#12 file, in BER or DER. Bytes after it are ignored.
func parsePFX(data []byte) (*pfxFile, error) {
	raw, err := der.FromBER(data)
	if err != nil {
		return nil, err
	}
	outer, err := der.One(raw, der.Sequence, "PFX")
	if err != nil {
		return nil, err
	}
	r := der.NewReader(outer.Content)
	if _, err := readInt(r, "version"); err != nil {
		return nil, err
	}
	f := &pfxFile{}
	if f.kind, f.content, err = contentInfo(r); err != nil {
		return nil, err
	}
	if !r.Empty() {
		if f.mac, err = parseMAC(r); err != nil {
			return nil, err
		}
	}
	return f, r.End("PFX")
}

func parseMAC(r *der.Reader) (*macData, error) {
	seq, err := r.Read(der.Sequence, "MAC")
	if err != nil {
		return nil, err
	}
	s := der.NewReader(seq.Content)
	info, err := s.Read(der.Sequence, "MAC digest")
	if err != nil {
		return nil, err
	}
	d := der.NewReader(info.Content)
	m := &macData{rounds: big.NewInt(1)}
	if m.algorithm, m.params, err = readAlgorithm(d, "MAC algorithm"); err != nil {
		return nil, err
	}
	digest, err := d.Read(der.OctetString, "MAC digest")
	if err != nil {
		return nil, err
	}
	salt, err := s.Read(der.OctetString, "MAC salt")
	if err != nil {
		return nil, err
	}
	m.digest, m.salt = digest.Content, salt.Content
	if s.Empty() {
		return m, nil
	}
	if m.rounds, err = readInt(s, "MAC iteration count"); err != nil {
		return nil, err
	}
	return m, s.End("MAC")
}

// verify reports whether the MAC over data fits the password.
func (m *macData) verify(data []byte, p secret, w *work) (bool, error) {
	if m.algorithm == oidPBMAC1 {
		return m.verifyPBMAC1(data, p, w)
	}
	newHash := digests[m.algorithm]
	if newHash == nil {
		return false, fmt.Errorf("%w: MAC digest %s", ErrUnsupported, m.algorithm)
	}
	if len(m.salt) > maxSalt {
		return false, fmt.Errorf("%w: MAC salt is too long", ErrMalformed)
	}
	rounds, err := w.spend(m.rounds, 1)
	if err != nil {
		return false, err
	}
	key := pkcs12KDF(newHash, p.bmp, m.salt, rounds, purposeMAC, newHash().Size())
	return subtle.ConstantTimeCompare(sumMAC(newHash, key, data), m.digest) == 1, nil
}

// verifyPBMAC1 does so for the scheme of RFC 9579.
func (m *macData) verifyPBMAC1(data []byte, p secret, w *work) (bool, error) {
	seq, err := der.One(m.params, der.Sequence, "PBMAC1 parameters")
	if err != nil {
		return false, err
	}
	r := der.NewReader(seq.Content)
	kdf, params, err := readAlgorithm(r, "key derivation")
	if err != nil {
		return false, err
	}
	id, _, err := readAlgorithm(r, "MAC")
	if err != nil {
		return false, err
	}
	newHash := hmacs[id]
	if kdf != oidPBKDF2 || newHash == nil {
		return false, fmt.Errorf("%w: PBMAC1 with %s and %s", ErrUnsupported, kdf, id)
	}
	key, err := pbkdf2Key(params, p.text, 0, w)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sumMAC(newHash, key, data), m.digest) == 1, nil
}

// bag is one item of a file.
type bag struct {
	// value is the DER of the certificate or the key, which is encrypted if shrouded.
	value    []byte
	shrouded bool
	// keyID ties a certificate to its key; nil if there is none.
	keyID []byte
}

// opener opens a file: it holds the passwords still possible and what was found.
type opener struct {
	work *work
	// secrets are the passwords that may be right, one as soon as it has opened something.
	secrets []secret
	// confirmed tells that a MAC or a decryption has proved the password.
	confirmed   bool
	certs, keys []bag
}

// loadPKCS12 opens a file that is known to be a PFX.
func loadPKCS12(data []byte, password *string, w *work) (*cert.Identity, error) {
	f, err := parsePFX(data)
	if err != nil {
		return nil, malformed(err)
	}
	o := &opener{work: w, secrets: candidates(password)}
	if err := o.open(f); err != nil {
		return nil, decryptFailure(err)
	}
	if len(o.certs) == 0 {
		return nil, fail(messageNoCert, ErrNoCertificate, nil)
	}
	return o.identity()
}

func (o *opener) open(f *pfxFile) error {
	if f.kind != oidData {
		return fmt.Errorf("%w: integrity mode %s", ErrMalformed, f.kind)
	}
	e, err := der.One(f.content, der.OctetString, "authenticated safe")
	if err != nil {
		return err
	}
	if f.mac != nil {
		if err := o.confirm(f.mac, e.Content); err != nil {
			return err
		}
	}
	raw, err := der.FromBER(e.Content)
	if err != nil {
		return fmt.Errorf("authenticated safe: %w", err)
	}
	safe, err := der.One(raw, der.Sequence, "authenticated safe")
	if err != nil {
		return err
	}
	for r := der.NewReader(safe.Content); !r.Empty(); {
		kind, content, err := contentInfo(r)
		if err != nil {
			return err
		}
		if err := o.openSafe(kind, content); err != nil {
			return err
		}
	}
	return nil
}

// confirm keeps the password that fits the MAC.
func (o *opener) confirm(m *macData, data []byte) error {
	for _, s := range o.secrets {
		ok, err := m.verify(data, s, o.work)
		if err != nil {
			return err
		}
		if ok {
			o.secrets, o.confirmed = []secret{s}, true
			return nil
		}
	}
	return ErrPassword
}

// unseal decrypts with the passwords that may be right, and keeps the one that was.
func (o *opener) unseal(decrypt func(secret) ([]byte, error)) ([]byte, error) {
	var failure error
	for _, s := range o.secrets {
		plain, err := decrypt(s)
		if err == nil {
			o.secrets, o.confirmed = []secret{s}, true
			return plain, nil
		}
		failure = err
		if !errors.Is(err, ErrPassword) {
			break
		}
	}
	return nil, failure
}

func (o *opener) openSafe(kind string, content []byte) error {
	switch kind {
	case oidData:
		e, err := der.One(content, der.OctetString, "safe contents")
		if err != nil {
			return err
		}
		return o.readBags(e.Content)
	case oidEncryptedData:
		scheme, params, sealed, err := encryptedData(content)
		if err != nil {
			return err
		}
		var bagsErr error
		_, err = o.unseal(func(s secret) ([]byte, error) {
			plain, err := decrypt(scheme, params, sealed, s, o.work)
			if err != nil {
				return nil, err
			}
			// A wrong password can leave a right padding; what is no SafeContents was not decrypted.
			if _, err := der.FromBER(plain); err != nil {
				return nil, errPadding
			}
			bagsErr = o.readBags(plain)
			return plain, nil
		})
		return errors.Join(err, bagsErr)
	}
	return fmt.Errorf("%w: content of type %s", ErrMalformed, kind)
}

// encryptedData reads EncryptedData (RFC 5652 section 8) that holds data.
func encryptedData(content []byte) (scheme string, params, sealed []byte, err error) {
	seq, err := der.One(content, der.Sequence, "encrypted data")
	if err != nil {
		return "", nil, nil, err
	}
	r := der.NewReader(seq.Content)
	if _, err := readInt(r, "version"); err != nil {
		return "", nil, nil, err
	}
	info, err := r.Read(der.Sequence, "encrypted content")
	if err != nil {
		return "", nil, nil, err
	}
	s := der.NewReader(info.Content)
	kind, err := readOID(s, "content type")
	if err != nil {
		return "", nil, nil, err
	}
	if kind != oidData {
		return "", nil, nil, fmt.Errorf("%w: encrypted content of type %s", ErrMalformed, kind)
	}
	if scheme, params, err = readAlgorithm(s, "encryption"); err != nil {
		return "", nil, nil, err
	}
	e, err := s.Next()
	if err != nil || e.ID&^0x20 != der.Context {
		return "", nil, nil, fmt.Errorf("%w: encrypted content missing", ErrMalformed)
	}
	sealed, err = der.Octets(e)
	return scheme, params, sealed, err
}

// readBags reads SafeContents; bags of other kinds than certificates and keys are skipped.
func (o *opener) readBags(data []byte) error {
	raw, err := der.FromBER(data)
	if err != nil {
		return fmt.Errorf("safe contents: %w", err)
	}
	seq, err := der.One(raw, der.Sequence, "safe contents")
	if err != nil {
		return err
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		item, err := r.Read(der.Sequence, "bag")
		if err != nil {
			return err
		}
		if err := o.readBag(item.Content); err != nil {
			return err
		}
		if len(o.certs) > MaxItems || len(o.keys) > MaxItems {
			return fmt.Errorf("%w: more than %d certificates or keys", ErrTooCostly, MaxItems)
		}
	}
	return nil
}

func (o *opener) readBag(content []byte) error {
	r := der.NewReader(content)
	kind, err := readOID(r, "bag type")
	if err != nil {
		return err
	}
	value, err := r.Read(der.ContextConstructed, "bag value")
	if err != nil {
		return err
	}
	b := bag{value: value.Content, shrouded: kind == oidShroudedKeyBag}
	if r.Is(der.Set) {
		attributes, err := r.Next()
		if err != nil {
			return err
		}
		if b.keyID, err = localKeyID(attributes.Content); err != nil {
			return err
		}
	}
	switch kind {
	case oidKeyBag, oidShroudedKeyBag:
		o.keys = append(o.keys, b)
	case oidCertBag:
		raw, isX509, err := certBag(b.value)
		if err != nil {
			return err
		}
		if b.value = raw; isX509 {
			o.certs = append(o.certs, b)
		}
	}
	return r.End("bag")
}

func certBag(value []byte) (raw []byte, isX509 bool, err error) {
	seq, err := der.One(value, der.Sequence, "certificate bag")
	if err != nil {
		return nil, false, err
	}
	r := der.NewReader(seq.Content)
	kind, err := readOID(r, "certificate type")
	if err != nil || kind != oidX509Cert {
		return nil, false, err
	}
	wrapped, err := r.Read(der.ContextConstructed, "certificate")
	if err != nil {
		return nil, false, err
	}
	e, err := der.One(wrapped.Content, der.OctetString, "certificate")
	return e.Content, true, err
}

// localKeyID is the first value of that attribute, nil if there is none.
func localKeyID(attributes []byte) ([]byte, error) {
	for r := der.NewReader(attributes); !r.Empty(); {
		seq, err := r.Read(der.Sequence, "bag attribute")
		if err != nil {
			return nil, err
		}
		s := der.NewReader(seq.Content)
		id, err := readOID(s, "bag attribute")
		if err != nil {
			return nil, err
		}
		values, err := s.Read(der.Set, "bag attribute")
		if err != nil {
			return nil, err
		}
		if id != oidLocalKeyID || len(values.Content) == 0 {
			continue
		}
		e, err := der.NewReader(values.Content).Read(der.OctetString, "local key identifier")
		if err != nil {
			return nil, err
		}
		return append([]byte{}, e.Content...), nil
	}
	return nil, nil
}

// identity joins certificates and keys and chooses the leaf, as .NET does.
func (o *opener) identity() (*cert.Identity, error) {
	keys, err := o.privateKeys()
	if err != nil {
		return nil, err
	}
	list := make([]*cert.Identity, len(o.certs))
	leaf := -1
	for i := len(o.certs) - 1; i >= 0; i-- {
		c, err := cert.Parse(o.certs[i].value)
		if err != nil {
			return nil, malformed(err)
		}
		list[i] = &cert.Identity{Certificate: c}
		if err := o.bind(list[i], o.certs[i], keys); err != nil {
			return nil, err
		}
		if leaf < 0 && list[i].Key != nil {
			leaf = i
		}
	}
	if leaf < 0 {
		leaf = len(list) - 1
	}
	for i, other := range list {
		if i != leaf {
			list[leaf].Chain = append(list[leaf].Chain, other.Certificate)
		}
	}
	return list[leaf], nil
}

// privateKeys opens the key bags; a key that cannot be opened or read is nil.
func (o *opener) privateKeys() ([]crypto.Signer, error) {
	keys := make([]crypto.Signer, len(o.keys))
	for i, b := range o.keys {
		plain := b.value
		if b.shrouded {
			var err error
			plain, err = o.unseal(func(s secret) ([]byte, error) { return decryptKey(b.value, s, o.work) })
			if errors.Is(err, ErrTooCostly) {
				return nil, decryptFailure(err)
			}
			if err != nil {
				continue
			}
		}
		if key, err := parsePKCS8(plain); err == nil {
			keys[i] = key
		}
	}
	return keys, nil
}

// bind finds the certificate's key: by the identifier that both carry, else by the public key.
func (o *opener) bind(id *cert.Identity, b bag, keys []crypto.Signer) error {
	if b.keyID != nil {
		for i, k := range o.keys {
			if !bytes.Equal(k.keyID, b.keyID) || k.keyID == nil {
				continue
			}
			if keys[i] == nil {
				return o.missingKey()
			}
			id.Key = keys[i]
			return nil
		}
	}
	for _, k := range keys {
		candidate := cert.Identity{Certificate: id.Certificate, Key: k}
		if k != nil && candidate.KeyMatches() {
			id.Key = k
			return nil
		}
	}
	return nil
}

func (o *opener) missingKey() error {
	if o.confirmed {
		return fail(messageKey, ErrKey, nil)
	}
	return fail(messagePassword, ErrPassword, nil)
}
