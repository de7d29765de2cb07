package clr

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp/types"
)

// damaged reads, writes, copies and queries a text; nothing but exceptions and budgets may come out of it.
func damaged(t *testing.T, text string) {
	defer func() {
		switch p := recover().(type) {
		case nil, *types.Exception, *types.Exceeded:
		default:
			t.Errorf("%q panics: %v", text, p)
		}
	}()
	thread := &types.Thread{U: Universe()}
	thread.Start(types.Budget{Steps: 1_000_000, Bytes: 16 << 20, Depth: 200, Time: 5 * time.Second})
	s := types.NewString(text)
	doc := parseXMLDocument(thread, s, 0)
	again := parseXMLDocument(thread, doc.written(thread, saveUnformatted), 0)
	if d := doc.clone(thread); !xmlEqual(thread, doc, d) {
		t.Errorf("%q: a copy differs", text)
	}
	if doc.root().textValue(thread).Go() != again.root().textValue(thread).Go() {
		t.Errorf("%q: the text changes when written and read", text)
	}
	serializeXNode(thread, doc, true, false)
}

func TestXMLDamaged(t *testing.T) {
	seeds := []string{
		`<?xml version="1.0" encoding="utf-8"?><!-- c --><r xmlns="urn:d" xmlns:p='urn:p' p:k="1&amp;2"><p:a>text &lt; &#x1F600; é</p:a><b/><![CDATA[x]]]]><?pi data?></r>`,
		`<!DOCTYPE r [<!ENTITY e "v&#38;amp;<b/>"><!ATTLIST r k CDATA 'd' t NMTOKENS #IMPLIED>]><r t=" a  b ">&e; tail</r>`,
	}
	pieces := []string{"<", ">", "&", ";", "'", `"`, "]]>", "--", "<!--", "<?", "?>", "</r>", "<r>", "=", " ", "\r\n", "\x01", "\xED\xA0\x80", "é", "xmlns", ":", "&e;", "[", "]", "<!ENTITY e '&e;'>"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		s := seeds[random.IntN(len(seeds))]
		for range 1 + random.IntN(3) {
			i := random.IntN(len(s) + 1)
			switch j := min(len(s), i+random.IntN(6)); random.IntN(3) {
			case 0:
				s = s[:i] + s[j:]
			case 1:
				s = s[:i] + pieces[random.IntN(len(pieces))] + s[i:]
			default:
				s = s[:i] + pieces[random.IntN(len(pieces))] + s[j:]
			}
		}
		damaged(t, s)
	}
}

func TestXPathDamaged(t *testing.T) {
	thread := &types.Thread{U: Universe()}
	doc := parseXMLDocument(thread, types.NewString("<r><a k='1'>x</a><b><c/></b></r>"), 0)
	seeds := []string{"/r/a[@k='1']/text()", "//b[count(c) > 0 and not(d)] | ../a[last()]", "concat('x', string(1 div 2), name(//a))"}
	pieces := []string{"/", "//", "[", "]", "(", ")", "@", "*", "|", "'", "1", "-", "::", "..", "and", "a", ":", " ", "=", "é"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		s := seeds[random.IntN(len(seeds))]
		for range 1 + random.IntN(3) {
			i := random.IntN(len(s) + 1)
			s = s[:i] + pieces[random.IntN(len(pieces))] + s[min(len(s), i+random.IntN(3)):]
		}
		func() {
			defer func() {
				switch p := recover().(type) {
				case nil, *types.Exception, *types.Exceeded:
				default:
					t.Errorf("%q panics: %v", s, p)
				}
			}()
			thread.Start(types.Budget{Steps: 100_000, Bytes: 1 << 20, Depth: 200, Time: time.Second})
			xpathSelect(thread, domNode{n: doc}, []types.Value{types.Ref(types.NewString(s))})
		}()
	}
}
