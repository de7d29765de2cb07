package clr

import (
	"math/big"

	"github.com/postern-gateway/postern/csharp/types"
)

// bigInteger is System.Numerics.BigInteger, which a JSON integer beyond 64 bits becomes.
type bigInteger struct{ *big.Int }

var bigIntegerType = lateType("System.Numerics.BigInteger")

// ClrType is System.Numerics.BigInteger.
func (b bigInteger) ClrType() *types.Type { return bigIntegerType() }

// ToStr is the number in decimal.
func (b bigInteger) ToStr(*types.Thread) *types.String { return types.NewString(b.String()) }

// EqualTo compares by value.
func (b bigInteger) EqualTo(_ *types.Thread, o any) bool {
	c, ok := o.(bigInteger)
	return ok && b.Cmp(c.Int) == 0
}

// HashCode goes with EqualTo.
func (b bigInteger) HashCode(*types.Thread) int32 { return stringHash(b.String()) }

// CompareTo compares by value.
func (b bigInteger) CompareTo(_ *types.Thread, o any) int {
	c, ok := o.(bigInteger)
	if !ok {
		types.ThrowArgument(types.ArgumentException, "The parameter must be a BigInteger.", "obj")
	}
	return b.Cmp(c.Int)
}

func bigIntegerDecls() []*types.Decl {
	return []*types.Decl{hidden("struct System.Numerics.BigInteger")}
}
