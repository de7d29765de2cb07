package arm

import "github.com/postern-gateway/postern/internal/resource"

// forwarded checks who may forward client certificates to a host name (forwardedClientCertificate, Postern's own).
func (f *faults) forwarded(h map[string]any, kind string) {
	parsed, details := resource.ForwardedCertificateOf(h)
	*f = append(*f, details...)
	if parsed != nil && kind != "Proxy" {
		f.add(resource.ForwardedProperty, "%s is for host names of type Proxy only.", resource.ForwardedProperty)
	}
}
