package exprctx

import (
	"slices"
	"sync"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

var (
	universe     *types.Universe
	universeOnce sync.Once
)

// Universe is the class library with the types of the context. It is made at the first call and shared.
func Universe() *types.Universe {
	universeOnce.Do(func() {
		universe = clr.Universe().With(slices.Concat(contextDecls(), messageDecls(), entityDecls(), dictionaryDecls(), helperDecls(), azureDecls())...)
		known.load(universe)
	})
	return universe
}

// ContextType is the type of the global "context".
func ContextType() *types.Type { return Universe().Type("IExpressionContext") }

// known are the types that objects of this package have, by the names they are declared with. They are set before
// the first object is made.
var known knownTypes

type knownTypes struct {
	context, request, response, body, url, api, keyNames, operation, product, subscription, user, group, identity,
	workspace, backend, deployment, gateway, lastError, jwt, basic, productState, backendType,
	headers, parameters, variables, certificates, x509, certificatePair, certificateValues *types.Type
}

func (k *knownTypes) load(u *types.Universe) {
	for name, at := range map[string]**types.Type{
		"IExpressionContext": &k.context, "IRequest": &k.request, "IResponse": &k.response, "IMessageBody": &k.body,
		"IUrl": &k.url, "IApi": &k.api, "ISubscriptionKeyParameterNames": &k.keyNames, "IOperation": &k.operation,
		"IProduct": &k.product, "ISubscription": &k.subscription, "IUser": &k.user, "IGroup": &k.group,
		"IUserIdentity": &k.identity, "IWorkspace": &k.workspace, "IBackend": &k.backend, "IDeployment": &k.deployment,
		"IGateway": &k.gateway, "ILastError": &k.lastError, "Jwt": &k.jwt,
		"BasicAuthCredentials": &k.basic, "ProductState": &k.productState, "BackendType": &k.backendType,
		"IMultiValueDictionary": &k.headers, "ISingleValueDictionary": &k.parameters, "IVariables": &k.variables,
		"ICertificates": &k.certificates, x509: &k.x509,
	} {
		*at = u.Type(name)
	}
	k.certificateValues = types.IEnumerableDef.Of(k.x509)
	k.certificatePair = types.KeyValuePairDef.Of(types.StringType, k.x509)
}

// get is a property of the object of Go type A.
func get[A, R any](fn func(A) R) types.Impl { return types.I0(fn) }

// text makes a string of text, null of nothing: for what is optional in the entities.
func text(s string) *types.String { return types.NewString(s) }

// textOrNull is null for the empty text.
func textOrNull(s string) *types.String {
	if s == "" {
		return nil
	}
	return types.NewString(s)
}

// lazyText keeps the string made of a text until the text is another.
type lazyText struct {
	from string
	made *types.String
}

func (l *lazyText) of(s string) *types.String {
	if l.made == nil || l.from != s {
		l.from, l.made = s, types.NewString(s)
	}
	return l.made
}
