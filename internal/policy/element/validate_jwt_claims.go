package element

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/jwt"
)

var requiredClaimsSpec = policy.Spec{
	Name: "required-claims", Doc: "Claims that the token must have.",
	Children: []policy.Child{{Min: 1, Spec: &policy.Spec{
		Name: "claim", Doc: "One claim; without values, presence is enough.",
		Attributes: []policy.Attribute{
			{Name: "name", Doc: "The claim's name.", Required: true, NonEmpty: true, Expression: true},
			{Name: "match", Doc: "Whether the token must have all of the values, or any.", Enum: []string{"all", "any"}, Expression: true, Default: "all"},
			{Name: "separator", Doc: "What separates several values in the text of the claim.", Expression: true},
		},
		Children: []policy.Child{{Spec: &policy.Spec{Name: "value", Doc: "A value.", Text: policy.ExpressionText}}},
	}}},
}

type requiredClaim struct {
	name, match, separator policy.Text
	values                 []policy.Text
}

func compileRequiredClaims(n *policy.Node) []requiredClaim {
	var list []requiredClaim
	if n == nil {
		return nil
	}
	for _, child := range n.Children("claim") {
		list = append(list, requiredClaim{child.Text("name"), child.Text("match"), child.Text("separator"), texts(child)})
	}
	return list
}

// The reasons for refusals because of claims.
const (
	reasonClaimNotFound   = "TokenClaimNotFound"
	reasonClaimNotAllowed = "TokenClaimValueNotAllowed"
)

// judgeClaims finds the claims that are missing, or else the first whose values do not do.
func judgeClaims(x *policy.Run, claims []requiredClaim, t *jwt.Token) (reason, message string, err error) {
	var missing []string
	for i := range claims {
		c := &claims[i]
		name, err := c.name.Eval(x)
		if err != nil {
			return "", "", err
		}
		have, ok := t.Claim(strings.TrimSpace(name))
		if !ok {
			missing = append(missing, name)
			continue
		}
		fine, have, err := c.matches(x, have)
		if err != nil {
			return "", "", err
		}
		if !fine && reason == "" {
			reason, message = reasonClaimNotAllowed, "Claim "+name+" value of "+strings.Join(have, ",")+" is not allowed. Access denied."
		}
	}
	if missing != nil {
		return reasonClaimNotFound, "JWT token is missing the following claims: " + strings.Join(missing, ", ") + ". Access denied.", nil
	}
	return reason, message, nil
}

// matches compares the values of a claim with those that the policy wants.
func (c *requiredClaim) matches(x *policy.Run, have []string) (fine bool, split []string, err error) {
	if len(c.values) == 0 {
		return true, have, nil
	}
	separator, err := c.separator.Eval(x)
	if err != nil {
		return false, nil, err
	}
	if separator != "" {
		for _, h := range have {
			split = append(split, strings.Split(h, separator)...)
		}
		have = split
	}
	match, err := c.match.Eval(x)
	if err != nil {
		return false, nil, err
	}
	want, err := evalTexts(x, c.values)
	if err != nil {
		return false, nil, err
	}
	has := func(v string) bool { return slices.Contains(have, v) }
	switch strings.ToLower(strings.TrimSpace(match)) {
	case "all":
		return !slices.ContainsFunc(want, func(v string) bool { return !has(v) }), have, nil
	case "any":
		return slices.ContainsFunc(want, has), have, nil
	}
	return false, nil, invalid("InvalidMatch", "'%s' is neither all nor any.", match)
}
