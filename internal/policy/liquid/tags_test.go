package liquid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/policy/liquid"
)

// rendering is a template and its text, or a part of its error.
type rendering struct{ name, template, want, fails string }

func check(t *testing.T, tests []rendering) {
	t.Helper()
	g := globals(t)
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			got, err := render(x.template, g, liquid.Options{})
			if x.fails != "" {
				if err == nil || !strings.Contains(err.Error(), x.fails) {
					t.Fatalf("render(%q) = %q, %v; want an error with %q", x.template, got, err, x.fails)
				}
				return
			}
			if err != nil || got != x.want {
				t.Fatalf("render(%q) = %q, %v; want %q", x.template, got, err, x.want)
			}
		})
	}
}

func TestTags(t *testing.T) {
	check(t, []rendering{
		{"assign keeps the type", `{% assign n = body.nums %}{{ n[1] }}{{ n.size }}`, "13", ""},
		{"assign is seen outside of its block", `{% if true %}{% assign x = 1 %}{% endif %}{{ x }}`, "1", ""},
		{"assign without a source", `{% assign x %}`, "", "line 1, column 1: Syntax Error in 'assign' tag"},
		{"assign to the last name before the sign", `{% assign a b = 1 %}{{ a }}{{ b }}`, "1", ""},
		{"capture is text", `{% capture x %}{{ body.nums }}{% endcapture %}{{ x.size }}`, "3", ""},
		{"capture that is left sets nothing", `{% for i in (1..2) %}{% capture x %}a{% break %}{% endcapture %}{% endfor %}[{{ x }}]`, "[]", ""},
		{"capture of a quoted name", `{% capture 'x' %}{% endcapture %}`, "", "Syntax Error in 'capture' tag"},
		{"case renders all branches that match", `{% case body.id %}{% when 1 or 42, 42 %}x{% when "42" %}y{% else %}z{% endcase %}`, "xxy", ""},
		{"case with else", `{% case body.id %}text{% when 1 %}x{% else %}z{% endcase %}`, "z", ""},
		{"case else with a condition", `{% case 1 %}{% else x %}{% endcase %}`, "", "Valid else condition: {% else %} (no parameters)"},
		{"comment", `a{% comment %}{% if %}{{ "{% endcomment %}b`, "ab", ""},
		{"comment in a shorthand", "{ # all of it # }\n", "", ""},
		{"comment never closed", "\n {% comment %}", "", "line 2, column 2: comment tag was never closed"},
		{"cycle", `{% for i in (1..4) %}{% cycle "a", 2, body.vip %}{% endfor %}`, "a2Truea", ""},
		{"cycle by name", `{% cycle "x": 1, 2 %}{% cycle "y": 1, 2 %}{% cycle "x": 1, 2 %}`, "112", ""},
		{"cycle of nothing", `{% cycle nil %}`, "", "Object reference"},
		{"for with offset, limit and continue", `{% for i in (1..6) limit: 2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset:continue %}{{ i }}{% endfor %}`, "12-3456", ""},
		{"for else", `{% for i in body.none_list %}x{% else %}none{% endfor %}{% for i in body.id %}x{% else %}!{% endfor %}`, "none!", ""},
		{"for over characters", `{% for c in "abc" reversed %}{{ c }}{% endfor %}`, "cba", ""},
		{"for over entries that are dictionaries", `{% for e in body.customer %}{{ e.Key }}:{{ e.city }}{{ e.itemName }} {% endfor %}`, "name: address:Ljubljanaaddress ", ""},
		{"forloop", `{% for i in (5..6) %}{{ forloop.index0 }}{{ forloop.rindex }}{{ forloop.last }} {% endfor %}{{ forloop }}`, "02false 11true ", ""},
		{"for without in", `{% for i on x %}{% endfor %}`, "", "Syntax Error in 'for' tag"},
		{"break outside of a loop ends the text", `a{% if true %}{% break %}{% endif %}b`, "a", ""},
		{"elseif and elsif", `{% if body.off %}1{% elseif body.none %}2{% elsif body.vip %}3{% else %}4{% endif %}`, "3", ""},
		{"and binds what follows", `{% if body.off and body.off or body.vip %}y{% else %}n{% endif %}`, "n", ""},
		{"brackets are passed over", `{% if (body.vip and (body.id == 42)) %}y{% endif %}`, "y", ""},
		{"no spaces, no operator", `{% if body.id==41 %}y{% else %}n{% endif %}`, "n", ""},
		{"if without a condition", `{% if %}{% endif %}`, "", "Syntax Error in 'if' tag"},
		{"if with and at the end", `{% if a and %}{% endif %}`, "", "Syntax Error in 'if' tag"},
		{"if never closed", `{% if true %}{% for i in x %}{% endfor %}`, "", "line 1, column 1: if tag was never closed"},
		{"the wrong end", `{% if true %}{% endfor %}`, "", "Unknown tag 'endfor'"},
		{"a mere end", `{% if true %}{% end %}`, "", "'end' is not a valid delimiter for if tags. Use endif"},
		{"else where none may be", `{% capture x %}{% else %}{% endcapture %}`, "", "capture tag does not expect else tag"},
		{"unless with elsif", `{% unless true %}a{% elsif true %}b{% endunless %}`, "b", ""},
		{"ifchanged", `{% for i in body.tags %}{% ifchanged %}{{ "x" }}{% endifchanged %}{{ i }}{% endfor %}`, "xxyz", ""},
		{"include", `{% if false %}{% include 'a' %}{% endif %}{% include 'a' %}`, "", "This liquid context does not allow includes"},
		{"extends", `{% extends 'a' %}`, "", "does not allow includes"},
		{"extends behind text", `x{% extends 'a' %}`, "", "must be the first tag"},
		{"block", `{% block a %}{{ body.id }}{{ block }}{% endblock %}`, "42", ""},
		{"block twice", `{% block a %}{% endblock %}{% block a %}{% endblock %}`, "", "Block 'a' already defined"},
		{"raw with hyphens", `{%- raw -%} {{ x }} {%- endraw -%} `, "{{ x }} ", ""},
		{"raw with words", `{% raw x %}{% endraw %}`, "", "Syntax Error in 'raw' tag - Valid syntax: raw"},
		{"literal in a shorthand", `{{{ {% if %} }}}`, "{% if %}", ""},
		{"counters stand beside variables", `{% assign n = 7 %}{% increment n %}{% increment n %}{{ n }}{% decrement n %}`, "0171", ""},
		{"counter over a body", `{% increment body %}`, "", "Unable to cast object of type 'DotLiquid.Hash'"},
		{"tablerow with offset", `{% tablerow i in (1..3) cols:1 offset:1 %}{{ tablerowloop.index }}{% endtablerow %}`, "<tr class=\"row1\">\n<td class=\"col1\">1</td></tr>\n<tr class=\"row2\"><td class=\"col1\">2</td></tr>\n", ""},
		{"param that is in force", `{% param culture = "en-US" %}x`, "x", ""},
		{"param that is not", `{% param date_format = "ruby" %}x`, "", "The dateformat 'ruby' is not supported"},
		{"hyphens take blanks away", "a \t{{- body.id -}}\n b {%- if true -%}  c{% endif %}", "a42 bc", ""},
		{"over the end of a line", "{% if true\n%}{% endif %}", "", "a tag stands on one line"},
		{"a tag without its end", "x\n{{ body.id }", "", "line 2, column 1: Variable '{{ body.id }' was not properly terminated"},
		{"a quote without its end", `{{ "x }}`, "", "was not properly terminated"},
		{"nothing in it", `[{{}}][{{ }}][{{ | Upcase }}]`, "[][][]", ""},
		{"eighty blocks", strings.Repeat("{% if true %}", 80) + "x" + strings.Repeat("{% endif %}", 80), "x", ""},
		{"eighty-one", strings.Repeat("{% if true %}", 81) + "x" + strings.Repeat("{% endif %}", 81), "", "Nesting too deep"},
		{"far too deep", strings.Repeat("{% capture x %}", 5000), "", "Tags nest more than 200 deep"},
	})
}

