package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
	"github.com/postern-gateway/postern/pki/verify"
)

// maxLine is the longest line of --jsonl input.
const maxLine = 64 << 20

func certCommand() *cobra.Command {
	c := &cobra.Command{Use: "cert", Short: "Look at certificates as .NET does"}
	c.AddCommand(certShowCommand(), certVerifyCommand())
	return c
}

type showOptions struct {
	password      string
	hasPassword   bool
	asJSON, jsonl bool
}

func certShowCommand() *cobra.Command {
	var o showOptions
	c := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Print a certificate file (PEM, DER, PFX) as .NET names it",
		Long: `Prints a certificate as .NET's X509Certificate2 does. With --jsonl, lines {"id","pem"} or {"id","data","password"}
on standard input are answered by one line each, in the same order.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.hasPassword = c.Flags().Changed("password")
			if o.jsonl {
				if len(args) > 0 {
					return errors.New("--jsonl reads standard input and takes no file")
				}
				return showLines(c.InOrStdin(), c.OutOrStdout())
			}
			if len(args) == 0 {
				return errors.New("name a certificate file, or use --jsonl")
			}
			return showFile(c, o, args[0])
		},
	}
	c.Flags().StringVar(&o.password, "password", "", "password of a PFX")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print a JSON object")
	c.Flags().BoolVar(&o.jsonl, "jsonl", false, "answer lines of standard input")
	return c
}

func showFile(c *cobra.Command, o showOptions, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var password *string
	if o.hasPassword {
		password = &o.password
	}
	identity, err := pfx.Load(data, password)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if o.asJSON {
		return writeLine(c.OutOrStdout(), cert.NewView(identity.Certificate, identity.Key != nil))
	}
	text, err := identity.Certificate.Text(true)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = fmt.Fprint(c.OutOrStdout(), text)
	return err
}

// writeLine writes v as one line of JSON, with <, > and & as they are.
func writeLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// eachLine calls f with each line that is not empty.
func eachLine(in io.Reader, f func(line []byte) error) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 1<<16), maxLine)
	for n := 1; scanner.Scan(); n++ {
		if len(bytes.TrimSpace(scanner.Bytes())) == 0 {
			continue
		}
		if err := f(scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d of standard input: %w", n, err)
		}
	}
	return scanner.Err()
}

type showError struct {
	ID      string `json:"id"`
	Error   string `json:"error"`
	Message string `json:"message"`
}

func showLines(in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	err := eachLine(in, func(line []byte) error {
		var q struct {
			ID, PEM, Data string
			Password      *string
		}
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		return writeLine(w, showLine(q.ID, q.PEM, q.Data, q.Password))
	})
	return errors.Join(err, w.Flush())
}

func showLine(id, text, data string, password *string) any {
	if text == "" {
		raw, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return showError{id, "System.FormatException", err.Error()}
		}
		return struct {
			ID string `json:"id"`
			pfx.View
		}{id, pfx.NewView(raw, password)}
	}
	x, err := cert.ParsePEM([]byte(text))
	if err != nil {
		kind := cert.CryptographicException
		if e, ok := errors.AsType[*cert.Exception](err); ok {
			kind = e.Type
		}
		return showError{id, kind, err.Error()}
	}
	return struct {
		ID string `json:"id"`
		cert.View
	}{id, cert.NewView(x, false)}
}

type verifyOptions struct {
	roots, intermediates, sent        []string
	noRevocation, systemRoots, strict bool
	asJSON, jsonl                     bool
	at                                string
	revocation                        revocationFlags
}

func certVerifyCommand() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify [flags] LEAF",
		Short: "Say whether .NET's Verify() holds for a certificate, and why",
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(c *cobra.Command, args []string) error { return certVerify(c, o, args) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.roots, "root", nil, "file of trusted roots")
	f.StringArrayVar(&o.intermediates, "intermediate", nil, "file of intermediate certificates that the service has")
	f.StringArrayVar(&o.sent, "sent", nil, "file of certificates that the client sends beside its own")
	f.BoolVar(&o.noRevocation, "no-revocation", false, "leave revocation out: VerifyNoRevocation()")
	f.StringVar(&o.at, "at", "", "instant to judge at (RFC 3339); now if left out")
	o.revocation.register(f)
	f.BoolVar(&o.strict, "strict", false, "refuse what .NET lets pass: another purpose, unfulfilled policies, forbidden forms, SHA-1, small keys")
	f.BoolVar(&o.systemRoots, "system-roots", false, "trust the system's roots too")
	f.BoolVar(&o.asJSON, "json", false, "print a JSON object")
	f.BoolVar(&o.jsonl, "jsonl", false, `answer lines {"id","leaf","sent","roots","intermediates"} of standard input`)
	return c
}

func certVerify(c *cobra.Command, o verifyOptions, args []string) error {
	opts, err := o.options()
	if err != nil {
		return err
	}
	if o.jsonl {
		if len(args) > 0 {
			return errors.New("--jsonl reads standard input and takes no file")
		}
		return verify.Lines(c.InOrStdin(), c.OutOrStdout(), opts)
	}
	if len(args) == 0 {
		return errors.New("name a certificate file, or use --jsonl")
	}
	in, err := o.input(args[0])
	if err != nil {
		return err
	}
	detail := verify.Explain(in, opts)
	if o.asJSON {
		err = writeLine(c.OutOrStdout(), detail)
	} else {
		err = detail.WriteText(c.OutOrStdout())
	}
	if err == nil && !detail.Verify {
		err = errNo
	}
	return err
}

func (o verifyOptions) options() (verify.Options, error) {
	opts := verify.Options{NoRevocation: o.noRevocation, Strict: o.strict}
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return opts, fmt.Errorf("--at: %q is not a time such as 2026-03-01T00:00:00Z", o.at)
		}
		opts.Now = at
	}
	var err error
	if opts.Checker, opts.Mode, err = o.revocation.checker(); err != nil {
		return opts, err
	}
	if o.systemRoots {
		opts.SystemRoots, err = verify.SystemRoots()
	}
	return opts, err
}

func (o verifyOptions) input(leaf string) (verify.Input, error) {
	var in verify.Input
	data, err := os.ReadFile(leaf)
	if err != nil {
		return in, err
	}
	identity, err := pfx.Load(data, nil)
	if err != nil {
		return in, fmt.Errorf("%s: %w", leaf, err)
	}
	in.Leaf = identity.Certificate
	for _, list := range []struct {
		files []string
		into  *[]*cert.Certificate
	}{{o.sent, &in.Sent}, {o.roots, &in.Roots}, {o.intermediates, &in.Intermediates}} {
		for _, name := range list.files {
			certs, err := readCertificates(name)
			if err != nil {
				return in, err
			}
			*list.into = append(*list.into, certs...)
		}
	}
	return in, nil
}

// readCertificates reads all certificates of a file: PEM with one or more, or DER.
func readCertificates(name string) ([]*cert.Certificate, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(data); block != nil {
		certs, err := cert.ParseAllPEM(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return certs, nil
	}
	x, err := cert.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return []*cert.Certificate{x}, nil
}
