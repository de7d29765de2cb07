package liquid

import (
	"sort"

	"github.com/postern-gateway/postern/csharp/types"
)

// want is what a filter's parameter takes.
type want uint8

const (
	anObject want = iota
	aString
	anInt
	aSequence
)

var wantTypes = [...]string{"System.Object", "System.String", "System.Int32", "System.Collections.IEnumerable"}

// parameter is one of a filter's, the input included.
type parameter struct {
	name string
	want want
	// optional tells that there is a value where none is given.
	optional bool
	value    Value
}

// filter is a function that texts and variables can be sent through.
type filter struct {
	parameters []parameter
	apply      func(r *run, a []Value) Value
}

// missing names the parameter that has no value where so many arguments are given; empty: none.
func (f *filter) missing(arguments int) string {
	for i := arguments + 1; i < len(f.parameters); i++ {
		if !f.parameters[i].optional {
			return f.parameters[i].name
		}
	}
	return ""
}

// filterCall is a filter with its arguments. Without a filter, it passes its input on.
type filterCall struct {
	name   string
	filter *filter
	args   []operand
}

func (c *filterCall) apply(r *run, input Value) Value {
	args := make([]Value, 1, 4)
	args[0] = input
	for _, a := range c.args {
		args = append(args, a.eval(r))
	}
	if c.filter == nil {
		return input
	}
	parameters := c.filter.parameters
	if missing := c.filter.missing(len(c.args)); missing != "" {
		throw(excSyntax, "Error - Filter '%s' does not have a default value for '%s' and no value was supplied", c.name, missing)
	}
	for i := len(args); i < len(parameters); i++ {
		args = append(args, parameters[i].value)
	}
	for i := range parameters {
		args[i] = parameters[i].convert(args[i])
	}
	if len(args) > len(parameters) {
		throw(excParameters, "Parameter count mismatch.")
	}
	for i := range parameters {
		args[i] = parameters[i].check(args[i])
	}
	return c.filter.apply(r, args)
}

// convert changes the type of a value that converts.
func (p *parameter) convert(v Value) Value {
	if !convertible(v) {
		return v
	}
	switch p.want {
	case aString:
		return changeType(v, kString)
	case anInt:
		return toInt32(v)
	case aSequence:
		if kindOf(v) != kString {
			throw(excCast, "Invalid cast from '%s' to '%s'.", typeName(v), wantTypes[aSequence])
		}
	}
	return v
}

// check refuses a value of the wrong type. No value is the number 0 for a parameter that must have one.
func (p *parameter) check(v Value) Value {
	ok := true
	switch k := kindOf(v); p.want {
	case aString:
		ok = k == kString || k == kNull
	case anInt:
		if k == kNull {
			return int32(0)
		}
		ok = k == kInt32
	case aSequence:
		ok = k == kNull || isSequence(v)
	}
	if !ok {
		throw(excArgument, "Object of type '%s' cannot be converted to type '%s'.", typeName(v), wantTypes[p.want])
	}
	return v
}

// with is a filter: its input's type, its parameters, what it does.
func with(input want, apply func(r *run, a []Value) Value, parameters ...parameter) *filter {
	return &filter{append([]parameter{{name: "input", want: input}}, parameters...), apply}
}

func required(name string, w want) parameter { return parameter{name: name, want: w} }

func optional(name string, w want, value Value) parameter {
	return parameter{name: name, want: w, optional: true, value: value}
}

// onText is a filter of texts; null goes through.
func onText(apply func(r *run, s *types.String) Value) *filter {
	return with(aString, func(r *run, a []Value) Value {
		s := asString(a[0])
		if s == nil {
			return nil
		}
		r.t.Step(int64(s.Len()) / 64)
		r.alloc(s.Len())
		return apply(r, s)
	})
}

func asString(v Value) *types.String {
	s, _ := v.(*types.String)
	return s
}

// filters are all filters, by their names.
var filters = func() map[string]*filter {
	out := map[string]*filter{}
	for _, table := range []map[string]*filter{textFilters(), replacingFilters(), numberFilters(), listFilters()} {
		for name, f := range table {
			out[name] = f
		}
	}
	return out
}()

// FilterNames are the names of all filters, sorted.
func FilterNames() []string {
	var out []string
	for name := range filters {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
