package clr

import "github.com/postern-gateway/postern/csharp/types"

// xmlDeclaration is an XDeclaration.
type xmlDeclaration struct{ version, encoding, standalone *types.String }

var xdeclarationType = lateType(xlinqNS + "XDeclaration")

// ClrType is XDeclaration.
func (*xmlDeclaration) ClrType() *types.Type { return xdeclarationType() }

// ToStr is <?xml version="…"?> with what there is.
func (d *xmlDeclaration) ToStr(*types.Thread) *types.String {
	s := "<?xml"
	if d.version != nil {
		s += ` version="` + d.version.Go() + `"`
	}
	if d.encoding != nil {
		s += ` encoding="` + d.encoding.Go() + `"`
	}
	if d.standalone != nil {
		s += ` standalone="` + d.standalone.Go() + `"`
	}
	return types.NewString(s + "?>")
}

func xmlDeclarationDecl() *types.Decl {
	part := func(at func(d *xmlDeclaration) **types.String) types.Impl {
		return types.I0(func(d *xmlDeclaration) *types.String { return *at(d) }).WithSet(func(_ *types.Thread, this types.Value, x []types.Value) {
			d, _ := receiverObject(this).(*xmlDeclaration)
			*at(d) = x[0].Str()
		})
	}
	return types.T("class System.Xml.Linq.XDeclaration",
		types.M("new(string version, string encoding, string standalone)", types.S3(func(v, e, s *types.String) *xmlDeclaration {
			return &xmlDeclaration{v, e, s}
		})),
		types.M("new(System.Xml.Linq.XDeclaration other)", types.S1(func(o *xmlDeclaration) *xmlDeclaration {
			if o == nil {
				types.ThrowNull("other")
			}
			d := *o
			return &d
		})),
		types.M("string Version { get; set; }", part(func(d *xmlDeclaration) **types.String { return &d.version })),
		types.M("string Encoding { get; set; }", part(func(d *xmlDeclaration) **types.String { return &d.encoding })),
		types.M("string Standalone { get; set; }", part(func(d *xmlDeclaration) **types.String { return &d.standalone })),
		types.M("string ToString()", toStringImpl),
	)
}
