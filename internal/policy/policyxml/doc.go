// Package policyxml reads and writes policy documents: XML in which attribute
// values and element texts may be C# expressions, "@( … )" or "@{ … }".
//
// API Management takes two forms. In "xml" the document is well-formed and the
// characters of the C# are entities; in "rawxml" the C# stands as it is, quotes
// and angle brackets included, in attributes too. Auto, the form of the command
// line, reads rawxml and falls back on entities where code does not stand on
// its own.
//
// The reader is strict as .NET's XmlReader is, with its words, but for two
// things: the expressions of rawxml, and the distinguished names that the
// documentation of validate-client-certificate writes with bare quotes inside a
// quoted attribute (subject="CN=a, O="Contoso, Inc.""), which are read where
// only one reading is possible. Document types are refused; depth and size are
// bounded.
//
// Every node knows its place: a byte offset in the text that the user wrote,
// before named values ("{{name}}") were put in, entities decoded or line ends
// normalised.
package policyxml
