package arm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

// above are the paths that stand above resources: tenants, subscriptions, resource groups, providers, lists across groups.
type above struct {
	pattern *regexp.Regexp
	methods []string
	// action is what must be allowed on the path; empty: every principal may, and sees what it is told.
	action string
	serve  func(s *Server, w http.ResponseWriter, q *request, words []string) error
}

func path(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)^` + pattern + `/?$`) }

// aboves returns the table.
func aboves() []above {
	get := []string{http.MethodGet}
	post := []string{http.MethodPost}
	const subscription, group = `/subscriptions/([^/]+)`, `/subscriptions/([^/]+)/resourceGroups/([^/]+)`
	return []above{
		{path(`/tenants`), get, "", (*Server).listTenants},
		{path(`/subscriptions`), get, "", (*Server).listSubscriptions},
		{path(subscription), get, "Microsoft.Resources/subscriptions/read", (*Server).getSubscription},
		{path(subscription + `/locations`), get, "Microsoft.Resources/subscriptions/locations/read", (*Server).listLocations},
		{path(subscription + `/providers`), get, "Microsoft.Resources/subscriptions/providers/read", (*Server).listProviders},
		{path(subscription + `/providers/([^/]+)`), get, "Microsoft.Resources/subscriptions/providers/read", (*Server).getProvider},
		{path(subscription + `/providers/([^/]+)/register`), post, "", (*Server).getProvider},
		{path(`(?:` + subscription + `)?/resources`), get, "Microsoft.Resources/subscriptions/resources/read", (*Server).listResources},
		{path(group + `/resources`), get, "Microsoft.Resources/subscriptions/resourceGroups/resources/read", (*Server).listResources},
		{path(subscription + `/resourceGroups`), get, "Microsoft.Resources/subscriptions/resourceGroups/read", (*Server).listGroups},
		{path(group), []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete}, "Microsoft.Resources/subscriptions/resourceGroups", (*Server).group},
		{path(subscription + `/providers/Microsoft\.KeyVault/deletedVaults`), get, "Microsoft.KeyVault/deletedVaults/read", (*Server).listDeletedVaults},
		{path(subscription + `/providers/Microsoft\.KeyVault/locations/([^/]+)/deletedVaults/([^/]+)`), get, "Microsoft.KeyVault/locations/deletedVaults/read", (*Server).getDeletedVault},
		{path(subscription + `/providers/Microsoft\.KeyVault/locations/([^/]+)/deletedVaults/([^/]+)/purge`), post, "Microsoft.KeyVault/locations/deletedVaults/purge", (*Server).purgeDeletedVault},
		{path(subscription + `/providers/Microsoft\.KeyVault/checkNameAvailability`), post, "", (*Server).checkVaultName},
		{path(`(/subscriptions/.+)/providers/Microsoft\.ManagedIdentity/identities/default`), get, "Microsoft.ManagedIdentity/identities/read", (*Server).getSystemAssigned},
		{path(`(.*)/providers/Microsoft\.Authorization/roleDefinitions`), get, "Microsoft.Authorization/roleDefinitions/read", (*Server).listRoles},
		{path(`(.*)/providers/Microsoft\.Authorization/roleDefinitions/([^/]+)`), get, "Microsoft.Authorization/roleDefinitions/read", (*Server).getRole},
	}
}

// abovePaths is filled by init, for the same reason as kindByType.
var abovePaths []above

func init() { abovePaths = aboves() }

// serveAbove answers what stands above resources.
func (s *Server) serveAbove(w http.ResponseWriter, q *request) (handled bool, err error) {
	for _, a := range abovePaths {
		m := a.pattern.FindStringSubmatch(q.URL.Path)
		if m == nil {
			continue
		}
		if !slices.Contains(a.methods, q.Method) {
			return true, notAllowed(w, q.Method, a.methods...)
		}
		if err := s.authorizeAbove(q, a); err != nil {
			return true, err
		}
		return true, a.serve(s, w, q, m[1:])
	}
	return false, nil
}

// extended is what follows the scope in the paths of extensions.
var extended = regexp.MustCompile(`(?i)/providers/(Microsoft\.Authorization/roleDefinitions|Microsoft\.ManagedIdentity/identities)(/[^/]*)?$`)

func (s *Server) authorizeAbove(q *request, a above) error {
	if a.action == "" {
		return nil
	}
	action := a.action
	if !strings.HasSuffix(action, "/read") {
		action += "/" + verbAction(q.Method)
	}
	return s.authorize(q.Context(), q.principal, action, extended.ReplaceAllString(strings.TrimRight(q.URL.Path, "/"), ""))
}

func writeList(w http.ResponseWriter, list []any) error {
	writeJSON(w, http.StatusOK, map[string]any{"value": append([]any{}, list...)})
	return nil
}

func (s *Server) listTenants(w http.ResponseWriter, _ *request, _ []string) error {
	t := s.tenant()
	return writeList(w, []any{map[string]any{"id": "/tenants/" + t, "tenantId": t, "displayName": "Postern", "tenantCategory": "Home", "domains": []string{}}})
}

func (s *Server) viewSubscription(id string) map[string]any {
	return map[string]any{"id": "/subscriptions/" + id, "subscriptionId": id, "tenantId": s.tenant(), "displayName": "Postern", "state": "Enabled",
		"authorizationSource": "RoleBased", "subscriptionPolicies": map[string]any{"locationPlacementId": "Public_2014-09-01", "quotaId": "Internal_2014-09-01", "spendingLimit": "Off"}}
}

// subscriptions are the ids of those that have a resource group, in lower case.
func (s *Server) subscriptions(ctx context.Context) ([]string, error) {
	groups, err := s.groups(ctx, "")
	var ids []string
	for _, g := range groups {
		if !slices.Contains(ids, g.Subscription) {
			ids = append(ids, g.Subscription)
		}
	}
	return ids, err
}

// listSubscriptions lists those that the principal has anything to do with.
func (s *Server) listSubscriptions(w http.ResponseWriter, q *request, _ []string) error {
	ids, err := s.subscriptions(q.Context())
	if err != nil {
		return err
	}
	var mine []identity.Assignment
	if s.Directory != nil && q.principal.Kind != identity.Administrator {
		if mine, err = s.Directory.Assignments(q.Context()); err != nil {
			return err
		}
	}
	var list []any
	for _, id := range ids {
		scope := "/subscriptions/" + strings.ToLower(id)
		seen := q.principal.Kind == identity.Administrator || slices.ContainsFunc(mine, func(a identity.Assignment) bool {
			return strings.EqualFold(a.PrincipalID, q.principal.ID) && strings.HasPrefix(strings.ToLower(a.Scope)+"/", scope+"/")
		})
		if seen {
			list = append(list, s.viewSubscription(id))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": slices.Concat([]any{}, list), "count": map[string]any{"type": "Total", "value": len(list)}})
	return nil
}

func (s *Server) requireSubscription(ctx context.Context, id string) error {
	ids, err := s.subscriptions(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(ids, func(x string) bool { return strings.EqualFold(x, id) }) {
		return coded(fault.NotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", id)
	}
	return nil
}

func (s *Server) getSubscription(w http.ResponseWriter, q *request, words []string) error {
	if err := s.requireSubscription(q.Context(), words[0]); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.viewSubscription(words[0]))
	return nil
}

func (s *Server) listLocations(w http.ResponseWriter, q *request, words []string) error {
	if err := s.requireSubscription(q.Context(), words[0]); err != nil {
		return err
	}
	return writeList(w, []any{map[string]any{"id": "/subscriptions/" + words[0] + "/locations/local", "name": "local", "displayName": "Local", "regionalDisplayName": "Local", "type": "Region"}})
}

// providers are the namespaces with the types that Postern has of them.
func providers() map[string][]string {
	all := map[string][]string{"Microsoft.Resources": {"subscriptions", "resourceGroups"}, resource.AuthorizationProvider: {"roleDefinitions"}, resource.VaultProvider: {"deletedVaults", "locations/deletedVaults"}}
	for _, t := range kindByType {
		namespace, name, _ := strings.Cut(t.resourceType(), "/")
		all[namespace] = append(all[namespace], name)
	}
	return all
}

func viewProvider(subscription, namespace string, types []string) map[string]any {
	slices.Sort(types)
	var list []any
	for _, t := range types {
		list = append(list, map[string]any{"resourceType": t, "locations": []string{}, "apiVersions": []string{"2024-05-01", "2023-07-01", "2023-01-31", "2022-04-01"}, "capabilities": "None"})
	}
	return map[string]any{"id": "/subscriptions/" + subscription + "/providers/" + namespace, "namespace": namespace, "registrationState": "Registered",
		"registrationPolicy": "RegistrationRequired", "resourceTypes": list}
}

func (s *Server) listProviders(w http.ResponseWriter, _ *request, words []string) error {
	all := providers()
	var list []any
	for _, namespace := range slices.Sorted(mapKeys(all)) {
		list = append(list, viewProvider(words[0], namespace, all[namespace]))
	}
	return writeList(w, list)
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// getProvider answers for a namespace, and for its registration, which changes nothing.
func (s *Server) getProvider(w http.ResponseWriter, _ *request, words []string) error {
	for namespace, types := range providers() {
		if strings.EqualFold(namespace, words[1]) {
			writeJSON(w, http.StatusOK, viewProvider(words[0], namespace, types))
			return nil
		}
	}
	return coded(fault.NotFound, "InvalidResourceNamespace", "The resource namespace '%s' is invalid: Postern has none such.", words[1])
}

// condition is one comparison of the $filter of a list of resources.
var condition = regexp.MustCompile(`^\s*(resourceType|name|resourceGroup|location)\s+eq\s+'([^']*)'\s*$`)

