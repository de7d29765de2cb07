package arm

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
)

var (
	skuNames      = []string{"Developer", "Standard", "Premium", "Basic", "Consumption", "Isolated", "BasicV2", "StandardV2", "PremiumV2"}
	hostnameTypes = []string{"Proxy", "Portal", "Management", "Scm", "DeveloperPortal", "ConfigurationApi"}
	hostPattern   = regexp.MustCompile(`^(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
)

// computed are properties of the service that the server gives; what a client sends of them is dropped.
var computed = []string{"provisioningState", "targetProvisioningState", "createdAtUtc", "gatewayUrl", "gatewayRegionalUrl",
	"portalUrl", "managementApiUrl", "scmUrl", "developerPortalUrl", "publicIPAddresses", "privateIPAddresses",
	"outboundPublicIPAddresses", "platformVersion", reportProperty}

// checkService is the rule of the service resource: tier, hostname configurations, CA certificates, switches.
func checkService(c *change) error {
	if c.old == nil {
		return fault.New(fault.Unsupported, "Postern runs the one service that it was started with; creating '%s' is not supported.", c.q.id.RootName())
	}
	p := c.next.Properties
	for _, name := range computed {
		delete(p, name)
	}
	if p["apiVersionConstraint"] == nil {
		delete(p, "apiVersionConstraint")
	}
	var f faults
	checkTop(&f, c)
	f.boolean(p, "enableClientCertificate", false)
	f.boolean(p, "disableGateway", false)
	f.text(p, "publisherEmail", true, 1, 100)
	f.text(p, "publisherName", true, 1, 100)
	f.customProperties(p)
	if err := f.err(); err != nil {
		return err
	}
	if v, _ := p["disableGateway"].(bool); v {
		return fault.New(fault.Unsupported, "Switching the gateway off (properties.disableGateway) is not supported by Postern yet.")
	}
	hidden := map[string]resource.Identity{}
	if err := checkHostnames(c, hidden); err != nil {
		return err
	}
	if err := checkAuthorities(c, hidden); err != nil {
		return err
	}
	c.next.Hidden.Identities = hidden
	if err := checkIdentity(c); err != nil {
		return err
	}
	if err := checkServiceLimits(c); err != nil {
		return err
	}
	c.remarkForwarders()
	return c.remarkAuthorities()
}

func checkTop(f *faults, c *change) {
	top := c.next.Top
	if s, _ := top["location"].(string); s == "" {
		f.add("location", "The location is required.")
	}
	sku, ok := top["sku"].(map[string]any)
	if !ok {
		f.add("sku", "The sku is required, with name and capacity.")
		return
	}
	name, _ := sku["name"].(string)
	i := slices.IndexFunc(skuNames, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		f.add("sku.name", "'%s' is not one of %s.", name, strings.Join(skuNames, ", "))
		return
	}
	sku["name"] = skuNames[i]
}

func (f *faults) customProperties(p map[string]any) {
	m, ok := p["customProperties"].(map[string]any)
	if !ok {
		if p["customProperties"] != nil {
			f.add("customProperties", "customProperties is not an object.")
		}
		return
	}
	for k, v := range m {
		if b, isBool := v.(bool); isBool {
			m[k] = map[bool]string{true: "True", false: "False"}[b]
		} else if _, isText := v.(string); !isText {
			f.add("customProperties", "The value of '%s' is not a string.", k)
		}
	}
	f.settings(m)
}

// objects reads a list of objects.
func objects(p map[string]any, name string) ([]map[string]any, error) {
	if p[name] == nil {
		return nil, nil
	}
	list, ok := p[name].([]any)
	if !ok {
		return nil, fieldErrors(fault.Detail{Target: name, Message: name + " is not a list."})
	}
	out := make([]map[string]any, len(list))
	for i, x := range list {
		if out[i], ok = x.(map[string]any); !ok {
			return nil, fieldErrors(fault.Detail{Target: fmt.Sprintf("%s[%d]", name, i), Message: "It is not an object."})
		}
	}
	return out, nil
}

func checkHostnames(c *change, hidden map[string]resource.Identity) error {
	list, err := objects(c.next.Properties, "hostnameConfigurations")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	defaults := 0
	for i, h := range list {
		at := fmt.Sprintf("hostnameConfigurations[%d]", i)
		var f faults
		kind := f.text(h, "type", true, 1, 64)
		name := strings.ToLower(f.text(h, "hostName", true, 1, 253))
		f.boolean(h, "defaultSslBinding", false)
		f.boolean(h, "negotiateClientCertificate", false)
		if kind != "" && !slices.Contains(hostnameTypes, kind) {
			f.add("type", "'%s' is not one of %s.", kind, strings.Join(hostnameTypes, ", "))
		}
		if name != "" && !hostPattern.MatchString(name) {
			f.add("hostName", "'%s' is not a host name.", name)
		}
		if seen[kind+" "+name] {
			f.add("hostName", "The host name '%s' stands twice.", name)
		}
		seen[kind+" "+name] = true
		if b, _ := h["defaultSslBinding"].(bool); b {
			if kind != "Proxy" {
				f.add("defaultSslBinding", "defaultSslBinding is for host names of type Proxy only.")
			}
			if defaults++; defaults > 1 {
				f.add("defaultSslBinding", "Only one host name can have the default SSL binding.")
			}
		}
		f.forwarded(h, kind)
		if len(f) > 0 {
			for j := range f {
				f[j].Target = at + "." + f[j].Target
			}
			return f.err()
		}
		if err := hostnameCertificate(c, h, at, kind, name, hidden); err != nil {
			return err
		}
	}
	return nil
}

func hostnameCertificate(c *change, h map[string]any, at, kind, name string, hidden map[string]resource.Identity) (err error) {
	slot := "hostname/" + name
	if kind != "Proxy" {
		slot = "hostname/" + kind + "/" + name
	}
	for _, ro := range []string{"certificate", "certificateStatus", "lastStatus", rotatesProperty} {
		delete(h, ro)
	}
	source, _ := h["certificateSource"].(string)
	delete(h, "certificateSource")
	if strings.EqualFold(source, "Managed") {
		return fault.New(fault.Unsupported, "Managed certificates (%s.certificateSource) are not supported by Postern.", at)
	}
	data, _ := h["encodedCertificate"].(string)
	password := h["certificatePassword"]
	delete(h, "encodedCertificate")
	delete(h, "certificatePassword")
	if s, _ := h["keyVaultId"].(string); s != "" {
		if data != "" {
			return fieldErrors(fault.Detail{Target: at + ".encodedCertificate", Message: "A host name has either encodedCertificate or keyVaultId, not both."})
		}
		hidden[slot], _, err = c.referredIdentity(slot, at+".keyVaultId")
		return err
	}
	if data == "" {
		if kept, ok := c.old.Hidden.Identities[slot]; ok {
			hidden[slot] = kept
			return nil
		}
		if kind == "Proxy" && slices.Contains(resource.BuiltIn(c.q.id.RootName()), name) {
			return nil
		}
		return invalidParameters("EncodedCertificate or keyVaultId or freeCertificateKeyVaultId should be provided to retrieve the custom SSL certificate.")
	}
	identity, err := loadCertificate(data, password, at+".encodedCertificate", at+".certificatePassword")
	if err != nil {
		return err
	}
	if identity.Key == nil {
		return fieldErrors(fault.Detail{Target: at + ".encodedCertificate", Message: fmt.Sprintf("The certificate for '%s' has no private key; a PFX with its key is needed.", name)})
	}
	hidden[slot], err = resource.SealIdentity(c.s.Sealer, c.next.ID, slot, identity)
	return err
}

func checkAuthorities(c *change, hidden map[string]resource.Identity) error {
	list, err := objects(c.next.Properties, "certificates")
	if err != nil {
		return err
	}
	unchanged := c.patched != nil && c.patched["certificates"] == nil
	for i, ca := range list {
		at := fmt.Sprintf("certificates[%d]", i)
		slot := fmt.Sprintf("ca/%d", i)
		switch store, _ := ca["storeName"].(string); {
		case strings.EqualFold(store, "Root"):
			ca["storeName"] = "Root"
		case strings.EqualFold(store, "CertificateAuthority"):
			ca["storeName"] = "CertificateAuthority"
		default:
			return fieldErrors(fault.Detail{Target: at + ".storeName", Message: fmt.Sprintf("'%s' is not one of Root, CertificateAuthority.", store)})
		}
		data, _ := ca["encodedCertificate"].(string)
		password := ca["certificatePassword"]
		delete(ca, "encodedCertificate")
		kept, stands := keptAuthority(c, ca, i, unchanged)
		delete(ca, "certificatePassword")
		delete(ca, "certificate")
		delete(ca, reportProperty)
		if data == "" {
			if !stands {
				return invalidParameters("certificate\r\nParameter name: Certificate cannot be empty")
			}
			hidden[slot] = kept
			continue
		}
		identity, err := loadCertificate(data, password, at+".encodedCertificate", at+".certificatePassword")
		if err != nil {
			return err
		}
		identity.Key, identity.Chain = nil, nil // a CA certificate is there to trust, not to sign
		if hidden[slot], err = resource.SealIdentity(c.s.Sealer, c.next.ID, slot, identity); err != nil {
			return err
		}
	}
	return nil
}

// viewService shows the service with what the server knows of it.
func viewService(s *Server, q *request, r *resource.Resource) (map[string]any, error) {
	p := maps.Clone(r.Properties)
	p["provisioningState"] = "Succeeded"
	p["targetProvisioningState"] = ""
	p["createdAtUtc"] = r.Created.Format("2006-01-02T15:04:05.0000000Z")
	p["gatewayUrl"] = s.GatewayURL()
	p["managementApiUrl"] = s.ManagementURL()
	hosts, err := s.viewHostnames(q.Context(), r)
	if err != nil {
		return nil, err
	}
	p["hostnameConfigurations"] = hosts
	reported, err := reportAuthorities(r)
	if err != nil {
		return nil, err
	}
	var authorities []any
	for i, ca := range r.Objects("certificates") {
		shown := maps.Clone(ca)
		if shown["certificate"], err = certificateInformation(r.Hidden.Identities[fmt.Sprintf("ca/%d", i)]); err != nil {
			return nil, err
		}
		shown[reportProperty] = shownFindings(reported[i])
		authorities = append(authorities, shown)
	}
	if p[reportProperty], err = s.reportService(q, r); err != nil {
		return nil, err
	}
	if authorities != nil {
		p["certificates"] = authorities
	}
	view := envelope(r, p)
	delete(view, "identity")
	if shown, err := s.viewIdentity(q, r); err != nil {
		return nil, err
	} else if shown != nil {
		view["identity"] = shown
	}
	view["etag"] = strings.Trim(etag(r.Revision), `"`)
	return view, nil
}

func (s *Server) viewHostnames(ctx context.Context, r *resource.Resource) ([]any, error) {
	builtIn := resource.BuiltIn(r.ID.RootName())
	var hosts []any
	shownNames := map[string]bool{}
	for _, h := range r.Objects("hostnameConfigurations") {
		shown := maps.Clone(h)
		kind, _ := h["type"].(string)
		name, _ := h["hostName"].(string)
		name = strings.ToLower(name)
		slot := "hostname/" + name
		if kind != "Proxy" {
			slot = "hostname/" + kind + "/" + name
		} else {
			shownNames[name] = true
		}
		stored, custom := r.Hidden.Identities[slot]
		shown["certificateSource"] = "Custom"
		if !custom {
			stored = s.BuiltIn
			shown["certificateSource"] = "BuiltIn"
		}
		info, err := certificateInformation(stored)
		if err != nil {
			return nil, err
		}
		shown["certificate"], shown["certificateStatus"] = info, "Completed"
		if err := s.viewHostnameReference(ctx, r, shown); err != nil {
			return nil, err
		}
		hosts = append(hosts, shown)
	}
	for _, name := range builtIn {
		if shownNames[name] {
			continue
		}
		info, err := certificateInformation(s.BuiltIn)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, map[string]any{"type": "Proxy", "hostName": name, "defaultSslBinding": false,
			"negotiateClientCertificate": false, "certificateSource": "BuiltIn", "certificateStatus": "Completed", "certificate": info})
	}
	return hosts, nil
}
