package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/postern-gateway/postern/fault"
)

// Config says where the master key is.
type Config struct {
	// File holds the keyset.
	File string
	// Keyset is the keyset itself, as the environment gives it: the JSON of a file, or that in base64. File is not used then.
	Keyset string
	// KMS, a key of a key management service, encrypts the file's keyset; nil: it is in the clear.
	KMS tink.AEAD
	// Existing tells that the keyset must be there, as where there are secrets already.
	Existing bool
}

// OpenConfig returns the sealer of a keyset. A file that is not there is made, but where it has to exist: fault of Kind
// NotFound. A keyset that others may read or that is damaged is refused: Kind Invalid; one that its key management
// service does not open: Kind Unavailable.
func OpenConfig(c Config) (*Sealer, error) {
	if c.Keyset != "" {
		current, err := parse(keysetText(c.Keyset), "the master key of the environment")
		if err != nil {
			return nil, err
		}
		s := new(Sealer)
		s.state.Store(current)
		return s, nil
	}
	file := keyFile{c.File, c.KMS}
	current, err := file.load()
	if fault.KindOf(err) == fault.NotFound && err != nil && !c.Existing {
		if err := file.create(); err != nil {
			return nil, err
		}
		current, err = file.load()
	}
	if err != nil {
		return nil, err
	}
	s := &Sealer{file: &file}
	s.state.Store(current)
	return s, nil
}

// Open is OpenConfig of the keyset in DIR/master.key, in the clear.
func Open(dir string) (*Sealer, error) {
	return OpenConfig(Config{File: filepath.Join(dir, FileName)})
}

// OpenExisting is Open where a keyset must be there.
func OpenExisting(dir string) (*Sealer, error) {
	return OpenConfig(Config{File: filepath.Join(dir, FileName), Existing: true})
}

// keysetText takes a keyset in JSON, or that in base64.
func keysetText(text string) []byte {
	text = strings.TrimSpace(text)
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		return raw
	}
	return []byte(text)
}

// Generate makes the text of a keyset for the environment: a new one, or with a further key, which seals from then on,
// where previous is the text of one.
func Generate(previous string) (string, error) {
	manager := keyset.NewManager()
	if previous != "" {
		current, err := parse(keysetText(previous), "the keyset")
		if err != nil {
			return "", err
		}
		manager = keyset.NewManagerFromHandle(current.handle)
	}
	next, err := withNewPrimary(manager)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(next.handle, keyset.NewJSONWriter(&text)); err != nil {
		return "", fault.Wrap(fault.Internal, errors.New("it cannot be written"), "a keyset")
	}
	return strings.TrimSpace(text.String()), nil
}
