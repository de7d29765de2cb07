package chain

import (
	"crypto/ecdsa"
	"encoding/asn1"
	"errors"
	"math/big"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// curve is an elliptic curve y² = x³ + ax + b over the field of p elements. It serves to verify
// signatures only, so that nothing here needs constant time.
type curve struct {
	name               string
	p, a, b, gx, gy, n *big.Int
}

// jacobian is the point (x/z², y/z³); z = 0 is the point at infinity.
type jacobian struct{ x, y, z *big.Int }

// curvePoint is a public key on a curve that crypto/elliptic lacks.
type curvePoint struct {
	curve *curve
	x, y  *big.Int
}

// point reads the octets of a point (SEC 1 section 2.3.4) and checks that it lies on the curve.
func (c *curve) point(bits []byte) (*curvePoint, error) {
	size := (c.p.BitLen() + 7) / 8
	if len(bits) == 0 {
		return nil, errors.New("empty point")
	}
	switch form := bits[0]; {
	case form == 4 && len(bits) == 1+2*size:
		x, y := new(big.Int).SetBytes(bits[1:1+size]), new(big.Int).SetBytes(bits[1+size:])
		if x.Cmp(c.p) >= 0 || y.Cmp(c.p) >= 0 || c.mod(new(big.Int).Mul(y, y)).Cmp(c.right(x)) != 0 {
			return nil, errors.New("not a point of its curve")
		}
		return &curvePoint{c, x, y}, nil
	case (form == 2 || form == 3) && len(bits) == 1+size:
		x := new(big.Int).SetBytes(bits[1:])
		y := new(big.Int).ModSqrt(c.right(x), c.p)
		if x.Cmp(c.p) >= 0 || y == nil {
			return nil, errors.New("not a point of its curve")
		}
		if y.Bit(0) != uint(form&1) {
			y.Sub(c.p, y)
		}
		return &curvePoint{c, x, y}, nil
	}
	return nil, errors.New("malformed point")
}

func (c *curve) mod(n *big.Int) *big.Int { return n.Mod(n, c.p) }

// right is x³ + ax + b.
func (c *curve) right(x *big.Int) *big.Int {
	v := new(big.Int).Mul(x, x)
	v.Add(v, c.a)
	v.Mul(v, x)
	return c.mod(v.Add(v, c.b))
}

// double is 2p (any a; hyperelliptic.org's dbl-2007-bl without its shortcuts).
func (c *curve) double(p jacobian) jacobian {
	if p.z.Sign() == 0 || p.y.Sign() == 0 {
		return infinity()
	}
	yy := c.mod(new(big.Int).Mul(p.y, p.y))
	s := new(big.Int).Mul(p.x, yy)
	s = c.mod(s.Lsh(s, 2))
	zz := c.mod(new(big.Int).Mul(p.z, p.z))
	m := c.mod(new(big.Int).Mul(zz, zz))
	m.Mul(m, c.a)
	xx := new(big.Int).Mul(p.x, p.x)
	m = c.mod(m.Add(m, xx.Mul(xx, big.NewInt(3))))
	x := new(big.Int).Mul(m, m)
	x = c.mod(x.Sub(x, new(big.Int).Lsh(s, 1)))
	y := new(big.Int).Mul(m, s.Sub(s, x))
	yy.Mul(yy, yy)
	y = c.mod(y.Sub(y, yy.Lsh(yy, 3)))
	z := new(big.Int).Mul(p.y, p.z)
	return jacobian{x, y, c.mod(z.Lsh(z, 1))}
}

// add is p + q.
func (c *curve) add(p, q jacobian) jacobian {
	if p.z.Sign() == 0 {
		return q
	}
	if q.z.Sign() == 0 {
		return p
	}
	pzz, qzz := c.mod(new(big.Int).Mul(p.z, p.z)), c.mod(new(big.Int).Mul(q.z, q.z))
	u1, u2 := c.mod(new(big.Int).Mul(p.x, qzz)), c.mod(new(big.Int).Mul(q.x, pzz))
	s1 := c.mod(new(big.Int).Mul(p.y, c.mod(new(big.Int).Mul(qzz, q.z))))
	s2 := c.mod(new(big.Int).Mul(q.y, c.mod(new(big.Int).Mul(pzz, p.z))))
	h, r := c.mod(new(big.Int).Sub(u2, u1)), c.mod(new(big.Int).Sub(s2, s1))
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return c.double(p)
		}
		return infinity()
	}
	hh := c.mod(new(big.Int).Mul(h, h))
	hhh := c.mod(new(big.Int).Mul(hh, h))
	v := c.mod(new(big.Int).Mul(u1, hh))
	x := new(big.Int).Mul(r, r)
	x.Sub(x, hhh)
	x = c.mod(x.Sub(x, new(big.Int).Lsh(v, 1)))
	y := new(big.Int).Mul(r, v.Sub(v, x))
	y = c.mod(y.Sub(y, s1.Mul(s1, hhh)))
	z := new(big.Int).Mul(p.z, q.z)
	return jacobian{x, y, c.mod(z.Mul(z, h))}
}

