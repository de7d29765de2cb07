package cel

import (
	"slices"
	"strings"
)

// input is what the expressions see.
type input struct {
	method, path, role string
	n, m               int64
	roles              []string
	numbers            []int64
	headers            map[string]string
}

func newInput() *input {
	return &input{method: "GET", path: "/api/orders/42/items", role: "admin", n: 123, m: 4,
		roles: []string{"reader", "writer", "auditor", "admin"}, numbers: []int64{1, 2, 3, 5, 8, 13, 21, 34, 55, 89},
		headers: map[string]string{"accept": "*/*", "x-id": "42"}}
}

func hasPrefix(s, prefix string) bool             { return strings.HasPrefix(s, prefix) }
func hasSuffix(s, suffix string) bool             { return strings.HasSuffix(s, suffix) }
func contains(s, part string) bool                { return strings.Contains(s, part) }
func slicesContains(list []string, s string) bool { return slices.Contains(list, s) }

func allWithin(list []int64, low, high int64) bool {
	return !slices.ContainsFunc(list, func(n int64) bool { return n <= low || n >= high })
}
