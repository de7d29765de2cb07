package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/internal/policy/liquid"
)

func liquidCommand() *cobra.Command {
	c := &cobra.Command{Use: "liquid", Short: "Liquid templates of set-body, offline"}
	c.AddCommand(liquidRenderCommand())
	return c
}

func liquidRenderCommand() *cobra.Command {
	var bodyFile string
	var jsonl bool
	c := &cobra.Command{
		Use:   "render [FILE…]",
		Short: "Render templates",
		Long: `Renders Liquid templates as set-body does, with the JSON or XML of the --body file as 'body'. With --jsonl, lines
{"id","template"} on standard input are answered by lines {"id","value"} or {"id","error","message"}, in the same order.`,
		RunE: func(c *cobra.Command, args []string) error {
			globals, err := liquidGlobals(bodyFile)
			if err != nil {
				return err
			}
			if jsonl {
				if len(args) > 0 {
					return errors.New("--jsonl reads standard input and takes no file")
				}
				return renderLines(c.InOrStdin(), c.OutOrStdout(), globals)
			}
			if len(args) == 0 {
				return errors.New("give a file with a template, or use --jsonl")
			}
			return renderFiles(c.OutOrStdout(), c.ErrOrStderr(), args, globals)
		},
	}
	c.Flags().StringVar(&bodyFile, "body", "", "file with the body (JSON, or XML where it begins with '<')")
	c.Flags().BoolVar(&jsonl, "jsonl", false, "answer lines of standard input")
	return c
}

func liquidGlobals(file string) (*liquid.Hash, error) {
	globals := liquid.NewHash()
	if file == "" {
		return globals, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	var body liquid.Value
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		body, err = liquid.XML([]byte(text), false)
	} else {
		body, err = liquid.JSON(text, true)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return globals.Set("body", body), nil
}

// liquidResult is an answer line; exactly one of Value and Error is there.
type liquidResult struct {
	ID      string  `json:"id"`
	Value   *string `json:"value,omitempty"`
	Error   string  `json:"error,omitempty"`
	Message string  `json:"message,omitempty"`
}

func renderLines(in io.Reader, out io.Writer, globals *liquid.Hash) error {
	w := bufio.NewWriter(out)
	err := eachLine(in, func(line []byte) error {
		var c struct{ ID, Template string }
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		r := liquidResult{ID: c.ID}
		text, err := renderTemplate(c.Template, globals)
		if e, ok := errors.AsType[*liquid.Error](err); ok {
			r.Error, r.Message = e.Type, e.Error()
		} else if err != nil {
			return err
		} else {
			r.Value = &text
		}
		return writeLine(w, r)
	})
	return errors.Join(err, w.Flush())
}

func renderTemplate(source string, globals *liquid.Hash) (string, error) {
	t, err := liquid.Compile(source)
	if err != nil {
		return "", err
	}
	return t.Render(globals, liquid.Options{})
}

// renderFiles writes what each template gives; what is wrong with one goes to errOut, and the exit status is 1.
func renderFiles(out, errOut io.Writer, files []string, globals *liquid.Hash) error {
	failed := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text, err := renderTemplate(string(data), globals)
		if e, ok := errors.AsType[*liquid.Error](err); ok {
			fmt.Fprintf(errOut, "%s:%d:%d: error: %s\n", file, e.Line, e.Column, e.Message)
			failed = true
			continue
		} else if err != nil {
			return err
		}
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
	}
	if failed {
		return errNo
	}
	return nil
}