// listResources lists top-level resources, of a subscription or a group.
func (s *Server) listResources(w http.ResponseWriter, q *request, words []string) error {
	type want struct{ field, value string }
	var wanted []want
	if filter := q.URL.Query().Get("$filter"); filter != "" {
		for _, part := range regexp.MustCompile(`(?i)\s+and\s+`).Split(filter, -1) {
			m := condition.FindStringSubmatch(part)
			if m == nil {
				return fieldErrors(fault.Detail{Target: "$filter", Message: fmt.Sprintf("The filter '%s' is not one of comparisons with eq of resourceType, name, resourceGroup, location, joined by and.", filter)})
			}
			wanted = append(wanted, want{m[1], m[2]})
		}
	}
	var list []any
	err := s.eachRoot(q.Context(), words, func(r *resource.Resource) error {
		view := map[string]any{"id": r.ID.String(), "name": r.ID.Name(), "type": r.ID.Type()}
		for k, v := range r.Top {
			view[k] = v
		}
		location, _ := r.Top["location"].(string)
		values := map[string]string{"resourceType": r.ID.Type(), "name": r.ID.Name(), "resourceGroup": r.ID.Group, "location": location}
		for _, x := range wanted {
			if !strings.EqualFold(values[x.field], x.value) {
				return nil
			}
		}
		list = append(list, view)
		return nil
	})
	if err != nil {
		return err
	}
	return writeList(w, list)
}

