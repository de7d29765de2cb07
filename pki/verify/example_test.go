package verify_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/pki/verify"
)

// A case whose certificate cannot be read is refused; the explanation says why.
func ExampleLines() {
	cases := strings.NewReader(`{"id":"1","leaf":"","roots":[]}`)
	var reports bytes.Buffer
	if err := verify.Lines(cases, &reports, verify.Options{}); err != nil {
		fmt.Println(err)
	}
	verdict, _, _ := strings.Cut(reports.String(), `,"explanation"`)
	fmt.Println(verdict)
	// Output: {"id":"1","verify":false,"verifyStatus":[],"verifyNoRevocation":false,"verifyNoRevocationStatus":[],"chainLength":null
}
