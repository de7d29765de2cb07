package verify

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/postern-gateway/postern/fault"
)

// maxLineBytes is the longest line that Lines reads.
const maxLineBytes = 64 << 20

// Lines reads a Case a line and writes its Report, in the same order. Empty lines are skipped. A
// line that is no JSON object ends it with a fault.Invalid that names the line.
func Lines(in io.Reader, out io.Writer, opts Options) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 1<<16), maxLineBytes)
	w := bufio.NewWriter(out)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c Case
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return errors.Join(w.Flush(), fault.Wrap(fault.Invalid, err, "line %d is not a case", n))
		}
		if err := encoder.Encode(Run(c, opts)); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		// Each report is out before the next line is read, so that a program may talk to us line by line.
		if err := w.Flush(); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fault.Wrap(fault.Invalid, err, "cannot read the cases")
	}
	return nil
}
