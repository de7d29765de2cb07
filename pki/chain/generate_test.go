package chain_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/postern-gateway/postern/pki/cert"
)

// generator draws public key infrastructures at random: paths with everything that a certificate can have right or wrong,
// near the dimensions of the recorded vectors.
type generator struct {
	t    testing.TB
	rng  *mathrand.Rand
	keys []*ecdsa.PrivateKey
	// policies draws certificate policies too.
	policies bool
	// odd is how many of a hundred choices are odd ones.
	odd int
	now time.Time
}

func newGenerator(t testing.TB, seed uint64) *generator {
	g := &generator{t: t, rng: mathrand.New(mathrand.NewPCG(seed, 0)), now: time.Now()}
	for range 8 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		g.keys = append(g.keys, key)
	}
	return g
}

// rare is true for an odd choice.
func (g *generator) rare() bool { return g.rng.IntN(100) < g.odd }

func pick[T any](g *generator, list ...T) T { return list[g.rng.IntN(len(list))] }

// entity is a certificate to be, with its key.
type entity struct {
	subject []byte
	// name is the subject's attributes, where it may be spelt in another way as an issuer.
	name   []attribute
	key    *ecdsa.PrivateKey
	serial int64
	raw    []byte
	issuer *entity
}

// tlv is one DER element.
func tlv(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	switch n := len(content); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	}
}

func must(der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return der
}

func oidDER(dotted ...int) []byte { return must(asn1.Marshal(asn1.ObjectIdentifier(dotted))) }

// nameDER is a Name of attributes (arc below 2.5.4, string tag, text).
type attribute struct {
	arc  int
	tag  byte
	text string
}

func nameDER(list ...attribute) []byte {
	var rdns [][]byte
	for _, a := range list {
		id := oidDER(2, 5, 4, a.arc)
		if a.arc < 0 { // emailAddress
			id = oidDER(1, 2, 840, 113549, 1, 9, 1)
		}
		rdns = append(rdns, tlv(0x31, tlv(0x30, id, tlv(a.tag, []byte(a.text)))))
	}
	return tlv(0x30, rdns...)
}

// respell is the name in another spelling: some of them the same name to OpenSSL, some not.
func (g *generator) respell(e *entity) []byte {
	if len(e.name) == 0 || !g.rare() {
		return e.subject
	}
	list := slices.Clone(e.name)
	a := &list[g.rng.IntN(len(list))]
	switch g.rng.IntN(10) {
	case 0:
		a.text = strings.ToUpper(a.text)
	case 1:
		a.text = " " + strings.ReplaceAll(a.text, " ", " \t ") + "  "
	case 2:
		a.tag, a.text = 0x1e, bmp(a.text)
	case 3:
		a.tag = 0x14
	case 4:
		a.tag = 0x16
	case 5:
		a.tag = 0x12 // a NumericString is compared octet by octet
	case 6:
		slices.Reverse(list)
	case 7:
		a.text = strings.ReplaceAll(a.text, " ", "")
	case 8:
		a.text = strings.ReplaceAll(a.text, "A", "\u00c4")
	case 9:
		a.tag, a.text = 0x1c, "\x00\x00\x00"+strings.Join(strings.Split(a.text, ""), "\x00\x00\x00")
	}
	return nameDER(list...)
}

func bmp(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u >> 8))
		b.WriteByte(byte(u))
	}
	return b.String()
}

func extension(critical bool, value []byte, id ...int) []byte {
	parts := [][]byte{oidDER(id...)}
	if critical {
		parts = append(parts, []byte{1, 1, 0xff})
	}
	return tlv(0x30, append(parts, tlv(0x04, value))...)
}

