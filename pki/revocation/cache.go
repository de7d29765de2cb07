package revocation

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// diskCache keeps what was downloaded in a directory, so that a restart needs no network. A file is a line of JSON and
// then the octets as they came. Nothing is believed because it lies there: it is read, and its signature verified, as if
// it had just been downloaded. A nil diskCache keeps nothing.
type diskCache struct{ dir string }

// Bounds of the directory.
const (
	maxCacheBytes = 8 << 30
	maxCacheAge   = 60 * 24 * time.Hour
	// maxMetaBytes is the longest first line.
	maxMetaBytes = 8 << 10
	cacheSuffix  = ".got"
	tempSuffix   = ".tmp"
)

// cacheMeta is the first line of a file.
type cacheMeta struct {
	// Key is what was fetched: an address, for answers with what was asked.
	Key string `json:"key"`
	// Fetched is when.
	Fetched time.Time `json:"fetched"`
	validators
}

// openCache makes the directory and sweeps what a crash left.
func openCache(dir string) (*diskCache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("directory of revocation lists: %w", err)
	}
	c := &diskCache{dir}
	c.sweep(time.Now(), 0)
	return c, nil
}

func (c *diskCache) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16])+cacheSuffix)
}

// read opens what is kept under key. A file that is not what it says is removed.
func (c *diskCache) read(key string) (cacheMeta, io.ReadCloser, error) {
	if c == nil {
		return cacheMeta{}, nil, fs.ErrNotExist
	}
	f, err := os.Open(c.path(key))
	if err != nil {
		return cacheMeta{}, nil, err
	}
	r := bufio.NewReaderSize(f, maxMetaBytes)
	line, err := r.ReadSlice('\n')
	var meta cacheMeta
	if err == nil {
		err = json.Unmarshal(line, &meta)
	}
	if err == nil && meta.Key != key {
		err = errors.New("it is of another address")
	}
	if err != nil {
		_ = f.Close()
		c.remove(key)
		return cacheMeta{}, nil, fmt.Errorf("kept file: %w", err)
	}
	return meta, &keptFile{r, f}, nil
}

// keptFile reads through the buffer that has the first line.
type keptFile struct {
	io.Reader
	io.Closer
}

func (c *diskCache) remove(key string) {
	if c != nil {
		_ = os.Remove(c.path(key)) // what stays is looked at again
	}
}

// cacheWriter takes a download on its way; keep puts it in the place of the file before.
type cacheWriter struct {
	file *os.File
	to   string
	err  error
}

// writer begins a file. Where it cannot be written, the download goes on without.
func (c *diskCache) writer(meta cacheMeta) *cacheWriter {
	if c == nil {
		return &cacheWriter{err: fs.ErrNotExist}
	}
	f, err := os.CreateTemp(c.dir, "*"+tempSuffix)
	w := &cacheWriter{file: f, to: c.path(meta.Key), err: err}
	line, jsonErr := json.Marshal(meta)
	if jsonErr != nil || len(line) >= maxMetaBytes {
		w.err = errors.Join(w.err, errors.New("address is too long"))
	}
	w.Write(append(line, '\n')) //nolint:errcheck // kept in err
	return w
}

// Write implements io.Writer. It never fails: what cannot be kept is still used.
func (w *cacheWriter) Write(p []byte) (int, error) {
	if w.err == nil {
		_, w.err = w.file.Write(p)
	}
	return len(p), nil
}

// keep makes the file the one that read finds, after it is on the disk.
func (w *cacheWriter) keep() {
	if w.err == nil {
		w.err = w.file.Sync()
	}
	if w.err == nil {
		w.err = os.Rename(w.file.Name(), w.to)
	}
}

// close ends the writing; what was not kept is removed.
func (w *cacheWriter) close() {
	if w.file == nil {
		return
	}
	_ = w.file.Close()           // synced where it counts
	_ = os.Remove(w.file.Name()) // gone already where it was kept
}

// write keeps a small download.
func (c *diskCache) write(meta cacheMeta, data []byte) {
	w := c.writer(meta)
	defer w.close()
	_, _ = io.Copy(w, bytes.NewReader(data)) // never fails
	w.keep()
}

// touch notes that what is kept under key was fetched again unchanged: only its age counts, for sweep.
func (c *diskCache) touch(key string) {
	if c != nil {
		now := time.Now()
		_ = os.Chtimes(c.path(key), now, now) // it is swept earlier then
	}
}

// sweep removes what a crash left longer than abandoned ago, what is old, and the oldest of what is too much.
func (c *diskCache) sweep(now time.Time, abandoned time.Duration) {
	if c == nil {
		return
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	sum := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		left := strings.HasSuffix(e.Name(), tempSuffix) || strings.HasPrefix(e.Name(), indexPrefix)
		switch {
		case left && now.Sub(info.ModTime()) >= abandoned, now.Sub(info.ModTime()) > maxCacheAge:
			_ = os.Remove(filepath.Join(c.dir, e.Name())) // the next sweep tries again
		case strings.HasSuffix(e.Name(), cacheSuffix):
			files, sum = append(files, info), sum+info.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	for _, f := range files {
		if sum <= maxCacheBytes {
			return
		}
		if os.Remove(filepath.Join(c.dir, f.Name())) == nil {
			sum -= f.Size()
		}
	}
}
