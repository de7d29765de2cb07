package chain_test

import (
	"fmt"
	"os"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// A self-signed certificate is good if it is a root, and refused if it is not.
func ExampleBuild() {
	text, err := os.ReadFile("testdata/algorithms.pem")
	if err != nil {
		fmt.Println(err)
		return
	}
	certs, err := cert.ParseAllPEM(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	leaf, now := certs[0], certs[0].NotBefore
	with := chain.Build(leaf, chain.Options{Roots: chain.NewPool(certs[:1]), Now: now})
	without := chain.Build(leaf, chain.Options{Now: now})
	fmt.Println(with.Verdict, with.Status)
	fmt.Println(without.Verdict, without.Status, without.Reason)
	// Output:
	// true []
	// false [UntrustedRoot] untrusted-root
}