// generalName draws a name for a subject or the base of a constraint.
func (g *generator) generalName(constraint bool) []byte {
	text := func(tag byte, list ...string) []byte { return tlv(tag, []byte(pick(g, list...))) }
	switch g.rng.IntN(14) {
	case 0, 1, 2, 3:
		if constraint {
			return text(0x82, "example.com", "example.com", ".example.com", "EXAMPLE.com", "a.example.com", "com", "", "example.com.", "other.test", "xample.com", "*.example.com")
		}
		return text(0x82, "a.example.com", "example.com", "A.Example.COM", "b.a.example.com", "*.example.com", "a.example.com.", "badexample.com", "other.test", "", "a", ".example.com", "a..example.com")
	case 4, 5, 6:
		if constraint {
			return text(0x81, "example.com", ".example.com", "u@example.com", "U@example.com", "", "EXAMPLE.COM", "@example.com", "a.example.com", "\"u\"@example.com", "u@v@example.com", "example.com\x00", "xn--tda.com", ".xn--tda.com", "xn--999999b.com", "XN--TDA.com")
		}
		return text(0x81, "u@example.com", "U@example.com", "u@a.example.com", "u@EXAMPLE.com", "example.com", "@example.com", "u@v@example.com", "\"u\"@example.com", "u@", "u\x00@example.com", "")
	case 7, 8, 9:
		if constraint {
			return text(0x86, "example.com", ".example.com", "EXAMPLE.com", "", "a.example.com", "http://example.com", "192.0.2.1", "[2001:db8::1]")
		}
		return text(0x86, "http://example.com/x", "http://a.example.com:80/", "http://EXAMPLE.com", "spiffe://example.com/a", "urn:x", "http:///x", "//example.com/", "http://u@example.com/", "http://example.com?x", "http://[2001:db8::1]/", "http://192.0.2.1/", "http:/example.com", "", "http://example.com:/", "http://.example.com/", "a://example.com#f")
	case 10, 11:
		if constraint {
			return tlv(0x87, pick(g, []byte{192, 0, 2, 0, 255, 255, 255, 0}, []byte{192, 0, 2, 1, 255, 255, 255, 255}, []byte{0, 0, 0, 0, 0, 0, 0, 0}, []byte{192, 0, 2, 0, 255, 0, 255, 0},
				[]byte{192, 0, 2, 0}, bytes.Repeat([]byte{0x20, 0}, 16), append(bytes.Repeat([]byte{0x20}, 16), make([]byte, 16)...), nil))
		}
		return tlv(0x87, pick(g, []byte{192, 0, 2, 1}, []byte{192, 0, 2, 200}, []byte{198, 51, 100, 1}, bytes.Repeat([]byte{0x20, 0}, 8), []byte{1, 2, 3}, nil))
	case 12:
		return tlv(0xa4, pick(g, nameDER(attribute{10, 0x0c, "Org"}), nameDER(attribute{10, 0x13, "ORG"}, attribute{3, 0x0c, "x"}), nameDER(attribute{10, 0x0c, " Org "}),
			nameDER(attribute{10, 0x0c, "Other"}), nameDER(), nameDER(attribute{3, 0x0c, "x"}, attribute{10, 0x0c, "Org"})))
	}
	return pick(g,
		tlv(0xa0, oidDER(1, 3, 6, 1, 4, 1, 311, 20, 2, 3), tlv(0xa0, tlv(0x0c, []byte("u@example.com")))),
		tlv(0xa0, oidDER(1, 3, 6, 1, 5, 5, 7, 8, 9), tlv(0xa0, tlv(0x0c, []byte(pick(g, "ü@example.com", "u@example.com", "u@EXAMPLE.com", "u@ü.com", "u@b.ü.com", "u@xn--tda.com", "u"))))),
		tlv(0xa0, oidDER(1, 2, 3, 4), tlv(0xa0, tlv(0x0c, []byte("x")))),
		tlv(0x88, []byte{0x2a, 3, 4}), tlv(0xa5, tlv(0xa1, tlv(0x0c, []byte("party")))), tlv(0xa0, []byte{1, 2}))
}

func (g *generator) nameConstraints() []byte {
	trees := func(tag byte) []byte {
		var list [][]byte
		for range 1 + g.rng.IntN(3) {
			parts := [][]byte{g.generalName(true)}
			if g.rare() {
				parts = append(parts, pick(g, []byte{0x80, 1, 0}, []byte{0x80, 1, 1}, []byte{0x81, 1, 5}, []byte{0x80, 2, 0, 1}))
			}
			list = append(list, tlv(0x30, parts...))
		}
		return tlv(tag, list...)
	}
	var parts [][]byte
	if g.rng.IntN(3) > 0 {
		parts = append(parts, trees(0xa0))
	}
	if g.rng.IntN(3) == 0 {
		parts = append(parts, trees(0xa1))
	}
	return extension(!g.rare(), tlv(0x30, parts...), 2, 5, 29, 30)
}

