package exprctx

import (
	"strings"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
)

// Completion is a word that may stand where somebody is writing an expression.
type Completion struct {
	csharp.Completion
	// Doc is one sentence about it; empty where there is none.
	Doc string
	// Extension tells that Postern has it and API Management would refuse it.
	Extension bool
}

// Complete tells what may be written at offset of code, the text of "@( … )" or "@{ … }"; see csharp.Complete. Code over
// which the compiler fails has none.
func Complete(code string, offset int) (items []Completion, from int) {
	defer func() {
		if recover() != nil { // a mistake of the compiler, which Compile tells of
			items, from = nil, offset
		}
	}()
	words, from := csharp.Complete(code, Env(), offset)
	for _, w := range words {
		c := Completion{Completion: w}
		if w.Member != nil {
			c.Doc = docOf(w.Member)
			c.Extension = refusal(csharp.Use{Member: w.Member, Type: w.Member.Declaring}, w.Label) != ""
		}
		items = append(items, c)
	}
	return items, from
}

// docOf is the sentence about a member.
func docOf(m *types.Member) string {
	if m.Declaring == nil || m.Declaring.Def == nil {
		return ""
	}
	name := m.Declaring.Def.Name
	return docs[name[strings.LastIndexByte(name, '.')+1:]+"."+m.Name]
}

