package policy

import "strings"

var scopeNames = [...]string{Global: "global", Workspace: "workspace", Product: "product", API: "api", Operation: "operation"}

// String is the scope as LastError.Scope gives it.
func (s Scope) String() string {
	if int(s) < len(scopeNames) {
		return scopeNames[s]
	}
	return "unknown"
}

// ParseScope reads a scope's name, without case.
func ParseScope(name string) (Scope, bool) {
	for i, n := range scopeNames {
		if strings.EqualFold(n, name) {
			return Scope(i), true
		}
	}
	return Global, false
}

// Scopes is a set of scopes.
type Scopes uint8

// AllScopes are all of them.
const AllScopes = Scopes(1<<Global | 1<<Workspace | 1<<Product | 1<<API | 1<<Operation)

// ScopesOf is the set of the scopes given.
func ScopesOf(scopes ...Scope) Scopes {
	var set Scopes
	for _, s := range scopes {
		set |= 1 << s
	}
	return set
}

// Has reports whether s is in the set.
func (set Scopes) Has(s Scope) bool { return set&(1<<s) != 0 }

func (set Scopes) String() string {
	var names []string
	for i, n := range scopeNames {
		if set.Has(Scope(i)) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// Section is one of the four parts of a policy document.
type Section uint8

// The sections, in the order they run.
const (
	Inbound Section = iota
	Backend
	Outbound
	OnError
)

var sectionNames = [...]string{Inbound: "inbound", Backend: "backend", Outbound: "outbound", OnError: "on-error"}

// String is the section's element name.
func (s Section) String() string { return sectionNames[s] }

// request reports whether policies of the section edit the request; the others edit the response.
func (s Section) request() bool { return s <= Backend }

// EditsRequest reports whether set-header and its like edit the request in this section, not the response.
func (s Section) EditsRequest() bool { return s.request() }

// Sections is a set of sections.
type Sections uint8

// The sections that elements are allowed in, as sets.
const (
	InInbound   = Sections(1 << Inbound)
	InBackend   = Sections(1 << Backend)
	InOutbound  = Sections(1 << Outbound)
	InOnError   = Sections(1 << OnError)
	AllSections = InInbound | InBackend | InOutbound | InOnError
)

// Has reports whether s is in the set.
func (set Sections) Has(s Section) bool { return set&(1<<s) != 0 }

func (set Sections) String() string {
	var names []string
	for i, n := range sectionNames {
		if set.Has(Section(i)) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}
