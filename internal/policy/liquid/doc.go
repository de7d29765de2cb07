// Package liquid compiles and renders templates of DotLiquid's dialect, with C# names, as the set-body policy of API Management uses
// it: Size and not size for filters, .NET's numbers, dates and comparisons, US English, UTC, UTF-16 strings.
//
// DotLiquid 2.3 at its oldest compatibility level (DotLiquid20) is the model, whose grammar is a set of regular expressions; the
// functions of scan.go read texts as those expressions do, in linear time. Its oddities are kept where templates can see them: all
// matching branches of a case are rendered, filters that do not exist pass their input on, a tag does not reach over the end of a
// line, strings are sequences of characters for First, Uniq or Sort.
//
// Compile makes a Template, which is immutable and may be rendered by many goroutines at once; each Render has a budget of steps,
// memory, output and time. Errors of both have a place in the template.
//
// Values are Go values: nil, bool, int32, int64, float64, decimal.Decimal, *types.String, types.Char, types.DateTime, types.TimeSpan,
// *big.Int, *List and *Hash, and what rendering makes of them.
package liquid
