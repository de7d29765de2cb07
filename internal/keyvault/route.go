package keyvault

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/vault"
)

// operation answers a call with a status and a body.
type operation func(c *call) (status int, body any, err error)

// route is one operation of the API.
type route struct {
	method string
	// path are its segments; {n} is a name, {v} a version.
	path []string
	do   operation
}

func at(method, path string, do operation) route { return route{method, strings.Split(path, "/"), do} }

// routes is the API; what stands first wins.
var routes = slices.Concat([]route{
	at("PUT", "secrets/{n}", setSecret),
	at("GET", "secrets/{n}", getSecret),
	at("PATCH", "secrets/{n}", updateSecret),
	at("PATCH", "secrets/{n}/{v}", updateSecret),

	at("GET", "certificates/contacts", getContacts),
	at("PUT", "certificates/contacts", setContacts),
	at("DELETE", "certificates/contacts", deleteContacts),
	at("GET", "certificates/issuers", listIssuers),
	at("GET", "certificates/issuers/{n}", getIssuer),
	at("PUT", "certificates/issuers/{n}", setIssuer),
	at("PATCH", "certificates/issuers/{n}", updateIssuer),
	at("DELETE", "certificates/issuers/{n}", deleteIssuer),
	at("POST", "certificates/{n}/create", createCertificate),
	at("POST", "certificates/{n}/import", importCertificate),
	at("GET", "certificates/{n}/policy", getPolicy),
	at("PATCH", "certificates/{n}/policy", updatePolicy),
	at("GET", "certificates/{n}/pending", getPending),
	at("PATCH", "certificates/{n}/pending", updatePending),
	at("DELETE", "certificates/{n}/pending", deletePending),
	at("POST", "certificates/{n}/pending/merge", mergeCertificate),
	at("GET", "certificates/{n}", getCertificate),
	at("PATCH", "certificates/{n}", updateCertificate),
	at("PATCH", "certificates/{n}/{v}", updateCertificate),

	at("GET", "keys/{n}", getKey),
	at("PUT", "keys/{n}", noOwnKeys("import")),
	at("PATCH", "keys/{n}", noOwnKeys("update")),
	at("PATCH", "keys/{n}/{v}", noOwnKeys("update")),
	at("POST", "keys/{n}/create", noOwnKeys("create")),
	at("POST", "keys/{n}/rotate", noOwnKeys("rotate")),
	at("GET", "keys/{n}/rotationpolicy", noOwnKeys("get rotation policy")),
	at("PUT", "keys/{n}/rotationpolicy", noOwnKeys("set rotation policy")),
	at("POST", "keys/{n}/{v}/release", noOwnKeys("release")),
}, uses("sign", vault.OpSign), uses("verify", vault.OpVerify), uses("encrypt", vault.OpEncrypt), uses("decrypt", vault.OpDecrypt),
	uses("wrapkey", vault.OpWrapKey), uses("unwrapkey", vault.OpUnwrapKey),
	shared(vault.Secrets), shared(vault.Certificates), shared(vault.Keys), []route{
		at("GET", "secrets/{n}/{v}", getSecret),
		at("GET", "certificates/{n}/{v}", getCertificate),
		at("GET", "keys/{n}/{v}", getKey),
	})

// uses are the routes of an operation with a key, with and without a version.
func uses(word, what string) []route {
	return []route{at("POST", "keys/{n}/"+word, use(what)), at("POST", "keys/{n}/{v}/"+word, use(what))}
}

// shared are the operations that all areas have.
func shared(a vault.Area) []route {
	p, d := string(a), "deleted"+string(a)
	on := func(do func(*call, vault.Area) (int, any, error)) operation {
		return func(c *call) (int, any, error) { return do(c, a) }
	}
	return []route{
		at("GET", p, on(list)),
		at("POST", p+"/restore", on(restore)),
		at("GET", p+"/{n}/versions", on(listVersions)),
		at("POST", p+"/{n}/backup", on(backup)),
		at("DELETE", p+"/{n}", on(remove)),
		at("GET", d, on(listDeleted)),
		at("GET", d+"/{n}", on(getDeleted)),
		at("DELETE", d+"/{n}", on(purge)),
		at("POST", d+"/{n}/recover", on(recoverDeleted)),
	}
}

// methodNotAllowed is the code of a path that has no such method.
const methodNotAllowed = "MethodNotAllowed"

// label names the route in metrics, "GET secrets/{n}".
func (r route) label() string { return r.method + " " + strings.Join(r.path, "/") }

// find is the route of a method and a path, with the name and the version in the path. Empty segments do not count:
// clients write /secrets/name/ and //secrets/name.
func find(method, path string) (found route, name, version string, err error) {
	segments := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
	known := false
	for _, r := range routes {
		n, v, ok := r.match(segments)
		if !ok {
			continue
		}
		known = true
		if r.method == method || r.method == http.MethodGet && method == http.MethodHead {
			return r, n, v, nil
		}
	}
	if known {
		e := fault.New(fault.Invalid, "Method %s does not allow operation '%s'", method, segments[len(segments)-1])
		e.Code = methodNotAllowed
		return route{}, "", "", e
	}
	e := fault.New(fault.NotFound, "There is nothing at %s.", path)
	return route{}, "", "", e
}

func (r route) match(segments []string) (name, version string, ok bool) {
	if len(segments) != len(r.path) {
		return "", "", false
	}
	for i, want := range r.path {
		switch {
		case want == "{n}":
			name = segments[i]
		case want == "{v}":
			version = segments[i]
		case !strings.EqualFold(want, segments[i]):
			return "", "", false
		}
	}
	return name, version, true
}
