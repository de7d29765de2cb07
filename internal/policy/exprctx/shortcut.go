package exprctx

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// anyCertificate is how the documented policies ask whether a certificate is among the uploaded ones:
//
//	context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint)
const anyCertificate = "context.Deployment.Certificates.Any("

// withLookups is code in which such a walk over all certificates is a look-up. Only an equality between the parameter's
// thumbprint, or its key, and something that is read without a call qualifies: whether that is evaluated once or for each
// certificate makes no difference then. ok is false if there is nothing to change.
func withLookups(code string) (out string, ok bool) {
	if !strings.Contains(code, anyCertificate) {
		return code, false
	}
	var b strings.Builder
	done := 0
	for at := 0; at < len(code); {
		if !strings.HasPrefix(code[at:], anyCertificate) || at > 0 && partOfName(code[at-1]) {
			at = syntax.Skip(code, at)
			continue
		}
		start := at + len(anyCertificate)
		end := closing(code, start)
		look := comparison(code[start:end])
		if look == "" || end >= len(code) {
			at = start
			continue
		}
		b.WriteString(code[done:at])
		b.WriteString("(context.Deployment.Certificates.HasAny && context.Deployment.Certificates." + look + ")")
		at, done, ok = end+1, end+1, true
	}
	b.WriteString(code[done:])
	return b.String(), ok
}

func partOfName(c byte) bool {
	return c == '.' || c == '_' || c == '@' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// closing is the offset of the bracket that closes the one before start, len(code) if there is none.
func closing(code string, start int) int {
	depth := 0
	for at := start; at < len(code); at = syntax.Skip(code, at) {
		switch code[at] {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return at
			}
			depth--
		}
	}
	return len(code)
}

// comparison is the look-up that a lambda "c => c.Value.Thumbprint == other" comes to; empty if it is of another form.
func comparison(lambda string) string {
	x, ds := syntax.ParseExpression(lambda)
	l, is := x.(*syntax.LambdaExpr)
	if len(ds) > 0 || !is || len(l.Params) != 1 || l.Body == nil {
		return ""
	}
	eq, is := l.Body.(*syntax.BinaryExpr)
	if !is || eq.Op != syntax.OpEq {
		return ""
	}
	name := l.Params[0].Name.Name
	left, right := syntax.Print(eq.X), syntax.Print(eq.Y)
	for _, sides := range [][2]string{{left, right}, {right, left}} {
		switch {
		case !readOnlyText(sides[1], name):
		case sides[0] == name+".Value.Thumbprint":
			return "HasThumbprint(" + sides[1] + ")"
		case sides[0] == name+".Key":
			return "HasKey(" + sides[1] + ")"
		}
	}
	return ""
}

// readOnlyText reports whether an expression only reads members, and not the lambda's parameter.
func readOnlyText(text, parameter string) bool {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '.' || r == '?' }) {
		if part == parameter || part == "" || strings.ContainsFunc(part, func(r rune) bool {
			return r >= 0x80 || !partOfName(byte(r)) || r == '@'
		}) {
			return false
		}
	}
	return true
}

// hasAny, hasThumbprint and hasKey are the look-ups that withLookups puts in.
func hasThumbprint(_ *types.Thread, this, thumbprint types.Value) types.Value {
	c, ok := this.Ref.(*Certificates)
	if !ok {
		types.ThrowNullReference()
	}
	s := thumbprint.Str()
	return types.Bool(s != nil && len(c.byThumbprint[s.Go()]) > 0)
}

// hasAny tells that there is a certificate: where there is none, the predicate is not called.
func hasAny(_ *types.Thread, this types.Value) types.Value {
	c, ok := this.Ref.(*Certificates)
	if !ok {
		types.ThrowNullReference()
	}
	return types.Bool(len(c.keys) > 0)
}

func hasKey(c *Certificates, key *types.String) bool {
	if key == nil {
		return false
	}
	_, ok := c.byKey[key.Go()]
	return ok
}
