package clr

import "github.com/postern-gateway/postern/csharp/types"

// rsaSignPadding is an RSASignaturePadding.
type rsaSignPadding struct{ pss bool }

// rsaCryptPadding is an RSAEncryptionPadding; hash is that of OAEP, none for PKCS #1 v1.5.
type rsaCryptPadding struct {
	oaep bool
	hash hashName
}

var (
	signPaddingType  = lateType(cryptoNS + "RSASignaturePadding")
	cryptPaddingType = lateType(cryptoNS + "RSAEncryptionPadding")
	signPKCS1        = &rsaSignPadding{}
	signPSS          = &rsaSignPadding{pss: true}
	cryptPKCS1       = &rsaCryptPadding{}
)

func (*rsaSignPadding) ClrType() *types.Type  { return signPaddingType() }
func (*rsaCryptPadding) ClrType() *types.Type { return cryptPaddingType() }

// ToStr is the mode's name.
func (p *rsaSignPadding) ToStr(*types.Thread) *types.String {
	if p.pss {
		return types.NewString("Pss")
	}
	return types.NewString("Pkcs1")
}

// ToStr is the mode's name with that of the hash.
func (p *rsaCryptPadding) ToStr(*types.Thread) *types.String {
	if p.oaep {
		return types.NewString("Oaep" + goString(p.hash.name))
	}
	return types.NewString("Pkcs1")
}

// EqualTo compares mode and hash.
func (p *rsaCryptPadding) EqualTo(_ *types.Thread, o any) bool {
	q, ok := o.(*rsaCryptPadding)
	return ok && p.same(q)
}

// HashCode goes with EqualTo.
func (p *rsaCryptPadding) HashCode(t *types.Thread) int32 { return p.hash.HashCode(t) }

func (p *rsaCryptPadding) same(q *rsaCryptPadding) bool {
	if p == nil || q == nil {
		return p == q
	}
	return p.oaep == q.oaep && p.hash.same(q.hash)
}

func rsaPaddingDecls() []*types.Decl {
	const sign, crypt = cryptoNS + "RSASignaturePadding", cryptoNS + "RSAEncryptionPadding"
	cryptMembers := []types.MemberDecl{
		types.M("static "+crypt+" Pkcs1 { get; }", types.S0(func() *rsaCryptPadding { return cryptPKCS1 })),
		types.M("static "+crypt+" CreateOaep(System.Security.Cryptography.HashAlgorithmName hashAlgorithm)", types.Raw(
			func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
				return types.Ref(&rsaCryptPadding{true, needHashName(x[0])})
			})),
		types.M("System.Security.Cryptography.RSAEncryptionPaddingMode Mode { get; }", types.I0(func(p *rsaCryptPadding) bool { return p.oaep })),
		types.M("System.Security.Cryptography.HashAlgorithmName OaepHashAlgorithm { get; }", types.I0(func(p *rsaCryptPadding) types.Value {
			return types.Ref(p.hash)
		})),
		types.M("bool Equals("+crypt+" other)", types.I1(func(p, q *rsaCryptPadding) bool { return p.same(q) })),
		types.M("static bool operator ==("+crypt+" left, "+crypt+" right)", types.S2(func(p, q *rsaCryptPadding) bool { return p.same(q) })),
		types.M("static bool operator !=("+crypt+" left, "+crypt+" right)", types.S2(func(p, q *rsaCryptPadding) bool { return !p.same(q) })),
		types.M("bool Equals(object obj)", equalsImpl), types.M("int GetHashCode()", hashImpl), types.M("string ToString()", toStringImpl),
	}
	for _, n := range hashNames {
		if n.property == "MD5" {
			continue
		}
		p := &rsaCryptPadding{true, hashName{types.NewString(n.name)}}
		cryptMembers = append(cryptMembers, types.M("static "+crypt+" Oaep"+n.property+" { get; }", types.S0(func() *rsaCryptPadding { return p })))
	}
	return []*types.Decl{
		hidden("enum System.Security.Cryptography.RSASignaturePaddingMode", constants(cryptoNS+"RSASignaturePaddingMode", "Pkcs1", 0, "Pss", 1)...),
		hidden("enum System.Security.Cryptography.RSAEncryptionPaddingMode", constants(cryptoNS+"RSAEncryptionPaddingMode", "Pkcs1", 0, "Oaep", 1)...),
		types.T("sealed class "+sign+" : System.IEquatable<"+sign+">",
			types.M("static "+sign+" Pkcs1 { get; }", types.S0(func() *rsaSignPadding { return signPKCS1 })),
			types.M("static "+sign+" Pss { get; }", types.S0(func() *rsaSignPadding { return signPSS })),
			types.M("System.Security.Cryptography.RSASignaturePaddingMode Mode { get; }", types.I0(func(p *rsaSignPadding) bool { return p.pss })),
			types.M("bool Equals("+sign+" other)", types.I1(func(p, q *rsaSignPadding) bool { return p == q })),
			types.M("static bool operator ==("+sign+" left, "+sign+" right)", types.S2(func(p, q *rsaSignPadding) bool { return p == q })),
			types.M("static bool operator !=("+sign+" left, "+sign+" right)", types.S2(func(p, q *rsaSignPadding) bool { return p != q })),
			types.M("bool Equals(object obj)", equalsImpl), types.M("int GetHashCode()", hashImpl), types.M("string ToString()", toStringImpl)),
		types.T("sealed class "+crypt+" : System.IEquatable<"+crypt+">", cryptMembers...),
	}
}
