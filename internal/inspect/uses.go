package inspect

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/source"
)

// use is one thing that refers to a resource.
type use struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Detail string `json:"detail"`
	Line   int    `json:"line,omitempty"`
}

// The kinds of uses.
const (
	usePolicy      = "policy"
	useHostname    = "hostname"
	useCertificate = "certificate"
	useNamedValue  = "namedValue"
	useVault       = "vault"
	useService     = "service"
)

// uses answers GET /postern/v1/uses?resource=….
func (s *Server) uses(_ http.ResponseWriter, r *http.Request) (any, error) {
	target := strings.TrimSpace(r.URL.Query().Get("resource"))
	if target == "" {
		return nil, targeted("resource", "Name the resource whose uses are asked for: ?resource=<ARM id or vault id>.")
	}
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	var list []use
	if strings.HasPrefix(lower(target), "https://") {
		list, err = s.referring(r.Context(), vaultReference(target))
	} else {
		list, err = s.usesOf(r.Context(), svc, target)
	}
	if list == nil {
		list = []use{}
	}
	return map[string]any{"uses": list}, err
}

// usesOf are the uses of an ARM resource.
func (s *Server) usesOf(ctx context.Context, svc *apim.Service, target string) ([]use, error) {
	id, err := resource.ParseID(target)
	if err != nil {
		return nil, targeted("resource", "%q is neither the id of a resource nor of an object of a vault.", target)
	}
	switch {
	case id.Provider == resource.VaultProvider:
		return s.referring(ctx, vaultReference("https://"+id.RootName()+"."))
	case id.Provider == resource.IdentityProvider:
		return s.usesOfIdentity(ctx, id)
	case id.Provider != resource.Provider || !strings.EqualFold(id.Root().String(), s.ID.String()):
		return nil, nil
	case id.Collection() == "certificates":
		i := slices.IndexFunc(svc.Certificates, func(c apim.Certificate) bool { return strings.EqualFold(c.ID, id.Name()) })
		if i < 0 {
			return nil, nil
		}
		return s.usesInPolicies(svc, func(text string) []mention { return certificateUses(svc, text, &svc.Certificates[i]) }), nil
	case id.Collection() == "namedValues":
		i := slices.IndexFunc(svc.NamedValues, func(v apim.NamedValue) bool { return strings.EqualFold(v.ID, id.Name()) })
		if i < 0 {
			return nil, nil
		}
		name := svc.NamedValues[i].DisplayName
		return s.usesInPolicies(svc, func(text string) []mention {
			return mentions(text, "{{"+name+"}}", "The policy puts the named value in.")
		}), nil
	}
	return nil, nil
}

// mention is a place of a document that refers to something.
type mention struct {
	line   int
	detail string
}

func (s *Server) usesInPolicies(svc *apim.Service, find func(text string) []mention) []use {
	var list []use
	for _, d := range documents(svc, s.ID) {
		for _, m := range find(d.doc.Text) {
			list = append(list, use{ID: d.id.String(), Kind: usePolicy, Name: d.name(), Detail: m.detail, Line: m.line})
		}
	}
	return list
}

// name is what people call the document.
func (d document) name() string {
	switch {
	case d.operation != nil:
		return d.api.ID + " / " + d.operation.ID
	case d.api != nil:
		return d.api.ID
	}
	return "All APIs"
}

// mentions are the lines on which a word stands, without case.
func mentions(text, word, detail string) []mention {
	if word == "" {
		return nil
	}
	var list []mention
	lines := source.NewText("", text)
	folded := lower(text)
	if len(folded) != len(text) {
		folded, word = text, strings.ToUpper(word) // letters that change their length with their case: as it is
	} else {
		word = lower(word)
	}
	for at := 0; ; {
		i := strings.Index(folded[at:], word)
		if i < 0 {
			return list
		}
		m := mention{lines.Position(at + i).Line, detail}
		if n := len(list); n == 0 || list[n-1] != m {
			list = append(list, m)
		}
		at += i + len(word)
	}
}