// eachRoot calls f with each top-level resource of the subscription and group, given in this order, as many as there are.
func (s *Server) eachRoot(ctx context.Context, scope []string, f func(*resource.Resource) error) error {
	entries, _, err := s.Store.List(ctx, resource.KeyPrefix)
	if err != nil {
		return err
	}
	for _, e := range entries {
		r, err := resource.Decode(e)
		if err != nil {
			return err
		}
		if !r.ID.IsRoot() || r.ID.On != nil || r.ID.Group == "" || len(scope) > 0 && scope[0] != "" && !strings.EqualFold(r.ID.Subscription, scope[0]) ||
			len(scope) > 1 && !strings.EqualFold(r.ID.Group, scope[1]) {
			continue
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// Group is a stored resource group.
type Group struct {
	// Subscription and Name make up its id.
	Subscription, Name string
	// Top are the members that a client PUT: location, tags.
	Top map[string]any `json:",omitempty"`
	// Created is when.
	Created time.Time
}

const groupPrefix = "/groups/"

func groupKey(subscription, name string) string {
	return groupPrefix + strings.ToLower(subscription+"/"+name)
}

// EnsureGroup makes the resource group where it is not there.
func EnsureGroup(ctx context.Context, s store.Store, g Group) error {
	value, err := json.Marshal(g)
	if err != nil {
		return err
	}
	key := groupKey(g.Subscription, g.Name)
	_, err = s.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(key)}, Then: []store.Op{store.Put(key, value)}})
	if fault.KindOf(err) == fault.PreconditionFailed {
		return nil
	}
	return err
}

func decodeGroup(e store.Entry) (Group, error) {
	var g Group
	if err := resource.DecodeJSON(e.Value, &g); err != nil {
		return g, fault.Wrap(fault.Internal, err, "the resource group %q is unreadable", e.Key)
	}
	return g, nil
}

