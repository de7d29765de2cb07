package pfx_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/postern-gateway/postern/pki/pfx"
)

func ExampleLoad() {
	data, err := os.ReadFile("client.pfx")
	if err != nil {
		panic(err)
	}
	password := "secret"
	id, err := pfx.Load(data, &password)
	switch {
	case errors.Is(err, pfx.ErrPassword):
		fmt.Println("wrong password")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(id.Certificate.SubjectName(), id.KeyMatches())
	}
}