var (
	idAttribute     = regexp.MustCompile(`(?i)\b(?:issuer-)?certificate-id\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	allCertificates = regexp.MustCompile(`\bDeployment\s*\.\s*Certificates\b`)
)

// certificateUses are the places of a policy document that depend on a certificate entity: by its id, its thumbprints,
// a named value that is one, or because they look at all entities.
func certificateUses(svc *apim.Service, text string, e *apim.Certificate) []mention {
	var list []mention
	lines := source.NewText("", text)
	for _, m := range idAttribute.FindAllStringSubmatchIndex(text, -1) {
		from, to := m[2], m[3]
		if from < 0 {
			from, to = m[4], m[5]
		}
		if strings.EqualFold(strings.TrimSpace(text[from:to]), e.ID) {
			list = append(list, mention{lines.Position(m[0]).Line, "The policy names the certificate by its id."})
		}
	}
	if e.Identity != nil && e.Identity.Certificate != nil {
		c := e.Identity.Certificate
		for _, thumbprint := range []string{c.Thumbprint(), hex.EncodeToString(c.SHA256[:])} {
			list = append(list, mentions(text, thumbprint, "The policy has the certificate's thumbprint.")...)
			for _, v := range svc.NamedValues {
				if strings.EqualFold(strings.TrimSpace(v.Value), thumbprint) {
					list = append(list, mentions(text, "{{"+v.DisplayName+"}}", fmt.Sprintf("The policy has the thumbprint by the named value %s.", v.DisplayName))...)
				}
			}
		}
	}
	for _, at := range allCertificates.FindAllStringIndex(text, -1) {
		list = append(list, mention{lines.Position(at[0]).Line, "The policy looks at all certificates of the service."})
	}
	return list
}

// usage is an index of what policy documents say of certificates, for services that have many.
type usage struct {
	// ids and thumbprints are those named, in lower case; all tells of documents that look at all certificates.
	ids, thumbprints map[string]bool
	all              bool
}

var (
	thumbprintText = regexp.MustCompile(`[0-9A-Fa-f]{40,64}`)
	namedValueText = regexp.MustCompile(`\{\{([^{}]+)\}\}`)
)

func newUsage(svc *apim.Service, docs []document) *usage {
	u := &usage{ids: map[string]bool{}, thumbprints: map[string]bool{}}
	values := map[string]string{}
	for _, v := range svc.NamedValues {
		values[v.DisplayName] = v.Value
	}
	for _, d := range docs {
		text := d.doc.Text
		u.all = u.all || allCertificates.MatchString(text)
		for _, m := range idAttribute.FindAllStringSubmatch(text, -1) {
			u.ids[lower(strings.TrimSpace(m[1]+m[2]))] = true
		}
		for _, t := range thumbprintText.FindAllString(text, -1) {
			u.thumbprints[lower(t)] = true
		}
		for _, m := range namedValueText.FindAllStringSubmatch(text, -1) {
			u.thumbprints[lower(strings.TrimSpace(values[m[1]]))] = true
		}
	}
	return u
}

// has reports whether a document depends on the certificate entity; certificateUses tells where.
func (u *usage) has(e *apim.Certificate) bool {
	if u.all || u.ids[lower(e.ID)] {
		return true
	}
	if e.Identity == nil || e.Identity.Certificate == nil {
		return false
	}
	c := e.Identity.Certificate
	return u.thumbprints[lower(c.Thumbprint())] || u.thumbprints[hex.EncodeToString(c.SHA256[:])]
}

// reference finds strings in resources: the path of the member is told where one fits.
type reference func(member, value string) bool

// vaultReference fits ids of an object of a vault, of any of its versions, or of any object where id ends at the vault's name.
func vaultReference(id string) reference {
	id = lower(strings.TrimRight(id, "/"))
	object := strings.NewReplacer("/certificates/", "/secrets/", "/keys/", "/secrets/").Replace(id)
	return func(_, value string) bool {
		value = lower(value)
		value = strings.NewReplacer("/certificates/", "/secrets/", "/keys/", "/secrets/").Replace(value)
		rest, ok := strings.CutPrefix(value, object)
		if !ok {
			return false
		}
		return rest == "" || rest[0] == '/' || strings.HasSuffix(object, ".")
	}
}

// objectID is the id of an object of a vault without its version and in one spelling: a certificate's secret and key are the
// certificate. It is empty for what is no such id.
func objectID(id string) string {
	rest, ok := strings.CutPrefix(lower(id), "https://")
	parts := strings.SplitN(rest, "/", 4)
	if !ok || len(parts) < 3 {
		return ""
	}
	host, _, _ := strings.Cut(parts[0], ":") // the port may be one of before
	return host + "/" + parts[2]
}

// objectsInUse are the objects of vaults that resources refer to, by objectID.
func (s *Server) objectsInUse(ctx context.Context) map[string]bool {
	used := map[string]bool{}
	if s.Resources == nil {
		return used
	}
	all, err := s.Resources(ctx)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "the uses of the vaults' objects cannot be told", slog.Any(logkey.Error, err))
	}
	for _, r := range all {
		walk("", any(r.Properties), func(_, value string, _ map[string]any) {
			if id := objectID(value); id != "" {
				used[id] = true
			}
		})
	}
	return used
}

// referring are the resources that hold a string that fits.
func (s *Server) referring(ctx context.Context, fits reference) ([]use, error) {
	if s.Resources == nil {
		return nil, nil
	}
	all, err := s.Resources(ctx)
	if err != nil {
		return nil, err
	}
	var list []use
	for _, r := range all {
		walk("properties", any(r.Properties), func(member, value string, inside map[string]any) {
			if fits(member, value) {
				list = append(list, newUse(r, member, inside))
			}
		})
		walk("identity", r.Top["identity"], func(member, value string, inside map[string]any) {
			if fits(member, value) {
				list = append(list, newUse(r, member, inside))
			}
		})
	}
	return list, nil
}

// walk calls f with each string below v, with each name of a member too, and the innermost object that it stands in.
func walk(path string, v any, f func(member, value string, inside map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		for name, y := range x {
			f(path, name, x)
			if text, ok := y.(string); ok {
				f(path+"."+name, text, x)
				continue
			}
			walk(path+"."+name, y, f)
		}
	case []any:
		for _, y := range x {
			if text, ok := y.(string); ok {
				f(path, text, nil)
				continue
			}
			walk(path, y, f)
		}
	}
}

// newUse names a resource that refers to another in one of its members.
func newUse(r *resource.Resource, member string, inside map[string]any) use {
	u := use{ID: r.ID.String(), Name: r.ID.Name(), Detail: "It is named in " + member + "."}
	switch {
	case r.ID.Provider == resource.VaultProvider:
		u.Kind = useVault
	case strings.HasPrefix(member, "properties.hostnameConfigurations"):
		u.Kind = useHostname
		if name, ok := inside["hostName"].(string); ok {
			u.Name = name
		}
	case r.ID.IsService():
		u.Kind = useService
	case r.ID.Collection() == "certificates":
		u.Kind = useCertificate
	case r.ID.Collection() == "namedValues":
		u.Kind = useNamedValue
	default:
		u.Kind = usePolicy
	}
	return u
}

// usesOfIdentity are the uses of a user-assigned identity: by its ARM id, its client id or its object id.
func (s *Server) usesOfIdentity(ctx context.Context, id resource.ID) ([]use, error) {
	if s.Resources == nil {
		return nil, nil
	}
	all, err := s.Resources(ctx)
	if err != nil {
		return nil, err
	}
	names := []string{lower(id.String())}
	for _, r := range all {
		if strings.EqualFold(r.ID.String(), id.String()) {
			names = append(names, lower(r.String("clientId")), lower(r.String("principalId")))
		}
	}
	list, err := s.referring(ctx, func(_, value string) bool { return value != "" && slices.Contains(names, lower(value)) })
	list = slices.DeleteFunc(list, func(u use) bool { return strings.EqualFold(u.ID, id.String()) })
	if svc := s.Service(); svc != nil && len(names) > 1 && names[1] != "" {
		list = append(list, s.usesInPolicies(svc, func(text string) []mention {
			return mentions(text, names[1], "The policy names the identity by its client id.")
		})...)
	}
	return list, err
}
