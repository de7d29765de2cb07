package liquid

import (
	"strings"
	"time"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

func replacingFilters() map[string]*filter {
	by := optional("replacement", aString, types.EmptyString)
	return map[string]*filter{
		"Replace":      with(aString, replaceAll, required("string", aString), by),
		"ReplaceFirst": with(aString, replaceFirst, required("string", aString), by),
		"Remove":       with(aString, remove, required("string", aString)),
		"RemoveFirst": with(aString, func(r *run, a []Value) Value {
			if s := asString(a[0]); s == nil || clr.IsBlank(s) {
				return a[0]
			}
			return replaceFirst(r, []Value{a[0], a[1], types.EmptyString})
		}, required("string", aString)),
		"Split": with(aString, split, required("pattern", aString)),
		"Date":  with(anObject, date, required("format", aString)),
	}
}

func unset(v Value) bool {
	s := asString(v)
	return s == nil || s.Len() == 0
}

// replaceAll takes its text as a regular expression.
func replaceAll(r *run, a []Value) Value {
	if unset(a[0]) || unset(a[1]) {
		return a[0]
	}
	by := asString(a[2])
	if by == nil {
		throwNull("replacement")
	}
	return clr.ReplaceRegex(r.t, asString(a[0]), asString(a[1]), by)
}

// replaceFirst takes its text as a regular expression, and what comes in its place as it is.
func replaceFirst(r *run, a []Value) Value {
	if unset(a[0]) || unset(a[1]) {
		return a[0]
	}
	by := asString(a[2])
	if by == nil {
		by = types.EmptyString
	}
	return clr.ReplaceFirstRegex(r.t, asString(a[0]), asString(a[1]), by)
}

func remove(r *run, a []Value) Value {
	s, what := asString(a[0]), asString(a[1])
	switch {
	case s == nil || clr.IsBlank(s):
		return a[0]
	case what == nil:
		throwNull("oldValue")
	case what.Len() == 0:
		throw(excArgument, "The value cannot be an empty string. (Parameter 'oldValue')")
	}
	r.alloc(s.Len())
	return str(strings.ReplaceAll(s.Go(), what.Go(), ""))
}

// split divides a text, empty parts left out. Without a pattern, into its characters.
func split(r *run, a []Value) Value {
	s := asString(a[0])
	if s == nil || clr.IsBlank(s) {
		return &List{[]Value{a[0]}, typeStrings}
	}
	r.alloc(s.Len() * 8)
	out := &List{typ: typeStrings}
	if unset(a[1]) {
		for i := range s.Len() {
			out.Items = append(out.Items, s.Slice(i, i+1))
		}
		return out
	}
	for part := range strings.SplitSeq(s.Go(), asString(a[1]).Go()) {
		if part != "" {
			r.alloc(32)
			out.Items = append(out.Items, str(part))
		}
	}
	return out
}

// date writes a date, or a text that is one, by a format of .NET. Other things go through as text.
func date(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	form := asString(a[1])
	if d, ok := a[0].(types.DateTime); ok {
		return formatDate(d, form)
	}
	s := text(a[0])
	now := strings.EqualFold(s, "now") || strings.EqualFold(s, "today")
	d, ok := r.now(), true
	if !now {
		d, ok = parseDate(s, int64(r.now()&dateMask)/format.TicksPerDay*format.TicksPerDay)
	}
	if !ok || !now && (form == nil || clr.IsBlank(form)) {
		return str(s)
	}
	return formatDate(d, form)
}

// now is DateTime.Now in UTC.
func (r *run) now() types.DateTime {
	t := r.t.Clock().UTC()
	year, month, day := t.Date()
	ticks, _ := format.DateTicks(year, int(month), day)
	ticks += int64(t.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)) / 100)
	return types.DateTime(uint64(ticks) | 2<<62)
}

func formatDate(d types.DateTime, form *types.String) Value {
	pattern := ""
	if form != nil && !clr.IsBlank(form) {
		pattern = form.Go()
	}
	s, message := format.Date(moment(d), pattern)
	if message != "" {
		throw(excFormat, "%s", message)
	}
	return str(s)
}
