package element

import "github.com/postern-gateway/postern/internal/policy"

// All are the policy elements that Postern has, besides base.
func All() []*policy.Element {
	return []*policy.Element{
		authenticationBasic,
		authenticationCertificate,
		authenticationManagedIdentity,
		checkHeader,
		choose,
		findAndReplace,
		forwardRequest,
		includeFragment,
		ipFilter,
		limitConcurrency,
		mockResponse,
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
	}
}

// page is the address of an element's page in the service's documentation.
func page(name string) string {
	return "learn.microsoft.com/azure/api-management/" + name + "-policy"
}
