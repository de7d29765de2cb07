package exprctx

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
)

const conformance = "../../../testdata/conformance"

// recorded is a universe of .NET's members as reflection gave them, so that the declarations of the context can be read
// whatever the class library has.
func recorded(t *testing.T) *types.Universe {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(conformance, "members.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var decls []*types.Decl
	for line := range strings.SplitSeq(string(data), "\n") {
		switch {
		case strings.TrimSpace(line) == "":
		case line[0] != ' ':
			decls = append(decls, types.T(line))
		default:
			d := decls[len(decls)-1]
			d.Members = append(d.Members, types.M(strings.TrimSpace(line)))
		}
	}
	return types.NewUniverse(decls, types.Ops{})
}

func TestDeclarationsAreRead(t *testing.T) {
	u := recorded(t).With(slices.Concat(contextDecls(), messageDecls(), entityDecls(), dictionaryDecls(), helperDecls())...)
	for _, err := range u.CheckAll() {
		t.Error(err)
	}
	var k knownTypes
	k.load(u)
	if k.context == nil || k.certificates == nil || k.jwt == nil {
		t.Errorf("types = %+v; want none nil", k)
	}
}

// The members that the documentation gives to the context, by type.
func TestDocumentedMembers(t *testing.T) {
	u := recorded(t).With(slices.Concat(contextDecls(), messageDecls(), entityDecls(), dictionaryDecls(), helperDecls())...)
	for name, members := range map[string]string{
		"IExpressionContext": "Api Backend Deployment Elapsed LastError Operation Product Request RequestId Response Subscription Timestamp Tracing User Variables Workspace Trace",
		"IApi":               "Id Name Path Revision Version IsCurrentRevision ServiceUrl Protocols SubscriptionKeyParameterNames",
		"IDeployment":        "Gateway GatewayId Region ServiceId ServiceName Certificates",
		"ILastError":         "Source Reason Message Scope Section Path PolicyId HttpErrorCode",
		"IOperation":         "Id Method Name UrlTemplate",
		"IProduct":           "ApprovalRequired Groups Id Name State SubscriptionsLimit SubscriptionLimit SubscriptionRequired Apis",
		"IRequest":           "Body Certificate Headers IpAddress MatchedParameters Method OriginalUrl Url",
		"IResponse":          "Body Headers StatusCode StatusReason",
		"ISubscription":      "CreatedDate EndDate Id Key Name PrimaryKey SecondaryKey StartDate",
		"IUser":              "Email FirstName Id LastName Note Groups Identities RegistrationDate",
		"IUrl":               "Host Path QueryString Scheme Port Query ToUri ToString",
		"IMessageBody":       "As AsFormUrlEncodedContent",
		"Jwt":                "Algorithm Audiences Claims ExpirationTime IssuedAt NotBefore Id Issuer Subject Type",
	} {
		of := u.Type(name)
		for member := range strings.SplitSeq(members, " ") {
			if len(u.Members(of, member)) == 0 {
				t.Errorf("%s has no member %s", name, member)
			}
		}
	}
}
