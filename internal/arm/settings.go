package arm

import (
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/resource"
)

// settings refuses custom properties of Postern's own that are none of its settings, or have no value of theirs.
func (f *faults) settings(custom map[string]any) {
	texts := map[string]string{}
	for k, v := range custom {
		texts[k], _ = v.(string)
	}
	_, wrong := apim.ParseSettings(texts)
	for _, w := range wrong {
		f.add("customProperties", "%s", w.Message)
	}
}

// settingsOf are the settings of the stored service.
func settingsOf(r *resource.Resource) apim.Settings {
	custom := map[string]string{}
	for k, v := range r.Object("customProperties") {
		custom[k], _ = v.(string)
	}
	settings, _ := apim.ParseSettings(custom)
	return settings
}

// noLimit is the limit of what API Management does not limit, or says nothing about.
const noLimit = -1

// tierLimits are the limits of a tier (Microsoft's page of service limits, 03/2024, and that of managed identities).
type tierLimits struct{ authorities, certificates, domains, identities int }

const (
	maxAuthorities        = 10
	maxUserIdentities     = 10
	consumptionDomains    = 1
	consumptionEntities   = 50
	secondVersionEntities = 100
)

// limitsOf are the limits of the tier with the SKU's name.
func limitsOf(sku string) tierLimits {
	l := tierLimits{authorities: maxAuthorities, certificates: noLimit, domains: noLimit, identities: maxUserIdentities}
	switch sku {
	case "Consumption":
		l.authorities, l.certificates, l.domains = 0, consumptionEntities, consumptionDomains
	case "Developer", "Premium":
		l.domains = 20
	case "Basic", "Standard":
		l.domains = 1
	case "BasicV2", "StandardV2", "PremiumV2":
		l.certificates = secondVersionEntities
	}
	return l
}

func skuOf(r *resource.Resource) string {
	sku, _ := r.Top["sku"].(map[string]any)
	name, _ := sku["name"].(string)
	return name
}

// limited adds a fault where there is more than the tier allows.
func (f *faults) limited(target, what string, have, limit int, sku string) {
	if limit != noLimit && have > limit {
		f.add(target, "%d %s are more than the %d that the tier %s allows. The custom property %s says to hold the service to API Management's limits.",
			have, what, limit, sku, apim.SettingLimits)
	}
}

// checkServiceLimits holds the service to the limits of its tier, where its settings want it.
func checkServiceLimits(c *change) error {
	if !settingsOf(c.next).TierLimits {
		return nil
	}
	sku := skuOf(c.next)
	l := limitsOf(sku)
	var f faults
	f.limited("certificates", "CA certificates", len(c.next.Objects("certificates")), l.authorities, sku)
	domains := 0
	for _, h := range c.next.Objects("hostnameConfigurations") {
		kind, _ := h["type"].(string)
		name, _ := h["hostName"].(string)
		if kind == "Proxy" && !isBuiltIn(c, name) {
			domains++
		}
	}
	f.limited("hostnameConfigurations", "custom gateway host names", domains, l.domains, sku)
	assigned := 0
	if identity, ok := c.next.Top["identity"].(map[string]any); ok {
		users, _ := identity["userAssignedIdentities"].(map[string]any)
		assigned = len(users)
	}
	f.limited("identity", "user-assigned identities", assigned, l.identities, sku)
	return f.err()
}

func isBuiltIn(c *change, name string) bool {
	for _, b := range resource.BuiltIn(c.q.id.RootName()) {
		if strings.EqualFold(b, name) {
			return true
		}
	}
	return false
}

// checkCertificateLimit refuses a new certificate entity beyond the limit of the tier, where the service's settings want it.
func checkCertificateLimit(c *change) error {
	if c.old != nil {
		return nil
	}
	service, err := c.s.fetch(c.ctx, c.q.id.Parent())
	if err != nil || service == nil || !settingsOf(service).TierLimits {
		return err
	}
	sku := skuOf(service)
	limit := limitsOf(sku).certificates
	if limit == noLimit {
		return nil
	}
	count := 1
	if err := c.siblings(func(*resource.Resource) error { count++; return nil }); err != nil {
		return err
	}
	if count > limit {
		return fault.New(fault.Conflict, "%d certificates are more than the %d that the tier %s allows. The service's custom property %s says to hold it to API Management's limits.",
			count, limit, sku, apim.SettingLimits)
	}
	return nil
}

// limitedCertificates tells whether a change of a certificate entity hangs on the others: on deletion, where policies may
// name it, and on creation, where their number counts.
func limitedCertificates(c *change) bool {
	if deleting(c) || c.old != nil {
		return deleting(c)
	}
	service, err := c.s.fetch(c.ctx, c.q.id.Parent())
	return err != nil || service != nil && settingsOf(service).TierLimits
}
