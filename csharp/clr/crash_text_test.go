package clr

import (
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp/types"
)

// TestTextMembersThrowOnlyExceptions is TestMembersThrowOnlyExceptions for JSON, patterns, URIs and encodings.
func TestTextMembersThrowOnlyExceptions(t *testing.T) {
	u := Universe()
	r := rand.New(rand.NewPCG(3, 5))
	u.Defs(func(d *types.Def) {
		ns := d.Namespace
		if !strings.HasPrefix(ns, "Newtonsoft.Json") && !strings.HasPrefix(ns, "System.Text") && ns != "System.Net" && ns != "System.IO" && d.FullName() != "System.Uri" {
			return
		}
		for _, m := range u.Table(d.Self()).All {
			if m.Kind == types.Constant || len(d.Params) > 0 || m.Impl.Fn == nil && m.Impl.GFn == nil {
				continue
			}
			if n := len(m.TypeParams); n > 0 {
				args := []*types.Type{jTokenType(), types.Int32Type}[:1]
				if n == 2 {
					args = []*types.Type{jTokenType(), jTokenType()}
				}
				m = m.Construct(args)
			}
			for range 60 {
				callTextMember(t, r, m)
			}
		}
	})
}

func callTextMember(t *testing.T, r *rand.Rand, m *types.Member) {
	thread := &types.Thread{U: Universe()}
	thread.Start(types.Budget{Steps: 1 << 20, Bytes: 1 << 22, Depth: 100, Time: 5 * time.Second})
	var this types.Value
	if !m.Static && m.Kind != types.Constructor {
		if this = randomText(r, m.Declaring); this.Ref == nil {
			return
		}
	}
	args := make([]types.Value, len(m.Params))
	for i, p := range m.Params {
		args[i] = randomText(r, p.Type)
		if p.Ref != types.ByValue {
			args[i] = types.Ref(&types.Cell{V: args[i]})
		}
	}
	defer func() {
		switch x := recover().(type) {
		case nil, *types.Exception, *types.Exceeded:
		default:
			t.Errorf("%s(%s) panics: %v\n%s", m.Display(true), describe(args), x, firstLines(debug.Stack()))
		}
	}()
	if m.Impl.Set != nil && r.IntN(2) == 0 {
		m.Impl.Set(thread, this, append(args, randomText(r, m.Result)))
		return
	}
	if m.Impl.GFn != nil {
		m.Impl.GFn(thread, m.RunArgs(), this, args)
		return
	}
	m.Impl.Fn(thread, this, args)
}

func tokenText(s string) types.Value {
	thread := &types.Thread{U: Universe()}
	return types.Ref(ParseJSON(thread, s))
}

// randomText is a value of a type of these namespaces, or of another.
func randomText(r *rand.Rand, typ *types.Type) types.Value {
	thread := &types.Thread{U: Universe()}
	switch typ.FullName() {
	case "Newtonsoft.Json.Linq.JToken", "Newtonsoft.Json.Linq.JContainer":
		return pick(r, types.Null, tokenText(`{"a":[1,{"b":null}],"c":"2024-01-02T00:00:00Z"}`), tokenText(`[1,2.5,"x",12345678901234567890]`), tokenText("5"), tokenText("[]"))
	case "Newtonsoft.Json.Linq.JObject":
		return pick(r, types.Null, tokenText(`{"a":[1,{"b":null}],"abc":1}`), tokenText("{}"))
	case "Newtonsoft.Json.Linq.JArray":
		return pick(r, types.Null, tokenText(`[1,2.5,"x"]`), tokenText("[]"))
	case "Newtonsoft.Json.Linq.JProperty":
		return types.Ref(newProperty(thread, types.NewString("abc"), int32(1)))
	case "Newtonsoft.Json.Linq.JValue":
		return pick(r, types.Null, tokenText("1.5"), tokenText(`"x"`), tokenText("null"), types.Ref(&JToken{kind: jString, value: types.Char('x')}))
	case "Newtonsoft.Json.Linq.JConstructor":
		return tokenText("new X(1)")
	case "System.Object":
		return pick(r, types.Null, types.Ref(int32(1)), types.Ref(types.NewString("a")), tokenText("[1]"), types.Ref(&types.Array{T: types.StringArray, Items: []types.Value{types.Null}}))
	case "System.Uri":
		return pick(r, types.Null, types.Ref(newUri(types.NewString("http://u@h:80/a/b?c#d"), 1)), types.Ref(newUri(types.NewString("a/b"), 2)), types.Ref(newUri(types.NewString("mailto:a@b"), 1)))
	case "System.Text.Encoding":
		return types.Ref(allEncodings[r.IntN(len(allEncodings))])
	case "System.Text.RegularExpressions.Regex":
		return types.Ref(newRegex(thread, types.NewString(`(?<n>a)|(\d)`), pick(r, int32(0), 64), 0))
	case "System.Text.RegularExpressions.Match", "System.Text.RegularExpressions.Group", "System.Text.RegularExpressions.Capture":
		re := newRegex(thread, types.NewString(`(?<n>a)|(\d)`), 0, 0)
		return pick(r, types.Ref(failedMatch), types.Ref(re.match(thread, types.NewString("xa1"), 0)))
	case "System.Text.RegularExpressions.MatchCollection":
		re := newRegex(thread, types.NewString(`(?<n>a)|(\d)`), 0, 0)
		return types.Ref(re.matches(newRegexInput(thread, types.NewString("a1b2")), 0))
	case "System.Text.RegularExpressions.GroupCollection":
		return types.Ref(newRegex(thread, types.NewString(`(?<n>a)`), 0, 0).match(thread, types.NewString("a"), 0).groupList())
	case "System.Net.IPAddress":
		return pick(r, types.Null, types.Ref(&ipAddress{a: netip.MustParseAddr("1.2.3.4")}), types.Ref(&ipAddress{a: netip.MustParseAddr("::1")}))
	case "System.IO.StringReader", "System.IO.TextReader":
		return types.Ref(&stringReader{s: types.NewString("a\nb")})
	case "System.IO.StringWriter", "System.IO.TextWriter":
		return pick(r, types.Null, types.Ref(&stringWriter{b: newStringBuilder(thread, types.EmptyString, 0), newLine: types.NewString("\n")}))
	}
	if typ.Def == types.IEnumerableDef {
		return pick(r, types.Null, tokenText("[1,[2]]"), tokenText("{}"))
	}
	return randomValue(r, typ)
}
