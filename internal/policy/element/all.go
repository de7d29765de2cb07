package element

import "github.com/postern-gateway/postern/internal/policy"

// All are the policy elements that Postern has, besides base.
func All() []*policy.Element {
	return []*policy.Element{
		authenticationBasic,
		authenticationCertificate,
		authenticationManagedIdentity,
		cacheLookupValue,
		cacheRemoveValue,
		cacheStoreValue,
		checkHeader,
		choose,
		cors,
		findAndReplace,
		forwardRequest,
		includeFragment,
		ipFilter,
		limitConcurrency,
		mockResponse,
		quotaByKey,
		rateLimitByKey,
		retry,
		returnResponse,
		rewriteURI,
		sendOneWayRequest,
		sendRequest,
		setBackendService,
		setBody,
		setHeader,
		setMethod,
		setQueryParameter,
		setStatus,
		setVariable,
		trace,
		validateClientCertificate,
		validateJWT,
	}
}

// page is the address of an element's page in the service's documentation.
func page(name string) string {
	return "learn.microsoft.com/azure/api-management/" + name + "-policy"
}
