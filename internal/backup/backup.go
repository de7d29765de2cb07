// Package backup writes the whole store to a file and reads it back.
//
// # Format
//
// A line of JSON (Header), then the entries as JSON lines, gzipped and encrypted by Tink's streaming AEAD
// (AES256-GCM-HKDF in segments of 1 MiB) under a key of the backup's own, which the header holds sealed by the master key.
// The header is the stream's associated data. Without the master key that made it, or a later one that still holds that
// key, a backup opens nowhere; a backup that was cut or changed does not open to its end.
package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Format and FormatVersion begin every backup's header.
const (
	Format        = "postern-backup"
	FormatVersion = 1
)

// place is what the backup's key is sealed for.
const place = "backup/key"

// maxHeader bounds the header's line, in bytes.
const maxHeader = 64 << 10

// Header is a backup's first line.
type Header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Created is when, Revision the store's revision that the backup holds, Entries how many entries there are.
	Created  time.Time `json:"created"`
	Revision int64     `json:"revision"`
	Entries  int       `json:"entries"`
	// Key is the backup's key, sealed.
	Key string `json:"key"`
}

// Sealer seals the backup's key.
type Sealer interface {
	Seal(associatedData string, plaintext []byte) (string, error)
	Unseal(associatedData, token string) ([]byte, error)
}

// entry is one line of the stream.
type entry struct {
	Key   string `json:"k"`
	Value []byte `json:"v"`
}

// Write writes all of the store, as it is at one revision.
func Write(ctx context.Context, st store.Store, s Sealer, w io.Writer, now time.Time) (Header, error) {
	h := Header{Format: Format, Version: FormatVersion, Created: now.UTC()}
	entries, revision, err := st.List(ctx, "/")
	if err != nil {
		return h, err
	}
	h.Revision, h.Entries = revision, len(entries)
	handle, err := keyset.NewHandle(streamingaead.AES256GCMHKDF1MBKeyTemplate())
	if err != nil {
		return h, fault.Wrap(fault.Internal, err, "a key for the backup cannot be made")
	}
	var clear bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&clear)); err != nil {
		return h, fault.Wrap(fault.Internal, err, "a key for the backup cannot be made")
	}
	if h.Key, err = s.Seal(place, clear.Bytes()); err != nil {
		return h, err
	}
	line, err := json.Marshal(h)
	if err != nil {
		return h, err
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return h, err
	}
	return h, writeEntries(handle, line, entries, w)
}

func writeEntries(handle *keyset.Handle, header []byte, entries []store.Entry, w io.Writer) error {
	cipher, err := streamingaead.New(handle)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the backup's key")
	}
	sealed, err := cipher.NewEncryptingWriter(w, header)
	if err != nil {
		return err
	}
	zipped := gzip.NewWriter(sealed)
	enc := json.NewEncoder(zipped)
	for _, e := range entries {
		if err := enc.Encode(entry{e.Key, e.Value}); err != nil {
			return err
		}
	}
	return errors.Join(zipped.Close(), sealed.Close())
}

// Read reads a backup whole. What is no backup, is damaged or was cut is fault.Invalid; one whose key the master key does
// not open is fault.Internal, as seal has it.
func Read(r io.Reader, s Sealer) (Header, []store.Entry, error) {
	var h Header
	in := bufio.NewReaderSize(r, maxHeader)
	line, err := in.ReadSlice('\n')
	if err != nil || json.Unmarshal(line, &h) != nil || h.Format != Format {
		return h, nil, fault.New(fault.Invalid, "this is no backup of Postern")
	}
	if h.Version != FormatVersion {
		return h, nil, fault.New(fault.Invalid, "the backup is of format %d; this version reads format %d", h.Version, FormatVersion)
	}
	clear, err := s.Unseal(place, h.Key)
	if err != nil {
		return h, nil, err
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(clear)))
	if err != nil {
		return h, nil, damaged(nil) // not wrapped: the error may quote the key
	}
	entries, err := readEntries(handle, bytes.TrimSuffix(bytes.Clone(line), []byte("\n")), in, h.Entries)
	return h, entries, err
}

func damaged(err error) error {
	return fault.Wrap(fault.Invalid, err, "the backup is damaged, or was cut")
}

func readEntries(handle *keyset.Handle, header []byte, in io.Reader, want int) ([]store.Entry, error) {
	cipher, err := streamingaead.New(handle)
	if err != nil {
		return nil, damaged(err)
	}
	open, err := cipher.NewDecryptingReader(in, header)
	if err != nil {
		return nil, damaged(err)
	}
	zipped, err := gzip.NewReader(open)
	if err != nil {
		return nil, damaged(err)
	}
	var entries []store.Entry
	dec := json.NewDecoder(zipped)
	for {
		var e entry
		err := dec.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, damaged(err)
		}
		entries = append(entries, store.Entry{Key: e.Key, Value: e.Value})
	}
	if len(entries) != want {
		return nil, damaged(nil)
	}
	return entries, nil
}

// batch bounds one transaction of Restore.
const (
	batchKeys  = 500
	batchBytes = 8 << 20
)

// ErrNotEmpty says that a store to restore to holds something.
var ErrNotEmpty = errors.New("the store is not empty")

// Restore puts the entries into an empty store. The first transaction asks that it is empty; a mark stays until the last
// has been made, so that a store restored by half is told from a whole one (Unfinished).
func Restore(ctx context.Context, st store.Store, entries []store.Entry) error {
	first := true
	for len(entries) > 0 || first {
		txn := store.Txn{}
		if first {
			txn.If = []store.Condition{store.Empty("/")}
			txn.Then = []store.Op{store.Put(markKey, nil)}
		}
		size := 0
		for len(entries) > 0 && len(txn.Then) < batchKeys && (size == 0 || size+len(entries[0].Value) <= batchBytes) {
			size += len(entries[0].Value)
			txn.Then = append(txn.Then, store.Put(entries[0].Key, entries[0].Value))
			entries = entries[1:]
		}
		if len(entries) == 0 && !first {
			txn.Then = append(txn.Then, store.Delete(markKey))
		}
		if _, err := st.Commit(ctx, txn); err != nil {
			if first && fault.KindOf(err) == fault.PreconditionFailed {
				return fault.Wrap(fault.Conflict, ErrNotEmpty, "a backup is restored to an empty store only")
			}
			return err
		}
		if first && len(entries) == 0 {
			_, err := st.Commit(ctx, store.Txn{Then: []store.Op{store.Delete(markKey)}})
			return err
		}
		first = false
	}
	return nil
}

// markKey stands in a store while a backup is put into it.
const markKey = "/restoring"

// Unfinished tells whether a restore into the store did not come to its end.
func Unfinished(ctx context.Context, st store.Store) (bool, error) {
	_, err := st.Get(ctx, markKey)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}
