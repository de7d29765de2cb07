package exprctx

import (
	"strings"
	"testing"
)

func TestWithLookups(t *testing.T) {
	const look = "(context.Deployment.Certificates.HasAny && context.Deployment.Certificates.HasThumbprint(context.Request.Certificate.Thumbprint))"
	tests := []struct{ name, in, want string }{
		{"documented", "@(!context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))", "@(!" + look + ")"},
		{"the other way round", "@(context.Deployment.Certificates.Any(x => context.Request.Certificate.Thumbprint == x.Value.Thumbprint))", "@(" + look + ")"},
		{"by key", "@(context.Deployment.Certificates.Any(c => c.Key == context.Request.Certificate.Thumbprint))",
			"@(" + strings.Replace(look, "HasThumbprint", "HasKey", 1) + ")"},
		{"in a string", `@("context.Deployment.Certificates.Any(c => c.Key == x)")`, ""},
		{"another property", "@(context.Deployment.Certificates.Any(c => c.Value.Subject == context.Request.Certificate.Subject))", ""},
		{"another condition", "@(context.Deployment.Certificates.Any(c => c.Key == x && c.Value.Verify()))", ""},
		{"with a call", "@(context.Deployment.Certificates.Any(c => c.Key == F(x)))", ""},
		{"with itself", "@(context.Deployment.Certificates.Any(c => c.Key == c.Value.Thumbprint))", ""},
		{"a member of something else", "@(my.context.Deployment.Certificates.Any(c => c.Key == x))", ""},
		{"unclosed", "@(context.Deployment.Certificates.Any(c => c.Key == x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := withLookups(tt.in)
			if ok != (tt.want != "") || ok && got != tt.want {
				t.Errorf("withLookups(%q) = %q, %v; want %q", tt.in, got, ok, tt.want)
			}
		})
	}
}
