package clr_test

import (
	"strings"
	"testing"
)

const cryptographic = "System.Security.Cryptography.CryptographicException: "

func TestHashes(t *testing.T) {
	for _, e := range []expression{
		{"of nothing", `@(BitConverter.ToString(MD5.Create().ComputeHash(new byte[0])))`, "D4-1D-8C-D9-8F-00-B2-04-E9-80-09-98-EC-F8-42-7E"},
		{"part of a buffer", `@(SHA1.HashData(Encoding.ASCII.GetBytes("abc")).SequenceEqual(SHA1.Create().ComputeHash(Encoding.ASCII.GetBytes("xabcy"), 1, 3)))`, "True"},
		{"part too long", `@(SHA1.Create().ComputeHash(new byte[3], 2, 2))`, "System.ArgumentException: Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection."},
		{"negative offset", `@(SHA1.Create().ComputeHash(new byte[3], -1, 2))`, "System.ArgumentOutOfRangeException: offset ('-1') must be a non-negative value. (Parameter 'offset')\nActual value was -1."},
		{"count too great", `@(SHA1.Create().ComputeHash(new byte[3], 0, 4))`, "System.ArgumentException: Value was invalid."},
		{"in blocks", `@{ var h = SHA256.Create(); var d = Encoding.ASCII.GetBytes("abc"); h.TransformBlock(d, 0, 2, null, 0); h.TransformFinalBlock(d, 2, 1); return h.Hash.SequenceEqual(SHA256.HashData(d)); }`, "True"},
		{"hash before its end", `@{ var h = SHA256.Create(); h.TransformBlock(new byte[1], 0, 1, null, 0); return h.Hash; }`,
			"System.Security.Cryptography.CryptographicUnexpectedOperationException: Hash must be finalized before the hash value is retrieved."},
		{"by name", `@(string.Join(" ", new[] { "SHA256", "md5", "HMACSHA256", "SHA-512", "sha1", "nope" }.Select(n => HashAlgorithm.Create(n)?.GetType().Name ?? "null")))`,
			"SHA256Managed MD5CryptoServiceProvider HMACSHA256 SHA512Managed SHA1CryptoServiceProvider null"},
		{"name of another kind", `@(HashAlgorithm.Create("AES") == null)`, "System.InvalidCastException: Unable to cast object of type 'System.Security.Cryptography.AesCryptoServiceProvider' to type 'System.Security.Cryptography.HashAlgorithm'."},
		{"key longer than a block", `@(new HMACSHA1(new byte[100]).Key.Length)`, "20"},
		{"key of its own", `@(new HMACSHA512().Key.Length + "," + new HMACSHA256().Key.Length)`, "128,64"},
		{"null key", `@(new HMACSHA256((byte[])null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'key')"},
		{"name of HMAC", `@(new HMACSHA384(new byte[1]).HashName + HMACSHA384.HashSizeInBytes)`, "SHA38448"},
		{"disposed", `@{ var h = new HMACMD5(new byte[1]); h.Dispose(); return h.ComputeHash(new byte[1]); }`, "System.ObjectDisposedException: Cannot access a disposed object.\nObject name: 'System.Security.Cryptography.HMACMD5'."},
		{"default name", `@(default(HashAlgorithmName).Name == null)`, "True"},
		{"name by identifier", `@(HashAlgorithmName.FromOid("2.16.840.1.101.3.4.2.1"))`, "SHA256"},
	} {
		e.test(t)
	}
}

func TestSymmetric(t *testing.T) {
	const aes = `var a = Aes.Create(); a.Key = new byte[16]; a.IV = new byte[16]; `
	for _, e := range []expression{
		{"round trip", `@{ ` + aes + `var d = Encoding.UTF8.GetBytes("hello"); var c = a.CreateEncryptor().TransformFinalBlock(d, 0, d.Length);
			return Encoding.UTF8.GetString(a.CreateDecryptor().TransformFinalBlock(c, 0, c.Length)); }`, "hello"},
		{"padding that is none", `@{ ` + aes + `return a.CreateDecryptor().TransformFinalBlock(new byte[16], 0, 16); }`, cryptographic + "Padding is invalid and cannot be removed."},
		{"part of a block", `@{ ` + aes + `return a.CreateDecryptor().TransformFinalBlock(new byte[15], 0, 15); }`, cryptographic + "The input data is not a complete block."},
		{"no padding", `@{ ` + aes + `a.Padding = PaddingMode.None; return a.CreateEncryptor().TransformFinalBlock(new byte[15], 0, 15); }`, cryptographic + "The input data is not a complete block."},
		{"vector of another size", `@{ ` + aes + `a.IV = new byte[8]; return 1; }`, cryptographic + "Specified initialization vector (IV) does not match the block size for this algorithm."},
		{"key of another size", `@(Aes.Create().CreateEncryptor(new byte[5], new byte[16]))`, "System.ArgumentException: Specified key is not a valid size for this algorithm. (Parameter 'rgbKey')"},
		{"weak key", `@(SymmetricAlgorithm.Create("TripleDES").CreateEncryptor(new byte[24], new byte[8]))`, cryptographic + "Specified key is a known weak key for 'TripleDES' and cannot be used."},
		{"mode", `@{ ` + aes + `a.Mode = CipherMode.OFB; return 1; }`, cryptographic + "Specified cipher mode is not valid for this algorithm."},
		{"feedback of a byte", `@{ ` + aes + `a.Mode = CipherMode.CFB; a.Padding = PaddingMode.None; var c = a.CreateEncryptor().TransformFinalBlock(new byte[3], 0, 3);
			return BitConverter.ToString(c) + a.CreateDecryptor().TransformFinalBlock(c, 0, 3).Sum(x => x); }`, "66-16-F90"},
		{"blocks held back", `@{ ` + aes + `var c = a.EncryptCbc(new byte[32], new byte[16]); var d = a.CreateDecryptor(); var o = new byte[48];
			var n = d.TransformBlock(c, 0, 48, o, 0); return n + "," + d.TransformFinalBlock(c, 0, 0).Length; }`, "32,0"},
		{"one shot", `@{ ` + aes + `return a.DecryptEcb(a.EncryptEcb(new byte[5], PaddingMode.PKCS7), PaddingMode.PKCS7).Length; }`, "5"},
		{"legal sizes", `@{ var k = Aes.Create().LegalKeySizes[0]; return k.MinSize + "," + k.MaxSize + "," + k.SkipSize; }`, "128,256,64"},
		{"unknown", `@(SymmetricAlgorithm.Create("rot13") == null)`, "True"},
	} {
		e.test(t)
	}
}

// parameters of a key of 1024 bits.
const rsaXML = `"<RSAKeyValue><Modulus>ALRiMLAh9iimur8VA7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmVjPKlJGNXHDGuy5Fw/dvjEWKjaRkpOjMoAzUbTAgw8n+aEcAZ8GVDXi5eKdQ0TWKBfG7Q8SUwmEfVzgmWVBBcTVE9u9q0ZTNU2e0WJFr0S4AnwX</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"`

func TestRSA(t *testing.T) {
	for _, e := range []expression{
		{"made key signs", `@{ using (var r = RSA.Create(1024)) { var s = r.SignData(new byte[3], HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
			return s.Length + "," + r.VerifyData(new byte[3], s, HashAlgorithmName.SHA256, RSASignaturePadding.Pss); } }`, "128,True"},
		{"made key encrypts", `@{ var r = RSA.Create(1024); return Encoding.ASCII.GetString(r.Decrypt(r.Encrypt(Encoding.ASCII.GetBytes("hi"), RSAEncryptionPadding.OaepSHA1), RSAEncryptionPadding.OaepSHA1)); }`, "hi"},
		{"parameters go round", `@{ var r = RSA.Create(1024); var p = RSA.Create(r.ExportParameters(false)); return p.ToXmlString(false) == r.ToXmlString(false); }`, "True"},
		{"private parameters of one's own", `@{ var r = RSA.Create(1024); var p = RSA.Create(); p.FromXmlString(r.ToXmlString(true)); return r.VerifyHash(new byte[32], p.SignHash(new byte[32], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1); }`, "True"},
		{"parameters cannot be named", `@(new RSAParameters())`, "PST2100 Usage of type 'System.Security.Cryptography.RSAParameters' is not supported within expressions"},
		{"cast", `@((RSA.Create() as RSACng) != null)`, "True"},
		{"hash of another size", `@(RSA.Create(1024).SignHash(new byte[3], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))`, cryptographic + "The provided hash value is not the expected size for the specified hash algorithm."},
		{"unknown hash", `@(RSA.Create(1024).SignData(new byte[3], new HashAlgorithmName("x"), RSASignaturePadding.Pkcs1))`, cryptographic + "'x' is not a known hash algorithm."},
		{"null padding", `@(RSA.Create(1024).SignData(new byte[3], HashAlgorithmName.SHA1, null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'padding')"},
		{"null data", `@(RSA.Create(1024).SignData((byte[])null, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'data')"},
		{"no hash", `@(RSA.Create(1024).SignData(new byte[3], default(HashAlgorithmName), RSASignaturePadding.Pkcs1))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'hashAlgorithm')"},
		{"public key does not sign", `@{ var r = RSA.Create(); r.FromXmlString(` + rsaXML + `); return r.SignData(new byte[3], HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1); }`,
			"Interop+Crypto+OpenSslCryptographicException: error:02000093:rsa routines::value missing"},
		{"caught as cryptographic", `@{ var r = RSA.Create(); r.FromXmlString(` + rsaXML + `); try { r.SignData(new byte[3], HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1); } catch (CryptographicException) { return 1; } return 0; }`, "1"},
		{"paddings", `@((RSAEncryptionPadding.OaepSHA256 == RSAEncryptionPadding.CreateOaep(HashAlgorithmName.SHA256)) + "," + RSASignaturePadding.Pss.Mode)`, "True,Pss"},
	} {
		e.test(t)
	}
	if got := resultOf(`@(RSA.Create(1024).ExportSubjectPublicKeyInfoPem())`); !strings.HasPrefix(got, "-----BEGIN PUBLIC KEY-----\n") || !strings.HasSuffix(got, "\n-----END PUBLIC KEY-----") {
		t.Errorf("PEM: %s", got)
	}
}

func TestRandomNumbers(t *testing.T) {
	for _, e := range []expression{
		{"below", `@(Enumerable.Range(0, 100).All(i => RandomNumberGenerator.GetInt32(3) < 3))`, "True"},
		{"between", `@(Enumerable.Range(0, 100).All(i => { var n = RandomNumberGenerator.GetInt32(-2, 2); return n >= -2 && n < 2; }))`, "True"},
		{"empty range", `@(RandomNumberGenerator.GetInt32(2, 2))`, "System.ArgumentException: Range of random number does not contain at least one possibility."},
		{"part of a buffer", `@{ var b = new byte[4]; new RNGCryptoServiceProvider().GetBytes(b, 3, 2); return b; }`, "System.ArgumentException: Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection."},
		{"many", `@(RandomNumberGenerator.GetBytes(33).Length)`, "33"},
	} {
		e.test(t)
	}
}
