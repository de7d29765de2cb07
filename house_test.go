// Package postern has the tests of the house as a whole: its layers, its vectors.
package postern

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/postern-gateway/postern/"

// layers are the packages of the house from the top down; a package may import what stands in a lower line, and what
// stands below itself in the same line. Prefixes end in a slash where all below counts.
var layers = [][]string{
	{"cmd/postern"},
	{"internal/app"},
	// fronts: none knows another
	{"internal/gateway", "internal/gateway/"}, {"internal/arm"}, {"internal/keyvault"}, {"internal/token"}, {"internal/portal"}, {"internal/inspect"}, {"internal/eventgrid"}, {"internal/apply"},
	{"internal/reply"}, {"internal/config"},
	// engines
	{"internal/policy/element", "internal/policy/exprctx", "internal/policy"}, {"internal/policy/liquid"}, {"internal/policy/policyxml"}, {"internal/policy/jwt"}, {"internal/policy/memory"},
	{"internal/devca"}, {"internal/vault/reference"}, {"internal/vault"}, {"internal/identity/azure"}, {"internal/identity"}, {"internal/resource"}, {"internal/backup"}, {"internal/expiry"}, {"internal/event"},
	{"internal/message"},
	{"internal/store/"}, {"internal/store"},
	{"internal/apim"},
	// libraries
	{"csharp"}, {"csharp/clr", "csharp/clr/"}, {"csharp/compile"}, {"csharp/bind"}, {"csharp/types"}, {"csharp/decimal"}, {"csharp/syntax"},
	{"pki/verify"}, {"pki/revocation"}, {"pki/chain"}, {"pki/pfx"}, {"pki/cert"}, {"pki/dn"}, {"pki/internal/"},
	// leaves
	{"internal/logkey"}, {"fault"}, {"source"},
}

// fronts may not import one another, although they stand in different lines.
var fronts = []string{"internal/gateway", "internal/arm", "internal/keyvault", "internal/token", "internal/portal", "internal/inspect", "internal/eventgrid", "internal/apply"}

// beside are packages that stand beside the product: they may import everything, and only tests and themselves import them.
var beside = []string{"internal/testkit", "bench", "test/", "."}

func layerOf(pkg string) int {
	return slices.IndexFunc(layers, func(l []string) bool {
		return slices.ContainsFunc(l, func(p string) bool { return p == pkg || strings.HasSuffix(p, "/") && strings.HasPrefix(pkg, p) })
	})
}

func isBeside(pkg string) bool {
	return slices.ContainsFunc(beside, func(p string) bool {
		return pkg == p || strings.HasPrefix(pkg, strings.TrimSuffix(p, "/")+"/")
	})
}

func front(pkg string) string {
	for _, f := range fronts {
		if pkg == f || strings.HasPrefix(pkg, f+"/") {
			return f
		}
	}
	return ""
}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		checkImports(t, strings.TrimPrefix(p.ImportPath, module), p.Imports)
	}
}

func checkImports(t *testing.T, pkg string, imports []string) {
	if pkg == strings.TrimSuffix(module, "/") || isBeside(pkg) {
		return
	}
	from := layerOf(pkg)
	if from < 0 {
		t.Errorf("%s is in no layer: give it a place in house_test.go and ARCHITECTURE.md", pkg)
		return
	}
	for _, path := range imports {
		imported, ours := strings.CutPrefix(path, module)
		if strings.HasPrefix(path, "go.etcd.io/") && pkg != "internal/store/etcdstore" {
			t.Errorf("%s imports %s: etcd is for internal/store/etcdstore alone", pkg, path)
		}
		if !ours {
			continue
		}
		to := layerOf(imported)
		switch {
		case to < 0:
			t.Errorf("%s imports %s, which is in no layer or stands beside the product", pkg, imported)
		case to < from:
			t.Errorf("%s imports %s, which stands above it", pkg, imported)
		case front(pkg) != "" && front(imported) != "" && front(pkg) != front(imported):
			t.Errorf("%s imports %s: fronts do not know one another", pkg, imported)
		}
	}
}

func TestVectorsAreTheSharedOnes(t *testing.T) {
	shared := os.Getenv("POSTERN_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	shared = filepath.Join(shared, "conformance")
	if _, err := os.Stat(shared); err != nil {
		t.Logf("no vectors beside the checkout (%v): nothing to compare with; testdata/conformance is what the tests read", err)
		return
	}
	here := filepath.Join("testdata", "conformance")
	names := map[string]bool{}
	for _, root := range []string{shared, here} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				rel, _ := filepath.Rel(root, path)
				names[rel] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range names {
		want, err1 := os.ReadFile(filepath.Join(shared, name))
		got, err2 := os.ReadFile(filepath.Join(here, name))
		if err := errors.Join(err1, err2); err != nil {
			t.Error(err)
		} else if !bytes.Equal(want, got) {
			t.Errorf("testdata/conformance/%s differs from the shared one: copy it anew", name)
		}
	}
}
