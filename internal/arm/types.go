package arm

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
)

// kind is a type of resource: what may be done to it and by which rule.
type kind struct {
	// root is the type of the top-level resource; empty: an API Management service.
	root string
	// collection is the chain of collections below it, "apis/operations"; empty: the top-level resource itself.
	collection string
	// extension tells that entities stand on any scope: a subscription, a group, a resource. Others stand in a group.
	extension bool
	// title names one of them in messages.
	title string
	// patch tells whether PATCH is allowed, undeletable that DELETE is not.
	patch, undeletable bool
	// looseMatch lifts the duty to send If-Match with PATCH and DELETE.
	looseMatch bool
	// name is what an entity's name must match.
	name *regexp.Regexp
	// maxName is the longest name, in characters.
	maxName int
	// filter are the fields of $filter with what may be done to them.
	filter map[string]filterUse
	// prepare does what takes time, before the change excludes others; nil: nothing does.
	prepare func(*change) error
	// check is the rule for a new state of the entity.
	check func(*change) error
	// depends tells whether check or release reads other resources; such changes exclude each other.
	depends func(*change) bool
	// release is the rule for its end.
	release func(*change) error
	// deleted is what follows a deletion, outside of its transaction.
	deleted func(*change) error
	// list and put answer in the place of the usual verbs; nil: the usual ones.
	list, put func(*Server, http.ResponseWriter, *request) error
	// entity answers every verb on an entity, where it is not kept as a resource.
	entity func(*Server, http.ResponseWriter, *request) error
	// shownDeleted has DELETE answer with what was deleted.
	shownDeleted bool
	// view makes the answer of the stored resource.
	view func(*Server, *request, *resource.Resource) (map[string]any, error)
}

var (
	entityName  = regexp.MustCompile(`^[^*#&+:<>?/\\%]+$`)
	serviceName = regexp.MustCompile(`^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
	policyName  = regexp.MustCompile(`^policy$`)
)

func always(*change) bool { return true }

// kinds are the types of resources built so far.
func kinds() []*kind {
	policy := func(collection string) *kind {
		return &kind{collection: collection, title: "Policy", name: policyName, maxName: 6, check: checkPolicy, depends: always, view: viewPolicy}
	}
	return []*kind{
		{title: "Service", patch: true, undeletable: true, looseMatch: true, name: serviceName, maxName: 50, prepare: prepareReferences, check: checkService, depends: identityChanged, view: viewService},
		{collection: "certificates", title: "Certificate", name: entityName, maxName: 80, prepare: prepareReferences, check: checkCertificate,
			depends: limitedCertificates, release: releaseCertificate, view: viewCertificate,
			filter: map[string]filterUse{"name": anyUse, "subject": anyUse, "thumbprint": anyUse, "expirationDate": comparisons}},
		{collection: "namedValues", title: "Named value", patch: true, name: entityName, maxName: 256, prepare: prepareReferences, check: checkNamedValue,
			depends: always, release: releaseNamedValue, view: viewNamedValue,
			filter: map[string]filterUse{"displayName": anyUse, "tags": anyUse, "name": anyUse}},
		{collection: "apis", title: "API", patch: true, name: regexp.MustCompile(`^[^*#&+:<>?/\\%]+$`), maxName: 256, check: checkAPI, depends: always, view: viewPlain,
			filter: map[string]filterUse{"name": anyUse, "displayName": anyUse, "description": anyUse, "serviceUrl": anyUse, "path": anyUse, "isCurrent": equality}},
		{collection: "apis/operations", title: "Operation", patch: true, name: entityName, maxName: 80, check: checkOperation, depends: always, view: viewPlain,
			filter: map[string]filterUse{"name": anyUse, "displayName": anyUse, "method": anyUse, "description": anyUse, "urlTemplate": anyUse}},
		policy("policies"), policy("apis/policies"), policy("apis/operations/policies"),
		userAssignedKind(), vaultKind(), accessPolicyKind(), vaultSecretKind(), assignmentKind(),
	}
}

// resourceType is the kind's ARM type, "Microsoft.ApiManagement/service/apis".
func (k *kind) resourceType() string {
	root := k.root
	if root == "" {
		root = resource.ServiceType
	}
	return strings.TrimSuffix(root+"/"+k.collection, "/")
}

// kindByType is filled by init, since the kinds' own rules look kinds up.
var kindByType = map[string]*kind{}

func init() {
	for _, k := range kinds() {
		kindByType[k.resourceType()] = k
	}
}

// notBuilt are collections of API Management that Postern does not have yet: refused as such, not as unknown.
var notBuilt = strings.Fields(`allPolicies apiVersionSets apisByTags applynetworkconfigurationupdates authorizationProviders
	authorizationServers backends backup caches contentTypes diagnostics documentations gateways getssotoken groups
	identityProviders issues locations loggers migrateToStv2 networkstatus notifications openidConnectProviders
	outboundNetworkDependenciesEndpoints policyDescriptions policyFragments policyRestrictions portalRevisions portalconfigs
	portalsettings privateEndpointConnections privateLinkResources products productsByTags quotas regions reports restore
	schemas settings skus subscriptions tagResources tags templates tenant users validatePolicies workspaceLinks workspaces
	operationsByTags releases resolvers revisions tagDescriptions wikis attachments comments`)

func kindOf(id resource.ID) (*kind, error) {
	if k := kindByType[id.Type()]; k != nil {
		return k, k.stands(id)
	}
	if id.Provider != resource.Provider {
		return nil, coded(fault.NotFound, "InvalidResourceType", "The resource type '%s' could not be found in the namespace '%s'.", strings.TrimPrefix(id.Type(), id.Provider+"/"), id.Provider)
	}
	for _, part := range id.Path[1:] {
		for _, word := range notBuilt {
			if strings.EqualFold(part.Collection, word) {
				return nil, fault.New(fault.Unsupported, "Resources of type '%s' are not supported by Postern yet.", id.Type())
			}
		}
	}
	return nil, coded(fault.NotFound, "InvalidResourceType", "The resource type '%s' could not be found in the namespace '%s'.", id.Collection(), resource.Provider)
}

// action answers a POST on an entity.
type action func(*Server, http.ResponseWriter, *request) error

// stands refuses an id whose place is none for the kind; collections may be asked for in a whole subscription.
func (k *kind) stands(id resource.ID) error {
	if k.extension || id.On == nil && (id.Group != "" || id.IsRoot() && id.IsCollection()) {
		return nil
	}
	return fault.New(fault.NotFound, "A resource of type '%s' stands in a resource group: '%s' does not.", id.Type(), id)
}

// actionOf finds the action that the path's last segment names, and shortens q.id to the entity.
func actionOf(q *request) (action, bool) {
	n := len(q.id.Path)
	if n < 3 || q.id.Path[n-1].Name != "" {
		return nil, false
	}
	entity := q.id.Parent()
	verb := q.id.Path[n-1].Collection
	switch collection := entity.Collection(); {
	case collection == "namedValues" && strings.EqualFold(verb, "listValue"):
		q.id = entity
		return listValue, true
	case (collection == "namedValues" || collection == "certificates") && strings.EqualFold(verb, "refreshSecret"):
		q.id = entity
		return refreshSecret, true
	}
	return nil, false
}
