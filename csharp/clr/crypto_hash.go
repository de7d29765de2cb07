package clr

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// cryptoNS is the namespace of everything here.
const cryptoNS = "System.Security.Cryptography."

// hashKind is a hash function of the library.
type hashKind struct {
	name string
	oid  string
	bits int
	make func() hash.Hash
}

// hashKinds are the hash functions, each with an abstract class of its name and a keyed one.
var hashKinds = []*hashKind{
	{"MD5", "1.2.840.113549.2.5", 128, md5.New},
	{"SHA1", "1.3.14.3.2.26", 160, sha1.New},
	{"SHA256", "2.16.840.1.101.3.4.2.1", 256, sha256.New},
	{"SHA384", "2.16.840.1.101.3.4.2.2", 384, sha512.New384},
	{"SHA512", "2.16.840.1.101.3.4.2.3", 512, sha512.New},
}

// hashKindOf finds a hash function by its name; nil if there is none.
func hashKindOf(name string) *hashKind {
	for _, k := range hashKinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

// cryptoHash is a HashAlgorithm, keyed (HMAC) or not.
type cryptoHash struct {
	kind  *hashKind
	typ   func() *types.Type
	keyed bool
	key   []byte
	h     hash.Hash
	// begun: TransformBlock has been called since the start.
	begun, disposed bool
	value           []byte
}

// ClrType is the concrete class: SHA256+Implementation, SHA256Managed, HMACSHA256 and so on.
func (c *cryptoHash) ClrType() *types.Type { return c.typ() }

// newHash makes an algorithm without key.
func newHash(k *hashKind, typ func() *types.Type) *cryptoHash {
	return &cryptoHash{kind: k, typ: typ, h: k.make()}
}

// newHmac makes a keyed algorithm.
func newHmac(k *hashKind, typ func() *types.Type, key []byte) *cryptoHash {
	c := &cryptoHash{kind: k, typ: typ, keyed: true}
	c.setKey(key)
	return c
}

// setKey takes a key; as .NET does, one longer than a block is replaced by its hash.
func (c *cryptoHash) setKey(key []byte) {
	if h := c.kind.make(); len(key) > h.BlockSize() {
		h.Write(key)
		key = h.Sum(nil)
	}
	c.key = append([]byte(nil), key...)
	c.h = hmac.New(c.kind.make, c.key)
}

func (c *cryptoHash) alive() {
	if c.disposed {
		name := c.typ().FullName()
		panic(disposedError(types.NewString(name), types.NewString("Cannot access a disposed object.")))
	}
}

// Dispose ends the object's life.
func (c *cryptoHash) Dispose(*types.Thread) { c.disposed = true }

// write hashes data, charged to the thread.
func (c *cryptoHash) write(t *types.Thread, data []byte) {
	t.Step(int64(len(data)/64) + 1)
	c.h.Write(data)
}

// finish gives the hash and starts anew.
func (c *cryptoHash) finish(t *types.Thread) *types.Bytes {
	c.value = c.h.Sum(nil)
	c.h.Reset()
	c.begun = false
	t.Alloc(int64(len(c.value)))
	return cryptoCopy(c.value)
}

func cryptoCopy(b []byte) *types.Bytes { return &types.Bytes{B: append([]byte{}, b...)} }

// bytesArg is a byte[] argument; null throws ArgumentNullException about param.
func bytesArg(v types.Value, param string) []byte {
	b, _ := v.Ref.(*types.Bytes)
	if b == nil {
		types.ThrowNull(param)
	}
	return b.B
}

// cryptoRange checks the part of a buffer as HashAlgorithm and ICryptoTransform do, and gives it.
func cryptoRange(buffer []byte, offset, count int32, offsetName string) []byte {
	throwNegative(offset, offsetName)
	if count < 0 || int(count) > len(buffer) {
		types.Throw(types.ArgumentException, "Value was invalid.")
	}
	if len(buffer)-int(count) < int(offset) {
		types.Throw(types.ArgumentException, msgOffsetLength)
	}
	return buffer[offset : offset+count]
}

// onHash makes an Impl of a member of HashAlgorithm.
func onHash(fn func(t *types.Thread, c *cryptoHash, x []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		c, ok := receiverObject(this).(*cryptoHash)
		if !ok {
			types.Throw(types.NotSupportedException, "Specified method is not supported.")
		}
		return fn(t, c, x)
	})
}

func hashMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("byte[] ComputeHash(byte[] buffer)", onHash(func(t *types.Thread, c *cryptoHash, x []types.Value) types.Value {
			c.alive()
			c.write(t, bytesArg(x[0], "buffer"))
			return types.Ref(c.finish(t))
		})),
		types.M("byte[] ComputeHash(byte[] buffer, int offset, int count)", onHash(func(t *types.Thread, c *cryptoHash, x []types.Value) types.Value {
			part := cryptoRange(bytesArg(x[0], "buffer"), x[1].Int32(), x[2].Int32(), "offset")
			c.alive()
			c.write(t, part)
			return types.Ref(c.finish(t))
		})),
		types.M("int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)", onHash(hashBlock)),
		types.M("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", onHash(
			func(t *types.Thread, c *cryptoHash, x []types.Value) types.Value {
				part := cryptoRange(bytesArg(x[0], "inputBuffer"), x[1].Int32(), x[2].Int32(), "inputOffset")
				c.alive()
				c.write(t, part)
				c.finish(t)
				t.Alloc(int64(len(part)))
				return types.Ref(cryptoCopy(part))
			})),
		types.M("byte[] Hash { get; }", onHash(func(_ *types.Thread, c *cryptoHash, _ []types.Value) types.Value {
			c.alive()
			if c.begun {
				types.Throw(cryptoUnexpected(), "Hash must be finalized before the hash value is retrieved.")
			}
			if c.value == nil {
				return types.Null
			}
			return types.Ref(cryptoCopy(c.value))
		})),
		types.M("int HashSize { get; }", types.I0(func(c *cryptoHash) int32 { return int32(c.kind.bits) })),
		types.M("int InputBlockSize { get; }", types.I0(func(*cryptoHash) int32 { return 1 })),
		types.M("int OutputBlockSize { get; }", types.I0(func(*cryptoHash) int32 { return 1 })),
		types.M("bool CanReuseTransform { get; }", types.I0(func(*cryptoHash) bool { return true })),
		types.M("bool CanTransformMultipleBlocks { get; }", types.I0(func(*cryptoHash) bool { return true })),
		types.M("void Initialize()", onHash(func(_ *types.Thread, c *cryptoHash, _ []types.Value) types.Value {
			c.alive()
			c.h.Reset()
			c.begun = false
			return types.Value{}
		})),
		types.M("void Clear()", onHash(disposeHash)),
		types.M("void Dispose()", onHash(disposeHash)),
		types.M("static System.Security.Cryptography.HashAlgorithm Create()", noDefaultAlgorithm),
		types.M("static System.Security.Cryptography.HashAlgorithm Create(string hashName)", createByName("HashAlgorithm")),
	}
}

var cryptoUnexpected = lateType(cryptoNS + "CryptographicUnexpectedOperationException")

func disposeHash(t *types.Thread, c *cryptoHash, _ []types.Value) types.Value {
	c.Dispose(t)
	return types.Value{}
}

// hashBlock is TransformBlock: it hashes a part and copies it to the output, if there is one.
func hashBlock(t *types.Thread, c *cryptoHash, x []types.Value) types.Value {
	part := cryptoRange(bytesArg(x[0], "inputBuffer"), x[1].Int32(), x[2].Int32(), "inputOffset")
	c.alive()
	c.begun = true
	c.write(t, part)
	if out, _ := x[3].Ref.(*types.Bytes); out != nil {
		at := x[4].Int32()
		throwNegative(at, "dstOffset")
		if len(out.B)-int(at) < len(part) {
			types.Throw(types.ArgumentException, msgOffsetLength)
		}
		copy(out.B[at:], part)
	}
	return types.Int(int64(len(part)))
}

// noDefaultAlgorithm is the Create() that .NET no longer has.
var noDefaultAlgorithm = types.Raw(func(*types.Thread, types.Value, []types.Value) types.Value {
	types.Throw(platformNotSupported(), "The default implementation of this cryptography algorithm is not supported.")
	return types.Null
})

var platformNotSupported = lateType("System.PlatformNotSupportedException")

// createByName is Create(string) of a class: an object of that class by the name .NET knows it by, null where there is none.
func createByName(class string) types.Impl {
	want := lateType(cryptoNS + class)
	return types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
		if x[0].Str() == nil {
			types.ThrowNull("name")
		}
		o := cryptoByName(x[0].Str().Go())
		if o == nil {
			return types.Null
		}
		if !types.IsInstance(o, want()) {
			types.ThrowInvalidCast(types.TypeOf(o), want())
		}
		return types.Ref(o)
	})
}

