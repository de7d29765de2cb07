package clr

import "github.com/postern-gateway/postern/csharp/types"

// exceptionExtras are the properties of an exception that programs may set.
type exceptionExtras struct {
	hresult          *int32
	data             *dictionary
	helpLink, source *types.String
}

func extras(e *types.Exception) *exceptionExtras {
	if x, ok := e.Payload.(*exceptionExtras); ok {
		return x
	}
	x := &exceptionExtras{}
	if e.Payload == nil {
		e.Payload = x
	}
	return x
}

// exceptionKinds are the exceptions with nothing but the three usual constructors, their base classes and default messages.
var exceptionKinds = []struct{ name, base, message string }{
	{"System.SystemException", "System.Exception", "System error."},
	{"System.ApplicationException", "System.Exception", "Error in the application."},
	{"System.ArithmeticException", "System.SystemException", "Overflow or underflow in the arithmetic operation."},
	{"System.DivideByZeroException", "System.ArithmeticException", "Attempted to divide by zero."},
	{"System.OverflowException", "System.ArithmeticException", "Arithmetic operation resulted in an overflow."},
	{"System.FormatException", "System.SystemException", "One of the identified items was in an invalid format."},
	{"System.IndexOutOfRangeException", "System.SystemException", "Index was outside the bounds of the array."},
	{"System.InvalidCastException", "System.SystemException", "Specified cast is not valid."},
	{"System.InvalidOperationException", "System.SystemException", "Operation is not valid due to the current state of the object."},
	{"System.NotSupportedException", "System.SystemException", "Specified method is not supported."},
	{"System.NotImplementedException", "System.SystemException", "The method or operation is not implemented."},
	{"System.NullReferenceException", "System.SystemException", "Object reference not set to an instance of an object."},
	{"System.ArrayTypeMismatchException", "System.SystemException", "Attempted to access an element as a type incompatible with the array."},
	{"System.RankException", "System.SystemException", "Attempted to operate on an array with the incorrect number of dimensions."},
	{"System.TimeoutException", "System.SystemException", "The operation has timed out."},
	{"System.OperationCanceledException", "System.SystemException", "The operation was canceled."},
	{"System.UnauthorizedAccessException", "System.SystemException", "Attempted to perform an unauthorized operation."},
	{"System.OutOfMemoryException", "System.SystemException", "Insufficient memory to continue the execution of the program."},
	{"System.UriFormatException", "System.FormatException", "One of the identified items was in an invalid format."},
	{"System.TimeZoneNotFoundException", "System.Exception", ""},
	{"System.InvalidTimeZoneException", "System.Exception", ""},
	{"System.IO.IOException", "System.SystemException", "I/O error occurred."},
	{"System.Collections.Generic.KeyNotFoundException", "System.SystemException", "The given key was not present in the dictionary."},
	{"System.Security.Cryptography.CryptographicException", "System.SystemException", "Error occurred during a cryptographic operation."},
	{"Microsoft.CSharp.RuntimeBinder.RuntimeBinderException", "System.Exception", ""},
}

func exceptionDecls() []*types.Decl {
	out := []*types.Decl{types.T("class System.Exception", append(exceptionMembers(), exceptionConstructors("System.Exception", "")...)...)}
	for _, k := range exceptionKinds {
		out = append(out, types.T("class "+k.name+" : "+k.base, exceptionConstructors(k.name, k.message)...))
	}
	return append(out, argumentExceptionDecls()...)
}

func exceptionMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("string Message { get; }", types.I0(func(e *types.Exception) *types.String { return types.NewString(e.Message()) })),
		types.M("System.Exception InnerException { get; }", types.I0(func(e *types.Exception) *types.Exception { return e.Inner })),
		types.M("System.Exception GetBaseException()", types.I0(baseException)),
		types.M("System.Collections.IDictionary Data { get; }", types.I0(func(e *types.Exception) *dictionary {
			x := extras(e)
			if x.data == nil {
				x.data = newDictionary(types.Object_, types.Object_, nil)
			}
			return x.data
		})),
		types.M("string StackTrace { get; }", types.I0(stackTrace)),
		types.M("string Source { get; set; }", types.I0(func(e *types.Exception) *types.String { return extras(e).source }).WithSet(
			func(_ *types.Thread, this types.Value, args []types.Value) {
				extras(exceptionOf(this)).source = args[0].Str()
			})),
		types.M("string HelpLink { get; set; }", types.I0(func(e *types.Exception) *types.String { return extras(e).helpLink }).WithSet(
			func(_ *types.Thread, this types.Value, args []types.Value) {
				extras(exceptionOf(this)).helpLink = args[0].Str()
			})),
		types.M("int HResult { get; set; }", types.I0(hresult).WithSet(func(_ *types.Thread, this types.Value, args []types.Value) {
			n := args[0].Int32()
			extras(exceptionOf(this)).hresult = &n
		})),
	}
}

