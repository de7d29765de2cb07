package revocation_test

import (
	"fmt"
	"net/http"
	"net/netip"

	"github.com/postern-gateway/postern/pki/revocation"
)

// What an unknown status means is said in a word; a slip of the pen never opens the gate.
func ExampleParseMode() {
	for _, text := range []string{"FailClosed", "FailOpenUntil=P1DT12H", "FailOpen=true"} {
		mode, err := revocation.ParseMode(text)
		fmt.Println(mode, err != nil)
	}
	// Output:
	// FailClosed false
	// FailOpenUntil=PT129600S false
	// FailClosed true
}

// The guard is for all who fetch what others name: here, an address on loopback.
func ExampleNewTransport() {
	client := &http.Client{Transport: revocation.NewTransport(revocation.FetchOptions{})}
	_, err := client.Get("http://127.0.0.1:1/openapi.json")
	fmt.Println(err)
	fmt.Println(revocation.CheckAddress(netip.MustParseAddr("10.1.2.3"), []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}))
	// Output:
	// Get "http://127.0.0.1:1/openapi.json": dial tcp 127.0.0.1:1: refused to connect to 127.0.0.1: loopback; --fetch-allow may allow it
	// <nil>
}

// A block list is read line by line.
func ExampleParseBlockList() {
	list, err := revocation.ParseBlockList([]byte("# since March\n0A1B @ CN=Corp CA, O=Corp  # laptop lost\n"))
	fmt.Printf("%+v %v\n", list, err)
	// Output: [{Thumbprint: Issuer:CN=Corp CA, O=Corp Serial:0A1B Reason:laptop lost}] <nil>
}
