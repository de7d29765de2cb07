package resource

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// The namespaces of the resource providers that Postern has resources of.
const (
	// Provider is API Management's namespace.
	Provider = "Microsoft.ApiManagement"
	// IdentityProvider is the namespace of user-assigned managed identities.
	IdentityProvider = "Microsoft.ManagedIdentity"
	// VaultProvider is the namespace of vaults.
	VaultProvider = "Microsoft.KeyVault"
	// AuthorizationProvider is the namespace of role assignments, which stand on other resources.
	AuthorizationProvider = "Microsoft.Authorization"
)

// ServiceType is the type of API Management services.
const ServiceType = Provider + "/service"

// ID is the parsed ARM id of a resource or of a collection of resources.
type ID struct {
	// Subscription is the subscription as the client wrote it.
	Subscription string
	// Group is the resource group; empty for what stands right below a subscription.
	Group string
	// Provider is the namespace of the resource provider.
	Provider string
	// Path are the types and names below the provider, outermost first, at least one: {service local} {apis a}.
	Path []Part
	// On is the resource that an extension resource (a role assignment) stands on; nil where it stands on the
	// subscription or the group, and for all other resources.
	On *ID
}

// Part is one step of a path: a type, which is a collection, and, but in the id of a collection, an entity's name.
type Part struct {
	// Collection is such as "apis", in the spelling of the specification.
	Collection string
	// Name is the entity's name; empty names the collection itself.
	Name string
}

// ServiceID is the id of an API Management service.
func ServiceID(subscription, group, name string) ID {
	return NewID(subscription, group, ServiceType, name)
}

// NewID is the id of a top-level resource, of a type such as "Microsoft.KeyVault/vaults".
func NewID(subscription, group, resourceType, name string) ID {
	provider, collection, _ := strings.Cut(resourceType, "/")
	return ID{Subscription: subscription, Group: group, Provider: provider, Path: []Part{{collection, name}}}
}

// ParseID parses "/subscriptions/{s}[/resourceGroups/{g}]/providers/{namespace}/{type}[/{name}[/{type}[/{name}…]]]", which
// may stand on another such resource: "{id}/providers/{namespace}/{type}[/{name}]". Words fixed by ARM are compared
// without case, as ARM does. It fails with Kind NotFound: such a path names nothing.
func ParseID(path string) (ID, error) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if slices.Contains(segments, "") {
		return ID{}, fault.New(fault.NotFound, "%q has an empty segment", path)
	}
	id, rest, ok := parseScope(segments)
	for ok && len(rest) > 0 {
		rest, ok = id.parseProvider(rest)
	}
	if !ok || len(id.Path) == 0 {
		return ID{}, fault.New(fault.NotFound, "%q is not the id of a resource", path)
	}
	return id, nil
}

// parseScope reads the subscription and the resource group.
func parseScope(segments []string) (id ID, rest []string, ok bool) {
	if len(segments) < 2 || !strings.EqualFold(segments[0], "subscriptions") {
		return id, nil, false
	}
	id.Subscription, rest = segments[1], segments[2:]
	if len(rest) >= 2 && strings.EqualFold(rest[0], "resourceGroups") {
		id.Group, rest = rest[1], rest[2:]
	}
	return id, rest, true
}

// parseProvider reads "providers/{namespace}/{type}/{name}…" up to the end or the next provider.
func (id *ID) parseProvider(segments []string) (rest []string, ok bool) {
	if len(segments) < 3 || !strings.EqualFold(segments[0], "providers") {
		return nil, false
	}
	if len(id.Path) > 0 {
		if id.IsCollection() || id.On != nil { // nothing stands on an extension
			return nil, false
		}
		on := *id
		id.On, id.Path = &on, nil
	}
	id.Provider, rest = spell(segments[1]), segments[2:]
	for len(rest) > 0 && !isProvider(rest) {
		p := Part{Collection: spell(rest[0])}
		rest = rest[1:]
		if len(rest) > 0 {
			p.Name, rest = rest[0], rest[1:]
		}
		id.Path = append(id.Path, p)
	}
	return rest, len(id.Path) > 0
}

