package exprctx

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

func entityDecls() []*types.Decl {
	named := func(head string) *types.Decl {
		return types.T(head,
			types.M("string Id { get; }", get(func(n *Named) *types.String { return n.id })),
			types.M("string Name { get; }", get(func(n *Named) *types.String { return n.name })))
	}
	return []*types.Decl{
		named("interface IGroup"), named("interface IWorkspace"),
		types.T("interface ISubscriptionKeyParameterNames",
			types.M("string Header { get; }", get(func(k *keyNames) *types.String { return k.header })),
			types.M("string Query { get; }", get(func(k *keyNames) *types.String { return k.query }))),
		types.T("interface IApi",
			types.M("string Id { get; }", get(func(a *API) *types.String { return a.id })),
			types.M("string Name { get; }", get(func(a *API) *types.String { return a.name })),
			types.M("string Path { get; }", get(func(a *API) *types.String { return a.path })),
			types.M("string Revision { get; }", get(func(a *API) *types.String { return a.revision })),
			types.M("string Version { get; }", get(func(a *API) *types.String { return a.version })),
			types.M("bool IsCurrentRevision { get; }", get(func(a *API) bool { return a.current })),
			types.M("IUrl ServiceUrl { get; }", get(func(a *API) *URL { return a.serviceURL })),
			types.M("System.Collections.Generic.IEnumerable<string> Protocols { get; }", get(func(a *API) *types.Array { return a.protocols })),
			types.M("ISubscriptionKeyParameterNames SubscriptionKeyParameterNames { get; }", get(func(a *API) *keyNames { return &a.keys }))),
		types.T("interface IOperation",
			types.M("string Id { get; }", get(func(o *Operation) *types.String { return o.id })),
			types.M("string Method { get; }", get(func(o *Operation) *types.String { return o.method })),
			types.M("string Name { get; }", get(func(o *Operation) *types.String { return o.name })),
			types.M("string UrlTemplate { get; }", get(func(o *Operation) *types.String { return o.template }))),
		types.T("enum ProductState", types.M("const int NotPublished = 0"), types.M("const int Published = 1")),
		types.T("enum BackendType", types.M("const int Single = 0"), types.M("const int Pool = 1")),
		types.T("interface IProduct",
			types.M("bool ApprovalRequired { get; }", get(func(p *Product) bool { return p.of.ApprovalRequired })),
			types.M("System.Collections.Generic.IEnumerable<IGroup> Groups { get; }", get(func(p *Product) *types.Array { return namedArray(p.of.Groups) })),
			types.M("System.Collections.Generic.IEnumerable<IApi> Apis { get; }", get(func(p *Product) *types.Array { return apiArray(p.of.APIs) })),
			types.M("string Id { get; }", get(func(p *Product) *types.String { return text(p.of.ID) })),
			types.M("string Name { get; }", get(func(p *Product) *types.String { return text(p.of.Name) })),
			types.M("ProductState State { get; }", get(func(p *Product) types.Value { return types.Bool(p.of.Published) })),
			types.M("int? SubscriptionsLimit { get; }", get((*Product).limit)),
			types.M("int? SubscriptionLimit { get; }", get((*Product).limit)),
			types.M("bool SubscriptionRequired { get; }", get(func(p *Product) bool { return p.of.SubscriptionRequired }))),
		types.T("interface ISubscription",
			types.M("System.DateTime CreatedDate { get; }", get(func(s *Subscription) types.DateTime { return dateTime(s.of.Created) })),
			types.M("System.DateTime? StartDate { get; }", get(func(s *Subscription) types.Value { return optionalDate(s.of.Start) })),
			types.M("System.DateTime? EndDate { get; }", get(func(s *Subscription) types.Value { return optionalDate(s.of.End) })),
			types.M("string Id { get; }", get(func(s *Subscription) *types.String { return text(s.of.ID) })),
			types.M("string Key { get; }", get(func(s *Subscription) *types.String { return text(s.of.Key) })),
			types.M("string Name { get; }", get(func(s *Subscription) *types.String { return text(s.of.Name) })),
			types.M("string PrimaryKey { get; }", get(func(s *Subscription) *types.String { return text(s.of.PrimaryKey) })),
			types.M("string SecondaryKey { get; }", get(func(s *Subscription) *types.String { return text(s.of.SecondaryKey) }))),
		types.T("interface IUser",
			types.M("string Email { get; }", get(func(u *User) *types.String { return text(u.of.Email) })),
			types.M("string FirstName { get; }", get(func(u *User) *types.String { return text(u.of.FirstName) })),
			types.M("System.Collections.Generic.IEnumerable<IGroup> Groups { get; }", get(func(u *User) *types.Array { return namedArray(u.of.Groups) })),
			types.M("string Id { get; }", get(func(u *User) *types.String { return text(u.of.ID) })),
			types.M("System.Collections.Generic.IEnumerable<IUserIdentity> Identities { get; }", get((*User).identities)),
			types.M("string LastName { get; }", get(func(u *User) *types.String { return text(u.of.LastName) })),
			types.M("string Note { get; }", get(func(u *User) *types.String { return text(u.of.Note) })),
			types.M("System.DateTime RegistrationDate { get; }", get(func(u *User) types.DateTime { return dateTime(u.of.Registered) }))),
		types.T("interface IUserIdentity",
			types.M("string Id { get; }", get(func(i *userIdentity) *types.String { return text(i.of.ID) })),
			types.M("string Provider { get; }", get(func(i *userIdentity) *types.String { return text(i.of.Provider) }))),
		types.T("interface IBackend",
			types.M("string AzureRegion { get; }", get(func(b *Backend) *types.String { return textOrNull(b.of.Region) })),
			types.M("string Id { get; }", get(func(b *Backend) *types.String { return text(b.of.ID) })),
			types.M("BackendType Type { get; }", get(func(b *Backend) types.Value { return types.Bool(b.of.Pool) }))),
	}
}

