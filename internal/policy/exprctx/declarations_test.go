package exprctx

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
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
	u := recorded(t).With(slices.Concat(contextDecls(), messageDecls(), entityDecls(), dictionaryDecls(), helperDecls(), azureDecls())...)
	for _, err := range u.CheckAll() {
		t.Error(err)
	}
	var k knownTypes
	k.load(u)
	if k.context == nil || k.certificates == nil || k.jwt == nil {
		t.Errorf("types = %+v; want none nil", k)
	}
}

// documented are the members that the documentation gives to the context, by the expression they are members of: the
// type of each as C# spells it.
var documented = []struct{ of, members string }{
	{"context", "IApi Api; IBackend Backend; IDeployment Deployment; TimeSpan Elapsed; IGraphQL GraphQL; ILastError LastError; " +
		"IOperation Operation; IProduct Product; IRequest Request; Guid RequestId; IResponse Response; ISubscription Subscription; " +
		"DateTime Timestamp; bool Tracing; IUser User; IReadOnlyDictionary<string, object> Variables; IWorkspace Workspace"},
	{"context.Api", "string Id; string Name; string Path; string Revision; string Version; bool IsCurrentRevision; IUrl ServiceUrl; " +
		"IEnumerable<string> Protocols; string SubscriptionKeyParameterNames.Header; string SubscriptionKeyParameterNames.Query"},
	{"context.Backend", "string AzureRegion; string Id; Enum Type"},
	{"context.Deployment", "string Gateway.Id; string Gateway.InstanceId; bool Gateway.IsManaged; string GatewayId; string Region; " +
		"string ServiceId; string ServiceName; string SustainabilityInfo.CurrentCarbonIntensity; " +
		"IReadOnlyDictionary<string, X509Certificate2> Certificates"},
	{"context.GraphQL", "JToken GraphQLArguments; JToken Parent"},
	{"context.LastError", "string Source; string Reason; string Message; string Scope; string Section; string Path; string PolicyId; " +
		"int HttpErrorCode"},
	{"context.Operation", "string Id; string Method; string Name; string UrlTemplate"},
	{"context.Product", "bool ApprovalRequired; IEnumerable<IGroup> Groups; string Id; string Name; Enum State; int? SubscriptionsLimit; " +
		"int? SubscriptionLimit; bool SubscriptionRequired; IEnumerable<IApi> Apis"},
	{"context.Request", "IMessageBody Body; X509Certificate2 Certificate; string Foundry.Deployment; " +
		"IReadOnlyDictionary<string, string[]> Headers; string IpAddress; IReadOnlyDictionary<string, string> MatchedParameters; " +
		"string Method; IUrl OriginalUrl; IUrl Url; string PrivateEndpointConnection.Name; string PrivateEndpointConnection.GroupId; " +
		"string PrivateEndpointConnection.MemberName; string AzureVnetInfo.VnetTrafficTag; string AzureVnetInfo.SubnetId; " +
		"string AzureVnetInfo.PrivateLinkId; string AzureVnetInfo.SnatVip"},
	{"context.Response", "IMessageBody Body; IReadOnlyDictionary<string, string[]> Headers; int StatusCode; string StatusReason"},
	{"context.Subscription", "DateTime CreatedDate; DateTime? EndDate; string Id; string Key; string Name; string PrimaryKey; " +
		"string SecondaryKey; DateTime? StartDate"},
	{"context.User", "string Email; string FirstName; IEnumerable<IGroup> Groups; string Id; IEnumerable<IUserIdentity> Identities; " +
		"string LastName; string Note; DateTime RegistrationDate; string Identities.First().Id; string Identities.First().Provider"},
	{"context.Workspace", "string Id; string Name"},
	{"context.User.Groups.First()", "string Id; string Name"},
	{"context.Request.Url", "string Host; string Path; string QueryString; string Scheme; int Port; " +
		"IReadOnlyDictionary<string, string[]> Query; Uri ToUri(); string ToString()"},
	{"context.Request.Body", "string As<string>(); byte[] As<byte[]>(preserveContent: true); JObject As<JObject>(true); JToken As<JToken>(); " +
		"JArray As<JArray>(); XNode As<XNode>(); XElement As<XElement>(); XDocument As<XDocument>(); " +
		"IDictionary<string, IList<string>> AsFormUrlEncodedContent(preserveContent: true); string AsFormUrlEncodedContent().ToFormUrlEncodedContent(); " +
		"string AsFormUrlEncodedContent().ToQueryString()"},
	{`"".AsBasic()`, "string UserId; string Username; string Password"},
	{`"".AsJwt()`, "string Algorithm; IEnumerable<string> Audiences; IReadOnlyDictionary<string, string[]> Claims; DateTime? ExpirationTime; " +
		"DateTime? IssuedAt; DateTime? NotBefore; string Id; string Issuer; string Subject; string Type; " +
		`string Claims.GetValueOrDefault("a", "b")`},
	{`((Authorization)context.Variables["a"])`, "string AccessToken; IReadOnlyDictionary<string, object> Claims"},
	{"context.Request.Certificate", "bool Verify(); bool VerifyNoRevocation(); RSA GetRSAPrivateKey()"},
}

// TestDocumentedMembers compiles an assignment of each documented member to a variable of its type.
func TestDocumentedMembers(t *testing.T) {
	language := NewLanguage(DefaultBudget)
	for _, row := range documented {
		for member := range strings.SplitSeq(row.members, "; ") {
			at := strings.LastIndex(member, "> ") + 1
			if at == 0 || strings.Contains(member[:at], ".") {
				at = strings.Index(member, " ")
			}
			src := "@{ " + member[:at] + " x = " + row.of + "." + strings.TrimSpace(member[at:]) + "; return x; }"
			if _, ds := language.Compile(src, policy.WantAny, nil); len(ds) > 0 {
				t.Errorf("%s: %s %s", src, ds[0].Code, ds[0].Message)
			}
		}
	}
}
