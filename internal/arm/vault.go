package arm

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// The facts in this file are of learn.microsoft.com/rest/api/keyvault/keyvault/vaults, read 2026-11-25.

// maxAccessPolicies is how many access policies a vault has.
const maxAccessPolicies = 1024

// permissions are the words of access policies, by area.
var permissions = map[string][]string{
	"keys": strings.Fields(`all encrypt decrypt wrapKey unwrapKey sign verify get list create update import delete backup restore recover purge release
		rotate getrotationpolicy setrotationpolicy`),
	"secrets": strings.Fields(`all get list set delete backup restore recover purge`),
	"certificates": strings.Fields(`all get list delete create import update managecontacts getissuers listissuers setissuers deleteissuers manageissuers
		recover purge backup restore`),
	"storage": strings.Fields(`all get list delete set update regeneratekey recover purge backup restore setsas listsas getsas deletesas`),
}

func vaultKind() *kind {
	return &kind{root: resource.VaultType, title: "Vault", patch: true, looseMatch: true, name: regexp.MustCompile(`^[a-zA-Z](?:-?[a-zA-Z0-9])*$`), maxName: 24,
		check: checkVault, depends: deleting, release: releaseVault, deleted: vaultDeleted, view: viewVault}
}

// accessPolicyKind are the operations PUT …/accessPolicies/{add|replace|remove}, which stand where entities would.
func accessPolicyKind() *kind {
	return &kind{root: resource.VaultType, collection: "accessPolicies", title: "Access policy operation", undeletable: true, put: (*Server).changeAccessPolicies}
}

// computedVault are the properties of a vault that the server gives.
var computedVault = []string{"vaultUri", "provisioningState", "hsmPoolResourceId", "privateEndpointConnections"}

func badRequest(format string, args ...any) error {
	return coded(fault.Invalid, "BadRequest", format, args...)
}

// checkVault is the rule of Microsoft.KeyVault/vaults.
func checkVault(c *change) error {
	if err := checkPlace(c); err != nil {
		return err
	}
	if n := len(c.next.ID.Name()); n < 3 {
		return badRequest("The vault name '%s' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.", c.next.ID.Name())
	}
	p := c.next.Properties
	for _, name := range computedVault {
		delete(p, name)
	}
	if err := c.admitVault(); err != nil {
		return err
	}
	var f faults
	f.vaultBasics(c.s.tenant(), p)
	f.vaultSwitches(p)
	f.accessPolicies(c.s.tenant(), p)
	f.network(p)
	if err := f.err(); err != nil {
		return err
	}
	c.notePermissions()
	return c.vaultStays()
}

// notePermissions has the audit name the principals whose access policies change.
func (c *change) notePermissions() {
	policies := func(r *resource.Resource) map[string]string {
		m := map[string]string{}
		if r == nil {
			return m
		}
		for _, a := range r.Objects("accessPolicies") {
			m[policyOwner(a)] = fmt.Sprint(a["permissions"])
		}
		return m
	}
	before, after := policies(c.old), policies(c.next)
	var changed []string
	for who, granted := range after {
		if before[who] != granted {
			changed = append(changed, strings.TrimSpace(who))
		}
	}
	for who := range before {
		if _, still := after[who]; !still {
			changed = append(changed, strings.TrimSpace(who))
		}
	}
	if len(changed) > 0 {
		slices.Sort(changed)
		c.notes = append(c.notes, slog.Any("access_policies_of", changed))
	}
}

// admitVault reserves the name of a new vault, or recovers a deleted one.
func (c *change) admitVault() error {
	p := c.next.Properties
	mode, _ := p["createMode"].(string)
	delete(p, "createMode")
	if mode != "" && mode != "default" && mode != "recover" {
		return badRequest("createMode '%s' is not one of default, recover.", mode)
	}
	if c.old != nil {
		return nil
	}
	id := c.next.ID
	deleted, err := c.s.deletedVault(c.ctx, id.Name())
	if err != nil {
		return err
	}
	switch {
	case mode == "recover" && deleted == nil:
		return coded(fault.NotFound, "DeletedVaultNotFound", "The specified deleted vault '%s' does not exist.", id.Name())
	case mode == "recover":
		if err := c.recoverVault(deleted); err != nil {
			return err
		}
	case deleted != nil:
		return coded(fault.Conflict, "ConflictError", "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault.")
	default:
		c.require = append(c.require, store.Absent(deletedVaultKey(id.Name())))
	}
	if e, err := c.s.Store.Get(c.ctx, resource.VaultKey(id.Name())); err == nil {
		return coded(fault.Conflict, "VaultAlreadyExists", "The vault name '%s' is already in use by %s.", id.Name(), e.Value)
	} else if fault.KindOf(err) != fault.NotFound {
		return err
	}
	c.require = append(c.require, store.Absent(resource.VaultKey(id.Name())))
	c.also = append(c.also, store.Put(resource.VaultKey(id.Name()), []byte(id.String())))
	return nil
}

