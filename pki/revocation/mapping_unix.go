//go:build unix

package revocation

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// mapping is a file in memory that goes away with the last use of it.
type mapping struct{ data []byte }

// mapUnnamed writes the parts into a file of dir that has no name any more, so that nobody else can open or shorten
// it, and maps it for reading.
func mapUnnamed(dir string, size int, parts func(write func([]byte) error) error) (*mapping, error) {
	f, err := os.CreateTemp(dir, indexPrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("index file: %w", err)
	}
	defer f.Close() //nolint:errcheck // the mapping stays
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("index file: %w", err)
	}
	if err := parts(func(b []byte) error { _, err := f.Write(b); return err }); err != nil {
		return nil, fmt.Errorf("index file: %w", err)
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("index file: %w", err)
	}
	m := &mapping{data}
	runtime.AddCleanup(m, func(b []byte) { _ = syscall.Munmap(b) }, data)
	return m, nil
}