// authorityKey draws an authorityKeyIdentifier for a certificate below issuer.
func (g *generator) authorityKey(issuer *entity) []byte {
	id := sha1.Sum(elliptic.Marshal(elliptic.P256(), issuer.key.X, issuer.key.Y)) //nolint:staticcheck // any digest will do
	above := issuer.subject
	if issuer.issuer != nil {
		above = issuer.issuer.subject
	}
	wrong := []byte{1, 2, 3}
	right := tlv(0x80, id[:])
	serial := tlv(0x82, must(asn1.Marshal(issuer.serial))[2:])
	name := tlv(0xa1, tlv(0xa4, above))
	value := tlv(0x30, right)
	if g.rare() {
		value = pick(g, nil, tlv(0x30, tlv(0x80, wrong)), tlv(0x30), tlv(0x30, name, serial), tlv(0x30, right, name, serial), tlv(0x30, name, tlv(0x82, wrong)),
			tlv(0x30, right, tlv(0xa1, tlv(0xa4, nameDER(attribute{3, 0x0c, "stranger"}))), serial), tlv(0x30, tlv(0x82, wrong)), tlv(0x30, right, []byte{0}), tlv(0x30, tlv(0xa1, tlv(0x82, []byte("x"))), serial))
		if value == nil {
			return nil
		}
	}
	return extension(false, value, 2, 5, 29, 35)
}

func (g *generator) basicConstraints(ca bool) []byte {
	length := []byte(nil)
	if ca && g.rng.IntN(4) == 0 {
		length = []byte{2, 1, byte(g.rng.IntN(4))}
	}
	value := tlv(0x30)
	if ca {
		value = tlv(0x30, []byte{1, 1, 0xff}, length)
	}
	if g.rare() {
		value = pick(g, nil, tlv(0x30), tlv(0x30, []byte{1, 1, 0xff}), tlv(0x30, []byte{1, 1, 0}), tlv(0x30, []byte{2, 1, 0}), tlv(0x30, []byte{1, 1, 1}), tlv(0x30, []byte{1, 1, 0xff, 2, 1, 0xff}),
			tlv(0x30, []byte{1, 1, 0xff, 2, 2, 0, 1}), append(tlv(0x30, []byte{1, 1, 0xff}), 0), []byte{5, 0}, tlv(0x30, []byte{1, 2, 0xff, 0xff}), tlv(0x30, []byte{1, 1, 0xff, 2, 3, 1, 0, 0}))
		if value == nil {
			return nil
		}
	}
	return extension(!g.rare(), value, 2, 5, 29, 19)
}

func (g *generator) keyUsage(ca bool) []byte {
	value := []byte{3, 2, 7, 0x80}
	if ca {
		value = []byte{3, 2, 1, 0x06}
	}
	if g.rare() {
		value = pick(g, nil, []byte{3, 2, 7, 0x80}, []byte{3, 2, 2, 0x04}, []byte{3, 2, 1, 0x02}, []byte{3, 1, 0}, []byte{3, 2, 0, 0}, []byte{3, 2, 5, 0xa0}, []byte{3, 3, 7, 0, 0x80}, []byte{3, 2, 1, 0x86}, []byte{4, 1, 0x06})
		if value == nil {
			return nil
		}
	}
	return extension(true, value, 2, 5, 29, 15)
}

