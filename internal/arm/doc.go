// Package arm is the management API: API Management's ARM REST interface, in
// the shapes of api-version 2024-05-01.
//
// A change goes the same way for every type of resource: the path is parsed
// and its type found in the table of types.go; the body is checked by the
// type's rule, which also moves secrets out of the document and seals them;
// what depends on other resources (a policy on named values, a named value on
// policies) is checked against the store's present state; one transaction
// writes it; the answer waits until this node's gateway runs it.
package arm