func infinity() jacobian { return jacobian{big.NewInt(1), big.NewInt(1), new(big.Int)} }

// combine is u·g + v·q, computed together.
func (c *curve) combine(u, v *big.Int, q jacobian) jacobian {
	g := jacobian{c.gx, c.gy, big.NewInt(1)}
	both, sum := c.add(g, q), infinity()
	for i := max(u.BitLen(), v.BitLen()) - 1; i >= 0; i-- {
		sum = c.double(sum)
		switch {
		case u.Bit(i) == 1 && v.Bit(i) == 1:
			sum = c.add(sum, both)
		case u.Bit(i) == 1:
			sum = c.add(sum, g)
		case v.Bit(i) == 1:
			sum = c.add(sum, q)
		}
	}
	return sum
}

// verify checks an ECDSA signature in DER over a digest (SEC 1 section 4.1.4).
func (k *curvePoint) verify(digest, signature []byte) bool {
	r, s, ok := signatureIntegers(signature)
	c := k.curve
	if !ok || r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.n) >= 0 || s.Cmp(c.n) >= 0 {
		return false
	}
	if size := (c.n.BitLen() + 7) / 8; len(digest) > size {
		digest = digest[:size]
	}
	e := new(big.Int).SetBytes(digest)
	if excess := len(digest)*8 - c.n.BitLen(); excess > 0 {
		e.Rsh(e, uint(excess))
	}
	w := new(big.Int).ModInverse(s, c.n)
	u := e.Mod(e.Mul(e, w), c.n)
	v := w.Mod(w.Mul(w, r), c.n)
	p := c.combine(u, v, jacobian{k.x, k.y, big.NewInt(1)})
	if p.z.Sign() == 0 {
		return false
	}
	zz := c.mod(new(big.Int).Mul(p.z, p.z))
	x := c.mod(new(big.Int).Mul(p.x, zz.ModInverse(zz, c.p)))
	return x.Mod(x, c.n).Cmp(r) == 0
}

// signatureIntegers reads the SEQUENCE of two INTEGERs that ECDSA and DSA signatures are, strictly in DER.
func signatureIntegers(signature []byte) (r, s *big.Int, ok bool) {
	var pair struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(signature, &pair)
	if err != nil || len(rest) != 0 {
		return nil, nil, false
	}
	if e, err := der.One(signature, der.Sequence, "signature"); err != nil || len(e.Full) != len(signature) {
		return nil, nil, false
	}
	return pair.R, pair.S, true
}

// verifyECDSA checks a signature with whichever of the two kinds of key there is.
func verifyECDSA(std *ecdsa.PublicKey, rare *curvePoint, digest, signature []byte) bool {
	if std != nil {
		return ecdsa.VerifyASN1(std, digest, signature)
	}
	return rare != nil && rare.verify(digest, signature)
}