func (g *generator) extensions(issuer, self *entity, ca bool) [][]byte {
	var list [][]byte
	add := func(x []byte) {
		if x != nil {
			list = append(list, x)
			if g.rng.IntN(400) < g.odd {
				list = append(list, x)
			}
		}
	}
	add(g.basicConstraints(ca))
	add(g.keyUsage(ca))
	id := sha1.Sum(elliptic.Marshal(elliptic.P256(), self.key.X, self.key.Y)) //nolint:staticcheck // any digest will do
	if !g.rare() {
		add(extension(false, tlv(4, id[:]), 2, 5, 29, 14))
	}
	add(g.authorityKey(issuer))
	if ca && g.rng.IntN(3) == 0 {
		add(g.nameConstraints())
	}
	if g.rng.IntN(2) == 0 && (!ca || g.rare()) {
		var names [][]byte
		for range 1 + g.rng.IntN(3) {
			names = append(names, g.generalName(false))
		}
		add(extension(false, tlv(0x30, names...), 2, 5, 29, 17))
	}
	if g.policies && issuer != self {
		list = append(list, g.policyExtensions(ca)...)
	}
	if g.rng.IntN(200) < g.odd {
		add(extension(g.rng.IntN(2) == 0, pick(g, []byte{5, 0}, tlv(0x30), nil, tlv(0x30, tlv(0x30, oidDER(1, 3, 6, 1, 5, 5, 7, 21, 1)))), pick(g, []int{1, 2, 3, 4}, []int{2, 5, 29, 54}, []int{2, 5, 29, 36}, []int{2, 5, 29, 18}, []int{2, 5, 29, 31}, []int{2, 5, 29, 32}, []int{2, 5, 29, 37},
			[]int{2, 16, 840, 1, 113730, 1, 1}, []int{1, 3, 6, 1, 5, 5, 7, 1, 14}, []int{1, 3, 6, 1, 5, 5, 7, 1, 1}, []int{2, 5, 29, 9})...))
	}
	return list
}

func (g *generator) validity() []byte {
	utc := func(t time.Time) []byte { return tlv(0x17, []byte(t.UTC().Format("060102150405Z"))) }
	from, until := g.now.Add(-24*time.Hour), g.now.Add(24*time.Hour)
	if !g.rare() {
		return tlv(0x30, utc(from), utc(until))
	}
	long := func(t time.Time) []byte { return tlv(0x18, []byte(t.UTC().Format("20060102150405Z"))) }
	return pick(g,
		tlv(0x30, utc(from.Add(-48*time.Hour)), utc(from)), tlv(0x30, utc(until), utc(until.Add(time.Hour))), tlv(0x30, utc(until), utc(from)),
		tlv(0x30, long(from), long(until)), tlv(0x30, utc(from), tlv(0x18, []byte("99991231235959Z"))),
		tlv(0x30, tlv(0x17, []byte("500101000000Z")), utc(until)), tlv(0x30, utc(from), tlv(0x17, []byte("491231235959Z"))))
}

// commonNames are what subjects are called; some read as host names.
var commonNames = []string{"client", "a.example.com", "192.0.2.1", "other.test", "a b.example.com", "-a.example.com", "u@example.com", "a_b.example.com", "x.-y"}

func (g *generator) subject(ca bool, n int) []byte { return nameDER(g.attributes(ca, n)...) }

func (g *generator) attributes(ca bool, n int) []attribute {
	list := []attribute{{10, pick(g, byte(0x0c), 0x13), pick(g, "Org", "ORG", "Org ")}}
	if ca {
		list = append(list, attribute{3, 0x0c, fmt.Sprintf("CA %d", n)})
	} else {
		list = append(list, attribute{3, pick(g, byte(0x0c), 0x13, 0x16), pick(g, commonNames...)})
		if g.rng.IntN(4) == 0 {
			list = append(list, attribute{-1, pick(g, byte(0x16), 0x16, 0x0c), pick(g, "u@example.com", "u@other.test", "nobody")})
		}
		if g.rng.IntN(150) < g.odd {
			list = nil
		}
	}
	return list
}

// sha256ECDSA is the AlgorithmIdentifier of every signature here.
var sha256ECDSA = tlv(0x30, oidDER(1, 2, 840, 10045, 4, 3, 2))

