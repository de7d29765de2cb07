package types

// RuntimeType is a System.Type object. There is one for each type, so references can be compared.
type RuntimeType struct {
	// T is the type that the object stands for, erased.
	T *Type
}

// ClrType is System.Type.
func (*RuntimeType) ClrType() *Type { return TypeType }

// Object is the System.Type object of t.
func (t *Type) Object() *RuntimeType {
	t = t.Erased()
	if o := t.runtime.Load(); o != nil {
		return o
	}
	t.runtime.CompareAndSwap(nil, &RuntimeType{T: t})
	return t.runtime.Load()
}
