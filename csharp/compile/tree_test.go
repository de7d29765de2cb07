package compile

import (
	"testing"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// The tests of this file build bound trees by hand; those that read C# are in the package csharp.

// A small class library: what a condition on a client certificate needs.

type testRequest struct{ cert *testCert }
type testContext struct {
	req   *testRequest
	certs *testDict
}
type testCert struct {
	thumbprint *types.String
	ok         bool
}
type testDict struct{ certs []*testCert }

var (
	testU = types.NewUniverse([]*types.Decl{
		types.T("class Test.Cert",
			types.M("bool Verify()", types.I0(func(c *testCert) bool { return c.ok })),
			types.M("string Thumbprint { get; }", types.I0(func(c *testCert) *types.String { return c.thumbprint }))),
		types.T("class Test.Request",
			types.M("Test.Cert Certificate { get; }", types.I0(func(r *testRequest) *testCert { return r.cert }))),
		types.T("class Test.Certs",
			types.M("bool Any(System.Func<Test.Cert, bool> predicate)", types.Raw(anyCert))),
		types.T("class Test.Context",
			types.M("Test.Request Request { get; }", types.I0(func(c *testContext) *testRequest { return c.req })),
			types.M("Test.Certs Certificates { get; }", types.I0(func(c *testContext) *testDict { return c.certs }))),
	}, types.Ops{ToString: func(_ *types.Thread, o any) *types.String {
		switch x := o.(type) {
		case int32:
			return types.NewString("int")
		case *types.String:
			return x
		}
		return types.NewString("object")
	}})
	contextType = testU.Type("Test.Context")
	certType    = testU.Type("Test.Cert")
)

func anyCert(t *types.Thread, this types.Value, args []types.Value) types.Value {
	predicate := args[0].Ref.(*types.Delegate)
	for _, c := range this.Ref.(*testDict).certs {
		if predicate.Call1(t, types.Ref(c)).Bool() {
			return types.Bool(true)
		}
	}
	return types.Bool(false)
}

func member(t *types.Type, name string) *types.Member {
	return testU.Members(t, name)[0]
}

func e(t *types.Type) bind.E { return bind.E{T: t} }

func get(x bind.Expr, name string) bind.Expr {
	m := member(x.Type(), name)
	return &bind.Prop{E: e(m.Result), Member: m, This: x}
}

func call(x bind.Expr, name string, args ...bind.Expr) bind.Expr {
	m := member(x.Type(), name)
	return &bind.Call{E: e(m.Result), Method: m, This: x, Args: args}
}

func str(s string) bind.Expr {
	return &bind.Const{E: e(types.StringType), V: types.Ref(types.NewString(s))}
}

func num(i int64) bind.Expr { return &bind.Const{E: e(types.Int32Type), V: types.Int(i)} }

func null(t *types.Type) bind.Expr { return &bind.Const{E: e(t)} }

func boolOp(op bind.Op, of bind.Operands, x, y bind.Expr) bind.Expr {
	return &bind.Binary{E: e(types.BoolType), Op: op, Of: of, X: x, Y: y}
}

func intOp(op bind.Op, x, y bind.Expr) bind.Expr {
	return &bind.Binary{E: e(types.Int32Type), Op: op, Of: bind.Int32, X: x, Y: y}
}

func ref(l *bind.Local) *bind.LocalRef { return &bind.LocalRef{E: e(l.Type), Local: l} }

func set(l *bind.Local, y bind.Expr) bind.Expr {
	return &bind.Assign{E: e(l.Type), X: ref(l), Y: y}
}

func program(result *types.Type, body bind.Stmt, locals ...*bind.Local) *bind.Program {
	fn := &bind.Func{Result: result, Locals: locals, Body: &bind.Block{Locals: locals, Stmts: []bind.Stmt{body}}}
	for i, l := range locals {
		l.Func, l.Index = fn, i
	}
	return &bind.Program{Main: fn, Type: result, Funcs: []*bind.Func{fn}}
}

func global() bind.Expr { return &bind.GlobalRef{E: e(contextType)} }

func newThread(c *testContext) *types.Thread {
	t := &types.Thread{U: testU, Globals: []types.Value{types.Ref(c)}}
	t.Start(types.Budget{})
	return t
}

// certificateCondition is context.Request.Certificate == null || !….Verify() || ….Thumbprint != "AB".
func certificateCondition() *bind.Program {
	cert := func() bind.Expr { return get(get(global(), "Request"), "Certificate") }
	isNull := boolOp(bind.Eq, bind.Reference, cert(), null(certType))
	bad := &bind.Unary{E: e(types.BoolType), Op: bind.Not, Of: bind.Bool, X: call(cert(), "Verify")}
	other := boolOp(bind.Ne, bind.String, get(cert(), "Thumbprint"), str("AB"))
	or := func(x, y bind.Expr) bind.Expr { return &bind.Logical{E: e(types.BoolType), Or: true, X: x, Y: y} }
	return program(types.BoolType, &bind.Return{X: or(or(isNull, bad), other)})
}

func TestCertificateCondition(t *testing.T) {
	code := Compile(certificateCondition(), testU)
	tests := []struct {
		name string
		cert *testCert
		want bool
	}{
		{"no certificate", nil, true},
		{"bad certificate", &testCert{types.NewString("AB"), false}, true},
		{"another certificate", &testCert{types.NewString("CD"), true}, true},
		{"the certificate", &testCert{types.NewString("AB"), true}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := code.Run(newThread(&testContext{req: &testRequest{tt.cert}}))
			if err != nil || v.Bool() != tt.want {
				t.Errorf("condition = %v, %v; want %v", v.Bool(), err, tt.want)
			}
		})
	}
	if _, err := code.Run(newThread(&testContext{})); err == nil {
		t.Error("no exception for a null request")
	}
}

