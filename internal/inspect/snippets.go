package inspect

import "net/http"

// snippet is a piece of a policy document, to be put into the section inbound.
type snippet struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Doc   string `json:"doc"`
	Text  string `json:"text"`
}

// refuse is the documented answer to a client whose certificate a condition does not take.
func refuse(condition string) string {
	return `<choose>
    <when condition="@(` + condition + `)" >
        <return-response>
            <set-status code="403" reason="Invalid client certificate" />
        </return-response>
    </when>
</choose>
`
}

// Both forms of each documented condition: with and without the revocation list.
const (
	present      = `context.Request.Certificate == null`
	verified     = present + ` || !context.Request.Certificate.Verify()`
	unrevocable  = present + ` || !context.Request.Certificate.VerifyNoRevocation()`
	issuerNames  = ` || context.Request.Certificate.Issuer != "trusted-issuer" || context.Request.Certificate.SubjectName.Name != "expected-subject-name"`
	thumbprint   = ` || context.Request.Certificate.Thumbprint != "DESIRED-THUMBPRINT-IN-UPPER-CASE"`
	uploaded     = ` || !context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint)`
	noRevocation = " The revocation list is not asked."
)

// snippets are the documented policies on client certificates (How to secure APIs using client certificate authentication in
// API Management; the page of validate-client-certificate).
var snippets = []snippet{
	{"validate-client-certificate", "Validate the client certificate",
		"Refuses a request whose certificate is not trusted, not valid now, revoked, or none of the identities: give one or more, each with any of thumbprint, serial-number, common-name, subject, dns-name, issuer-subject, issuer-thumbprint, issuer-certificate-id.",
		`<validate-client-certificate validate-revocation="true" validate-trust="true" validate-not-before="true" validate-not-after="true" ignore-error="false">
    <identities>
        <identity thumbprint="DESIRED-THUMBPRINT" />
    </identities>
</validate-client-certificate>
`},
	{"validate-client-certificate-issuer", "Validate by subject and issuer",
		"Takes certificates by the common name of their subject and the thumbprint of their issuer.",
		`<validate-client-certificate validate-revocation="true" validate-trust="true" validate-not-before="true" validate-not-after="true" ignore-error="false">
    <identities>
        <identity common-name="expected-common-name" issuer-thumbprint="ISSUER-THUMBPRINT" />
    </identities>
</validate-client-certificate>
`},
	{"check-issuer-and-subject", "Check the issuer and subject", "Refuses certificates of another issuer or subject.", refuse(verified + issuerNames)},
	{"check-issuer-and-subject-no-revocation", "Check the issuer and subject, without revocation", "Refuses certificates of another issuer or subject." + noRevocation, refuse(unrevocable + issuerNames)},
	{"check-thumbprint", "Check the thumbprint", "Refuses all certificates but one.", refuse(verified + thumbprint)},
	{"check-thumbprint-no-revocation", "Check the thumbprint, without revocation", "Refuses all certificates but one." + noRevocation, refuse(unrevocable + thumbprint)},
	{"check-uploaded", "Check against the uploaded certificates", "Refuses certificates that are not among the certificate entities of the service.", refuse(verified + uploaded)},
	{"check-uploaded-no-revocation", "Check against the uploaded certificates, without revocation", "Refuses certificates that are not among the certificate entities of the service." + noRevocation, refuse(unrevocable + uploaded)},
	{"require-certificate", "Require a client certificate", "Refuses requests without a client certificate; the certificate is not judged.",
		refuse(present)},
}

// snippets answers GET /postern/v1/policies/snippets.
func (s *Server) snippets(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]any{"snippets": snippets}, nil
}
