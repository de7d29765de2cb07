package clr

import (
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// rsaParts are the fields of RSAParameters; rsaXMLOrder are those of a private key as ToXmlString orders them.
var (
	rsaParts    = []string{"Modulus", "Exponent", "D", "P", "Q", "DP", "DQ", "InverseQ"}
	rsaXMLOrder = []int{3, 4, 5, 6, 7, 2}
)

// rsaParameters is the payload of RSAParameters.
type rsaParameters struct{ parts [8]*types.Bytes }

var rsaParametersType = lateType(cryptoNS + "RSAParameters")

// ClrType is RSAParameters.
func (*rsaParameters) ClrType() *types.Type { return rsaParametersType() }

func init() {
	registerStruct(cryptoNS+"RSAParameters", func(*types.Type) any { return &rsaParameters{} })
}

func rsaParametersOf(v types.Value) *rsaParameters {
	if p, ok := v.Ref.(*rsaParameters); ok {
		return p
	}
	return &rsaParameters{}
}

// parameters is ExportParameters.
func (r *rsaObject) parameters(t *types.Thread, private bool) *rsaParameters {
	pub := r.publicKey(t)
	size := pub.Size()
	p := &rsaParameters{}
	p.parts[0] = &types.Bytes{B: pub.N.FillBytes(make([]byte, size))}
	p.parts[1] = &types.Bytes{B: big.NewInt(int64(pub.E)).Bytes()}
	if !private {
		return p
	}
	key := r.exportable(t)
	if len(key.Primes) != 2 {
		throwCrypto("The key could not be exported.")
	}
	key.Precompute()
	half := (size + 1) / 2
	p.parts[2] = &types.Bytes{B: key.D.FillBytes(make([]byte, size))}
	for i, n := range []*big.Int{key.Primes[0], key.Primes[1], key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv} {
		p.parts[3+i] = &types.Bytes{B: n.FillBytes(make([]byte, half))}
	}
	return p
}

// load is ImportParameters.
func (r *rsaObject) load(p *rsaParameters) {
	const message = "The specified RSA parameters are not valid. Both Exponent and Modulus are required fields."
	if p.parts[0] == nil || p.parts[1] == nil {
		throwCrypto(message)
	}
	n, e := new(big.Int).SetBytes(p.parts[0].B), new(big.Int).SetBytes(p.parts[1].B)
	if !e.IsInt64() || e.Int64() > 1<<31-1 || e.Int64() < 2 || n.BitLen() < 512 || n.BitLen() > 16384 {
		throwCrypto("The specified RSA parameters are not valid.")
	}
	pub := &rsa.PublicKey{N: n, E: int(e.Int64())}
	r.pub, r.priv, r.own, r.size = pub, nil, false, n.BitLen()
	if p.parts[2] == nil {
		return
	}
	for _, b := range p.parts {
		if b == nil {
			throwCrypto("The specified RSA parameters are not valid. When importing a private key, all parameters are required.")
		}
	}
	key := &rsa.PrivateKey{PublicKey: *pub, D: new(big.Int).SetBytes(p.parts[2].B),
		Primes: []*big.Int{new(big.Int).SetBytes(p.parts[3].B), new(big.Int).SetBytes(p.parts[4].B)}}
	if n.BitLen() > 4096 || key.Validate() != nil {
		throwCrypto("The specified RSA parameters are not valid.")
	}
	key.Precompute()
	r.pub, r.priv, r.own = &key.PublicKey, key, true
}

// loadXML is FromXmlString.
func (r *rsaObject) loadXML(t *types.Thread, text *types.String) {
	root := parseXMLDocument(t, text, 0).root()
	p := &rsaParameters{}
	for i, name := range rsaParts {
		for n := root.first; n != nil; n = n.next {
			if n.kind == xmlElement && n.name.local.Go() == name {
				b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.textValue(t).Go()), ""))
				if err != nil {
					types.Throw(types.FormatException, "The input is not a valid Base-64 string as it contains a non-base 64 character, "+
						"more than two padding characters, or an illegal character among the padding characters.")
				}
				p.parts[i] = &types.Bytes{B: b}
				break
			}
		}
	}
	for i, name := range rsaParts[:2] {
		if p.parts[i] == nil {
			throwCrypto("Input string does not contain a valid encoding of the 'RSA' '" + name + "' parameter.")
		}
	}
	r.load(p)
}

func rsaParametersDecl() *types.Decl {
	members := []types.MemberDecl{types.M("new()", types.S0(func() types.Value { return types.Ref(&rsaParameters{}) }))}
	for i, name := range rsaParts {
		get := types.Raw(func(_ *types.Thread, this types.Value, _ []types.Value) types.Value {
			if b := rsaParametersOf(this).parts[i]; b != nil {
				return types.Ref(b)
			}
			return types.Null
		})
		members = append(members, types.M("byte[] "+name+" { get; set; }", get.WithSet(func(_ *types.Thread, this types.Value, x []types.Value) {
			rsaParametersOf(this).parts[i], _ = x[0].Ref.(*types.Bytes)
		})))
	}
	return hidden("struct System.Security.Cryptography.RSAParameters", members...)
}
