package keyvault

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/vault"
)

// attributes are an object's attributes on the wire; dates are seconds since 1970.
type attributes struct {
	Enabled         *bool  `json:"enabled,omitempty"`
	NotBefore       *int64 `json:"nbf,omitempty"`
	Expires         *int64 `json:"exp,omitempty"`
	Created         int64  `json:"created,omitempty"`
	Updated         int64  `json:"updated,omitempty"`
	RecoveryLevel   string `json:"recoveryLevel,omitempty"`
	RecoverableDays *int   `json:"recoverableDays,omitempty"`
}

func unix(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	n := t.Unix()
	return &n
}

func attributesOf(i vault.Item) *attributes {
	a := i.Attributes
	out := &attributes{Enabled: &a.Enabled, NotBefore: unix(a.NotBefore), Expires: unix(a.Expires), RecoveryLevel: a.RecoveryLevel, RecoverableDays: &a.RecoverableDays}
	if !a.Created.IsZero() {
		out.Created, out.Updated = a.Created.Unix(), a.Updated.Unix()
	}
	return out
}

// lastSecond is the end of the year 9999: later dates have no form in certificates and in clients.
const lastSecond = 253402300799

// change is what a request says of attributes and tags.
func (a *attributes) change(tags map[string]*string, contentType *string) (vault.Change, error) {
	c := vault.Change{ContentType: contentType, Tags: tagsOf(tags)}
	if a == nil {
		return c, nil
	}
	c.Enabled = a.Enabled
	for _, d := range []struct {
		from *int64
		into **time.Time
		name string
	}{{a.NotBefore, &c.NotBefore, "nbf"}, {a.Expires, &c.Expires, "exp"}} {
		if d.from == nil {
			continue
		}
		if *d.from < 0 || *d.from > lastSecond {
			return c, badParameter("Property attributes.%s has invalid value: %d is not a date in seconds since 1970.", d.name, *d.from)
		}
		t := time.Unix(*d.from, 0).UTC()
		*d.into = &t
	}
	return c, nil
}

func tagsOf(tags map[string]*string) map[string]string {
	if tags == nil {
		return nil
	}
	out := map[string]string{}
	for k, v := range tags {
		if v != nil {
			out[k] = *v
		} else {
			out[k] = ""
		}
	}
	return out
}

// id is the address of an object, or of a version of it.
func (c *call) id(a vault.Area, name, version string) string {
	id := c.base + "/" + string(a) + "/" + name
	if version != "" {
		id += "/" + version
	}
	return id
}

// deletion is what bundles of deleted objects have beside the rest.
type deletion struct {
	RecoveryID string `json:"recoveryId,omitempty"`
	Deleted    int64  `json:"deletedDate,omitempty"`
	Purge      int64  `json:"scheduledPurgeDate,omitempty"`
}

func (c *call) deletion(a vault.Area, i vault.Item) deletion {
	if i.Deleted == nil {
		return deletion{}
	}
	return deletion{c.base + "/deleted" + string(a) + "/" + i.Name, i.Deleted.At.Unix(), i.Deleted.Purge.Unix()}
}