// vaultBasics are tenant, sku and name.
func (f *faults) vaultBasics(tenant string, p map[string]any) {
	if t := f.text(p, "tenantId", true, 1, 64); t != "" && !strings.EqualFold(t, tenant) {
		f.add("tenantId", "'%s' is not the tenant of the subscription, which is %s.", t, tenant)
	}
	sku, ok := p["sku"].(map[string]any)
	if !ok {
		f.add("sku", "The sku is required, with family and name.")
		return
	}
	if s, _ := sku["family"].(string); s != "A" {
		f.add("sku.family", "'%v' is not A.", sku["family"])
	}
	name, _ := sku["name"].(string)
	if sku["name"] = strings.ToLower(name); !slices.Contains([]string{"standard", "premium"}, strings.ToLower(name)) {
		f.add("sku.name", "'%s' is not one of standard, premium.", name)
	}
}

// vaultSwitches are the switches and the days of retention.
func (f *faults) vaultSwitches(p map[string]any) {
	for _, name := range []string{"enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment", "enablePurgeProtection"} {
		if p[name] == nil {
			delete(p, name)
			continue
		}
		f.boolean(p, name, false)
	}
	f.boolean(p, "enableRbacAuthorization", false)
	f.boolean(p, "enableSoftDelete", true)
	if b, ok := p["enablePurgeProtection"].(bool); ok && !b {
		f.add("enablePurgeProtection", "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.")
	}
	if p["softDeleteRetentionInDays"] == nil {
		p["softDeleteRetentionInDays"] = json.Number("90")
	}
	days, ok := p["softDeleteRetentionInDays"].(json.Number)
	n, err := days.Int64()
	if !ok || err != nil || n < 7 || n > 90 {
		f.add("softDeleteRetentionInDays", "'%v' is not a number of days from 7 to 90.", p["softDeleteRetentionInDays"])
	}
	if s := f.text(p, "publicNetworkAccess", false, 0, 10); s == "" {
		p["publicNetworkAccess"] = "Enabled"
	} else if !strings.EqualFold(s, "enabled") && !strings.EqualFold(s, "disabled") {
		f.add("publicNetworkAccess", "'%s' is not one of Enabled, Disabled.", s)
	}
}

// accessPolicies checks the list, and that no principal has two entries.
func (f *faults) accessPolicies(tenant string, p map[string]any) {
	if p["accessPolicies"] == nil {
		p["accessPolicies"] = []any{}
	}
	list, err := objects(p, "accessPolicies")
	if err != nil {
		f.add("accessPolicies", "accessPolicies is not a list of objects.")
		return
	}
	if len(list) > maxAccessPolicies {
		f.add("accessPolicies", "There are %d access policies; a vault has %d at most.", len(list), maxAccessPolicies)
	}
	seen := map[string]bool{}
	for i, a := range list {
		var in faults
		in.accessPolicy(tenant, a)
		who := policyOwner(a)
		if seen[who] {
			in.add("objectId", "The principal has an access policy already.")
		}
		seen[who] = true
		for _, d := range in {
			d.Target = fmt.Sprintf("accessPolicies[%d].%s", i, d.Target)
			*f = append(*f, d)
		}
	}
}

// policyOwner is whom an access policy is for.
func policyOwner(a map[string]any) string {
	object, _ := a["objectId"].(string)
	application, _ := a["applicationId"].(string)
	return strings.ToLower(object + " " + application)
}

