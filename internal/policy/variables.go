package policy

// Variable is one of context.Variables.
type Variable struct {
	Name string
	// Value is an object of csharp/types; nil: null.
	Value any
}

// Variables are context.Variables: a short list in the order of their first setting. Names compare with case.
type Variables struct {
	list []Variable
}

// Get is the value of that name.
func (v *Variables) Get(name string) (value any, ok bool) {
	for i := range v.list {
		if v.list[i].Name == name {
			return v.list[i].Value, true
		}
	}
	return nil, false
}

// Set gives a name its value.
func (v *Variables) Set(name string, value any) {
	for i := range v.list {
		if v.list[i].Name == name {
			v.list[i].Value = value
			return
		}
	}
	v.list = append(v.list, Variable{name, value})
}

// All are the variables in order; the slice must not be kept or changed.
func (v *Variables) All() []Variable { return v.list }

// reset is an empty list that uses the same memory.
func (v *Variables) reset() Variables {
	clear(v.list)
	return Variables{v.list[:0]}
}
