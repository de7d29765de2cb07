package policy

import (
	"regexp"

	"github.com/postern-gateway/postern/internal/policy/policyxml"
)

// Policy documents are often kept as templates of Terraform (developer.hashicorp.com/terraform/language/expressions/strings):
// "${name}" is put in, "%{ if … }" leaves out or adds. Offline such a document is checked all the same, as far as it can be.
var (
	interpolation = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_.\[\]-]*\}`)
	directives    = regexp.MustCompile(`%\{[^}]*\}|\$\{[^}]*\}`)
)

// templated reports whether a value holds a placeholder of a template, outside of the strings of its code: $"${x}" is C#.
func (u *unit) templated(v *policyxml.Value) bool {
	if !u.options.Offline || !interpolation.MatchString(v.Text) {
		return false
	}
	if v.Kind != policyxml.Expression {
		return true
	}
	_, names := placeholders(v.Text)
	return len(names) > 0
}
