package liquid

import (
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// maxObjectItems bounds how many elements of a C# sequence are taken over.
const maxObjectItems = 100_000

// FromObject is the value that an object of C# (a policy's variable, boxed) is to a template: JSON as JSON is, sequences as lists, other
// objects as their text. nil is null.
func FromObject(t *types.Thread, v any) Value {
	switch v := v.(type) {
	case nil:
		return nil
	case bool, int32, int64, float64, types.Char, types.DateTime, types.TimeSpan, *types.String:
		return v
	case *types.Bytes:
		l := &List{typ: "System.Byte[]"}
		for _, b := range v.B {
			l.Items = append(l.Items, int32(b))
		}
		return l
	case *clr.JToken:
		b := &jsonBuilder{}
		clr.WalkToken(t, v, b)
		return b.result
	case types.Enumerable:
		return fromSequence(t, v)
	}
	if kindOf(v) != kUnknown {
		return v
	}
	return str(clr.ObjectText(t, v))
}

func fromSequence(t *types.Thread, v types.Enumerable) Value {
	l := NewList()
	e := v.Enumerate(t)
	defer e.Dispose(t)
	for len(l.Items) < maxObjectItems && e.MoveNext(t) {
		t.Step(1)
		l.Items = append(l.Items, FromObject(t, types.Box(v.ElementType(), e.Current())))
	}
	return l
}
