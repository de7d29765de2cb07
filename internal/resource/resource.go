// Package resource is the stored form of management resources: their ids and
// keys, the lossless document with its sealed parts, and the way from there to
// the typed domain of package apim. It is read by the management API, which
// changes resources, and by every gateway, which runs them.
package resource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Resource is one stored resource.
type Resource struct {
	// ID is its id in the spelling it was created with.
	ID ID
	// Top are the members beside id, name, type and properties that the client PUT (location, sku, tags …).
	Top map[string]any
	// Properties are the client's properties without secrets, unknown ones included.
	Properties map[string]any
	// Hidden are parts that are stored and not shown: certificates' DER.
	Hidden Hidden
	// Created and Modified are when.
	Created, Modified time.Time
	// Revision is the store's ModRevision, 0 for a resource that is not stored yet.
	Revision int64
}

// Hidden are the parts of a resource that no answer shows.
type Hidden struct {
	// Identities are certificates by slot: "" for a certificate entity, "hostname/<name>" and "ca/<n>" for a service's.
	Identities map[string]Identity `json:"identities,omitempty"`
	// Secrets are sealed texts by slot: "value" of a secret named value.
	Secrets map[string]string `json:"secrets,omitempty"`
	// Identifiers are ids that the server gave, by name: "principalId" and "clientId" of a system-assigned identity.
	Identifiers map[string]string `json:"identifiers,omitempty"`
}

// Clone is a copy that shares no map with h.
func (h Hidden) Clone() Hidden {
	return Hidden{Identities: maps.Clone(h.Identities), Secrets: maps.Clone(h.Secrets), Identifiers: maps.Clone(h.Identifiers)}
}

// Identity is a stored certificate with its chain and its sealed key.
type Identity struct {
	// Certificate is the leaf's DER.
	Certificate []byte `json:"certificate"`
	// Chain is the DER of the other certificates of the file.
	Chain [][]byte `json:"chain,omitempty"`
	// Key is the sealed PKCS#8 private key; empty if there is none.
	Key string `json:"key,omitempty"`
}

type document struct {
	ID         string         `json:"id"`
	Top        map[string]any `json:"top,omitempty"`
	Properties map[string]any `json:"properties"`
	Hidden     Hidden         `json:"hidden"`
	Created    time.Time      `json:"created"`
	Modified   time.Time      `json:"modified"`
}

// Encode is the resource as stored bytes.
func (r *Resource) Encode() ([]byte, error) {
	return json.Marshal(document{r.ID.String(), r.Top, r.Properties, r.Hidden, r.Created, r.Modified})
}

// Decode reads a stored resource.
func Decode(e store.Entry) (*Resource, error) {
	var d document
	if err := DecodeJSON(e.Value, &d); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "stored resource %q is unreadable", e.Key)
	}
	id, err := ParseID(d.ID)
	if err != nil {
		return nil, fmt.Errorf("stored resource %q: %w", e.Key, err)
	}
	return &Resource{id, d.Top, d.Properties, d.Hidden, d.Created, d.Modified, e.ModRevision}, nil
}

// DecodeJSON decodes one JSON value, keeping numbers as they are written, and refuses anything after it.
func DecodeJSON(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if dec.More() {
		return fmt.Errorf("there is something behind the end of the JSON value, at offset %d", dec.InputOffset())
	}
	return nil
}

// String is the string property of that name; empty where it is absent or null.
func (r *Resource) String(name string) string {
	s, _ := r.Properties[name].(string)
	return s
}

// Bool is the boolean property of that name, or the default where it is absent or null.
func (r *Resource) Bool(name string, otherwise bool) bool {
	if b, ok := r.Properties[name].(bool); ok {
		return b
	}
	return otherwise
}

// Object is the object property of that name, nil where there is none.
func (r *Resource) Object(name string) map[string]any {
	m, _ := r.Properties[name].(map[string]any)
	return m
}

// Objects are the objects of the array property of that name.
func (r *Resource) Objects(name string) []map[string]any {
	list, _ := r.Properties[name].([]any)
	var objects []map[string]any
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			objects = append(objects, m)
		}
	}
	return objects
}

// Strings are the strings of the array property of that name.
func (r *Resource) Strings(name string) []string {
	list, _ := r.Properties[name].([]any)
	var texts []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}
