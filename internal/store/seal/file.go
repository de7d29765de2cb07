package seal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/postern-gateway/postern/fault"
)

// FileName is the name of the keyset's file in the directory given to Open.
const FileName = "master.key"

// maxFileBytes is far more than a keyset of a hundred keys.
const maxFileBytes = 1 << 20

// keyFile is where a keyset is kept: in the clear, or encrypted by a key management service.
type keyFile struct {
	name string
	// kms encrypts the keyset; nil: it is in the clear.
	kms tink.AEAD
}

// create makes the keyset of a file that is not there yet, and its directory.
func (f keyFile) create() error {
	fresh, err := withNewPrimary(keyset.NewManager())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.name), 0o700); err != nil {
		return fault.Wrap(fault.Invalid, err, "the master key's directory cannot be made")
	}
	return f.write(fresh.handle, func(temporary string) error {
		if err := os.Link(temporary, f.name); err != nil && !errors.Is(err, fs.ErrExist) {
			return err // another process may have been quicker: its keyset it is
		}
		return os.Remove(temporary)
	})
}

// load reads the keyset.
func (f keyFile) load() (*state, error) {
	text, err := readFile(f.name)
	if err != nil {
		return nil, err
	}
	if f.kms == nil {
		return parse(text, "the master key "+f.name)
	}
	handle, err := keyset.Read(keyset.NewJSONReader(bytes.NewReader(text)), f.kms)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the master key %s cannot be opened by the key management service", f.name)
	}
	return newState(handle)
}

// parse reads a keyset in the clear; what names it in errors.
func parse(text []byte, what string) (*state, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		// Not wrapped: a parser's error may quote what it read.
		return nil, fault.New(fault.Invalid, "%s is damaged; restore it from its backup", what)
	}
	return newState(handle)
}

// readFile reads a file that its owner alone may read.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, err, "there is no master key %s", name)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the master key cannot be read")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the master key cannot be read")
	}
	if !info.Mode().IsRegular() {
		return nil, fault.New(fault.Invalid, "the master key %s is not a file", name)
	}
	// Windows has no such bits; there the directory's access list decides.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fault.New(fault.Invalid, "the master key %s is open to others (mode %04o): chmod 600 it, and rotate the key if somebody may have read it", name, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the master key cannot be read")
	}
	if len(text) > maxFileBytes {
		return nil, fault.New(fault.Invalid, "the master key %s is too large to be one", name)
	}
	return text, nil
}

// replace writes a keyset in place of the one there.
func (f keyFile) replace(handle *keyset.Handle) error {
	return f.write(handle, func(temporary string) error { return os.Rename(temporary, f.name) })
}

// write makes a keyset durable under a temporary name and has place put it
// where it belongs, so that the file never holds half a keyset.
func (f keyFile) write(handle *keyset.Handle, place func(temporary string) error) error {
	dir := filepath.Dir(f.name)
	out, err := os.CreateTemp(dir, FileName+".*") // 0600
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the master key cannot be written")
	}
	defer os.Remove(out.Name()) // if it could not be placed
	if f.kms == nil {
		err = insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(out))
	} else {
		err = handle.Write(keyset.NewJSONWriter(out), f.kms)
	}
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = place(out.Name())
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the master key cannot be written")
	}
	return nil
}

// syncDir makes the names in dir durable, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