func exceptionOf(this types.Value) *types.Exception {
	e, ok := receiverObject(this).(*types.Exception)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(this.Ref), types.ExceptionType)
	}
	return e
}

func baseException(e *types.Exception) *types.Exception {
	for e.Inner != nil {
		e = e.Inner
	}
	return e
}

// stackTrace is null before the exception has been thrown.
func stackTrace(e *types.Exception) *types.String {
	if e.Span.End == 0 {
		return nil
	}
	return types.NewString("   at expression")
}

// hresults are the HResults of common exceptions; others have that of their base class.
var hresults = map[*types.Type]uint32{
	types.ExceptionType: 0x80131500, types.SystemException: 0x80131501, types.ArgumentException: 0x80070057, types.ArgumentNullException: 0x80004003,
	types.ArgumentOutOfRangeException: 0x80131502, types.ArithmeticException: 0x80070216, types.DivideByZeroException: 0x80020012,
	types.OverflowException: 0x80131516, types.FormatException: 0x80131537, types.IndexOutOfRangeException: 0x80131508,
	types.InvalidCastException: 0x80004002, types.InvalidOperationException: 0x80131509, types.NotSupportedException: 0x80131515,
	types.NotImplementedException: 0x80004001, types.NullReferenceException: 0x80004003, types.ObjectDisposedException: 0x80131622,
	types.ArrayTypeMismatchException: 0x80131503, types.RankException: 0x80131517, types.KeyNotFoundException: 0x80131577,
}

func hresult(e *types.Exception) int32 {
	if x, ok := e.Payload.(*exceptionExtras); ok && x.hresult != nil {
		return *x.hresult
	}
	for t := e.T; t != nil; t = t.BaseType() {
		if h, ok := hresults[t]; ok {
			return int32(h)
		}
	}
	return 0
}

// exceptionText is Exception.ToString() of one that has no stack trace.
func exceptionText(e *types.Exception) string {
	s := e.T.FullName()
	if m := e.Message(); m != "" {
		s += ": " + m
	}
	if e.Inner != nil {
		s += "\n ---> " + exceptionText(e.Inner) + "\n   --- End of inner exception stack trace ---"
	}
	if trace := stackTrace(e); trace != nil {
		s += "\n" + trace.Go()
	}
	return s
}

// newException makes an exception of the named type.
func newException(typ func() *types.Type, message *types.String, inner *types.Exception) *types.Exception {
	return &types.Exception{T: typ(), Text: message, Inner: inner}
}

// exceptionConstructors are the three usual ones; without an argument the message is standard, "" meaning that of Exception.
func exceptionConstructors(name, standard string) []types.MemberDecl {
	typ := lateType(name)
	return []types.MemberDecl{
		types.M("new()", types.S0(func() *types.Exception {
			e := newException(typ, nil, nil)
			if standard != "" {
				e.Text = types.NewString(standard)
			}
			return e
		})),
		types.M("new(string message)", types.S1(func(m *types.String) *types.Exception { return newException(typ, m, nil) })),
		types.M("new(string message, System.Exception innerException)", types.S2(func(m *types.String, inner *types.Exception) *types.Exception {
			return newException(typ, m, inner)
		})),
	}
}

// argumentError makes an ArgumentException or a kind of it: a null message is the standard one, and the parameter's name is appended.
func argumentError(typ *types.Type, standard string, message, param *types.String, inner *types.Exception) *types.Exception {
	text := standard
	if message != nil {
		text = message.Go()
	}
	if param != nil && param.Len() > 0 {
		text += " (Parameter '" + param.Go() + "')"
	}
	return &types.Exception{T: typ, Text: types.NewString(text), ParamName: param, Inner: inner}
}

