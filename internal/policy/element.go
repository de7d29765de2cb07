package policy

// Element declares one policy element: where it may stand, what it is written with, and how it is compiled. The
// facts are data, read by the checks, the documentation and the editor alike.
type Element struct {
	Spec
	// Sections and Scopes are where it may stand.
	Sections Sections
	Scopes   Scopes
	// Once tells that it may stand once in a section.
	Once bool
	// Source is the page that defines it.
	Source string
	// Compile makes the step. It is called once the facts have been checked and hold; what it still finds wrong it
	// reports to the node, and then its step is not used.
	Compile func(n *Node) Step
}

// Spec is the form of an XML element.
type Spec struct {
	// Name is the element's name.
	Name string
	// Doc is one sentence for the reader of the documentation.
	Doc string
	// Attributes it may have, besides id, which every policy element has.
	Attributes []Attribute
	// Children are the elements it may hold, in the documented order; any order is taken.
	Children []Child
	// Policies tells that it holds policy elements of the section that it stands in.
	Policies bool
	// Text says what text it holds.
	Text TextRule
}

// Child is an element that stands inside another.
type Child struct {
	Spec *Spec
	// Min and Max bound how often it may stand; Max 0: any number.
	Min, Max int
}

// Type is what a literal value has to be.
type Type uint8

// The types of attribute values.
const (
	String Type = iota
	Boolean
	Integer
	Number
)

var typeNames = [...]string{String: "text", Boolean: "a boolean, true or false", Integer: "a whole number", Number: "a number"}

func (t Type) String() string { return typeNames[t] }

// Attribute declares an attribute.
type Attribute struct {
	Name string
	Doc  string
	// Type is what a literal value has to be.
	Type Type
	// Required tells that it may not be left out, and NonEmpty that it may not be empty.
	Required, NonEmpty bool
	// Expression tells that an expression may stand here. Typed: it must have the C# type of Type, as a condition must
	// be a bool; otherwise its value is converted when it runs.
	Expression, Typed bool
	// Enum are the values that a literal may have; nil: any. They compare without case.
	Enum []string
	// Min and Max bound a number; both zero: no bounds.
	Min, Max float64
	// Default is the value it has when left out, as documented.
	Default string
	// Extension tells that Postern has it and API Management does not, which refuses a document that uses it.
	Extension bool
}

// TextRule says what text an element holds.
type TextRule uint8

const (
	// NoText: white space only.
	NoText TextRule = iota
	// LiteralText: text without expressions.
	LiteralText
	// ExpressionText: text or an expression.
	ExpressionText
	// AnyText: text, an expression, or XML, which is then taken as text.
	AnyText
)

// Step is one compiled policy. An error that is not Done ends the section and leads to on-error.
type Step func(x *Run) error

// Op is a step with its place.
type Op struct {
	Step Step
	At   *Place
	// base marks <base/>.
	base bool
}

// Block is a sequence of steps.
type Block []Op

// Place says which policy a step is.
type Place struct {
	// Element is the policy's name, ID its id attribute.
	Element, ID string
	// Scope and Section are where it stands.
	Scope   Scope
	Section Section
	// Path is the nesting inside the section, as LastError.Path has it: "choose[1]/when[2]/set-header[1]".
	Path string
	// Document names the text it is written in, Line and Column are where in it, from 1.
	Document     string
	Line, Column int
}