func TestVariablesAndConditions(t *testing.T) {
	check(t, []rendering{
		{"negative index", `{{ body.tags[-1] }}{{ body.tags[7] }}{{ body.tags[1.0] }}`, "zy", ""},
		{"index by name and by variable", `{% assign k = "name" %}{{ body["customer"][k] }}{{ body[k] }}`, "GraceAda Lovelace", ""},
		{"index by nothing", `{{ body[nothing] }}`, "", "Value cannot be null. (Parameter 'key')"},
		{"first, last and size of texts", `{{ body.name.first }}{{ body.name.last }}{{ body.name.Size }}`, "Ae12", ""},
		{"size of a dictionary", `{{ body.customer.size }}{{ body.customer.first.Key }}`, "2name", ""},
		{"names compare with case", `[{{ body.Name }}]`, "[]", ""},
		{"literals", `{{ "a" }}{{ 'b' }}{{ 1 }}{{ 1.50 }}{{ true }}{{ nil }}{{ -2 }}{{ 1,000.5 }}{{ 3000000000 }}`, "ab11.5true-21000.53000000000", ""},
		{"a number that is none", `{{ 1.5.5 }}`, "", "The input string '1.5.5' was not in a correct format."},
		{"ranges", `{{ (1..3) }}{{ (3..1) }}{{ (body.nums.last..3) | Join: "," }}`, "1232,3", ""},
		{"range of a text", `{{ (1.."x") }}`, "", "was not in a correct format"},
		{"fractions round to the left side's type", `{% if body.id >= 41.6 %}y{% endif %}{% if body.id == 41.6 %}z{% endif %}`, "yz", ""},
		{"text and number", `{% if body.num == 12.5 %}a{% endif %}{% if "12.50" == 12.5 %}b{% endif %}{% if true == "true" %}c{% endif %}`, "ac", ""},
		{"comparison with text that is no number", `{% if body.id < "x" %}{% endif %}`, "", "was not in a correct format"},
		{"comparison with nothing", `{% if body.none < 1 or 1 > body.none %}y{% else %}n{% endif %}`, "n", ""},
		{"dictionaries have no order", `{% if body < body.customer %}{% endif %}`, "", "IComparable"},
		{"lists are equal by elements", `{% if body.tags == body.tags and body.nums != body.tags %}y{% endif %}`, "y", ""},
		{"empty and blank", `{% if body.none_list == empty and body.space != blank and body.missing == blank and "" == empty %}y{% endif %}`, "y", ""},
		{"contains in lists", `{% if body.nums contains 3 and body.mixed Contains 2.5 %}y{% endif %}{% if body.nums contains "3" %}z{% endif %}`, "y", ""},
		{"contains of another type in a text", `{% if body.name contains 1 %}{% endif %}`, "", "Unable to cast object of type 'System.Int32'"},
		{"startsWith and endswith", `{% if body.name startsWith "Ada" and body.name endswith "ce" and body.tags StartsWith "x" and body.tags endsWith "z" %}y{% endif %}`, "y", ""},
		{"hasKey and hasValue", `{% if body.customer hasKey "name" and body.customer hasvalue "Grace" %}y{% endif %}{% if body.id hasKey "x" %}z{% endif %}`, "y", ""},
		{"another sign for unequal", `{% if 1 <> 2 %}y{% endif %}`, "y", ""},
		{"unknown operator where it is reached", `{% if false and a is b %}{% endif %}x{% if a is b %}{% endif %}`, "", "Unknown operator is"},
	})
}

