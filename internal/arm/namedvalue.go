package arm

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

var displayName = regexp.MustCompile(`^[A-Za-z0-9-._]+$`)

// checkNamedValue is the rule of service/namedValues. A secret's value is sealed and not shown; policies that use
// the name must compile with the new value.
func checkNamedValue(c *change) error {
	p := c.next.Properties
	referred := p["keyVault"] != nil
	if referred {
		if err := checkKeyVault(c, p); err != nil {
			return err
		}
		p["secret"] = true // as API Management has it, whatever was sent
	} else {
		delete(p, "keyVault")
	}
	var f faults
	if name := f.text(p, "displayName", true, 1, 256); name != "" && !displayName.MatchString(name) {
		f.add("displayName", "'%s' does not match %s.", name, displayName)
	}
	f.boolean(p, "secret", false)
	if tags, _ := p["tags"].([]any); len(tags) > 32 {
		f.add("tags", "There are %d tags; at most 32 are allowed.", len(tags))
	}
	kept := c.patched != nil && c.patched["value"] == nil && c.next.Hidden.Secrets["value"] != ""
	switch {
	case referred && p["value"] != nil && p["value"] != "":
		f.add("value", "A named value has either a value or keyVault, not both.")
	case !kept && !referred:
		f.text(p, "value", true, 1, 4096)
	}
	if err := f.err(); err != nil {
		return err
	}
	if err := uniqueDisplayName(c); err != nil {
		return err
	}
	if referred {
		if err := sealReferred(c); err != nil {
			return err
		}
	} else if err := sealValue(c, kept); err != nil {
		return err
	}
	return usersCompile(c, c.old, c.next)
}

// sealReferred seals what the reference gave.
func sealReferred(c *change) error {
	delete(c.next.Properties, "value")
	text := ""
	_, kept, err := c.referred("value", "keyVault.secretIdentifier", func(s reference.Secret) (err error) {
		text, err = reference.Text(s)
		return err
	})
	if err != nil {
		return err
	}
	if kept {
		c.next.Hidden.Secrets = maps.Clone(c.old.Hidden.Secrets)
		return nil
	}
	token, err := resource.SealSecret(c.s.Sealer, c.next.ID, "value", text)
	c.next.Hidden.Secrets = map[string]string{"value": token}
	return err
}

// sealValue moves a secret's value out of the document, or a value that is secret no more back into it.
func sealValue(c *change, kept bool) error {
	p := c.next.Properties
	secret, _ := p["secret"].(bool)
	switch {
	case secret && kept:
		return nil
	case secret:
		token, err := resource.SealSecret(c.s.Sealer, c.next.ID, "value", p["value"].(string))
		c.next.Hidden.Secrets = map[string]string{"value": token}
		delete(p, "value")
		return err
	case kept:
		text, err := resource.OpenSecret(c.s.Sealer, c.next.ID, "value", c.next.Hidden.Secrets["value"])
		p["value"] = text
		c.next.Hidden.Secrets = nil
		return err
	}
	c.next.Hidden.Secrets = nil
	return nil
}

func uniqueDisplayName(c *change) error {
	name := c.next.String("displayName")
	return c.siblings(func(r *resource.Resource) error {
		if !strings.EqualFold(r.String("displayName"), name) {
			return nil
		}
		return fieldErrors(fault.Detail{Target: "displayName", Message: fmt.Sprintf("The display name '%s' is taken by named value '%s'.", name, r.ID.Name())})
	})
}

// releaseNamedValue refuses the end of a named value that a policy uses.
func releaseNamedValue(c *change) error {
	name := c.old.String("displayName")
	return eachPolicy(c, func(r *resource.Resource) error {
		if strings.Contains(r.String("value"), "{{"+name+"}}") {
			return fault.New(fault.Conflict, "Named value '%s' cannot be deleted since the policy %s uses it.", name, r.ID)
		}
		return nil
	})
}

// usersCompile checks each policy that uses the old or the new display name against the new state.
func usersCompile(c *change, old, next *resource.Resource) error {
	var svc *apim.Service
	return eachPolicy(c, func(r *resource.Resource) error {
		text := r.String("value")
		uses := strings.Contains(text, "{{"+next.String("displayName")+"}}") || old != nil && strings.Contains(text, "{{"+old.String("displayName")+"}}")
		if !uses {
			return nil
		}
		if svc == nil {
			var err error
			if svc, err = c.service(); err != nil {
				return err
			}
		}
		if details, _ := c.s.Policies.CheckPolicy(svc, scopeOf(r.ID), &apim.Policy{Text: text, Format: r.String("format")}); len(details) > 0 {
			if c.q.principal == refresher {
				return unquoted(r.ID, details[0].Message)
			}
			for i := range details {
				details[i].Message = fmt.Sprintf("With this change the policy %s would be wrong: %s", r.ID, details[i].Message)
			}
			return fieldErrors(details...)
		}
		return nil
	})
}

// listValue answers POST …/listValue with the value in clear.
func listValue(s *Server, w http.ResponseWriter, q *request) error {
	r, err := s.fetch(q.Context(), q.id)
	if err != nil {
		return err
	}
	if r == nil {
		return notFound(q.id)
	}
	value := r.String("value")
	if token := r.Hidden.Secrets["value"]; token != "" {
		if value, err = resource.OpenSecret(s.Sealer, r.ID, "value", token); err != nil {
			return err
		}
	}
	w.Header().Set("ETag", etag(r.Revision))
	writeJSON(w, http.StatusOK, map[string]any{"value": value})
	return nil
}
