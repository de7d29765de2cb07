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

	"github.com/postern-gateway/postern/fault"
)

// FileName is the name of the keyset's file in the directory given to Open.
const FileName = "master.key"

// maxFileBytes is far more than a keyset of a hundred keys.
const maxFileBytes = 1 << 20

// Open returns the sealer of the keyset in dir, made if there is none. It
// refuses a keyset that others may read or that is damaged: fault of Kind Invalid.
func Open(dir string) (*Sealer, error) {
	s, err := OpenExisting(dir)
	if fault.KindOf(err) != fault.NotFound {
		return s, err
	}
	fresh, err := withNewPrimary(keyset.NewManager())
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the master key's directory cannot be made")
	}
	if err := createFile(filepath.Join(dir, FileName), fresh.handle); err != nil {
		return nil, err
	}
	return OpenExisting(dir) // another process may have been quicker: its keyset it is
}

// OpenExisting is Open where a keyset must be there, as when there are
// secrets already: fault of Kind NotFound if it is not.
func OpenExisting(dir string) (*Sealer, error) {
	file := filepath.Join(dir, FileName)
	current, err := load(file)
	if err != nil {
		return nil, err
	}
	s := &Sealer{file: file}
	s.state.Store(current)
	return s, nil
}

// load reads the keyset in file.
func load(file string) (*state, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		// Not wrapped: a parser's error may quote what it read.
		return nil, fault.New(fault.Invalid, "the master key %s is damaged; restore it from its backup", file)
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

// createFile writes a keyset to name, unless there is one.
func createFile(name string, handle *keyset.Handle) error {
	return writeFile(name, handle, func(temporary string) error {
		if err := os.Link(temporary, name); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Remove(temporary)
	})
}

// replaceFile writes a keyset to name in place of the one there.
func replaceFile(name string, handle *keyset.Handle) error {
	return writeFile(name, handle, func(temporary string) error { return os.Rename(temporary, name) })
}

// writeFile makes a keyset durable under a temporary name and has place put it
// where it belongs, so that name never holds half a keyset.
func writeFile(name string, handle *keyset.Handle, place func(temporary string) error) error {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, FileName+".*") // 0600
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the master key cannot be written")
	}
	defer os.Remove(f.Name()) // if it could not be placed
	err = insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(f))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = place(f.Name())
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
