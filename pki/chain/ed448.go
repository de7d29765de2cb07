package chain

import (
	"crypto/sha3"
	"math/big"
)

// Ed448 (RFC 8032 section 5.2): the curve x² + y² = 1 + d·x²·y² over the field of
// 2⁴⁴⁸ - 2²²⁴ - 1 elements, d = -39081. Only verification, so that nothing needs constant time.
var (
	ed448P = func() *big.Int {
		p := new(big.Int).Lsh(big.NewInt(1), 448)
		p.Sub(p, new(big.Int).Lsh(big.NewInt(1), 224))
		return p.Sub(p, big.NewInt(1))
	}()
	ed448D = new(big.Int).Sub(ed448P, big.NewInt(39081))
	ed448L = func() *big.Int {
		c, _ := new(big.Int).SetString("13818066809895115352007386748515426880336692474882178609894547503885", 10)
		return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 446), c)
	}()
	ed448Base = func() edPoint {
		x, _ := new(big.Int).SetString("224580040295924300187604334099896036246789641632564134246125461686950415467406032909029192869357953282578032075146446173674602635247710", 10)
		y, _ := new(big.Int).SetString("298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503462500531545062832660", 10)
		return edPoint{x, y, big.NewInt(1)}
	}()
)

// ed448KeySize is the length of a public key; a signature is twice as long.
const ed448KeySize = 57

// edPoint is the point (x/z, y/z).
type edPoint struct{ x, y, z *big.Int }

func ed448Mod(n *big.Int) *big.Int { return n.Mod(n, ed448P) }

// littleEndian is the number whose octets are b, the least significant first.
func littleEndian(b []byte) *big.Int {
	out := make([]byte, len(b))
	for i, c := range b {
		out[len(b)-1-i] = c
	}
	return new(big.Int).SetBytes(out)
}

// ed448Point decodes a point (RFC 8032 section 5.2.3).
func ed448Point(b []byte) (edPoint, bool) {
	if len(b) != ed448KeySize || b[56]&0x7f != 0 {
		return edPoint{}, false
	}
	sign, y := uint(b[56]>>7), littleEndian(b[:56])
	if y.Cmp(ed448P) >= 0 {
		return edPoint{}, false
	}
	yy := ed448Mod(new(big.Int).Mul(y, y))
	num := ed448Mod(new(big.Int).Sub(yy, big.NewInt(1)))
	den := ed448Mod(new(big.Int).Sub(new(big.Int).Mul(yy, ed448D), big.NewInt(1)))
	den.ModInverse(den, ed448P)
	x := new(big.Int).ModSqrt(ed448Mod(num.Mul(num, den)), ed448P)
	if x == nil || (x.Sign() == 0 && sign == 1) {
		return edPoint{}, false
	}
	if x.Bit(0) != sign {
		x.Sub(ed448P, x)
	}
	return edPoint{x, y, big.NewInt(1)}, true
}

// add is p + q (RFC 8032 section 5.2.4; complete, so that it doubles too).
func (p edPoint) add(q edPoint) edPoint {
	a := ed448Mod(new(big.Int).Mul(p.z, q.z))
	b := ed448Mod(new(big.Int).Mul(a, a))
	c := ed448Mod(new(big.Int).Mul(p.x, q.x))
	d := ed448Mod(new(big.Int).Mul(p.y, q.y))
	e := ed448Mod(new(big.Int).Mul(c, d))
	e = ed448Mod(e.Mul(e, ed448D))
	f, g := ed448Mod(new(big.Int).Sub(b, e)), ed448Mod(new(big.Int).Add(b, e))
	h := new(big.Int).Mul(new(big.Int).Add(p.x, p.y), new(big.Int).Add(q.x, q.y))
	h.Sub(h, c)
	h = ed448Mod(h.Sub(h, d))
	x := ed448Mod(new(big.Int).Mul(a, f))
	y := ed448Mod(new(big.Int).Mul(a, g))
	return edPoint{
		ed448Mod(x.Mul(x, h)),
		ed448Mod(y.Mul(y, d.Sub(d, c))),
		ed448Mod(f.Mul(f, g)),
	}
}

// times is k·p.
func (p edPoint) times(k *big.Int) edPoint {
	sum := edPoint{new(big.Int), big.NewInt(1), big.NewInt(1)}
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = sum.add(sum)
		if k.Bit(i) == 1 {
			sum = sum.add(p)
		}
	}
	return sum
}

// equal compares without leaving projective form.
func (p edPoint) equal(q edPoint) bool {
	same := func(a, b *big.Int) bool {
		return ed448Mod(new(big.Int).Mul(a, q.z)).Cmp(ed448Mod(new(big.Int).Mul(b, p.z))) == 0
	}
	return same(p.x, q.x) && same(p.y, q.y)
}

// verifyEd448 checks a signature with an empty context (RFC 8032 section 5.2.7, RFC 8410).
func verifyEd448(key, message, signature []byte) bool {
	if len(key) != ed448KeySize || len(signature) != 2*ed448KeySize {
		return false
	}
	a, ok := ed448Point(key)
	if !ok {
		return false
	}
	r, ok := ed448Point(signature[:ed448KeySize])
	s := littleEndian(signature[ed448KeySize:])
	if !ok || s.Cmp(ed448L) >= 0 {
		return false
	}
	hash := sha3.NewSHAKE256()
	for _, part := range [][]byte{[]byte("SigEd448\x00\x00"), signature[:ed448KeySize], key, message} {
		hash.Write(part) //nolint:errcheck // never fails
	}
	digest := make([]byte, 114)
	hash.Read(digest) //nolint:errcheck // never fails
	k := littleEndian(digest)
	k.Mod(k, ed448L)
	return ed448Base.times(s).equal(r.add(a.times(k)))
}
