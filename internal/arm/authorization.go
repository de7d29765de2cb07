package arm

import (
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

const definitions = "/providers/" + resource.AuthorizationProvider + "/roleDefinitions/"

func assignmentKind() *kind {
	return &kind{root: resource.AssignmentType, title: "Role assignment", extension: true, looseMatch: true, shownDeleted: true,
		name: regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`), maxName: 36,
		check: checkAssignment, depends: always, release: releaseAssignment, view: viewPlain, list: (*Server).listAssignments}
}

// checkAssignment is the rule of Microsoft.Authorization/roleAssignments: a role that Postern knows, given to a principal
// that there is; what it gives to whom never changes.
func checkAssignment(c *change) error {
	p := c.next.Properties
	var f faults
	role := f.text(p, "roleDefinitionId", true, 1, 1000)
	principal := f.text(p, "principalId", true, 36, 36)
	f.text(p, "description", false, 0, 1024)
	if err := f.err(); err != nil {
		return err
	}
	if s, _ := p["condition"].(string); s != "" {
		return fault.New(fault.Unsupported, "Conditions of role assignments (properties.condition) are not supported by Postern.")
	}
	roleID := role[strings.LastIndexByte(role, '/')+1:]
	known := identity.RoleByID(roleID)
	if known == nil || !strings.EqualFold(role, roleID) && !strings.HasSuffix(strings.ToLower(role), strings.ToLower(definitions+roleID)) {
		return coded(fault.Invalid, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", roleID)
	}
	if err := c.assignable(principal); err != nil {
		return err
	}
	scope := c.next.ID.Scope()
	if err := c.sameAssignment(scope, principal, known.ID); err != nil {
		return err
	}
	p["scope"], p["roleDefinitionId"] = scope, "/subscriptions/"+c.next.ID.Subscription+definitions+known.ID
	if p["principalType"] == nil {
		p["principalType"] = "ServicePrincipal"
	}
	c.stampAssignment()
	c.notes = append(c.notes, slog.String("role", known.Name), slog.String("assignee", principal))
	op, err := identity.PutAssignment(c.next.ID.String(), identity.Assignment{PrincipalID: principal, RoleID: known.ID, Scope: scope})
	c.also = append(c.also, op)
	return err
}

// assignable refuses a scope and a principal that are not there.
func (c *change) assignable(principal string) error {
	id := c.next.ID
	if err := c.s.requireSubscription(c.ctx, id.Subscription); err != nil {
		return err
	}
	if id.On == nil && id.Group != "" {
		if err := c.s.groupExists(c.ctx, id.Subscription, id.Group); err != nil {
			return err
		}
	}
	if c.s.Directory == nil {
		return fault.New(fault.Unsupported, "This server has no directory to assign roles in.")
	}
	_, err := c.s.Directory.ByObjectID(c.ctx, principal)
	if fault.KindOf(err) == fault.NotFound {
		return coded(fault.Invalid, "PrincipalNotFound", "Principal %s does not exist in the directory %s. Check that you have the correct principal ID.", principal, c.s.tenant())
	}
	return err
}

// sameAssignment refuses a second assignment of the same, and another meaning for one that exists.
func (c *change) sameAssignment(scope, principal, roleID string) error {
	if c.old != nil {
		if !strings.EqualFold(c.old.String("principalId"), principal) || !strings.HasSuffix(strings.ToLower(c.old.String("roleDefinitionId")), roleID) {
			return coded(fault.Conflict, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")
		}
		return nil
	}
	return c.siblings(func(r *resource.Resource) error {
		if strings.EqualFold(r.String("principalId"), principal) && strings.EqualFold(r.String("scope"), scope) && strings.HasSuffix(strings.ToLower(r.String("roleDefinitionId")), roleID) {
			return coded(fault.Conflict, "RoleAssignmentExists", "The role assignment already exists. The ID of the existing role assignment is %s.", strings.ReplaceAll(r.ID.Name(), "-", ""))
		}
		return nil
	})
}

// stampAssignment writes when and by whom.
func (c *change) stampAssignment() {
	p, now := c.next.Properties, time.Now().UTC().Format("2006-01-02T15:04:05.0000000Z")
	p["createdOn"], p["createdBy"] = now, c.q.principal.ID
	if c.old != nil {
		p["createdOn"], p["createdBy"] = c.old.Properties["createdOn"], c.old.Properties["createdBy"]
	}
	p["updatedOn"], p["updatedBy"] = now, c.q.principal.ID
}

func releaseAssignment(c *change) error {
	c.also = append(c.also, store.Delete(identity.AssignmentKey(c.old.ID.String())))
	c.notes = append(c.notes, slog.String("role", c.old.String("roleDefinitionId")), slog.String("assignee", c.old.String("principalId")))
	return nil
}

// assignmentFilter are the filters of lists of role assignments.
var assignmentFilter = regexp.MustCompile(`^\s*(?:(atScope\(\))|(principalId|assignedTo)(?:\s+eq\s+'([^']*)'|\('([^']*)'\)))\s*$`)

// listAssignments lists the assignments that hold at the scope: above it, on it and below it, or only those above and
// on it with atScope().
func (s *Server) listAssignments(w http.ResponseWriter, q *request) error {
	atScope, principal := false, ""
	if filter := q.URL.Query().Get("$filter"); filter != "" {
		for _, part := range regexp.MustCompile(`(?i)\s+and\s+`).Split(filter, -1) {
			m := assignmentFilter.FindStringSubmatch(part)
			if m == nil {
				return fieldErrors(fault.Detail{Target: "$filter", Message: fmt.Sprintf("The filter '%s' is not one of atScope(), principalId eq '<id>' and assignedTo('<id>'), joined by and.", filter)})
			}
			atScope = atScope || m[1] != ""
			principal += m[3] + m[4]
		}
	}
	entries, _, err := s.Store.List(q.Context(), resource.KeyPrefix+"subscriptions/"+strings.ToLower(q.id.Subscription)+"/")
	if err != nil {
		return err
	}
	scope := q.id.Scope()
	var list []any
	for _, e := range entries {
		if !strings.Contains(e.Key, "/providers/microsoft.authorization/roleassignments/") {
			continue
		}
		r, err := resource.Decode(e)
		if err != nil {
			return err
		}
		of := identity.Assignment{Scope: r.ID.Scope()}
		below := identity.Assignment{Scope: scope}.Covers(of.Scope)
		if !of.Covers(scope) && (atScope || !below) || principal != "" && !strings.EqualFold(r.String("principalId"), principal) {
			continue
		}
		list = append(list, envelope(r, r.Properties))
	}
	return writeList(w, list)
}

func viewRole(scope string, r *identity.Role) map[string]any {
	return map[string]any{"id": scope + definitions + r.ID, "name": r.ID, "type": resource.AuthorizationProvider + "/roleDefinitions",
		"properties": map[string]any{"roleName": r.Name, "type": "BuiltInRole", "description": r.Description, "assignableScopes": []string{"/"},
			"permissions": []any{map[string]any{"actions": texts(r.Actions), "notActions": texts(r.NotActions), "dataActions": texts(r.DataActions), "notDataActions": []string{}}}}}
}

// texts is a list that is never null.
func texts(list []string) []string { return append([]string{}, list...) }

var roleFilter = regexp.MustCompile(`^\s*(?:(roleName|type)\s+eq\s+'([^']*)'|atScope\(\)|atScopeAndBelow\(\))\s*$`)

func (s *Server) listRoles(w http.ResponseWriter, q *request, words []string) error {
	name, kind := "", ""
	if filter := q.URL.Query().Get("$filter"); filter != "" {
		for _, part := range regexp.MustCompile(`(?i)\s+and\s+`).Split(filter, -1) {
			m := roleFilter.FindStringSubmatch(part)
			switch {
			case m == nil:
				return fieldErrors(fault.Detail{Target: "$filter", Message: fmt.Sprintf("The filter '%s' is not one of roleName eq '<name>', type eq '<type>' and atScope().", filter)})
			case m[1] == "roleName":
				name = m[2]
			case m[1] == "type":
				kind = m[2]
			}
		}
	}
	var list []any
	for i := range identity.Roles() {
		r := &identity.Roles()[i]
		if (name == "" || strings.EqualFold(name, r.Name)) && (kind == "" || strings.EqualFold(kind, "BuiltInRole")) {
			list = append(list, viewRole(words[0], r))
		}
	}
	return writeList(w, list)
}

func (s *Server) getRole(w http.ResponseWriter, _ *request, words []string) error {
	r := identity.RoleByID(words[1])
	if r == nil {
		return coded(fault.NotFound, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", words[1])
	}
	writeJSON(w, http.StatusOK, viewRole(words[0], r))
	return nil
}
