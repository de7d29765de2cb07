package exprctx

import (
	"github.com/postern-gateway/postern/csharp/types"
)

// nothing is a property of the context that is null here: what it tells of is Azure's (virtual networks, private endpoints,
// Foundry, carbon data) or belongs to GraphQL resolvers, which a policy that asks for it must reckon with on API Management too.
var nothing = get(func(any) types.Value { return types.Null })

// azureDecls are the types of those properties. No object has them.
func azureDecls() []*types.Decl {
	const token = "Newtonsoft.Json.Linq.JToken"
	return []*types.Decl{
		types.T("interface IGraphQL",
			types.M(token+" GraphQLArguments { get; }", nothing),
			types.M(token+" Parent { get; }", nothing)),
		types.T("interface IFoundry",
			types.M("string Deployment { get; }", nothing)),
		types.T("interface IPrivateEndpointConnection",
			types.M("string Name { get; }", nothing),
			types.M("string GroupId { get; }", nothing),
			types.M("string MemberName { get; }", nothing)),
		types.T("interface IAzureVnetInfo",
			types.M("string VnetTrafficTag { get; }", nothing),
			types.M("string SubnetId { get; }", nothing),
			types.M("string PrivateLinkId { get; }", nothing),
			types.M("string SnatVip { get; }", nothing)),
		types.T("interface ISustainabilityInfo",
			types.M("string CurrentCarbonIntensity { get; }", nothing)),
	}
}
