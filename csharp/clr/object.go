package clr

import "github.com/postern-gateway/postern/csharp/types"

// What objects of the library can do beside their members; Ops asks for these. An object that has none of them is
// compared by reference and prints its type's name, as System.Object does.
type (
	// stringer has its own ToString().
	stringer interface {
		ToStr(t *types.Thread) *types.String
	}
	// equaler has its own Equals(object); o may be nil or of another type.
	equaler interface {
		EqualTo(t *types.Thread, o any) bool
	}
	// hasher has its own GetHashCode().
	hasher interface {
		HashCode(t *types.Thread) int32
	}
	// comparer has its own CompareTo(object); o is not nil. It throws ArgumentException for an object of another type.
	comparer interface {
		CompareTo(t *types.Thread, o any) int
	}
	// formatter has its own ToString(string format, IFormatProvider).
	formatter interface {
		Format(t *types.Thread, format string) *types.String
	}
)