func argumentExceptionDecls() []*types.Decl {
	const (
		plain    = "Value does not fall within the expected range."
		null     = "Value cannot be null."
		ranged   = "Specified argument was out of the range of valid values."
		disposed = "Cannot access a disposed object."
	)
	return []*types.Decl{
		types.T("class System.ArgumentException : System.SystemException",
			types.M("string ParamName { get; }", types.I0(func(e *types.Exception) *types.String { return e.ParamName })),
			types.M("new()", types.S0(func() *types.Exception { return argumentError(types.ArgumentException, plain, nil, nil, nil) })),
			types.M("new(string message)", types.S1(func(m *types.String) *types.Exception {
				return argumentError(types.ArgumentException, plain, m, nil, nil)
			})),
			types.M("new(string message, System.Exception innerException)", types.S2(func(m *types.String, in *types.Exception) *types.Exception {
				return argumentError(types.ArgumentException, plain, m, nil, in)
			})),
			types.M("new(string message, string paramName)", types.S2(func(m, p *types.String) *types.Exception {
				return argumentError(types.ArgumentException, plain, m, p, nil)
			})),
			types.M("new(string message, string paramName, System.Exception innerException)", types.S3(func(m, p *types.String, in *types.Exception) *types.Exception {
				return argumentError(types.ArgumentException, plain, m, p, in)
			})),
		),
		types.T("class System.ArgumentNullException : System.ArgumentException", paramConstructors(types.ArgumentNullException, null)...),
		types.T("class System.ArgumentOutOfRangeException : System.ArgumentException", append(paramConstructors(types.ArgumentOutOfRangeException, ranged),
			types.M("object ActualValue { get; }", types.I0(func(e *types.Exception) any { return e.Payload })),
			types.M("new(string paramName, object actualValue, string message)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				e := argumentError(types.ArgumentOutOfRangeException, ranged, x[2].Str(), x[0].Str(), nil)
				if o := x[1].Ref; o != nil {
					e.Payload = o
					e.Text = types.NewString(e.Text.Go() + "\nActual value was " + goString(objectToString(t, o)) + ".")
				}
				return types.Ref(e)
			})))...),
		types.T("class System.ObjectDisposedException : System.InvalidOperationException",
			types.M("string ObjectName { get; }", types.I0(func(e *types.Exception) *types.String {
				if e.ParamName == nil {
					return types.EmptyString
				}
				return e.ParamName
			})),
			types.M("new(string objectName)", types.S1(func(n *types.String) *types.Exception { return disposedError(n, types.NewString(disposed)) })),
			types.M("new(string objectName, string message)", types.S2(disposedError)),
			types.M("new(string message, System.Exception innerException)", types.S2(func(m *types.String, in *types.Exception) *types.Exception {
				return &types.Exception{T: types.ObjectDisposedException, Text: m, Inner: in}
			})),
		),
	}
}

// paramConstructors are those of the exceptions whose first argument is the parameter.
func paramConstructors(typ *types.Type, standard string) []types.MemberDecl {
	return []types.MemberDecl{
		types.M("new()", types.S0(func() *types.Exception { return argumentError(typ, standard, nil, nil, nil) })),
		types.M("new(string paramName)", types.S1(func(p *types.String) *types.Exception { return argumentError(typ, standard, nil, p, nil) })),
		types.M("new(string message, System.Exception innerException)", types.S2(func(m *types.String, in *types.Exception) *types.Exception {
			return argumentError(typ, standard, m, nil, in)
		})),
		types.M("new(string paramName, string message)", types.S2(func(p, m *types.String) *types.Exception { return argumentError(typ, standard, m, p, nil) })),
	}
}

func disposedError(name, message *types.String) *types.Exception {
	text := goString(message)
	if name != nil && name.Len() > 0 {
		text += "\nObject name: '" + name.Go() + "'."
	}
	return &types.Exception{T: types.ObjectDisposedException, Text: types.NewString(text), ParamName: name}
}