// Named is an IGroup or an IWorkspace.
type Named struct {
	t        *types.Type
	id, name *types.String
}

// ClrType is the interface it is seen as.
func (n *Named) ClrType() *types.Type { return n.t }

func namedObject(of *policy.Named, t *types.Type) *Named {
	if of == nil {
		return nil
	}
	return &Named{t: t, id: text(of.ID), name: text(of.Name)}
}

func namedArray(list []policy.Named) *types.Array {
	a := &types.Array{T: types.ArrayOf(known.group, 1)}
	for i := range list {
		a.Items = append(a.Items, types.Ref(namedObject(&list[i], known.group)))
	}
	return a
}

// API is context.Api. It is made once for each API of a snapshot.
type API struct {
	id, name, path, revision, version *types.String
	current                           bool
	serviceURL                        *URL
	protocols                         *types.Array
	keys                              keyNames
}

// ClrType is IApi.
func (a *API) ClrType() *types.Type { return known.api }

type keyNames struct{ header, query *types.String }

// ClrType is ISubscriptionKeyParameterNames.
func (k *keyNames) ClrType() *types.Type { return known.keyNames }

// The names of subscription keys where an API sets none.
const (
	defaultKeyHeader = "Ocp-Apim-Subscription-Key"
	defaultKeyQuery  = "subscription-key"
)

func newAPI(of *apim.API) *API {
	a := &API{id: text(of.ID), name: text(of.Name), path: text(of.Path), revision: text(of.Revision),
		version: textOrNull(of.Version), current: of.Current, protocols: &types.Array{T: types.StringArray}}
	if u, err := message.ParseURL(of.ServiceURL); err == nil {
		a.serviceURL = &URL{of: &u}
	}
	for _, p := range of.Protocols {
		a.protocols.Items = append(a.protocols.Items, types.Ref(text(p)))
	}
	a.keys = keyNames{header: text(orElse(of.KeyHeader, defaultKeyHeader)), query: text(orElse(of.KeyQuery, defaultKeyQuery))}
	return a
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func apiArray(list []policy.Named) *types.Array {
	a := &types.Array{T: types.ArrayOf(known.api, 1)}
	for _, n := range list {
		a.Items = append(a.Items, types.Ref(newAPI(&apim.API{ID: n.ID, Name: n.Name})))
	}
	return a
}

func (c *Context) apiObject() *API {
	if c.run.Route.API == nil {
		return nil
	}
	if c.api == nil {
		c.api = deploymentOf(c.run.Deployment).api(c.run.Route.API)
	}
	return c.api
}

// Operation is context.Operation.
type Operation struct{ id, method, name, template *types.String }

// ClrType is IOperation.
func (o *Operation) ClrType() *types.Type { return known.operation }

func (c *Context) operationObject() *Operation {
	if c.run.Route.Operation == nil {
		return nil
	}
	if c.operation == nil {
		c.operation = deploymentOf(c.run.Deployment).operation(c.run.Route.Operation)
	}
	return c.operation
}

// Product is context.Product.
type Product struct{ of *policy.ProductInfo }

// ClrType is IProduct.
func (p *Product) ClrType() *types.Type { return known.product }

func productObject(of *policy.ProductInfo) *Product {
	if of == nil {
		return nil
	}
	return &Product{of}
}

func (p *Product) limit() types.Value {
	if p.of.SubscriptionLimit == nil {
		return types.Null
	}
	return types.Some(types.Int32Type, types.Int(int64(*p.of.SubscriptionLimit)))
}

// Subscription is context.Subscription.
type Subscription struct{ of *policy.Subscription }

// ClrType is ISubscription.
func (s *Subscription) ClrType() *types.Type { return known.subscription }

func subscriptionObject(of *policy.Subscription) *Subscription {
	if of == nil {
		return nil
	}
	return &Subscription{of}
}

// User is context.User.
type User struct{ of *policy.User }

// ClrType is IUser.
func (u *User) ClrType() *types.Type { return known.user }

func userObject(of *policy.User) *User {
	if of == nil {
		return nil
	}
	return &User{of}
}

func (u *User) identities() *types.Array {
	a := &types.Array{T: types.ArrayOf(known.identity, 1)}
	for i := range u.of.Identities {
		a.Items = append(a.Items, types.Ref(&userIdentity{&u.of.Identities[i]}))
	}
	return a
}

type userIdentity struct{ of *policy.UserIdentity }

// ClrType is IUserIdentity.
func (i *userIdentity) ClrType() *types.Type { return known.identity }

// Backend is context.Backend.
type Backend struct{ of *policy.BackendInfo }

// ClrType is IBackend.
func (b *Backend) ClrType() *types.Type { return known.backend }

func backendObject(of *policy.BackendInfo) *Backend {
	if of == nil {
		return nil
	}
	return &Backend{of}
}
