package resource

import (
	"testing"

	"github.com/postern-gateway/postern/fault"
)

const group = "/subscriptions/s/resourceGroups/g"

func TestParseID(t *testing.T) {
	for name, c := range map[string]struct{ in, out, kind, below, name, scope string }{
		"a service":             {group + "/providers/Microsoft.ApiManagement/service/Local", "", ServiceType, "", "Local", group},
		"in any case":           {"/SUBSCRIPTIONS/s/resourcegroups/g/Providers/microsoft.apimanagement/SERVICE/Local/APIS/A", group + "/providers/Microsoft.ApiManagement/service/Local/apis/A", ServiceType + "/apis", "apis", "A", group},
		"a collection":          {group + "/providers/Microsoft.ApiManagement/service/l/apis", "", ServiceType + "/apis", "apis", "", group},
		"deep":                  {group + "/providers/Microsoft.ApiManagement/service/l/apis/a/operations/o/policies/policy", "", ServiceType + "/apis/operations/policies", "apis/operations/policies", "policy", group},
		"a vault":               {group + "/providers/Microsoft.KeyVault/vaults/v", "", "Microsoft.KeyVault/vaults", "", "v", group},
		"vaults of all groups":  {"/subscriptions/s/providers/Microsoft.KeyVault/vaults", "", "Microsoft.KeyVault/vaults", "", "", "/subscriptions/s"},
		"an assignment":         {"/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r", "", "Microsoft.Authorization/roleAssignments", "", "r", "/subscriptions/s"},
		"on a vault":            {group + "/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/roleAssignments/r", "", "Microsoft.Authorization/roleAssignments", "", "r", group + "/providers/Microsoft.KeyVault/vaults/v"},
		"a name like a keyword": {group + "/providers/Microsoft.ApiManagement/service/l/apis/providers/operations/o", "", ServiceType + "/apis/operations", "apis/operations", "o", group},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := ParseID(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if c.out == "" {
				c.out = c.in
			}
			if id.String() != c.out || id.Type() != c.kind || id.Collection() != c.below || id.Name() != c.name || id.Scope() != c.scope {
				t.Errorf("ParseID(%q) = %s, type %q, below %q, name %q, scope %q", c.in, id, id.Type(), id.Collection(), id.Name(), id.Scope())
			}
			again, err := ParseID(id.String())
			if err != nil || again.String() != id.String() {
				t.Errorf("ParseID(%q) = %v, %v", id.String(), again, err)
			}
		})
	}
}

func TestParseIDRefuses(t *testing.T) {
	for name, path := range map[string]string{
		"nothing":                 "",
		"a group":                 group,
		"a namespace alone":       group + "/providers/Microsoft.KeyVault",
		"an empty segment":        group + "/providers/Microsoft.KeyVault/vaults//x",
		"something else":          "/tenants/x/providers/a/b/c",
		"on a collection":         group + "/providers/Microsoft.KeyVault/vaults/providers/Microsoft.Authorization/roleAssignments/r/x/providers/a.b",
		"on an extension":         group + "/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/roleAssignments/r/providers/a.b/c/d",
		"a provider with no type": group + "/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization",
	} {
		t.Run(name, func(t *testing.T) {
			if id, err := ParseID(path); fault.KindOf(err) != fault.NotFound {
				t.Errorf("ParseID(%q) = %v, %v; want Kind NotFound", path, id, err)
			}
		})
	}
}

func TestParents(t *testing.T) {
	id := ServiceID("s", "g", "l").Of("apis", "a", "operations", "o")
	if got := id.Parent().String(); got != group+"/providers/Microsoft.ApiManagement/service/l/apis/a" {
		t.Errorf("Parent = %s", got)
	}
	if got := id.Root(); got.String() != group+"/providers/Microsoft.ApiManagement/service/l" || !got.IsService() || got.Parent().String() != got.String() {
		t.Errorf("Root = %s", got)
	}
	// What is made of an id never changes it.
	_ = id.Root().Of("certificates", "c")
	if id.Path[1].Collection != "apis" {
		t.Errorf("Of changed the path it was made of: %v", id)
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{group + "/providers/Microsoft.ApiManagement/service/l/apis/a", "/subscriptions/s/providers/Microsoft.KeyVault/vaults",
		group + "/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/roleAssignments/r", "/subscriptions/s/providers/a.b/c/d/providers/e.f/g"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		id, err := ParseID(path)
		if err != nil {
			return
		}
		again, err := ParseID(id.String())
		if err != nil || again.String() != id.String() || again.Key() != id.Key() {
			t.Fatalf("%q parses to %q, and that to %v, %v", path, id, again, err)
		}
	})
}
