package clr

import "github.com/postern-gateway/postern/csharp/types"

// xmlReader is an XmlReader that has not been read from: something to load a document from.
type xmlReader struct{ text *types.String }

var xmlReaderType = lateType("System.Xml.XmlReader")

// ClrType is XmlReader.
func (*xmlReader) ClrType() *types.Type { return xmlReaderType() }

func xmlDOMDecls() []*types.Decl {
	return []*types.Decl{
		types.T("abstract class System.Xml.XmlReader : System.IDisposable",
			types.M("static System.Xml.XmlReader Create(System.IO.TextReader input)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				return types.Ref(&xmlReader{readerText(t, x[0])})
			})),
			types.M("void Dispose()", types.I0(func(*xmlReader) struct{} { return struct{}{} })),
			types.M("void Close()", types.I0(func(*xmlReader) struct{} { return struct{}{} }))),
	}
}