// sign makes the certificate of self by issuer.
func (g *generator) sign(issuer, self *entity, ca bool) {
	version := byte(2)
	extensions := g.extensions(issuer, self, ca)
	if g.rng.IntN(250) < g.odd {
		version = pick(g, byte(0), 1)
		if g.rng.IntN(2) == 0 {
			extensions = nil
		}
	}
	key := must(x509.MarshalPKIXPublicKey(&self.key.PublicKey))
	above := issuer.subject
	if issuer != self {
		above = g.respell(issuer)
	}
	parts := [][]byte{}
	if version > 0 {
		parts = append(parts, tlv(0xa0, tlv(2, []byte{version})))
	}
	parts = append(parts, must(asn1.Marshal(self.serial)), sha256ECDSA, above, g.validity(), self.subject, key)
	if len(extensions) > 0 {
		parts = append(parts, tlv(0xa3, tlv(0x30, extensions...)))
	}
	tbs := tlv(0x30, parts...)
	signer := issuer.key
	// A root's own signature is left right: .NET asks for it to be checked and then drops the failure.
	if issuer != self && g.rng.IntN(250) < g.odd {
		signer = g.keys[0]
	}
	digest := sha256.Sum256(tbs)
	signature := must(ecdsa.SignASN1(rand.Reader, signer, digest[:]))
	self.raw = tlv(0x30, tbs, sha256ECDSA, tlv(3, []byte{0}, signature))
	self.issuer = issuer
}

// rearrange draws odd roles: certificates sent twice or where they do not belong, CAs and roots as the leaf, roots that are
// not trusted.
func (g *generator) rearrange(d *drawn) {
	if g.rng.IntN(3) > 0 {
		return
	}
	switch g.rng.IntN(7) {
	case 0:
		d.sent = append(d.sent, d.leaf)
	case 1:
		d.sent = append(d.sent, d.roots...)
	case 2:
		d.leaf = d.roots[0]
	case 3:
		if len(d.sent) > 0 {
			d.leaf = d.sent[g.rng.IntN(len(d.sent))]
		}
	case 4:
		d.sent, d.roots = append(d.sent, d.roots...), d.roots[:0]
	case 5:
		d.leaf, d.sent, d.roots = d.roots[0], append(d.sent, d.roots...), nil
	case 6:
		d.sent = append(d.sent, d.sent...)
	}
}

// drawn is one case.
type drawn struct {
	leaf         *cert.Certificate
	sent         []*cert.Certificate
	roots, trust []*cert.Certificate
}

// draw makes a case: a path of up to three intermediates, twins and cross certificates beside it. It is false where a
// certificate cannot even be read.
func (g *generator) draw() (d drawn, ok bool) {
	g.odd = pick(g, 0, 2, 5, 12)
	serial := int64(g.rng.IntN(1 << 30))
	next := func(subject []byte, key *ecdsa.PrivateKey) *entity {
		serial++
		return &entity{subject: subject, key: key, serial: serial}
	}
	named := func(list []attribute, key *ecdsa.PrivateKey) *entity {
		e := next(nameDER(list...), key)
		e.name = list
		return e
	}
	ok = true
	add := func(list *[]*cert.Certificate, e *entity) {
		c, err := cert.Parse(e.raw)
		if err != nil {
			ok = false
			return
		}
		*list = append(*list, c)
	}
	root := named(g.attributes(true, 0), g.keys[1])
	g.sign(root, root, true)
	add(&d.roots, root)
	above := root
	for n := range g.rng.IntN(4) {
		name := g.attributes(true, n+1)
		if g.rare() {
			name = above.name // self-issued
		}
		ca := named(name, pick(g, g.keys[2:]...))
		g.sign(above, ca, true)
		add(&d.sent, ca)
		if g.rng.IntN(5) == 0 { // another certificate of the same CA
			twin := named(name, pick(g, ca.key, g.keys[2]))
			g.sign(pick(g, above, root), twin, true)
			add(&d.sent, twin)
		}
		above = ca
	}
	if g.rng.IntN(8) == 0 { // another root of the same name
		twin := next(root.subject, pick(g, root.key, g.keys[2]))
		g.sign(twin, twin, true)
		add(pick(g, &d.roots, &d.sent), twin)
	}
	leaf := next(g.subject(false, 0), pick(g, g.keys...))
	if g.rng.IntN(30) == 0 {
		leaf.subject = above.subject
	}
	g.sign(above, leaf, g.rare())
	var one []*cert.Certificate
	add(&one, leaf)
	if !ok {
		return d, false
	}
	d.leaf = one[0]
	g.rearrange(&d)
	g.rng.Shuffle(len(d.sent), func(i, j int) { d.sent[i], d.sent[j] = d.sent[j], d.sent[i] })
	return d, true
}
