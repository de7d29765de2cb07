//go:build !unix

package revocation

import "errors"

// mapping is a file in memory; there is none on this system.
type mapping struct{ data []byte }

// mapUnnamed is not possible here: indexes stay on the heap.
func mapUnnamed(string, int, func(func([]byte) error) error) (*mapping, error) {
	return nil, errors.New("files are not mapped on this system")
}
