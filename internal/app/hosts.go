package app

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ownHost lets a request pass only where its Host is ours: localhost, names under it, loopback addresses and the
// configured names. A page of another origin that has its name resolve to this machine (DNS rebinding) stops here.
func ownHost(names []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOwnHost(names, r.Host) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(http.StatusMisdirectedRequest)
			_, _ = w.Write([]byte(`{"error":{"code":"MisdirectedRequest","message":"This host name is not served here. Postern answers to localhost, loopback addresses and the names given by --management-host."}}`))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isOwnHost(names []string, host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	if a, err := netip.ParseAddr(name); err == nil && a.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