func TestBudgets(t *testing.T) {
	g := globals(t)
	tests := []struct {
		name, template string
		options        liquid.Options
		want           string
	}{
		{"steps", `{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}`, liquid.Options{Steps: 10_000}, "budget of steps"},
		{"a range beyond all memory", `{% for i in (1..2000000000) %}{% endfor %}`, liquid.Options{}, "budget of steps"},
		{"memory", `{% assign x = "aaaaaaaaaaaaaaaa" %}{% for i in (1..60) %}{% assign x = x | Append: x %}{% endfor %}`, liquid.Options{MemoryBytes: 1 << 20}, "budget of memory"},
		{"output", `{% for i in (1..1000) %}aaaaaaaaaa{% endfor %}`, liquid.Options{OutputBytes: 100}, "larger than 100 bytes"},
		{"repeated text", `{{ "x" | Times: 2000000000 }}`, liquid.Options{}, "budget of steps"},
		{"time", `{% for i in (1..100000) %}{% for j in (1..100000) %}{% endfor %}{% endfor %}`, liquid.Options{Steps: 1 << 50, MemoryBytes: 1 << 40, Time: time.Millisecond}, "budget of time"},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			if _, err := render(x.template, g, x.options); err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("render(%q): %v; want %q", x.template, err, x.want)
			}
		})
	}
}