// uploadedCondition is context.Certificates.Any(c => c.Thumbprint == context.Request.Certificate.Thumbprint).
func uploadedCondition() *bind.Program {
	c := &bind.Local{Name: "c", Type: certType, Param: true}
	lambda := &bind.Func{Kind: bind.LambdaFunc, Params: []*bind.Local{c}, Locals: []*bind.Local{c}, Result: types.BoolType}
	c.Func = lambda
	mine := get(get(get(global(), "Request"), "Certificate"), "Thumbprint")
	lambda.Body = &bind.Block{Stmts: []bind.Stmt{&bind.Return{X: boolOp(bind.Eq, bind.String, get(ref(c), "Thumbprint"), mine)}}}
	predicate := &bind.Lambda{E: e(types.FuncDef(1).Of(certType, types.BoolType)), Func: lambda}
	p := program(types.BoolType, &bind.Return{X: call(get(global(), "Certificates"), "Any", predicate)})
	lambda.Parent = p.Main
	p.Funcs = append(p.Funcs, lambda)
	return p
}

// sumLoop is int s = 0; for (int i = 0; i < 1000; i = i + 1) s = s + i * 3; return s.
func sumLoop() *bind.Program {
	s, i := &bind.Local{Name: "s", Type: types.Int32Type}, &bind.Local{Name: "i", Type: types.Int32Type}
	body := &bind.Block{Stmts: []bind.Stmt{
		&bind.Declare{Local: s, Init: num(0)},
		&bind.Declare{Local: i, Init: num(0)},
		&bind.While{Loop: &bind.Loop{}, Cond: boolOp(bind.Lt, bind.Int32, ref(i), num(1000)),
			Body: &bind.ExprStmt{X: set(s, intOp(bind.Add, ref(s), intOp(bind.Mul, ref(i), num(3))))},
			Post: []bind.Expr{set(i, intOp(bind.Add, ref(i), num(1)))}},
		&bind.Return{X: ref(s)},
	}}
	return program(types.Int32Type, body, s, i)
}

func BenchmarkConditions(b *testing.B) {
	ctx := &testContext{
		req:   &testRequest{&testCert{types.NewString("AB"), true}},
		certs: &testDict{[]*testCert{{types.NewString("CD"), true}, {types.NewString("AB"), true}}},
	}
	for _, bb := range []struct {
		name string
		p    *bind.Program
	}{{"certificate", certificateCondition()}, {"uploaded", uploadedCondition()}, {"loop of 1000", sumLoop()}} {
		b.Run(bb.name, func(b *testing.B) {
			code, t := Compile(bb.p, testU), newThread(ctx)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := code.Run(t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestNoAllocations(t *testing.T) {
	ctx := &testContext{
		req:   &testRequest{&testCert{types.NewString("AB"), true}},
		certs: &testDict{[]*testCert{{types.NewString("CD"), true}, {types.NewString("AB"), true}}},
	}
	for name, p := range map[string]*bind.Program{"certificate": certificateCondition(), "uploaded": uploadedCondition()} {
		code, thread := Compile(p, testU), newThread(ctx)
		if n := testing.AllocsPerRun(100, func() { code.Run(thread) }); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestLoop(t *testing.T) {
	v, err := Compile(sumLoop(), testU).Run(newThread(nil))
	if err != nil || v.Int32() != 3*499500 {
		t.Errorf("sum = %d, %v", v.Int32(), err)
	}
	thread := newThread(nil)
	thread.Start(types.Budget{Steps: 100})
	for range 3 { // the budget is looked at now and then
		if _, err = Compile(sumLoop(), testU).Run(thread); err != nil {
			break
		}
	}
	if _, ok := err.(*types.Exceeded); !ok {
		t.Errorf("a loop of 3,000 turns within 100 steps: %v", err)
	}
}
