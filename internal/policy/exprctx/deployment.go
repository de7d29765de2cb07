package exprctx

import (
	"strings"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/policy"
)

// Deployment is context.Deployment, made once for each snapshot, with the objects of the APIs beside it.
type Deployment struct {
	serviceName, serviceID, region, gatewayID *types.String
	gateway                                   gateway
	certificates                              Certificates
	apis                                      sync.Map // *apim.API → *API
	operations                                sync.Map // *apim.Operation → *Operation
}

// ClrType is IDeployment.
func (d *Deployment) ClrType() *types.Type { return known.deployment }

type gateway struct {
	id, instance *types.String
	managed      bool
}

// ClrType is IGateway.
func (g *gateway) ClrType() *types.Type { return known.gateway }

// managedGateway is the id of the gateway that is the service's own.
const managedGateway = "managed"

func deploymentOf(of *policy.Deployment) *Deployment {
	if of == nil {
		return nil
	}
	d, _ := of.Cached(func() any { return newDeployment(of, false) }).(*Deployment)
	return d
}

// newDeployment makes the object. byID keys the certificates by id, as the recorded contexts have them.
func newDeployment(of *policy.Deployment, byID bool) *Deployment {
	id := orElse(of.GatewayID, managedGateway)
	d := &Deployment{serviceName: text(of.ServiceName), serviceID: text(orElse(of.ServiceID, of.ServiceName)), region: text(of.Region), gatewayID: text(id)}
	d.gateway = gateway{d.gatewayID, text(of.InstanceID), id == managedGateway}
	d.certificates.load(of.Certificates, byID)
	return d
}

func (d *Deployment) api(of *apim.API) *API {
	if a, ok := d.apis.Load(of); ok {
		return a.(*API)
	}
	a, _ := d.apis.LoadOrStore(of, newAPI(of))
	return a.(*API)
}

func (d *Deployment) operation(of *apim.Operation) *Operation {
	if o, ok := d.operations.Load(of); ok {
		return o.(*Operation)
	}
	o, _ := d.operations.LoadOrStore(of, &Operation{text(of.ID), text(of.Method), text(of.Name), text(of.URLTemplate)})
	return o.(*Operation)
}

func deploymentDecls() []*types.Decl {
	return []*types.Decl{
		types.T("interface IDeployment",
			types.M("ICertificates Certificates { get; }", types.Impl{F0: certificatesOf}),
			types.M("IGateway Gateway { get; }", get(func(d *Deployment) *gateway { return &d.gateway })),
			types.M("string GatewayId { get; }", get(func(d *Deployment) *types.String { return d.gatewayID })),
			types.M("string Region { get; }", get(func(d *Deployment) *types.String { return d.region })),
			types.M("string ServiceId { get; }", get(func(d *Deployment) *types.String { return d.serviceID })),
			types.M("string ServiceName { get; }", get(func(d *Deployment) *types.String { return d.serviceName })),
			types.M("ISustainabilityInfo SustainabilityInfo { get; }", nothing),
		),
		types.T("interface IGateway",
			types.M("string Id { get; }", get(func(g *gateway) *types.String { return g.id })),
			types.M("string InstanceId { get; }", get(func(g *gateway) *types.String { return g.instance })),
			types.M("bool IsManaged { get; }", get(func(g *gateway) bool { return g.managed })),
		),
	}
}

// certificatesOf is the property Certificates; as requestOf.
func certificatesOf(_ *types.Thread, this types.Value) types.Value {
	d, ok := this.Ref.(*Deployment)
	if !ok {
		types.ThrowNullReference()
	}
	return types.Value{Ref: &d.certificates}
}

// Certificates are context.Deployment.Certificates: IReadOnlyDictionary<string, X509Certificate2> by thumbprint in
// upper case. A look-up takes the id of a certificate entity too, without case. Each certificate is enumerated once.
type Certificates struct {
	keys    []*types.String
	objects []types.Value
	byKey   map[string]int
	byID    map[string]int
	// byThumbprint are the indices of the certificates of a thumbprint.
	byThumbprint map[string][]int

	once  sync.Once
	pairs []types.Value
	// values is the sequence of the certificates alone.
	values certificateValues
}

// ClrType is the dictionary's interface.
func (c *Certificates) ClrType() *types.Type { return known.certificates }

// Enumerate enumerates key-value pairs, which are made once.
func (c *Certificates) Enumerate(t *types.Thread) types.Enumerator {
	return types.NewListed(c.all(t))
}