// docs are the members that policies use most, by type and name.
var docs = map[string]string{
	"IExpressionContext.Api":          "The API that the request was matched to.",
	"IExpressionContext.Backend":      "The backend entity in use; null if there is none.",
	"IExpressionContext.Deployment":   "The service: its name, region, gateway, and certificates.",
	"IExpressionContext.Elapsed":      "The time since the request came.",
	"IExpressionContext.GraphQL":      "The GraphQL request; null for others.",
	"IExpressionContext.LastError":    "The error that led to on-error; null while all goes well.",
	"IExpressionContext.Operation":    "The operation that the request was matched to.",
	"IExpressionContext.Product":      "The product that the request is counted to; null if there is none.",
	"IExpressionContext.Request":      "The request, as policies have made it so far.",
	"IExpressionContext.RequestId":    "The id of the request, as logs and error bodies show it.",
	"IExpressionContext.Response":     "The response, once there is one.",
	"IExpressionContext.Subscription": "The subscription whose key came with the request; null if none did.",
	"IExpressionContext.Timestamp":    "When the request came.",
	"IExpressionContext.Tracing":      "Whether the request is traced.",
	"IExpressionContext.User":         "The user whose subscription it is; null if there is none.",
	"IExpressionContext.Variables":    "The variables that set-variable has set, by name.",
	"IExpressionContext.Workspace":    "The workspace of the API; null if it is in none.",
	"IExpressionContext.Trace":        "Writes to the trace of the request.",

	"IRequest.AzureVnetInfo":             "The virtual network that the request came through; null outside of Azure.",
	"IRequest.Body":                      "The body; it can be read once, unless its content is preserved.",
	"IRequest.Certificate":               "The client's certificate of the handshake; null if none came, or the host name asks for none. It is not judged yet: call Verify().",
	"IRequest.Foundry":                   "The deployment of Azure AI Foundry; null outside of Azure.",
	"IRequest.Headers":                   "The header fields, by name.",
	"IRequest.IpAddress":                 "The client's address.",
	"IRequest.MatchedParameters":         "The parameters of the operation's URL template, by name.",
	"IRequest.Method":                    "The method: GET, POST.",
	"IRequest.OriginalUrl":               "The URL as the client sent it.",
	"IRequest.PrivateEndpointConnection": "The private endpoint that the request came through; null outside of Azure.",
	"IRequest.Url":                       "The URL, as policies have made it so far.",

	"IResponse.Body":         "The body; it can be read once, unless its content is preserved.",
	"IResponse.Headers":      "The header fields, by name.",
	"IResponse.StatusCode":   "The status: 200, 404.",
	"IResponse.StatusReason": "The words beside the status.",

	"IUrl.Host":        "The host, without port.",
	"IUrl.Path":        "The path.",
	"IUrl.Port":        "The port, that of the scheme if none is written.",
	"IUrl.Query":       "The parameters of the query, by name.",
	"IUrl.QueryString": "The query with its question mark.",
	"IUrl.Scheme":      "http or https.",
	"IUrl.ToString":    "The whole URL.",
	"IUrl.ToUri":       "The URL as a System.Uri.",

	"IMessageBody.As":                        "The body as string, byte[], JObject, JArray, JToken, XNode, XElement or XDocument. It is gone then, unless preserveContent is true.",
	"IMessageBody.AsFormUrlEncodedContent":   "The fields of a form, by name. The body is gone then, unless preserveContent is true.",
	"ContextExtensions.GetValueOrDefault":    "The value of that name (several are joined by commas), or the default.",
	"ContextExtensions.AsBasic":              "The user and password of an Authorization field of the scheme Basic.",
	"ContextExtensions.TryParseBasic":        "Reads an Authorization field of the scheme Basic; false if it is none.",
	"ContextExtensions.AsJwt":                "A JSON Web Token, read and not verified.",
	"ContextExtensions.TryParseJwt":          "Reads a JSON Web Token, without verifying it; false if it is none.",
	"DictionaryExtensions.GetValueOrDefault": "The value of that name, or the default.",

	"ILastError.Source":        "The policy or step that failed.",
	"ILastError.Reason":        "The stable word for programs.",
	"ILastError.Message":       "The text for people.",
	"ILastError.Scope":         "The scope of the policy that failed.",
	"ILastError.Section":       "The section of the policy that failed.",
	"ILastError.Path":          "The nesting of the policy: choose[3]/when[2].",
	"ILastError.PolicyId":      "The id attribute of the policy.",
	"ILastError.HttpErrorCode": "The status of the default answer.",

	"IDeployment.Certificates":       "The certificate entities of the service, by upper-case thumbprint.",
	"IDeployment.Gateway":            "The gateway that runs this.",
	"IDeployment.GatewayId":          "The gateway's id.",
	"IDeployment.Region":             "The region.",
	"IDeployment.ServiceId":          "The service's id.",
	"IDeployment.ServiceName":        "The service's name.",
	"IDeployment.SustainabilityInfo": "The region's carbon intensity; null outside of Azure.",

	"IApi.Id":                            "The API's id.",
	"IApi.Name":                          "The API's display name.",
	"IApi.Path":                          "The API's path.",
	"IApi.Revision":                      "The revision that was called.",
	"IApi.Version":                       "The API's version.",
	"IApi.IsCurrentRevision":             "Whether the revision is the current one.",
	"IApi.ServiceUrl":                    "The backend's URL.",
	"IApi.Protocols":                     "The protocols that the API may be called by.",
	"IApi.SubscriptionKeyParameterNames": "Where a subscription key is looked for.",

	"IOperation.Id":          "The operation's id.",
	"IOperation.Method":      "The operation's method.",
	"IOperation.Name":        "The operation's display name.",
	"IOperation.UrlTemplate": "The operation's URL template.",

	"Jwt.Algorithm":      "The algorithm of the signature.",
	"Jwt.Audiences":      "Whom the token is for.",
	"Jwt.Claims":         "The claims, by name.",
	"Jwt.ExpirationTime": "When the token expires; null if it says nothing.",
	"Jwt.IssuedAt":       "When the token was issued; null if it says nothing.",
	"Jwt.NotBefore":      "When the token begins to be valid; null if it says nothing.",
	"Jwt.Id":             "The token's id.",
	"Jwt.Issuer":         "Who issued the token.",
	"Jwt.Subject":        "Whom the token is about.",
	"Jwt.Type":           "The token's type.",

	"X509Certificate2.Verify":               "Whether the certificate is good: a path to a trusted CA, valid now, not revoked.",
	"ContextExtensions.VerifyNoRevocation":  "Whether the certificate is good, revocation left out.",
	"X509Certificate2.Thumbprint":           "The SHA-1 digest in upper-case hexadecimal.",
	"X509Certificate2.SubjectName":          "The subject; its Name is the text, as CN=…, O=….",
	"X509Certificate2.IssuerName":           "The issuer; its Name is the text, as CN=…, O=….",
	"X509Certificate2.SerialNumber":         "The serial number in upper-case hexadecimal.",
	"X509Certificate2.NotBefore":            "When the validity begins.",
	"X509Certificate2.NotAfter":             "When the validity ends.",
	"X509Certificate2.HasPrivateKey":        "Whether the private key is there.",
	"X509Certificate2.FriendlyName":         "The name that the file gives it.",
	"X509Certificate2.GetNameInfo":          "A name of the subject or the issuer, by its kind.",
	"X509Certificate2.Extensions":           "The extensions.",
	"X509Certificate.Issuer":                "The issuer as text: CN=…, O=….",
	"X509Certificate.Subject":               "The subject as text: CN=…, O=….",
	"X509Certificate.GetSerialNumberString": "The serial number in upper-case hexadecimal.",
}
