package apply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	inGroup   = "/subscriptions/s/resourceGroups/g"
	serviceID = inGroup + "/providers/Microsoft.ApiManagement/service/local"
)

func read(t *testing.T, text string) ([]Resource, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resources.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Reader{ServiceID: serviceID}.Read(file)
}

func TestIDs(t *testing.T) {
	for name, c := range map[string]struct{ text, id string }{
		"a service":         {"- {type: Microsoft.ApiManagement/service, name: local}", serviceID},
		"below it":          {"- {type: Microsoft.ApiManagement/service/apis/operations, name: local/a/o}", serviceID + "/apis/a/operations/o"},
		"a vault":           {"- {type: Microsoft.KeyVault/vaults, name: v}", inGroup + "/providers/Microsoft.KeyVault/vaults/v"},
		"on the group":      {"- {type: Microsoft.Authorization/roleAssignments, name: r}", inGroup + "/providers/Microsoft.Authorization/roleAssignments/r"},
		"on a vault":        {"- {type: Microsoft.Authorization/roleAssignments, name: r, scope: Microsoft.KeyVault/vaults/v}", inGroup + "/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/roleAssignments/r"},
		"on a subscription": {"- {type: Microsoft.Authorization/roleAssignments, name: r, scope: /subscriptions/s}", "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r"},
		"by id":             {"- {id: /x/y}", "/x/y"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(t, c.text)
			if err != nil || len(got) != 1 || got[0].ID != c.id || len(got[0].Body) != 0 {
				t.Errorf("Read = %+v, %v; want the id %s", got, err, c.id)
			}
		})
	}
}

func TestIDsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"no name":        {"- {type: Microsoft.KeyVault/vaults}", "needs an id"},
		"no provider":    {"- {type: vaults, name: v}", "not a provider and a type"},
		"too few names":  {"- {type: Microsoft.ApiManagement/service/apis, name: a}", "wants 2"},
		"too many names": {"- {type: Microsoft.KeyVault/vaults, name: a/b}", "wants 1"},
		"no mapping":     {"- x", "is a mapping"},
		"no list":        {"a: b", "a list of resources"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "resources.yaml:1") {
				t.Errorf("Read = %v, want %q with its place", err, c.says)
			}
		})
	}
}