// isProvider reports whether an extension begins here. A namespace has a dot, which no type has, so that an entity may
// be called "providers".
func isProvider(rest []string) bool {
	return len(rest) >= 2 && strings.EqualFold(rest[0], "providers") && strings.Contains(rest[1], ".")
}

// words are the namespaces and types in the spelling of the specification.
var words = []string{
	Provider, "service", "apis", "operations", "policies", "certificates", "namedValues",
	IdentityProvider, "userAssignedIdentities", VaultProvider, "vaults", "accessPolicies", "secrets", "locations", "deletedVaults",
	AuthorizationProvider, "roleAssignments", "roleDefinitions",
}

func spell(word string) string {
	for _, c := range words {
		if strings.EqualFold(c, word) {
			return c
		}
	}
	return word
}

// Of is the id of an entity below, given as collection and name in turn: Of("apis", "a", "policies", "policy").
func (id ID) Of(pairs ...string) ID {
	id.Path = slices.Clone(id.Path)
	for i := 0; i+1 < len(pairs); i += 2 {
		id.Path = append(id.Path, Part{pairs[i], pairs[i+1]})
	}
	return id
}

// Root is the id of the top-level resource that id belongs to: the service of an API, the vault itself of a vault.
func (id ID) Root() ID {
	id.Path = id.Path[:1:1]
	return id
}

// Parent is the id one entity up; the id itself for a top-level resource.
func (id ID) Parent() ID {
	n := max(1, len(id.Path)-1)
	id.Path = id.Path[:n:n]
	return id
}

// String is the full ARM path.
func (id ID) String() string {
	var b strings.Builder
	b.WriteString(id.Scope() + "/providers/" + id.Provider)
	for _, p := range id.Path {
		b.WriteString("/" + p.Collection)
		if p.Name != "" {
			b.WriteString("/" + p.Name)
		}
	}
	return b.String()
}

// Scope is what the top-level resource stands on, as a path: its resource group, its subscription, or another resource.
func (id ID) Scope() string {
	switch {
	case id.On != nil:
		return id.On.String()
	case id.Group == "":
		return "/subscriptions/" + id.Subscription
	}
	return "/subscriptions/" + id.Subscription + "/resourceGroups/" + id.Group
}

// Type is the ARM resource type, "Microsoft.ApiManagement/service/apis/operations".
func (id ID) Type() string { return id.Provider + "/" + join(id.Path) }

// RootType is the type of the top-level resource, "Microsoft.ApiManagement/service".
func (id ID) RootType() string { return id.Provider + "/" + id.Path[0].Collection }

// Collection is the chain of collections below the top-level resource, "apis/operations"; empty for that itself.
func (id ID) Collection() string { return join(id.Path[1:]) }

func join(path []Part) string {
	words := make([]string, len(path))
	for i, p := range path {
		words[i] = p.Collection
	}
	return strings.Join(words, "/")
}

// Name is the entity's own name.
func (id ID) Name() string { return id.Path[len(id.Path)-1].Name }

// RootName is the name of the top-level resource: a service's, a vault's.
func (id ID) RootName() string { return id.Path[0].Name }

// IsRoot reports whether id is a top-level resource, or the collection of such.
func (id ID) IsRoot() bool { return len(id.Path) == 1 }

// IsService reports whether id is an API Management service.
func (id ID) IsService() bool {
	return id.IsRoot() && id.RootType() == ServiceType && !id.IsCollection()
}

// IsCollection reports whether id names a collection and not an entity.
func (id ID) IsCollection() bool { return id.Name() == "" }

// keyPrefix is where resources stand in the store.
const keyPrefix = "/resources"

// KeyPrefix is the prefix of every resource's key.
const KeyPrefix = keyPrefix + "/"

// Key is the resource's key in the store: the id in lower case, since ARM compares ids without case.
func (id ID) Key() string { return keyPrefix + strings.ToLower(id.String()) }

// KeyOf is the key of the resource that the text is the id of.
func KeyOf(id string) string { return keyPrefix + strings.ToLower(strings.TrimRight(id, "/")) }

// EpochKey is the key of the subscription's epoch, an entry that every change with consequences for other resources
// touches, so that such changes exclude each other.
func (id ID) EpochKey() string { return "/epochs/subscriptions/" + strings.ToLower(id.Subscription) }
