// Package portal serves the built front end, which is embedded in the binary,
// and keeps the sessions of those who are signed in. The committed dist holds
// a placeholder, so that the binary builds without Node; its page says so.
package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// noncePlaceholder is what stands in index.html for the nonce of the answer: <meta name="csp-nonce" content="__CSP_NONCE__">.
const noncePlaceholder = "__CSP_NONCE__"

// securityPolicy allows nothing from elsewhere, no inline script, and the style elements that carry the answer's nonce,
// which style libraries make at run time.
func securityPolicy(nonce string) string {
	style := "'self'"
	if nonce != "" {
		style += " 'nonce-" + nonce + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + style + "; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; " +
		"worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// hashed are the names that the front end's build gives to files whose content never changes.
var hashed = regexp.MustCompile(`^/assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$`)

type file struct {
	data []byte
	// gzip is data compressed, when it is first asked for; nil where that is no gain.
	gzip        func() []byte
	contentType string
	etag        string
	// forever tells that the name changes with the content.
	forever bool
}

// types are the media types that do not depend on the machine's tables.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".map": "application/json", ".woff2": "font/woff2", ".woff": "font/woff",
	".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

// Handler serves the front end: files by their path, index.html for every other path that asks for a page.
func Handler() (http.Handler, error) {
	root := "dist/app" // where the front end's build goes, which is not committed
	if _, err := fs.Stat(dist, root+"/index.html"); err != nil {
		root = "dist"
	}
	sub, err := fs.Sub(dist, root)
	if err != nil {
		return nil, err
	}
	return handlerOf(sub)
}

func handlerOf(dir fs.FS) (http.Handler, error) {
	p := pages{}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		p["/"+name] = newFile("/"+name, data)
		return nil
	})
	return p, err
}

func newFile(name string, data []byte) *file {
	sum := sha256.Sum256(data)
	f := &file{data: data, contentType: types[path.Ext(name)], etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`, forever: hashed.MatchString(name)}
	if f.contentType == "" {
		f.contentType = mime.TypeByExtension(path.Ext(name))
	}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	f.gzip = sync.OnceValue(func() []byte { return compressed(data) })
	return f
}

// compressed is data in gzip, nil where that saves less than a tenth.
func compressed(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(data); err != nil {
		return nil
	}
	if w.Close() != nil || b.Len()+b.Len()/10 >= len(data) {
		return nil
	}
	return b.Bytes()
}

// pages are the files by path.
type pages map[string]*file

// ServeHTTP implements http.Handler.
func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !safe(r.Method) {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	name := path.Clean(r.URL.Path)
	f, ok := p[name]
	if !ok || name == "/index.html" {
		if !ok && name != "/" && (path.Ext(name) != "" || !strings.Contains(r.Header.Get("Accept"), "text/html")) {
			h.Set("Content-Security-Policy", securityPolicy(""))
			http.NotFound(w, r)
			return
		}
		p.page(w, r)
		return
	}
	f.serve(w, r)
}

// page is index.html, with a nonce of its own each time.
func (p pages) page(w http.ResponseWriter, r *http.Request) {
	f := p["/index.html"]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	var b [18]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	nonce := base64.RawURLEncoding.EncodeToString(b[:])
	h := w.Header()
	h.Set("Content-Security-Policy", securityPolicy(nonce))
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-store")
	data := bytes.ReplaceAll(f.data, []byte(noncePlaceholder), []byte(nonce))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(data) // the client may have gone
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", securityPolicy(""))
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if matches(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	data := f.data
	if acceptsGzip(r) {
		if small := f.gzip(); small != nil {
			h.Set("Content-Encoding", "gzip")
			data = small
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(data) // the client may have gone
	}
}

// matches reports whether an If-None-Match names the tag.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}

// acceptsGzip reports whether the client takes gzip (RFC 9110 section 12.5.3).
func acceptsGzip(r *http.Request) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(one, ";")
		if coding = strings.TrimSpace(coding); strings.EqualFold(coding, "gzip") || coding == "*" {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}
