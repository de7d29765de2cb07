// Package exprctx is what the C# of policies sees of the running request: the
// object "context" and all that hangs on it, declared in C#'s words, with the
// helper methods that API Management adds to .NET.
//
// The objects are views: they read the policy.Run when they are asked, so that
// what a policy has changed shows at once. They are made once for each request
// (and used again for the next), once for each connection (the client's
// certificate) or once for each snapshot (the deployment and its
// certificates); reading a member allocates only what has to be computed, and
// only the first time.
//
// Language compiles expressions for the policy engine. A Scenario is a request
// from a file, for evaluating expressions by themselves.
package exprctx
