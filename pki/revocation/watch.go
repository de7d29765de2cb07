package revocation

import (
	"errors"
	"os"
	"time"
)

// fileWatch tells when a file of the operator's is to be read: at first, and when it has changed and is not being written
// any more, so that half a file is not taken for the whole.
type fileWatch struct {
	path string
	// read is the version that was read last, seen the newest that was looked at.
	read, seen fileMark
	// gone says that the file was not there when it was looked at last.
	gone bool
}

// fileMark tells versions of a file apart.
type fileMark struct {
	size     int64
	modified time.Time
}

// due reports whether the file is to be read now. A file that cannot be looked at is an error once.
func (w *fileWatch) due() (bool, error) {
	mark, err := markOf(w.path)
	if err != nil {
		told := w.gone
		w.gone = true
		if told {
			return false, nil
		}
		return false, err
	}
	w.gone = false
	first := w.read == fileMark{}
	steady := mark == w.seen
	w.seen = mark
	if mark == w.read || (!first && !steady) {
		return false, nil
	}
	w.read = mark
	return true, nil
}

func markOf(path string) (fileMark, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileMark{}, err
	}
	if info.IsDir() {
		return fileMark{}, errors.New("it is a directory")
	}
	return fileMark{info.Size(), info.ModTime()}, nil
}
