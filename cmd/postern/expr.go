package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/source"
)

func exprCommand() *cobra.Command {
	c := &cobra.Command{Use: "expr", Short: "Policy expressions, offline"}
	c.AddCommand(exprEvalCommand())
	return c
}

func exprEvalCommand() *cobra.Command {
	var contextFile, certificatesFile string
	var jsonl bool
	c := &cobra.Command{
		Use:   "eval [EXPRESSION…]",
		Short: "Evaluate expressions: @( … ) or @{ … }",
		Long: `Evaluates policy expressions in a context from a file, and prints each result's type and value. With --jsonl,
lines {"id","expr","ctx"?,"variables"?} on standard input are answered by one line each, in the same order; "ctx":"x" is
x.json beside the --context file. Without --context the request is a plain GET.`,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := newEvaluator(contextFile, certificatesFile)
			if err != nil {
				return err
			}
			if jsonl {
				if len(args) > 0 {
					return errors.New("--jsonl reads standard input and takes no expression")
				}
				return e.lines(c.InOrStdin(), c.OutOrStdout())
			}
			if len(args) == 0 {
				return errors.New("give an expression such as '@(1 + 2)', or use --jsonl")
			}
			return e.args(c.OutOrStdout(), args)
		},
	}
	c.Flags().StringVar(&contextFile, "context", "", "file with the context (JSON)")
	c.Flags().StringVar(&certificatesFile, "certificates", "", "file with the certificates that contexts name (JSON)")
	c.Flags().BoolVar(&jsonl, "jsonl", false, "answer lines of standard input")
	return c
}

// plainContext is the context where no file is given.
const plainContext = `{"requestId":"00000000-0000-0000-0000-000000000000","timestamp":"2026-01-01T00:00:00Z","elapsed":"00:00:00",
"deployment":{"gatewayId":"managed","gatewayInstanceId":"local","region":"local","serviceName":"local"},
"request":{"method":"GET","url":"https://localhost/","originalUrl":"https://localhost/","ipAddress":"127.0.0.1","headers":[["Host","localhost"]]}}`

// evaluator evaluates expressions in contexts of one folder.
type evaluator struct {
	folder       string
	certificates []byte
	standard     *exprctx.Scenario
	others       map[string]*exprctx.Scenario
}

func newEvaluator(contextFile, certificatesFile string) (*evaluator, error) {
	e := &evaluator{folder: filepath.Dir(contextFile), others: map[string]*exprctx.Scenario{}}
	var err error
	if certificatesFile != "" {
		if e.certificates, err = os.ReadFile(certificatesFile); err != nil {
			return nil, err
		}
	}
	data := []byte(plainContext)
	if contextFile != "" {
		if data, err = os.ReadFile(contextFile); err != nil {
			return nil, err
		}
	} else {
		contextFile = "the plain context"
	}
	if e.standard, err = exprctx.LoadScenario(data, e.certificates); err != nil {
		return nil, fmt.Errorf("%s: %w", contextFile, err)
	}
	return e, nil
}

var contextName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// scenario is the context of that name; empty: the standard one.
func (e *evaluator) scenario(name string) (*exprctx.Scenario, error) {
	if name == "" {
		return e.standard, nil
	}
	if s := e.others[name]; s != nil {
		return s, nil
	}
	if !contextName.MatchString(name) {
		return nil, fmt.Errorf("%q is not the name of a context", name)
	}
	data, err := os.ReadFile(filepath.Join(e.folder, name+".json"))
	if err != nil {
		return nil, err
	}
	s, err := exprctx.LoadScenario(data, e.certificates)
	if err != nil {
		return nil, fmt.Errorf("%s.json: %w", name, err)
	}
	e.others[name] = s
	return s, nil
}

type exprCase struct {
	ID        string                      `json:"id"`
	Ctx       string                      `json:"ctx"`
	Expr      string                      `json:"expr"`
	Variables map[string]exprctx.Variable `json:"variables"`
}

// exprResult is a result line of conformance/FORMAT.md; exactly one of Type, Error and CompileError is there.
type exprResult struct {
	ID           string     `json:"id"`
	Type         string     `json:"type,omitempty"`
	Value        *string    `json:"value,omitempty"`
	Error        *exprError `json:"error,omitempty"`
	CompileError string     `json:"compileError,omitempty"`
	At           string     `json:"at,omitempty"`
}

type exprError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// nullResult is the line of a null, whose value is written.
type nullResult struct {
	ID    string  `json:"id"`
	Type  string  `json:"type"`
	Value *string `json:"value"`
}

func (e *evaluator) lines(in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	err := eachLine(in, func(line []byte) error {
		var c exprCase
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		r, err := e.evaluate(c)
		if err != nil {
			return err
		}
		if r.Type == "null" {
			return writeLine(w, nullResult{ID: r.ID, Type: r.Type})
		}
		return writeLine(w, r)
	})
	return errors.Join(err, w.Flush())
}

// evaluate compiles and runs one case. The error is about the case itself: an unknown context, a wrong variable.
func (e *evaluator) evaluate(c exprCase) (exprResult, error) {
	r := exprResult{ID: c.ID}
	scenario, err := e.scenario(c.Ctx)
	if err != nil {
		return r, err
	}
	program, diagnostics := csharp.Compile(c.Expr, exprctx.Env())
	if program == nil {
		r.CompileError, r.At = compileError(c.Expr, diagnostics)
		return r, nil
	}
	thread, err := scenario.Thread(c.Variables)
	if err != nil {
		return r, err
	}
	thread.Start(exprctx.DefaultBudget)
	value, err := program.Run(thread)
	var text string
	if err == nil {
		r.Type, text, err = csharp.Canonical(thread, value, program.Result())
		r.Value = &text
	}
	if err != nil {
		r.Type, r.Value, r.Error = "", nil, exceptionOf(err)
	}
	return r, nil
}

func exceptionOf(err error) *exprError {
	if x, ok := errors.AsType[*types.Exception](err); ok {
		return &exprError{x.T.FullName(), x.Message()}
	}
	return &exprError{"System.TimeoutException", err.Error()}
}

// compileError is the first error's code and text, and its place in the text after "@(" or "@{".
func compileError(expr string, diagnostics []source.Diagnostic) (message, at string) {
	for _, d := range diagnostics {
		if d.Severity == source.Error {
			body := source.NewText("", strings.TrimPrefix(strings.TrimPrefix(expr, "@("), "@{"))
			skipped := len(expr) - len(body.Content)
			if d.Span.Start < skipped { // said of the whole, as "not all code paths return a value" is
				return d.Code + " " + d.Message, ""
			}
			return d.Code + " " + d.Message, body.Position(d.Span.Start - skipped).String()
		}
	}
	return "", ""
}

// args evaluates expressions of the command line and prints for people.
func (e *evaluator) args(out io.Writer, expressions []string) error {
	failed := false
	for _, x := range expressions {
		r, err := e.evaluate(exprCase{Expr: x})
		switch {
		case err != nil:
			return err
		case r.CompileError != "":
			fmt.Fprintf(out, "error at %s: %s\n", r.At, r.CompileError)
			failed = true
		case r.Error != nil:
			fmt.Fprintf(out, "%s: %s\n", r.Error.Type, r.Error.Message)
			failed = true
		case r.Type == "null":
			fmt.Fprintln(out, "null")
		default:
			fmt.Fprintf(out, "%s: %s\n", r.Type, *r.Value)
		}
	}
	if failed {
		return errNo
	}
	return nil
}