// item is an entry of a list. Of keys the id is called kid.
type item struct {
	ID          string            `json:"id,omitempty"`
	KID         string            `json:"kid,omitempty"`
	Attributes  *attributes       `json:"attributes"`
	ContentType string            `json:"contentType,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Managed     bool              `json:"managed,omitempty"`
	X5T         string            `json:"x5t,omitempty"`
	Subject     *string           `json:"subject,omitempty"`
	deletion
}

// noSubject is what Key Vault itself lists as the subject of certificates.
var noSubject = ""

func (c *call) item(a vault.Area, i vault.Item, version string) item {
	out := item{Attributes: attributesOf(i), Tags: i.Tags, deletion: c.deletion(a, i)}
	id := c.id(a, i.Name, version)
	switch a {
	case vault.Keys:
		out.KID, out.Managed = id, i.Managed
	case vault.Secrets:
		out.ID, out.Managed, out.ContentType = id, i.Managed, i.ContentType
	default:
		out.ID, out.X5T, out.Subject = id, base64.RawURLEncoding.EncodeToString(i.Thumbprint), &noSubject
	}
	return out
}

// page is a page of a list.
type page[T any] struct {
	Value    []T     `json:"value"`
	NextLink *string `json:"nextLink"`
}

// maxPage is the most that a page holds, and what it holds unless told otherwise.
const maxPage = 25

// paged cuts a page from a list that is sorted by key, and says where the next one is.
func paged[S, T any](c *call, all []S, key func(S) string, show func(S) T) (int, any, error) {
	size, after, err := c.window()
	if err != nil {
		return 0, nil, err
	}
	if after != "" {
		all = slices.DeleteFunc(all, func(s S) bool { return key(s) <= after })
	}
	p := page[T]{Value: []T{}}
	if len(all) > size {
		all = all[:size]
		p.NextLink = c.nextLink(key(all[size-1]))
	}
	for _, s := range all {
		p.Value = append(p.Value, show(s))
	}
	return http.StatusOK, p, nil
}

// pageOf answers with a page of what the engine lists: it is asked for one entry more, which tells whether there is a next page.
func (c *call) pageOf(a vault.Area, list func(vault.Window) ([]vault.Item, error)) (int, any, error) {
	size, after, err := c.window()
	if err != nil {
		return 0, nil, err
	}
	items, err := list(vault.Window{After: after, Limit: size + 1})
	if err != nil {
		return 0, nil, err
	}
	return paged(c, items, byName, func(i vault.Item) item { return c.item(a, i, "") })
}

// window is how many entries a page holds and the key behind which it begins.
func (c *call) window() (size int, after string, err error) {
	size = maxPage
	if text := c.query.Get("maxresults"); text != "" {
		if size, err = strconv.Atoi(text); err != nil || size < 1 || size > maxPage {
			return 0, "", badParameter("maxresults is %q; it must be 1 to %d.", text, maxPage)
		}
	}
	if token := c.query.Get("$skiptoken"); token != "" {
		data, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return 0, "", badParameter("The $skiptoken is not one of this server.")
		}
		after = string(data)
	}
	return size, after, nil
}

// nextLink is the address of the page behind the entry of that key.
func (c *call) nextLink(key string) *string {
	q := maps.Clone(c.query)
	q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString([]byte(key)))
	link := c.base + "/" + strings.Trim(c.r.URL.Path, "/") + "?" + q.Encode()
	return &link
}

func byName(i vault.Item) string { return strings.ToLower(i.Name) }

// byAge sorts versions as the engine does: by their making, then by id.
func byAge(i vault.Item) string { return i.Attributes.Created.Format(time.RFC3339) + i.Version }

func list(c *call, a vault.Area) (int, any, error) {
	pending := strings.EqualFold(c.query.Get("includePending"), "true")
	return c.pageOf(a, func(w vault.Window) ([]vault.Item, error) { return c.vault.List(c.ctx(), a, pending, w) })
}

func listVersions(c *call, a vault.Area) (int, any, error) {
	items, err := c.vault.ListVersions(c.ctx(), a, c.name)
	if err != nil {
		return 0, nil, err
	}
	return paged(c, items, byAge, func(i vault.Item) item { return c.item(a, i, i.Version) })
}

func listDeleted(c *call, a vault.Area) (int, any, error) {
	return c.pageOf(a, func(w vault.Window) ([]vault.Item, error) { return c.vault.ListDeleted(c.ctx(), a, w) })
}

// bundle is what an answer about a single object shows, without a secret's value.
func (c *call) bundle(a vault.Area, i vault.Item) (int, any, error) {
	switch a {
	case vault.Certificates:
		described, err := c.vault.Describe(c.ctx(), i)
		return http.StatusOK, c.certificate(described), err
	case vault.Keys:
		described, err := c.vault.DescribeKey(c.ctx(), i)
		return http.StatusOK, c.key(described), err
	}
	return http.StatusOK, c.secret(vault.Secret{Item: i}, false), nil
}

func remove(c *call, a vault.Area) (int, any, error) {
	i, err := c.vault.Delete(c.ctx(), a, c.name, strings.EqualFold(c.query.Get("force"), "true"))
	if err != nil {
		return 0, nil, err
	}
	return c.bundle(a, i)
}

func getDeleted(c *call, a vault.Area) (int, any, error) {
	i, err := c.vault.GetDeleted(c.ctx(), a, c.name)
	if err != nil {
		return 0, nil, err
	}
	return c.bundle(a, i)
}

func recoverDeleted(c *call, a vault.Area) (int, any, error) {
	i, err := c.vault.Recover(c.ctx(), a, c.name)
	if err != nil {
		return 0, nil, err
	}
	return c.bundle(a, i)
}

func purge(c *call, a vault.Area) (int, any, error) {
	return http.StatusNoContent, nil, c.vault.Purge(c.ctx(), a, c.name)
}

// blob is a backup on the wire: base64url without padding.
type blob struct {
	Value string `json:"value"`
}

func backup(c *call, a vault.Area) (int, any, error) {
	data, err := c.vault.Backup(c.ctx(), a, c.name)
	return http.StatusOK, blob{base64.RawURLEncoding.EncodeToString(data)}, err
}

func restore(c *call, a vault.Area) (int, any, error) {
	var b blob
	if err := c.read(&b); err != nil {
		return 0, nil, err
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(b.Value, "="))
	if err != nil || len(data) == 0 {
		return 0, nil, badParameter("Property value has invalid value: it is not a backup in base64url.")
	}
	i, err := c.vault.Restore(c.ctx(), a, data)
	if err != nil {
		return 0, nil, err
	}
	return c.bundle(a, i)
}
