package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// Provider is the resource provider's namespace.
const Provider = "Microsoft.ApiManagement"

// ID is the parsed ARM id of a service or of something below it.
type ID struct {
	// Subscription, Group and Service are the names as the client wrote them.
	Subscription, Group, Service string
	// Path are the parts below the service, outermost first; none for the service itself.
	Path []Part
}

// Part is one step of a path below the service: a collection and, but in the id of a collection, an entity's name.
type Part struct {
	// Collection is such as "apis", in the spelling of the specification.
	Collection string
	// Name is the entity's name; empty names the collection itself.
	Name string
}

// ParseID parses "/subscriptions/{s}/resourceGroups/{rg}/providers/Microsoft.ApiManagement/service/{name}[/{collection}/{name}…]".
// Words fixed by ARM are compared without case, as ARM does. It fails with Kind NotFound: such a path names nothing.
func ParseID(path string) (ID, error) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if len(segments) < 8 || !strings.EqualFold(segments[0], "subscriptions") || !strings.EqualFold(segments[2], "resourceGroups") ||
		!strings.EqualFold(segments[4], "providers") || !strings.EqualFold(segments[5], Provider) || !strings.EqualFold(segments[6], "service") {
		return ID{}, fault.New(fault.NotFound, "%q is not the id of an API Management resource", path)
	}
	if slices.Contains(segments, "") {
		return ID{}, fault.New(fault.NotFound, "%q has an empty segment", path)
	}
	id := ID{Subscription: segments[1], Group: segments[3], Service: segments[7]}
	for rest := segments[8:]; len(rest) > 0; {
		p := Part{Collection: spell(rest[0])}
		rest = rest[1:]
		if len(rest) > 0 {
			p.Name, rest = rest[0], rest[1:]
		}
		id.Path = append(id.Path, p)
	}
	return id, nil
}

// collections are the spellings of the specification.
var collections = []string{"apis", "operations", "policies", "certificates", "namedValues"}

func spell(word string) string {
	for _, c := range collections {
		if strings.EqualFold(c, word) {
			return c
		}
	}
	return word
}

// Of is the id of an entity of the service, given as collection and name in turn: Of("apis", "a", "policies", "policy").
func (id ID) Of(pairs ...string) ID {
	id.Path = slices.Clone(id.Path)
	for i := 0; i+1 < len(pairs); i += 2 {
		id.Path = append(id.Path, Part{pairs[i], pairs[i+1]})
	}
	return id
}

// ServiceID is the id of the service that id belongs to.
func (id ID) ServiceID() ID {
	id.Path = nil
	return id
}

// Parent is the id one entity up; the service's own id for entities right below it.
func (id ID) Parent() ID {
	id.Path = id.Path[:max(0, len(id.Path)-1)]
	return id
}

// String is the full ARM path.
func (id ID) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "/subscriptions/%s/resourceGroups/%s/providers/%s/service/%s", id.Subscription, id.Group, Provider, id.Service)
	for _, p := range id.Path {
		b.WriteString("/" + p.Collection)
		if p.Name != "" {
			b.WriteString("/" + p.Name)
		}
	}
	return b.String()
}

// Type is the ARM resource type, "Microsoft.ApiManagement/service/apis/operations".
func (id ID) Type() string { return Provider + "/service" + id.typeSuffix("/") }

// Collection is the chain of collections, "apis/operations"; empty for the service.
func (id ID) Collection() string { return strings.TrimPrefix(id.typeSuffix("/"), "/") }

func (id ID) typeSuffix(sep string) string {
	var b strings.Builder
	for _, p := range id.Path {
		b.WriteString(sep + p.Collection)
	}
	return b.String()
}

// Name is the entity's own name.
func (id ID) Name() string {
	if len(id.Path) == 0 {
		return id.Service
	}
	return id.Path[len(id.Path)-1].Name
}

// IsCollection reports whether id names a collection and not an entity.
func (id ID) IsCollection() bool { return len(id.Path) > 0 && id.Path[len(id.Path)-1].Name == "" }

// keyPrefix is where resources stand in the store.
const keyPrefix = "/resources"

// KeyPrefix is the prefix of every resource's key.
const KeyPrefix = keyPrefix + "/"

// Key is the resource's key in the store: the id in lower case, since ARM compares ids without case.
func (id ID) Key() string { return keyPrefix + strings.ToLower(id.String()) }

// EpochKey is the key of the service's epoch, an entry that every change with consequences for other resources
// touches, so that such changes exclude each other.
func (id ID) EpochKey() string { return "/epochs" + strings.ToLower(id.ServiceID().String()) }
