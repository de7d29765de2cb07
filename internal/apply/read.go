// Package apply puts resources that stand in files through the management
// API: a YAML list of ARM resources, each with an id, or with type and name as
// in an ARM template.
//
// Three tags bring in what cannot stand in the file itself: !file NAME is the
// text of a file beside it, !base64 NAME its bytes in base64, and
// !development client-root the development CA's client root.
package apply

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Resource is one resource to PUT.
type Resource struct {
	// ID is the full ARM id.
	ID string
	// Body is what is PUT.
	Body map[string]any
	// File and Line are where it stands.
	File string
	Line int
}

// Reader reads files of resources.
type Reader struct {
	// ServiceID is the id of the service that resources named by type and name belong to:
	// /subscriptions/…/resourceGroups/…/providers/Microsoft.ApiManagement/service/NAME.
	ServiceID string
	// Development gives the DER of a development certificate ("client-root"); nil: the tag is refused.
	Development func(name string) ([]byte, error)
}

// Read reads the files in order; a folder stands for its *.yaml, *.yml and *.json files by name.
func (r Reader) Read(paths ...string) ([]Resource, error) {
	var all []Resource
	for _, path := range paths {
		files, err := expand(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			resources, err := r.readFile(file)
			if err != nil {
				return nil, err
			}
			all = append(all, resources...)
		}
	}
	return all, nil
}

func expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, ext) {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: the folder has no .yaml, .yml or .json file", path)
	}
	return files, nil
}

func (r Reader) readFile(file string) ([]Resource, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var all []Resource
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		resources, err := r.document(file, doc.Content[0])
		if err != nil {
			return nil, err
		}
		all = append(all, resources...)
	}
}

func (r Reader) document(file string, n *yaml.Node) ([]Resource, error) {
	if n.Kind == yaml.MappingNode && strings.Contains(string(schemaOf(n)), "deploymentTemplate") {
		return nil, fmt.Errorf("%s:%d: ARM templates are not supported yet; give a YAML list of resources", file, n.Line)
	}
	if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d: a list of resources is expected", file, n.Line)
	}
	var all []Resource
	for _, item := range n.Content {
		res, err := r.resource(file, item)
		if err != nil {
			return nil, err
		}
		all = append(all, res)
	}
	return all, nil
}

func schemaOf(n *yaml.Node) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "$schema" {
			return n.Content[i+1].Value
		}
	}
	return ""
}

func (r Reader) resource(file string, n *yaml.Node) (Resource, error) {
	fail := func(format string, args ...any) (Resource, error) {
		return Resource{}, fmt.Errorf("%s:%d: %s", file, n.Line, fmt.Sprintf(format, args...))
	}
	v, err := r.value(file, n, 0)
	if err != nil {
		return Resource{}, err
	}
	body, ok := v.(map[string]any)
	if !ok {
		return fail("a resource is a mapping with id, or type and name, and properties")
	}
	id, _ := body["id"].(string)
	if id == "" {
		kind, _ := body["type"].(string)
		name, _ := body["name"].(string)
		scope, _ := body["scope"].(string)
		if id, err = r.idOf(kind, name, scope); err != nil {
			return fail("%v", err)
		}
	}
	for _, k := range []string{"id", "type", "name", "apiVersion", "dependsOn", "comments", "scope"} {
		delete(body, k)
	}
	return Resource{ID: id, Body: body, File: file, Line: n.Line}, nil
}

// idOf joins type and name as ARM templates write them: "Microsoft.ApiManagement/service/apis" and "local/orders". What
// it stands on is the scope, where one is given, an id or "Microsoft.KeyVault/vaults/v" in the service's resource group;
// else that group.
func (r Reader) idOf(kind, name, scope string) (string, error) {
	if kind == "" || name == "" {
		return "", errors.New("the resource needs an id, or type and name")
	}
	types := strings.Split(strings.Trim(kind, "/"), "/")
	if len(types) < 2 || !strings.Contains(types[0], ".") {
		return "", fmt.Errorf("the type %q is not a provider and a type, such as Microsoft.ApiManagement/service", kind)
	}
	names := strings.Split(name, "/")
	if len(names) != len(types)-1 {
		return "", fmt.Errorf("the name %q has %d parts; type %q wants %d", name, len(names), kind, len(types)-1)
	}
	group, _, _ := strings.Cut(r.ServiceID, "/providers/")
	switch {
	case scope == "":
		scope = group
	case !strings.HasPrefix(scope, "/"):
		scope = group + "/providers/" + scope
	}
	id := strings.TrimRight(scope, "/") + "/providers/" + types[0]
	for i, t := range types[1:] {
		id += "/" + t + "/" + names[i]
	}
	return id, nil
}

// maxDepth bounds nesting of a file.
const maxDepth = 100

// value turns a YAML node into JSON's types, resolving the tags.
func (r Reader) value(file string, n *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s:%d: it nests too deep", file, n.Line)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(file, n.Alias, depth+1)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := r.value(file, n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, e := range n.Content {
			v, err := r.value(file, e, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	return r.scalar(file, n)
}

func (r Reader) scalar(file string, n *yaml.Node) (any, error) {
	beside := filepath.Join(filepath.Dir(file), filepath.FromSlash(n.Value))
	var v any
	var err error
	switch n.Tag {
	case "!file":
		var data []byte
		data, err = os.ReadFile(beside)
		v = string(data)
	case "!base64":
		var data []byte
		data, err = os.ReadFile(beside)
		v = base64.StdEncoding.EncodeToString(data)
	case "!development":
		if r.Development == nil {
			return nil, fmt.Errorf("%s:%d: there is no development CA here", file, n.Line)
		}
		var data []byte
		data, err = r.Development(n.Value)
		v = base64.StdEncoding.EncodeToString(data)
	case "!!timestamp":
		return n.Value, nil
	default:
		if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
			return nil, fmt.Errorf("%s:%d: there is no tag %s; there are !file, !base64 and !development", file, n.Line, n.Tag)
		}
		err = n.Decode(&v)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, n.Line, err)
	}
	return v, nil
}
