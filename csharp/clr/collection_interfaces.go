package clr

import "github.com/postern-gateway/postern/csharp/types"

// instance makes an Impl of a member of an interface without type arguments; the receiver is not null.
func instance(fn func(t *types.Thread, o any, args []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, args []types.Value) types.Value {
		return fn(t, receiverObject(this), args)
	})
}

// instanceOf is instance for a generic interface of one parameter, whose argument is passed as elem.
func instanceOf(fn func(t *types.Thread, o any, elem *types.Type, args []types.Value) types.Value) types.Impl {
	return types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, args []types.Value) types.Value {
		return fn(t, receiverObject(this), targs[0], args)
	})
}

func enumerationDecls() []*types.Decl {
	return []*types.Decl{
		types.T("interface System.IDisposable", types.M("void Dispose()", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			disposeObject(t, o)
			return types.Value{}
		}))),
		types.T("interface System.Collections.IEnumerator",
			types.M("bool MoveNext()", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
				return types.Bool(enumeratorOf(o).MoveNext(t))
			})),
			types.M("object Current { get; }", instance(func(_ *types.Thread, o any, _ []types.Value) types.Value {
				return types.Value{Ref: types.Box(enumeratedType(o), enumeratorOf(o).Current())}
			})),
			types.M("void Reset()", instance(func(_ *types.Thread, o any, _ []types.Value) types.Value {
				r, ok := o.(interface{ Reset() })
				if !ok {
					types.Throw(types.NotSupportedException, "Specified method is not supported.")
				}
				r.Reset()
				return types.Value{}
			}))),
		types.T("interface System.Collections.Generic.IEnumerator<out T> : System.IDisposable, System.Collections.IEnumerator",
			types.M("T Current { get; }", instanceOf(func(_ *types.Thread, o any, elem *types.Type, _ []types.Value) types.Value {
				v, have := enumeratorOf(o).Current(), enumeratedType(o)
				if have.IsValue() && !elem.IsValue() {
					return types.Value{Ref: types.Box(have, v)}
				}
				return v
			}))),
		types.T("interface System.Collections.IEnumerable", types.M("System.Collections.IEnumerator GetEnumerator()", getEnumerator)),
		types.T("interface System.Collections.Generic.IEnumerable<out T> : System.Collections.IEnumerable",
			mx("IEnumerator<T> GetEnumerator()", instanceOf(func(t *types.Thread, o any, elem *types.Type, _ []types.Value) types.Value {
				return newEnumeratorObject(t, o, elem)
			}))),
	}
}

// getEnumerator is IEnumerable.GetEnumerator().
var getEnumerator = instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
	return types.Ref(&enumeratorObject{types.Iterate(t, o, types.Object_), types.IEnumeratorType, types.Object_})
})

// enumeratorOf is the enumeration behind an IEnumerator object.
func enumeratorOf(o any) types.Enumerator {
	e, ok := o.(types.Enumerator)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(o), types.IEnumeratorType)
	}
	return e
}

// enumeratedType is how the Values of an IEnumerator object stand.
func enumeratedType(o any) *types.Type {
	if e, ok := o.(interface{ ElementType() *types.Type }); ok {
		return e.ElementType()
	}
	return types.Object_
}

var countMember = types.M("int Count { get; }", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
	return types.Int(int64(collectionCount(t, o)))
}))

func collectionInterfaceDecls() []*types.Decl {
	return []*types.Decl{
		mxType("interface System.Collections.Generic.ICollection<T> : IEnumerable<T>, System.Collections.IEnumerable",
			countMember,
			types.M("bool IsReadOnly { get; }", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
				return types.Bool(isReadOnly(t, o))
			})),
			types.M("bool Contains(T item)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
				return types.Bool(collectionContains(t, o, elem, a[0]))
			})),
			types.M("void Add(T item)", collectionChange("Add")),
			types.M("bool Remove(T item)", collectionChange("Remove")),
			types.M("void Clear()", collectionChange("Clear")),
			types.M("void CopyTo(T[] array, int arrayIndex)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
				copyInto(t, drain(t, o, elem), a[0], int(a[1].Int32()), "array", "arrayIndex")
				return types.Value{}
			}))),
		mxType("interface System.Collections.Generic.IReadOnlyCollection<out T> : IEnumerable<T>, System.Collections.IEnumerable", countMember),
		mxType("interface System.Collections.Generic.IReadOnlyList<out T> : IReadOnlyCollection<T>",
			types.M("T this[int index] { get; }", collectionIndexer())),
		mxType("interface System.Collections.Generic.IList<T> : ICollection<T>, IEnumerable<T>, System.Collections.IEnumerable",
			types.M("T this[int index] { get; set; }", withElemSet(collectionIndexer(), func(t *types.Thread, o any, elem *types.Type, a []types.Value) {
				changeList(t, o, "Item", elem, int(a[0].Int32()), a[1])
			})),
			types.M("int IndexOf(T item)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
				return types.Int(int64(sequenceIndex(t, o, elem, a[0], nil)))
			})),
			types.M("void Insert(int index, T item)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
				changeList(t, o, "Insert", elem, int(a[0].Int32()), a[1])
				return types.Value{}
			})),
			types.M("void RemoveAt(int index)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
				changeList(t, o, "RemoveAt", elem, int(a[0].Int32()), types.Value{})
				return types.Value{}
			}))),
		types.T("interface System.Collections.ICollection : System.Collections.IEnumerable", countMember,
			types.M("void CopyTo(System.Array array, int index)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
				copyObjects(t, o, a[0], int(a[1].Int32()))
				return types.Value{}
			})),
			types.M("bool IsSynchronized { get; }", types.I0(func(any) bool { return false })),
			types.M("object SyncRoot { get; }", types.I0(func(o any) any { return o }))),
		types.T("interface System.Collections.IList : System.Collections.ICollection, System.Collections.IEnumerable", listMembers()...),
		types.T("interface System.Collections.IDictionary : System.Collections.ICollection, System.Collections.IEnumerable", untypedDictionaryMembers()...),
	}
}