func (f *faults) accessPolicy(tenant string, a map[string]any) {
	if t := f.text(a, "tenantId", true, 1, 64); t != "" && !strings.EqualFold(t, tenant) {
		f.add("tenantId", "'%s' is not the tenant of the subscription, which is %s.", t, tenant)
	}
	if id := f.text(a, "objectId", true, 1, 64); id != "" && !identity.IsGUID(id) {
		f.add("objectId", "'%s' is not an object id.", id)
	}
	if id := f.text(a, "applicationId", false, 0, 64); id != "" && !identity.IsGUID(id) {
		f.add("applicationId", "'%s' is not a client id.", id)
	}
	granted, ok := a["permissions"].(map[string]any)
	if !ok {
		f.add("permissions", "The permissions are required.")
		return
	}
	for area, list := range granted {
		words, known := permissions[area]
		if !known {
			f.add("permissions", "'%s' is not one of keys, secrets, certificates, storage.", area)
			continue
		}
		entries, ok := list.([]any)
		if !ok && list != nil {
			f.add("permissions."+area, "It is not a list.")
		}
		for _, x := range entries {
			word, _ := x.(string)
			if !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) }) {
				f.add("permissions."+area, "'%v' is not one of %s.", x, strings.Join(words, ", "))
			}
		}
	}
}

// network checks the firewall.
func (f *faults) network(p map[string]any) {
	if p["networkAcls"] == nil {
		delete(p, "networkAcls")
		return
	}
	acls, ok := p["networkAcls"].(map[string]any)
	if !ok {
		f.add("networkAcls", "networkAcls is not an object.")
		return
	}
	for name, allowed := range map[string][]string{"bypass": {"AzureServices", "None"}, "defaultAction": {"Allow", "Deny"}} {
		if acls[name] == nil {
			acls[name] = allowed[0]
			continue
		}
		text, _ := acls[name].(string)
		i := slices.IndexFunc(allowed, func(a string) bool { return strings.EqualFold(a, text) })
		if i < 0 {
			f.add("networkAcls."+name, "'%v' is not one of %s.", acls[name], strings.Join(allowed, ", "))
			continue
		}
		acls[name] = allowed[i]
	}
	rules, err := objects(acls, "ipRules")
	if err != nil {
		f.add("networkAcls.ipRules", "ipRules is not a list of objects.")
	}
	for i, r := range rules {
		text, _ := r["value"].(string)
		if _, err := netip.ParsePrefix(text); err == nil {
			continue
		}
		if _, err := netip.ParseAddr(text); err != nil {
			f.add(fmt.Sprintf("networkAcls.ipRules[%d].value", i), "'%s' is not an address or a range such as 192.0.2.0/24.", text)
		}
	}
}

// vaultStays refuses to take back what cannot be taken back.
func (c *change) vaultStays() error {
	if c.old == nil {
		return nil
	}
	p, old := c.next.Properties, c.old.Properties
	if before, _ := old["enableSoftDelete"].(bool); before && p["enableSoftDelete"] != true {
		return badRequest("The property \"enableSoftDelete\" cannot be set to false. Enabling soft delete is an irreversible action.")
	}
	if before, _ := old["enablePurgeProtection"].(bool); before && p["enablePurgeProtection"] == nil {
		p["enablePurgeProtection"] = true // leaving it out asks for nothing
	}
	if before := old["softDeleteRetentionInDays"]; before != nil && fmt.Sprint(before) != fmt.Sprint(p["softDeleteRetentionInDays"]) {
		return badRequest("The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.")
	}
	return nil
}

// releaseVault refuses the end of a vault that something refers to, and else keeps it in deleted state.
func releaseVault(c *change) error {
	name := strings.ToLower(c.old.ID.Name())
	var users []string
	err := c.eachResource(func(r *resource.Resource) error {
		users = append(users, referencesOf(r, func(u reference.Use) bool { return ofVault(u, name, c.s.VaultURI(name)) })...)
		return nil
	})
	if err != nil {
		return err
	}
	if len(users) > 0 && !c.forced() {
		return inUse("vault", c.old.ID.Name(), users, false)
	}
	op, err := keepDeleted(c.old)
	c.also = append(c.also, store.Delete(resource.VaultKey(name)), op)
	return err
}

// vaultDeleted removes what a vault held that has no deleted state: its time has come at once. Where that fails, the
// mark stays, and whoever asks for the name next takes the removal up again.
func vaultDeleted(c *change) error {
	_, err := c.s.deletedVault(c.ctx, c.old.ID.Name())
	return err
}

// VaultURI is the base URI of the embedded vault of that name, with a slash at the end.
func (s *Server) VaultURI(name string) string {
	if s.VaultURL == nil {
		return ""
	}
	scheme, rest, _ := strings.Cut(s.VaultURL(), "://")
	return scheme + "://" + strings.ToLower(name) + "." + rest + "/"
}

