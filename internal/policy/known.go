package policy

// known are the policy elements of API Management (the service's policy reference, read August 2026). Those that no
// Element is declared for are refused as not supported yet, so that nobody takes them for a misspelling.
var known = []string{
	"authentication-basic", "authentication-certificate", "authentication-managed-identity",
	"azure-openai-emit-token-metric", "azure-openai-semantic-cache-lookup", "azure-openai-semantic-cache-store",
	"azure-openai-token-limit", "base", "cache-lookup", "cache-lookup-value", "cache-remove-value", "cache-store",
	"cache-store-value", "cache-value", "check-header", "choose", "cors", "cosmosdb-data-source", "cross-domain",
	"emit-metric", "find-and-replace", "forward-request", "get-authorization-context", "http-data-source",
	"include-fragment", "invoke-dapr-binding", "invoke-request", "ip-filter", "json-to-xml", "jsonp",
	"limit-concurrency", "llm-content-safety", "llm-emit-token-metric", "llm-semantic-cache-lookup",
	"llm-semantic-cache-store", "llm-token-limit", "log-to-eventhub", "mock-response", "proxy", "publish-event",
	"publish-to-dapr", "quota", "quota-by-key", "rate-limit", "rate-limit-by-key", "redirect-content-urls", "retry",
	"return-response", "rewrite-uri", "send-one-way-request", "send-request", "send-service-bus-message",
	"set-backend-service", "set-body", "set-graphql-resolver", "set-header", "set-method", "set-query-parameter",
	"set-status", "set-variable", "sql-data-source", "trace", "validate-azure-ad-token",
	"validate-client-certificate", "validate-content", "validate-graphql-request", "validate-headers",
	"validate-jwt", "validate-odata-request", "validate-parameters", "validate-status-code", "wait", "xml-to-json",
	"xsl-transform",
}

// waiting says what elements that are not supported yet wait for.
var waiting = map[string]string{
	"rate-limit": "it counts by subscription, and there are no subscriptions yet; rate-limit-by-key counts by any key",
	"quota":      "it counts by subscription, and there are no subscriptions yet; quota-by-key counts by any key",
}

// Known reports whether API Management has a policy element of that name.
func Known(name string) bool {
	for _, n := range known {
		if n == name {
			return true
		}
	}
	return false
}

// near is the name of those given that a misspelt one most likely stands for; empty if none is close.
func near(name string, names []string) string {
	best, closest := "", 1+len(name)/3
	for _, n := range names {
		if d := distance(name, n, closest); d < closest || d == closest && best == "" {
			best, closest = n, d
		}
	}
	return best
}

// distance is the number of single edits between two names, or more than bound if it is larger than that.
func distance(a, b string, bound int) int {
	if len(a) > 64 || len(b) > 64 || len(a)-len(b) > bound || len(b)-len(a) > bound {
		return bound + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// hint is the tail of a message that offers the name that was most likely meant.
func hint(name string, names []string) string {
	if n := near(name, names); n != "" {
		return "; did you mean '" + n + "'?"
	}
	return ""
}