// mxType declares a type whose head and members use short names.
func mxType(head string, members ...types.MemberDecl) *types.Decl {
	return types.T(longNames(head), members...)
}

func collectionChange(name string) types.Impl {
	return instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
		return changeCollection(t, o, name, elem, a...)
	})
}

func collectionIndexer() types.Impl {
	return instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
		return collectionAt(t, o, elem, int(a[0].Int32()))
	})
}

// withElemSet adds a setter. Impl.Set takes no type arguments; what it stores is of the type that the receiver holds.
func withElemSet(i types.Impl, set func(t *types.Thread, o any, elem *types.Type, args []types.Value)) types.Impl {
	return i.WithSet(func(t *types.Thread, this types.Value, args []types.Value) {
		o := receiverObject(this)
		elem := types.Object_
		if e, ok := o.(types.Enumerable); ok {
			elem = e.ElementType()
		} else if view, ok := viewArray(o); ok {
			elem = types.Object_
			if view.elem().IsValue() {
				elem = view.elem()
			}
		}
		set(t, o, elem, args)
	})
}

// copyObjects is ICollection.CopyTo: elements are boxed or unboxed as the array asks.
func copyObjects(t *types.Thread, o any, array types.Value, at int) {
	dst := arrayArg(array, "array")
	values := drain(t, o, types.Object_)
	switch {
	case at < 0:
		throwRange(msgNonNegative, "index")
	case dst.len()-at < len(values):
		types.Throw(types.ArgumentException, msgDestTooShort)
	}
	for i, v := range values {
		dst.set(at+i, objectTo(v.Ref, dst.elem()))
	}
}

// objectTo is the Value of an object in an array of elem, or InvalidCastException.
func objectTo(o any, elem *types.Type) types.Value {
	if elem.IsValue() {
		return types.UnboxTo(o, elem)
	}
	if o != nil && !types.IsInstance(o, elem) {
		types.Throw(types.InvalidCastException, "At least one element in the source array could not be cast down to the destination array type.")
	}
	return types.Value{Ref: o}
}

// listMembers are those of the non-generic IList.
func listMembers() []types.MemberDecl {
	elem := func(o any) *types.Type {
		if view, ok := viewArray(o); ok {
			return view.elem()
		}
		return enumeratedType(o)
	}
	fits := func(o any, v types.Value) (types.Value, bool) {
		e := elem(o)
		if !e.IsValue() {
			return v, v.Ref == nil || types.IsInstance(v.Ref, e)
		}
		if v.Ref == nil || !types.IsInstance(v.Ref, e) {
			return v, false
		}
		return types.UnboxTo(v.Ref, e), true
	}
	return []types.MemberDecl{
		types.M("object this[int index] { get; set; }", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			e := elem(o)
			return types.Value{Ref: types.Box(e, collectionAt(t, o, e, int(a[0].Int32())))}
		}).WithSet(func(t *types.Thread, this types.Value, a []types.Value) {
			o := receiverObject(this)
			changeList(t, o, "Item", elem(o), int(a[0].Int32()), objectTo(a[1].Ref, elem(o)))
		})),
		types.M("bool Contains(object value)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			v, ok := fits(o, a[0])
			return types.Bool(ok && collectionContains(t, o, elem(o), v))
		})),
		types.M("int IndexOf(object value)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			v, ok := fits(o, a[0])
			if !ok {
				return types.Int(-1)
			}
			return types.Int(int64(sequenceIndex(t, o, elem(o), v, nil)))
		})),
		types.M("int Add(object value)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			changeCollection(t, o, "Add", elem(o), objectTo(a[0].Ref, elem(o)))
			return types.Int(int64(collectionCount(t, o) - 1))
		})),
		types.M("void Insert(int index, object value)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			changeList(t, o, "Insert", elem(o), int(a[0].Int32()), objectTo(a[1].Ref, elem(o)))
			return types.Value{}
		})),
		types.M("void Remove(object value)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			if v, ok := fits(o, a[0]); ok {
				changeCollection(t, o, "Remove", elem(o), v)
			}
			return types.Value{}
		})),
		types.M("void RemoveAt(int index)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			changeList(t, o, "RemoveAt", elem(o), int(a[0].Int32()), types.Value{})
			return types.Value{}
		})),
		types.M("void Clear()", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			if view, ok := viewArray(o); ok {
				clearRange(view, 0, view.len())
				return types.Value{}
			}
			return changeCollection(t, o, "Clear", elem(o))
		})),
		types.M("bool IsReadOnly { get; }", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			_, isArray := viewArray(o)
			return types.Bool(!isArray && isReadOnly(t, o))
		})),
		types.M("bool IsFixedSize { get; }", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			return types.Bool(isReadOnly(t, o))
		})),
	}
}