// viewVault shows a vault with what the server gives.
func viewVault(s *Server, _ *request, r *resource.Resource) (map[string]any, error) {
	p := maps.Clone(r.Properties)
	p["vaultUri"], p["provisioningState"] = s.VaultURI(r.ID.Name()), "Succeeded"
	view := envelope(r, p)
	view["systemData"] = map[string]any{"createdAt": r.Created, "lastModifiedAt": r.Modified}
	return view, nil
}

// changeAccessPolicies answers PUT …/accessPolicies/{add|replace|remove}: the entries sent are added to those of their
// principals, put in their place, or taken from them.
func (s *Server) changeAccessPolicies(w http.ResponseWriter, q *request) error {
	operation := strings.ToLower(q.id.Name())
	if !slices.Contains([]string{"add", "replace", "remove"}, operation) {
		return coded(fault.NotFound, "InvalidResourceType", "'%s' is not one of add, replace, remove.", q.id.Name())
	}
	_, sent, err := parseBody(q)
	if err != nil {
		return err
	}
	var f faults
	f.accessPolicies(s.tenant(), sent)
	if err := f.err(); err != nil {
		return err
	}
	list, err := objects(sent, "accessPolicies")
	if err != nil {
		return err
	}
	q.id, q.kind = q.id.Parent(), kindByType[resource.VaultType]
	c, err := s.write(q, func(c *change) error {
		if c.old == nil {
			return notFound(q.id)
		}
		next := *c.old
		next.Top, next.Properties = maps.Clone(c.old.Top), cloneJSON(c.old.Properties).(map[string]any)
		next.Properties["accessPolicies"] = applyPolicies(operation, next.Objects("accessPolicies"), list)
		c.next = &next
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": c.next.ID.String() + "/accessPolicies/", "type": resource.VaultType + "/accessPolicies",
		"properties": map[string]any{"accessPolicies": c.next.Properties["accessPolicies"]}})
	return nil
}

// applyPolicies is the list of access policies after the operation.
func applyPolicies(operation string, old, sent []map[string]any) []any {
	byOwner := map[string]map[string]any{}
	var order []string
	for _, a := range old {
		byOwner[policyOwner(a)] = a
		order = append(order, policyOwner(a))
	}
	for _, a := range sent {
		who := policyOwner(a)
		had, known := byOwner[who]
		switch {
		case operation == "remove" && !known:
		case operation == "remove":
			had["permissions"] = combine(had, a, func(has, named bool) bool { return has && !named })
			if isEmpty(had["permissions"]) {
				delete(byOwner, who)
			}
		case operation == "add" && known:
			had["permissions"] = combine(had, a, func(has, named bool) bool { return has || named })
		default:
			if !known {
				order = append(order, who)
			}
			byOwner[who] = a
		}
	}
	list := []any{}
	for _, who := range order {
		if a := byOwner[who]; a != nil {
			list = append(list, a)
		}
	}
	return list
}

// combine makes permissions of two entries: keep decides by whether the first has and the second names a word.
func combine(had, sent map[string]any, keep func(has, named bool) bool) map[string]any {
	a, _ := had["permissions"].(map[string]any)
	b, _ := sent["permissions"].(map[string]any)
	out := map[string]any{}
	for area := range permissions {
		first, second := wordsOf(a[area]), wordsOf(b[area])
		list := []any{}
		for _, w := range slices.Concat(first, second) {
			in := func(words []string) bool {
				return slices.ContainsFunc(words, func(x string) bool { return strings.EqualFold(x, w) })
			}
			listed := slices.ContainsFunc(list, func(x any) bool { return strings.EqualFold(x.(string), w) })
			if keep(in(first), in(second)) && !listed {
				list = append(list, w)
			}
		}
		if a[area] != nil || len(list) > 0 {
			out[area] = list
		}
	}
	return out
}

func wordsOf(list any) []string {
	entries, _ := list.([]any)
	var words []string
	for _, x := range entries {
		if s, ok := x.(string); ok {
			words = append(words, s)
		}
	}
	return words
}

func isEmpty(granted any) bool {
	areas, _ := granted.(map[string]any)
	for _, list := range areas {
		if len(wordsOf(list)) > 0 {
			return false
		}
	}
	return true
}
