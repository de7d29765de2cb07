package arm

import (
	"fmt"
	"net/netip"
)

// remarkForwarders says where everybody may forward client certificates: certificates are public, so that anybody
// could then claim to be any client. It refuses nothing, since the network may keep others away.
func (c *change) remarkForwarders() {
	hosts, err := objects(c.next.Properties, "hostnameConfigurations")
	if err != nil {
		return // checkHostnames has refused it
	}
	for i, h := range hosts {
		forwarded, _ := h["forwardedClientCertificate"].(map[string]any)
		addresses, _ := forwarded["addresses"].([]any)
		for k, v := range addresses {
			s, _ := v.(string)
			if p, err := netip.ParsePrefix(s); err == nil && p.Bits() == 0 {
				c.remarks = append(c.remarks, headerText(fmt.Sprintf(
					"hostnameConfigurations[%d].forwardedClientCertificate.addresses[%d]: With '%s' everybody may forward certificates, and so pass for any client. Name the addresses of the proxies. (any-address)", i, k, s)))
			}
		}
	}
}