// all are the key-value pairs.
func (c *Certificates) all(t *types.Thread) []types.Value {
	c.once.Do(func() {
		of := pairType(c)
		for i, k := range c.keys {
			c.pairs = append(c.pairs, pair(t, of, k, c.objects[i]))
		}
	})
	return c.pairs
}

// Indexes tells that certificates are found by key and thumbprint.
func (c *Certificates) Indexes(path string) bool { return path == "Key" || path == "Value.Thumbprint" }

// Matching implements types.Indexed.
func (c *Certificates) Matching(t *types.Thread, m *types.Match) []types.Value {
	if len(c.keys) == 0 {
		return nil
	}
	key := m.Key(t).Str()
	switch {
	case key == nil:
		return nil
	case m.Path == "Key":
		if i, ok := c.byKey[key.Go()]; ok {
			return c.all(t)[i : i+1]
		}
		return nil
	}
	return chosen(c.all(t), c.byThumbprint[key.Go()])
}

// chosen are the items at the indices.
func chosen(items []types.Value, at []int) []types.Value {
	switch len(at) {
	case 0:
		return nil
	case 1:
		return items[at[0] : at[0]+1]
	}
	out := make([]types.Value, len(at))
	for i, k := range at {
		out[i] = items[k]
	}
	return out
}

// certificateValues is the property Values of Certificates.
type certificateValues struct{ of *Certificates }

// ClrType is IEnumerable<X509Certificate2>.
func (v *certificateValues) ClrType() *types.Type { return known.certificateValues }

// ElementType is X509Certificate2.
func (v *certificateValues) ElementType() *types.Type { return known.x509 }

// Enumerate enumerates the certificates.
func (v *certificateValues) Enumerate(*types.Thread) types.Enumerator {
	return types.NewListed(v.of.objects)
}

// Indexes tells that certificates are found by thumbprint.
func (v *certificateValues) Indexes(path string) bool { return path == "Thumbprint" }

// Matching implements types.Indexed.
func (v *certificateValues) Matching(t *types.Thread, m *types.Match) []types.Value {
	if len(v.of.objects) == 0 {
		return nil
	}
	if key := m.Key(t).Str(); key != nil {
		return chosen(v.of.objects, v.of.byThumbprint[key.Go()])
	}
	return nil
}

// ElementType is KeyValuePair<string, X509Certificate2>.
func (c *Certificates) ElementType() *types.Type { return known.certificatePair }

func (c *Certificates) valueType() *types.Type { return known.x509 }
func (c *Certificates) size() int              { return len(c.keys) }

func (c *Certificates) load(list []apim.Certificate, byID bool) {
	c.byKey, c.byID, c.byThumbprint = map[string]int{}, map[string]int{}, map[string][]int{}
	c.values.of = c
	for _, e := range list {
		if e.Identity == nil || e.Identity.Certificate == nil {
			continue
		}
		thumbprint := e.Identity.Certificate.Thumbprint()
		key := thumbprint
		if byID {
			key = e.ID
		}
		i, ok := c.byKey[key]
		if !ok {
			i = len(c.keys)
			c.byKey[key] = i
			c.byThumbprint[thumbprint] = append(c.byThumbprint[thumbprint], i)
			c.keys = append(c.keys, types.NewString(key))
			c.objects = append(c.objects, types.Ref(newCertificate(e.Identity.Certificate, e.Identity.Key)))
		}
		if !byID {
			c.byID[foldID(e.ID)] = i
		}
	}
}

func (c *Certificates) find(_ *types.Thread, key string) (types.Value, bool) {
	if i, ok := c.byKey[key]; ok {
		return c.objects[i], true
	}
	var folded [maxID]byte
	if len(key) > len(folded) {
		return types.Null, false
	}
	for i := range len(key) {
		b := key[i]
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		folded[i] = b
	}
	if i, ok := c.byID[string(folded[:len(key)])]; ok {
		return c.objects[i], true
	}
	return types.Null, false
}

// maxID is the longest id of a certificate entity in bytes: 80 characters of up to four bytes.
const maxID = 320

// foldID is an id without the case of ASCII letters.
func foldID(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, id)
}

func (c *Certificates) walk(_ *types.Thread, yield func(*types.String, types.Value) bool) {
	for i, k := range c.keys {
		if !yield(k, c.objects[i]) {
			return
		}
	}
}
