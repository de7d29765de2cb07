package csharp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// arithmetic makes random programs of arithmetic on the variables i, j (int), l (long), u (uint), d (double) and p (bool).
type arithmetic struct {
	*rand.Rand
	loops int
}

func (r *arithmetic) pick(list ...string) string { return list[r.IntN(len(list))] }

// number is an expression of int, long, uint or double.
func (r *arithmetic) number(kind string, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		switch kind {
		case "int":
			return r.pick("i", "j", "i", "j", "3", "4", "-7", "1", "2147483647")
		case "long":
			return r.pick("l", "l", "i", "5L", "8L", "-3L", "4294967296L")
		case "uint":
			return r.pick("u", "u", "7u", "2u", "4294967295u")
		}
		return r.pick("d", "d", "i", "0.5", "2.0", "-3.25")
	}
	x, y := r.number(kind, depth-1), r.number(kind, depth-1)
	switch op := r.pick("+", "-", "*", "+", "-", "*", "/", "%", "?", "&", "<<"); {
	case op == "?":
		return "(" + r.condition(depth-1) + " ? " + x + " : " + y + ")"
	case op == "/" || op == "%":
		return "(" + x + " " + op + " " + r.pick("2", "3", "8", "10", "7") + map[string]string{"uint": "u"}[kind] + ")"
	case kind == "double" && (op == "&" || op == "<<"):
		return "(" + x + " + " + y + ")"
	case op == "<<":
		return "(" + x + r.pick(" << ", " >> ") + r.pick("1", "5", "33") + ")"
	default:
		return "(" + x + " " + op + " " + y + ")"
	}
}

func (r *arithmetic) condition(depth int) string {
	if depth == 0 {
		return r.pick("p", "i > 3", "i % 2 == 0", "j % 4 != 0", "l < 100", "i == j", "i <= j", "u > 5u", "d < 2.5")
	}
	kind := r.pick("int", "long", "uint", "double", "bool")
	if kind == "bool" {
		return "(" + r.condition(depth-1) + r.pick(" && ", " || ", " == ", " ^ ") + r.condition(depth-1) + ")"
	}
	return "(" + r.number(kind, depth-1) + r.pick(" < ", " <= ", " > ", " >= ", " == ", " != ") + r.number(kind, depth-1) + ")"
}

func (r *arithmetic) statement(depth int) string {
	switch r.IntN(8) {
	case 0:
		return "p = " + r.condition(2) + ";"
	case 1:
		if depth > 0 {
			return "if (" + r.condition(2) + ") { " + r.block(depth-1) + " } else { " + r.block(depth-1) + " }"
		}
	case 2, 3:
		if depth > 0 {
			r.loops++
			n := fmt.Sprintf("n%d", r.loops)
			jump := r.pick("", "", "", "if (i == j) break;", "if (p) continue;")
			switch r.IntN(4) {
			case 0:
				return "for (long " + n + " = -1; " + n + " < 4; " + n + "++) { " + jump + r.block(depth-1) + " }"
			case 1:
				return "{ int " + n + " = 3; while (" + n + " > 0) { " + n + "--; " + r.block(depth-1) + " } }"
			case 2:
				return "for (int " + n + " = 0; " + n + " <= 3; ++" + n + ") { " + r.block(depth-1) + jump + " i += " + n + "; }"
			}
			return "for (int " + n + " = 0; " + n + " < 5; " + n + "++) " + r.statement(0)
		}
	case 4:
		return r.pick("i", "j", "l", "u", "d") + r.pick("++;", "--;", " += 2;", " -= 3;", " *= 3;", " /= 2;", " %= 5;")
	}
	switch v := r.pick("i", "j", "l", "u", "d"); v {
	case "l":
		return "l " + r.pick("", "+", "-", "*") + "= " + r.number("long", 2) + ";"
	case "u":
		return "u " + r.pick("", "+", "-", "*") + "= " + r.number("uint", 2) + ";"
	case "d":
		return "d " + r.pick("", "+", "-", "*") + "= " + r.number("double", 2) + ";"
	default:
		return v + " " + r.pick("", "+", "-", "*") + "= " + r.number("int", 3) + ";"
	}
}

func (r *arithmetic) block(depth int) string {
	list := make([]string, 1+r.IntN(3))
	for i := range list {
		list[i] = r.statement(depth)
	}
	return strings.Join(list, " ")
}

// TestRegistersAgree runs random programs twice: with their variables in registers, and with the same variables captured by a
// lambda, so that they live in cells and none of the short ways is taken.
func TestRegistersAgree(t *testing.T) {
	r := &arithmetic{Rand: rand.New(rand.NewPCG(3, 5))}
	u := clr.Universe()
	run := func(src string) string {
		p, ds := csharp.Compile(src, csharp.Env{Universe: u})
		if p == nil {
			return ds[0].Code + " " + ds[0].Message
		}
		thread := &types.Thread{U: u}
		thread.Start(types.Budget{Steps: 100_000})
		v, err := p.Run(thread)
		if err != nil {
			return err.Error()
		}
		_, text, _ := csharp.Canonical(thread, v, p.Result())
		return text
	}
	ran := 0
	for range 2000 {
		body := r.block(2)
		const vars = "int i = 5, j = -3; long l = 1L << 33; uint u = 9; double d = 1.5; bool p = true; "
		const result = ` return i + "," + j + "," + l + "," + u + "," + d + "," + p; }`
		plain := run("@{ " + vars + body + result)
		captured := run("@{ " + vars + "Action keep = () => { i = j; j = i; l = i; u = 1; d = 2; p = false; }; " + body + result)
		if plain != captured {
			t.Fatalf("%s\n in registers %s\n in cells     %s", body, plain, captured)
		}
		if strings.Count(plain, ",") == 5 {
			ran++
		}
	}
	if ran < 1700 {
		t.Errorf("only %d of 2000 programs ran to their end", ran)
	}
}
