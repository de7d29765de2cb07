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
			types.M("ICertificates Certificates { get; }", get(func(d *Deployment) *Certificates { return &d.certificates })),
			types.M("IGateway Gateway { get; }", get(func(d *Deployment) *gateway { return &d.gateway })),
			types.M("string GatewayId { get; }", get(func(d *Deployment) *types.String { return d.gatewayID })),
			types.M("string Region { get; }", get(func(d *Deployment) *types.String { return d.region })),
			types.M("string ServiceId { get; }", get(func(d *Deployment) *types.String { return d.serviceID })),
			types.M("string ServiceName { get; }", get(func(d *Deployment) *types.String { return d.serviceName })),
		),
		types.T("interface IGateway",
			types.M("string Id { get; }", get(func(g *gateway) *types.String { return g.id })),
			types.M("string InstanceId { get; }", get(func(g *gateway) *types.String { return g.instance })),
			types.M("bool IsManaged { get; }", get(func(g *gateway) bool { return g.managed })),
		),
	}
}

// Certificates are context.Deployment.Certificates: IReadOnlyDictionary<string, X509Certificate2> by thumbprint in
// upper case. A look-up takes the id of a certificate entity too, without case. Each certificate is enumerated once.
type Certificates struct {
	keys    []*types.String
	objects []types.Value
	byKey   map[string]types.Value
	byID    map[string]types.Value
	// thumbprints are those of all.
	thumbprints map[string]bool

	once  sync.Once
	pairs []types.Value
}

// ClrType is the dictionary's interface.
func (c *Certificates) ClrType() *types.Type { return known.certificates }

// Enumerate enumerates key-value pairs, which are made once.
func (c *Certificates) Enumerate(t *types.Thread) types.Enumerator {
	c.once.Do(func() {
		of := pairType(c)
		for i, k := range c.keys {
			c.pairs = append(c.pairs, pair(t, of, k, c.objects[i]))
		}
	})
	return &listed{items: c.pairs, i: -1}
}

// listed enumerates values that are there already.
type listed struct {
	items []types.Value
	i     int
}

func (e *listed) MoveNext(*types.Thread) bool {
	if e.i+1 < len(e.items) {
		e.i++
		return true
	}
	return false
}
func (e *listed) Current() types.Value  { return e.items[e.i] }
func (e *listed) Dispose(*types.Thread) {}

// ElementType is KeyValuePair<string, X509Certificate2>.
func (c *Certificates) ElementType() *types.Type { return known.certificatePair }

func (c *Certificates) valueType() *types.Type { return known.x509 }
func (c *Certificates) size() int              { return len(c.keys) }

func (c *Certificates) load(list []apim.Certificate, byID bool) {
	c.byKey, c.byID, c.thumbprints = map[string]types.Value{}, map[string]types.Value{}, map[string]bool{}
	for _, e := range list {
		if e.Identity == nil || e.Identity.Certificate == nil {
			continue
		}
		key := e.Identity.Certificate.Thumbprint()
		c.thumbprints[key] = true
		if byID {
			key = e.ID
		}
		object, ok := c.byKey[key]
		if !ok {
			object = types.Ref(newCertificate(e.Identity.Certificate, e.Identity.Key))
			c.byKey[key] = object
			c.keys, c.objects = append(c.keys, types.NewString(key)), append(c.objects, object)
		}
		if !byID {
			c.byID[foldID(e.ID)] = object
		}
	}
}

func (c *Certificates) find(_ *types.Thread, key string) (types.Value, bool) {
	if v, ok := c.byKey[key]; ok {
		return v, true
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
	v, ok := c.byID[string(folded[:len(key)])]
	return v, ok
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
