package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

func policyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Policy documents, offline"}
	c.AddCommand(policyCheckCommand())
	return c
}

type checkOptions struct {
	format, scope, namedValues, fragments string
	apim, asJSON                          bool
}

func policyCheckCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "Compile policy documents and fragments; exit 1 if one has errors",
		Long: `Compiles policy documents (root <policies>) and fragments (root <fragment>). Without --scope, an element may stand
where any scope allows it. A {{name}} that --named-values does not give is text in literals and in C# strings and a dynamic
value elsewhere in C#, with a warning. FILE - is standard input.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return policyCheck(c, o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "auto", "auto, rawxml or xml")
	f.StringVar(&o.scope, "scope", "", "global, workspace, product, api or operation")
	f.StringVar(&o.namedValues, "named-values", "", "file of named values: a YAML or JSON mapping of names to texts")
	f.StringVar(&o.fragments, "fragments", "", "folder of fragments, ID.xml each")
	f.BoolVar(&o.apim, "apim", false, "warn of what runs here and API Management would refuse")
	f.BoolVar(&o.asJSON, "json", false, "print each diagnostic as a JSON object on a line of its own")
	return c
}

// diagnosticLine is a diagnostic as --json prints it.
type diagnosticLine struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

func policyCheck(c *cobra.Command, o checkOptions, files []string) error {
	opts, err := o.surroundings()
	if err != nil {
		return err
	}
	compiler := policy.NewCompiler(element.All(), exprctx.NewLanguage(exprctx.DefaultBudget))
	var unreadable []error
	bad := false
	for _, file := range files {
		text, err := readText(c.InOrStdin(), file)
		if err != nil {
			unreadable = append(unreadable, err)
			continue
		}
		diagnostics := compiler.Check(file, text, opts)
		slices.SortStableFunc(diagnostics, func(a, b source.Diagnostic) int { return a.Span.Start - b.Span.Start })
		bad = bad || source.Errors(diagnostics)
		if err := printDiagnostics(c.OutOrStdout(), o.asJSON, source.NewText(file, text), diagnostics); err != nil {
			return err
		}
	}
	switch {
	case len(unreadable) > 0:
		return errors.Join(unreadable...)
	case bad:
		return errNo
	}
	return nil
}

func readText(stdin io.Reader, file string) (string, error) {
	if file == "-" {
		data, err := io.ReadAll(stdin)
		return string(data), err
	}
	data, err := os.ReadFile(file)
	return string(data), err
}

func printDiagnostics(w io.Writer, asJSON bool, text *source.Text, diagnostics []source.Diagnostic) error {
	for _, d := range diagnostics {
		at := text.Position(d.Span.Start)
		var err error
		if asJSON {
			err = writeLine(w, diagnosticLine{text.Name, at.Line, at.Column, d.Code, d.Severity.String(), d.Message})
		} else {
			_, err = fmt.Fprintln(w, text.Snippet(d))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o checkOptions) surroundings() (policy.CheckOptions, error) {
	opts := policy.CheckOptions{Offline: true, APIM: o.apim}
	var ok bool
	if opts.Format, ok = policyxml.ParseFormat(o.format); !ok {
		return opts, fmt.Errorf("--format: %q is not one of auto, rawxml, xml", o.format)
	}
	if o.scope != "" {
		scope, ok := policy.ParseScope(o.scope)
		if !ok {
			return opts, fmt.Errorf("--scope: %q is not one of global, workspace, product, api, operation", o.scope)
		}
		opts.Scope = &scope
	}
	if o.namedValues != "" {
		values, err := readNamedValues(o.namedValues)
		if err != nil {
			return opts, err
		}
		opts.NamedValues = func(name string) (policyxml.NamedValue, bool) {
			v, ok := values[name]
			return policyxml.NamedValue{Text: v}, ok
		}
	}
	if o.fragments != "" {
		if _, err := os.Stat(o.fragments); err != nil {
			return opts, err
		}
		opts.Fragments = func(id string) (policy.Fragment, bool) { return readFragment(o.fragments, id) }
	}
	return opts, nil
}

func readNamedValues(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var values map[string]string
	if err := yaml.Unmarshal(data, &values); err != nil {
		return nil, fmt.Errorf("%s: a mapping of names to texts is expected: %w", file, err)
	}
	return values, nil
}

func readFragment(dir, id string) (policy.Fragment, bool) {
	if strings.ContainsAny(id, `/\`) {
		return policy.Fragment{}, false
	}
	data, err := os.ReadFile(filepath.Join(dir, id+".xml"))
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(filepath.Join(dir, id))
	}
	return policy.Fragment{Text: string(data)}, err == nil
}