// cryptoByName makes the object that .NET's table of names has; nil for an unknown name.
func cryptoByName(name string) any {
	name = strings.ToLower(name)
	short := strings.TrimPrefix(name, strings.ToLower(cryptoNS))
	full := short != name
	if k := hashKindOf(strings.ToUpper(strings.TrimPrefix(short, "hmac"))); k != nil && strings.HasPrefix(short, "hmac") {
		return newHmac(k, lateType(cryptoNS+"HMAC"+k.name), randomBytes(k.make().BlockSize()))
	}
	switch {
	case full && (short == "hmac" || short == "keyedhashalgorithm"):
		return newHmac(hashKindOf("SHA1"), lateType(cryptoNS+"HMACSHA1"), randomBytes(64))
	case short == "sha" && !full, short == "hashalgorithm" && full:
		short = "sha1"
	case !full:
		short = strings.Replace(short, "sha-", "sha", 1)
	}
	if k := hashKindOf(strings.ToUpper(strings.TrimSuffix(short, "managed"))); k != nil && (full || !strings.HasSuffix(short, "managed")) {
		return newHash(k, lateType(cryptoNS+k.name+namedSuffix(k, short)))
	}
	if full && short == "rsa" || !full && short == "rsa" || full && short == "asymmetricalgorithm" {
		return newRSA(nil, nil)
	}
	return symmetricByName(short, full)
}

// namedSuffix ends the name of the class that .NET makes for a hash function asked for by name.
func namedSuffix(k *hashKind, short string) string {
	if (k.name == "MD5" || k.name == "SHA1") && !strings.HasSuffix(short, "managed") {
		return "CryptoServiceProvider"
	}
	return "Managed"
}

// randomBytes are n bytes that nobody can guess.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// hashDecls are HashAlgorithm and the unkeyed functions.
func hashDecls() []*types.Decl {
	out := []*types.Decl{
		hidden("interface System.Security.Cryptography.ICryptoTransform : System.IDisposable", transformMembers()...),
		types.T("abstract class System.Security.Cryptography.HashAlgorithm : System.IDisposable, System.Security.Cryptography.ICryptoTransform", hashMembers()...),
		hidden("class System.Security.Cryptography.CryptographicUnexpectedOperationException : System.Security.Cryptography.CryptographicException",
			exceptionConstructors(cryptoNS+"CryptographicUnexpectedOperationException", "Error occurred during a cryptographic operation.")...),
		hidden("class System.PlatformNotSupportedException : System.NotSupportedException",
			exceptionConstructors("System.PlatformNotSupportedException", "Operation is not supported on this platform.")...),
	}
	for _, k := range hashKinds {
		out = append(out, hashDecl(k)...)
	}
	return out
}

// hashDecl declares a hash function's abstract class and its concrete ones.
func hashDecl(k *hashKind) []*types.Decl {
	class := cryptoNS + k.name
	implementation := lateType(class + "+Implementation")
	param := "hashName"
	if k.name == "MD5" {
		param = "algName"
	}
	members := []types.MemberDecl{
		types.M("const int HashSizeInBits = " + itoa(k.bits)),
		types.M("const int HashSizeInBytes = " + itoa(k.bits/8)),
		types.M("static "+class+" Create()", types.S0(func() *cryptoHash { return newHash(k, implementation) })),
		types.M("static "+class+" Create(string "+param+")", createByName(k.name)),
		types.M("static byte[] HashData(byte[] source)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			c := newHash(k, implementation)
			c.write(t, bytesArg(x[0], "source"))
			return types.Ref(c.finish(t))
		})),
	}
	out := []*types.Decl{types.T("abstract class "+class+" : System.Security.Cryptography.HashAlgorithm", members...),
		hidden("sealed class " + class + ".Implementation : " + class)}
	for _, suffix := range []string{"Managed", "CryptoServiceProvider"} {
		if k.name == "MD5" && suffix == "Managed" {
			continue
		}
		typ := lateType(class + suffix)
		d := types.T("sealed class "+class+suffix+" : "+class, types.M("new()", types.S0(func() *cryptoHash { return newHash(k, typ) })))
		d.Hidden = suffix != "Managed"
		out = append(out, d)
	}
	return out
}
