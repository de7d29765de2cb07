// Package cel compares the expressions of Postern with those of CEL (cel.dev/cel-go): ten conditions, each in C# and in
// CEL, over the same input and with the same result. It is a module of its own, so that the gateway does not depend on CEL.
package cel
