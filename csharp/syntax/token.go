package syntax

// kind is the kind of a token.
type kind uint8

const (
	tEOF kind = iota
	tBad
	tIdent
	tInt
	tReal
	tChar
	tString
	tInterp // a whole $"…"

	tLParen
	tRParen
	tLBracket
	tRBracket
	tLBrace
	tRBrace
	tSemi
	tComma
	tColon
	tColonColon
	tDot
	tDotDot
	tQuestion
	tCoalesce // ??
	tArrow    // =>
	tPtrArrow // ->
	tAssign
	tPlus
	tMinus
	tStar
	tSlash
	tPercent
	tAmp
	tBar
	tCaret
	tTilde
	tNot
	tLt
	tGt
	tLe
	tGe
	tEq
	tNe
	tAndAnd
	tOrOr
	tInc
	tDec
	tShl
	// assignments with an operator
	tPlusEq
	tMinusEq
	tStarEq
	tSlashEq
	tPercentEq
	tAmpEq
	tBarEq
	tCaretEq
	tShlEq
	tCoalesceEq // ??=, of C# 8

	// keywords; the predefined types are first
	kBool
	kByte
	kSbyte
	kShort
	kUshort
	kInt
	kUint
	kLong
	kUlong
	kFloat
	kDouble
	kDecimal
	kChar
	kString
	kObject
	kVoid
	kAbstract
	kAs
	kBase
	kBreak
	kCase
	kCatch
	kChecked
	kClass
	kConst
	kContinue
	kDefault
	kDelegate
	kDo
	kElse
	kEnum
	kEvent
	kExplicit
	kExtern
	kFalse
	kFinally
	kFixed
	kFor
	kForeach
	kGoto
	kIf
	kImplicit
	kIn
	kInterface
	kInternal
	kIs
	kLock
	kNamespace
	kNew
	kNull
	kOperator
	kOut
	kOverride
	kParams
	kPrivate
	kProtected
	kPublic
	kReadonly
	kRef
	kReturn
	kSealed
	kSizeof
	kStackalloc
	kStatic
	kStruct
	kSwitch
	kThis
	kThrow
	kTrue
	kTry
	kTypeof
	kUnchecked
	kUnsafe
	kUsing
	kVirtual
	kVolatile
	kWhile
	kindCount
)

// contextual keywords: tIdents that mean something in some places.
type word uint8

const (
	wNone word = iota
	wAnd
	wAscending
	wAsync
	wAwait
	wBy
	wDescending
	wEquals
	wFrom
	wGlobal
	wGroup
	wInto
	wJoin
	wLet
	wNot
	wOn
	wOr
	wOrderby
	wSelect
	wVar
	wWhen
	wWhere
	wWith
	wYield
	wUnderscore
)

// token is a token of the text. Its text is between start and end, except for
// the tokens that stand for what is around the text, which are empty.
type token struct {
	kind kind
	word word
	// eol tells that the line ends between this token and the next one.
	eol        bool
	start, end int32
}

func (t token) extent() Extent { return Extent{t.start, t.end} }

// kindTexts are the tokens whose text is always the same.
var kindTexts = [kindCount]string{
	tLParen: "(", tRParen: ")", tLBracket: "[", tRBracket: "]", tLBrace: "{", tRBrace: "}", tSemi: ";", tComma: ",",
	tColon: ":", tColonColon: "::", tDot: ".", tDotDot: "..", tQuestion: "?", tCoalesce: "??", tArrow: "=>",
	tPtrArrow: "->", tAssign: "=", tPlus: "+", tMinus: "-", tStar: "*", tSlash: "/", tPercent: "%", tAmp: "&",
	tBar: "|", tCaret: "^", tTilde: "~", tNot: "!", tLt: "<", tGt: ">", tLe: "<=", tGe: ">=", tEq: "==", tNe: "!=",
	tAndAnd: "&&", tOrOr: "||", tInc: "++", tDec: "--", tShl: "<<", tPlusEq: "+=", tMinusEq: "-=", tStarEq: "*=",
	tSlashEq: "/=", tPercentEq: "%=", tAmpEq: "&=", tBarEq: "|=", tCaretEq: "^=", tShlEq: "<<=", tCoalesceEq: "??=",
	kBool: "bool", kByte: "byte", kSbyte: "sbyte", kShort: "short", kUshort: "ushort", kInt: "int", kUint: "uint",
	kLong: "long", kUlong: "ulong", kFloat: "float", kDouble: "double", kDecimal: "decimal", kChar: "char",
	kString: "string", kObject: "object", kVoid: "void", kAbstract: "abstract", kAs: "as", kBase: "base",
	kBreak: "break", kCase: "case", kCatch: "catch", kChecked: "checked", kClass: "class", kConst: "const",
	kContinue: "continue", kDefault: "default", kDelegate: "delegate", kDo: "do", kElse: "else", kEnum: "enum",
	kEvent: "event", kExplicit: "explicit", kExtern: "extern", kFalse: "false", kFinally: "finally", kFixed: "fixed",
	kFor: "for", kForeach: "foreach", kGoto: "goto", kIf: "if", kImplicit: "implicit", kIn: "in",
	kInterface: "interface", kInternal: "internal", kIs: "is", kLock: "lock", kNamespace: "namespace", kNew: "new",
	kNull: "null", kOperator: "operator", kOut: "out", kOverride: "override", kParams: "params",
	kPrivate: "private", kProtected: "protected", kPublic: "public", kReadonly: "readonly", kRef: "ref",
	kReturn: "return", kSealed: "sealed", kSizeof: "sizeof", kStackalloc: "stackalloc", kStatic: "static",
	kStruct: "struct", kSwitch: "switch", kThis: "this", kThrow: "throw", kTrue: "true", kTry: "try",
	kTypeof: "typeof", kUnchecked: "unchecked", kUnsafe: "unsafe", kUsing: "using", kVirtual: "virtual",
	kVolatile: "volatile", kWhile: "while",
}

// keywords finds reserved words by their text.
var keywords = func() map[string]kind {
	m := map[string]kind{}
	for k := kBool; k < kindCount; k++ {
		m[kindTexts[k]] = k
	}
	return m
}()

// words finds contextual keywords by their text.
var words = map[string]word{
	"and": wAnd, "ascending": wAscending, "async": wAsync, "await": wAwait, "by": wBy, "descending": wDescending,
	"equals": wEquals, "from": wFrom, "global": wGlobal, "group": wGroup, "into": wInto, "join": wJoin, "let": wLet,
	"not": wNot, "on": wOn, "or": wOr, "orderby": wOrderby, "select": wSelect, "var": wVar, "when": wWhen,
	"where": wWhere, "with": wWith, "yield": wYield, "_": wUnderscore,
}

// isReserved reports whether k is a keyword that can never be a name.
func (k kind) isReserved() bool { return k >= kBool }

// isPredefinedType reports whether k is the keyword of a type, void included.
func (k kind) isPredefinedType() bool { return k >= kBool && k <= kVoid }

// isLiteral reports whether k is a literal of one token.
func (k kind) isLiteral() bool {
	switch k {
	case tInt, tReal, tChar, tString, tInterp, kTrue, kFalse, kNull:
		return true
	}
	return false
}
