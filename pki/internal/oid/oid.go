// Package oid names object identifiers as .NET on Linux names them: .NET's own
// names first (dotnet.tsv, those of Windows), then OpenSSL's (names.tsv).
package oid

import (
	_ "embed"
	"strings"
	"sync"
)

// names.tsv holds what OpenSSL 3.0 calls the identifiers it knows, one a line:
// the identifier, its short name, and its long name where that is another.
//
//go:embed names.tsv
var openSSLNames string

// dotnet.tsv holds the names that .NET gives before it asks OpenSSL: the
// identifier, its friendly name, and other names that it reads.
//
//go:embed dotnet.tsv
var dotNetNames string

type entry struct {
	short, long, friendly string
}

type tables struct {
	byOID  map[string]entry
	byName map[string]string // lower-case name → identifier
}

var load = sync.OnceValue(func() tables {
	t := tables{map[string]entry{}, map[string]string{}}
	for fields := range rows(dotNetNames) {
		t.byOID[fields[0]] = entry{friendly: fields[1]}
		for _, name := range fields[1:] {
			t.name(name, fields[0])
		}
	}
	for fields := range rows(openSSLNames) {
		e := t.byOID[fields[0]]
		e.short, e.long = fields[1], fields[len(fields)-1]
		t.byOID[fields[0]] = e
		t.name(e.short, fields[0])
		t.name(e.long, fields[0])
	}
	return t
})

// name lets name stand for id, unless it stands for another already.
func (t tables) name(name, id string) {
	key := strings.ToLower(name)
	if _, taken := t.byName[key]; !taken {
		t.byName[key] = id
	}
}

func rows(text string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(text) {
			if !yield(strings.Split(strings.TrimSuffix(line, "\n"), "\t")) {
				return
			}
		}
	}
}

// Friendly is .NET's Oid.FriendlyName for a dotted identifier; empty if it has none.
func Friendly(id string) string {
	e := load().byOID[id]
	if e.friendly != "" {
		return e.friendly
	}
	return e.long
}

// Long is OpenSSL's long name of a dotted identifier, or the identifier itself.
func Long(id string) string {
	if e := load().byOID[id]; e.long != "" {
		return e.long
	}
	return id
}

// Short is OpenSSL's short name of a dotted identifier, or the identifier itself.
func Short(id string) string {
	if e := load().byOID[id]; e.short != "" {
		return e.short
	}
	return id
}

// Named is the dotted identifier that a name of .NET or OpenSSL stands for, upper and lower case alike.
func Named(name string) (id string, ok bool) {
	id, ok = load().byName[strings.ToLower(name)]
	return id, ok
}
