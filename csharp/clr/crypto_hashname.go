package clr

import (
	"github.com/postern-gateway/postern/csharp/types"
)

// hashName is the payload of HashAlgorithmName; its default has no name.
type hashName struct{ name *types.String }

var hashNameType = lateType(cryptoNS + "HashAlgorithmName")

// ClrType is HashAlgorithmName.
func (hashName) ClrType() *types.Type { return hashNameType() }

// ToStr is the name, "" where there is none.
func (n hashName) ToStr(*types.Thread) *types.String {
	if n.name == nil {
		return types.EmptyString
	}
	return n.name
}

// EqualTo compares names.
func (n hashName) EqualTo(_ *types.Thread, o any) bool {
	m, ok := o.(hashName)
	return ok && n.same(m)
}

// HashCode is that of the name.
func (n hashName) HashCode(*types.Thread) int32 {
	if n.name == nil {
		return 0
	}
	return stringHash(n.name.Go())
}

func (n hashName) same(m hashName) bool {
	return (n.name == nil) == (m.name == nil) && goString(n.name) == goString(m.name)
}

func init() {
	registerStruct(cryptoNS+"HashAlgorithmName", func(*types.Type) any { return hashName{} })
}

// hashNameOf is the HashAlgorithmName in v.
func hashNameOf(v types.Value) hashName {
	n, _ := v.Ref.(hashName)
	return n
}

func newHashName(name string) types.Value { return types.Ref(hashName{types.NewString(name)}) }

// hashNames are the names that HashAlgorithmName has properties for, with the object identifiers that it knows.
var hashNames = []struct{ property, name, oid string }{
	{"MD5", "MD5", "1.2.840.113549.2.5"}, {"SHA1", "SHA1", "1.3.14.3.2.26"}, {"SHA256", "SHA256", "2.16.840.1.101.3.4.2.1"},
	{"SHA384", "SHA384", "2.16.840.1.101.3.4.2.2"}, {"SHA512", "SHA512", "2.16.840.1.101.3.4.2.3"},
	{"SHA3_256", "SHA3-256", "2.16.840.1.101.3.4.2.8"}, {"SHA3_384", "SHA3-384", "2.16.840.1.101.3.4.2.9"}, {"SHA3_512", "SHA3-512", "2.16.840.1.101.3.4.2.10"},
}

func hashNameByOid(oid string) (types.Value, bool) {
	for _, n := range hashNames {
		if n.oid == oid {
			return newHashName(n.name), true
		}
	}
	return types.Value{}, false
}

func hashNameDecls() []*types.Decl {
	raw := types.Raw
	const class = cryptoNS + "HashAlgorithmName"
	members := []types.MemberDecl{
		types.M("new(string name)", types.S1(func(name *types.String) types.Value { return types.Ref(hashName{name}) })),
		types.M("string Name { get; }", raw(func(_ *types.Thread, this types.Value, _ []types.Value) types.Value {
			return refOrNull(hashNameOf(this).name)
		})),
		types.M("string ToString()", raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Ref(hashNameOf(this).ToStr(t))
		})),
		types.M("bool Equals(object obj)", raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
			return types.Bool(hashNameOf(this).EqualTo(t, x[0].Ref))
		})),
		types.M("bool Equals("+class+" other)", raw(func(_ *types.Thread, this types.Value, x []types.Value) types.Value {
			return types.Bool(hashNameOf(this).same(hashNameOf(x[0])))
		})),
		types.M("int GetHashCode()", raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Int(int64(hashNameOf(this).HashCode(t)))
		})),
		types.M("static bool operator ==("+class+" left, "+class+" right)", raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			return types.Bool(hashNameOf(x[0]).same(hashNameOf(x[1])))
		})),
		types.M("static bool operator !=("+class+" left, "+class+" right)", raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			return types.Bool(!hashNameOf(x[0]).same(hashNameOf(x[1])))
		})),
		types.M("static "+class+" FromOid(string oidValue)", raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			need(x[0], "oidValue")
			v, ok := hashNameByOid(x[0].Str().Go())
			if !ok {
				throwCrypto("The specified OID (" + x[0].Str().Go() + ") does not represent a known hash algorithm.")
			}
			return v
		})),
		types.M("static bool TryFromOid(string oidValue, out "+class+" value)", raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			need(x[0], "oidValue")
			v, ok := hashNameByOid(x[0].Str().Go())
			setOut(x[1], v)
			return types.Bool(ok)
		})),
	}
	for _, n := range hashNames {
		v := newHashName(n.name)
		members = append(members, types.M("static "+class+" "+n.property+" { get; }", types.S0(func() types.Value { return v })))
	}
	return []*types.Decl{types.T("struct "+class+" : System.IEquatable<"+class+">", members...)}
}
