package liquid_test

import (
	"fmt"
	"testing"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy/liquid"
)

func TestObjects(t *testing.T) {
	thread := liquid.Options{}.Thread()
	tests := []struct {
		name, template, want string
		value                any
	}{
		{"null", `[{{ v }}]`, "[]", nil},
		{"text", `{{ v | Upcase }}`, "A", types.NewString("a")},
		{"int", `{{ v | Plus: 1 }}`, "42", int32(41)},
		{"bool", `{% if v %}{{ v }}{% endif %}`, "true", true},
		{"json", `{{ v.a[1].b }} {{ v.a.size }}`, "x 2", clr.ParseJSON(thread, `{"a":[1,{"b":"x"}]}`)},
		{"bytes", `{{ v | Join: "," }}`, "1,255", &types.Bytes{B: []byte{1, 255}}},
		{"guid", `{{ v }}`, "00112233-4455-6677-8899-aabbccddeeff", types.Guid{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}},
		{"unsigned", `{{ v }}`, "200", uint8(200)},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			g := liquid.NewHash().Set("v", liquid.FromObject(thread, x.value))
			if got, err := render(x.template, g, liquid.Options{}); err != nil || got != x.want {
				t.Errorf("%q: %q, %v; want %q", x.template, got, err, x.want)
			}
		})
	}
}

func ExampleTemplate_Render() {
	t, err := liquid.Compile(`{% for n in body.list %}{{ n | Times: 2 }} {% endfor %}`)
	if err != nil {
		panic(err)
	}
	body, err := liquid.JSON(`{"list":[1,2.5]}`, true)
	if err != nil {
		panic(err)
	}
	text, err := t.Render(liquid.NewHash().Set("body", body), liquid.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(text)
	// Output: 2 5
}