func TestRemarks(t *testing.T) {
	tpl, err := liquid.Compile("{{ a | upcase }}\n{% include 'x' %}{{ a | NoSuch }}")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range tpl.Remarks() {
		got = append(got, r.Message)
	}
	want := "There is no filter 'upcase'; what stands before it is passed on. Did you mean 'Upcase'?|There are no other templates that 'include' could find.|There is no filter 'NoSuch'; what stands before it is passed on."
	if strings.Join(got, "|") != want || !tpl.Remarks()[1].Fatal {
		t.Errorf("Remarks() = %q", got)
	}
}

// FuzzRender asserts that any template ends, with a text or an error that has a place in it.
func FuzzRender(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Template)
	}
	g := globals(f)
	f.Fuzz(func(t *testing.T, template string) {
		_, err := render(template, g, liquid.Options{Steps: 20_000, MemoryBytes: 8 << 20, OutputBytes: 1 << 20, Time: 2 * time.Second})
		if err == nil {
			return
		}
		if e, ok := err.(*liquid.Error); !ok || e.Offset < 0 || e.Offset > len(template) || e.Line < 1 || e.Column < 1 || e.Message == "" {
			t.Fatalf("%q: %v", template, err)
		}
	})
}

// TestHostileTemplates are texts on which a reader that looks again and again from each place would take minutes.
func TestHostileTemplates(t *testing.T) {
	n := liquid.MaxTemplateBytes / 2
	for name, template := range map[string]string{
		"brackets":    "{{ " + strings.Repeat("[", n) + " }}",
		"pairs":       "{{ " + strings.Repeat("[]", n/2) + " }}",
		"round ones":  "{{ " + strings.Repeat("(", n) + "1..2" + strings.Repeat("..3)", n/8) + " }}",
		"quotes":      "{{ a | b: " + strings.Repeat("'\"", n/2) + " }}",
		"colons":      "{{ a | b" + strings.Repeat(": ", n/2) + " }}",
		"words":       "{% assign " + strings.Repeat("a ", n/2) + " %}",
		"in":          "{% for " + strings.Repeat("a in ", n/5) + " %}{% endfor %}",
		"attributes":  "{% for a in b " + strings.Repeat("a", n) + " %}{% endfor %}",
		"and":         "{% if a" + strings.Repeat(" and a", 499) + " %}{% endif %}",
		"too many or": "{% if a" + strings.Repeat(" or a", n/5) + " %}{% endif %}",
		"when":        "{% case 1 %}{% when 1" + strings.Repeat(",1", n/2) + " %}{% endcase %}",
		"cycle":       "{% cycle " + strings.Repeat("a", n) + " %}",
		"braces":      strings.Repeat("{", n),
		"raw":         "{% raw %}" + strings.Repeat("{% endra", n/8),
		"hyphens":     strings.Repeat("{{-a-}}", n/7),
		"blocks":      strings.Repeat("{% block a %}{% endblock %}", n/27),
		"filters":     "{{ a" + strings.Repeat(" | b", n/4) + " }}",
		"tags":        strings.Repeat("{%", n/2),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, _ = render(template, nil, liquid.Options{})
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}