// groups are those of the subscription; of all where it is empty.
func (s *Server) groups(ctx context.Context, subscription string) ([]Group, error) {
	prefix := groupPrefix
	if subscription != "" {
		prefix += strings.ToLower(subscription) + "/"
	}
	entries, _, err := s.Store.List(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var all []Group
	for _, e := range entries {
		g, err := decodeGroup(e)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
	}
	return all, nil
}

// groupExists is the rule that a resource's group is there.
func (s *Server) groupExists(ctx context.Context, subscription, name string) error {
	_, err := s.Store.Get(ctx, groupKey(subscription, name))
	if fault.KindOf(err) == fault.NotFound {
		return coded(fault.NotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", name)
	}
	return err
}

func viewGroup(g Group) map[string]any {
	view := map[string]any{}
	for k, v := range g.Top {
		view[k] = v
	}
	view["id"], view["name"], view["type"] = "/subscriptions/"+g.Subscription+"/resourceGroups/"+g.Name, g.Name, "Microsoft.Resources/resourceGroups"
	view["properties"] = map[string]any{"provisioningState": "Succeeded"}
	return view
}

func (s *Server) listGroups(w http.ResponseWriter, q *request, words []string) error {
	if err := s.requireSubscription(q.Context(), words[0]); err != nil {
		return err
	}
	groups, err := s.groups(q.Context(), words[0])
	if err != nil {
		return err
	}
	var list []any
	for _, g := range groups {
		list = append(list, viewGroup(g))
	}
	return writeList(w, list)
}

func (s *Server) group(w http.ResponseWriter, q *request, words []string) error {
	if err := s.requireSubscription(q.Context(), words[0]); err != nil {
		return err
	}
	switch q.Method {
	case http.MethodPut, http.MethodPatch:
		return s.putGroup(w, q, words[0], words[1])
	case http.MethodDelete:
		return s.deleteGroup(w, q, words[0], words[1])
	}
	e, err := s.Store.Get(q.Context(), groupKey(words[0], words[1]))
	if fault.KindOf(err) == fault.NotFound {
		err = s.groupExists(q.Context(), words[0], words[1])
	}
	if err != nil {
		return err
	}
	g, err := decodeGroup(e)
	if err != nil {
		return err
	}
	if q.Method == http.MethodHead {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	writeJSON(w, http.StatusOK, viewGroup(g))
	return nil
}

// groupName is what a resource group may be called.
var groupName = regexp.MustCompile(`^[-\w._()]{0,89}[-\w_()]$`)

func (s *Server) putGroup(w http.ResponseWriter, q *request, subscription, name string) error {
	if !groupName.MatchString(name) {
		return coded(fault.Invalid, "InvalidResourceGroup", "The resource group name '%s' is not of 1 to 90 letters, digits, _, -, . and parentheses, without a dot at the end.", name)
	}
	top, _, err := parseBody(q)
	if err != nil {
		return err
	}
	g := Group{Subscription: subscription, Name: name, Created: time.Now().UTC()}
	e, err := s.Store.Get(q.Context(), groupKey(subscription, name))
	known := err == nil
	if known {
		g, err = decodeGroup(e)
	} else if fault.KindOf(err) == fault.NotFound && q.Method == http.MethodPut {
		err = nil
	} else if fault.KindOf(err) == fault.NotFound {
		err = s.groupExists(q.Context(), subscription, name)
	}
	if err != nil {
		return err
	}
	if q.Method == http.MethodPatch {
		g.Top, _ = merge(g.Top, top).(map[string]any)
	} else {
		g.Top = top
	}
	if l, _ := g.Top["location"].(string); l == "" {
		return coded(fault.Invalid, "LocationRequired", "The location property is required for this definition.")
	}
	value, err := json.Marshal(g)
	if err != nil {
		return err
	}
	if _, err := s.Store.Commit(q.Context(), store.Txn{Then: []store.Op{store.Put(groupKey(subscription, name), value)}}); err != nil {
		return err
	}
	s.audit(q, "/subscriptions/"+subscription+"/resourceGroups/"+name)
	writeJSON(w, map[bool]int{true: http.StatusOK, false: http.StatusCreated}[known], viewGroup(g))
	return nil
}

// deleteGroup deletes an empty resource group; one that is not empty is refused, since Postern does not delete a
// service with all it has by such a call.
func (s *Server) deleteGroup(w http.ResponseWriter, q *request, subscription, name string) error {
	if err := s.groupExists(q.Context(), subscription, name); err != nil {
		return err
	}
	prefix := strings.ToLower(resource.KeyPrefix + "subscriptions/" + subscription + "/resourceGroups/" + name + "/")
	_, err := s.Store.Commit(q.Context(), store.Txn{If: []store.Condition{store.Empty(prefix)}, Then: []store.Op{store.Delete(groupKey(subscription, name))}})
	if fault.KindOf(err) == fault.PreconditionFailed {
		return fault.New(fault.Conflict, "The resource group '%s' cannot be deleted since it holds resources; delete them first.", name)
	}
	if err != nil {
		return err
	}
	s.audit(q, "/subscriptions/"+subscription+"/resourceGroups/"+name)
	w.WriteHeader(http.StatusOK)
	return nil
}
