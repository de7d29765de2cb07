// Command postern is an API gateway and control plane that secures APIs with
// client certificates the way Azure API Management does.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, the same for every command.
const (
	exitYes   = 0 // done; the answer is yes
	exitNo    = 1 // the answer is no: not verified, a document with errors, a request refused
	exitUsage = 2 // bad usage or unreadable input
)

// noError says "no" without another word: the command has printed what there is to say.
var errNo = errors.New("no")

// refusal is an error that means "no" rather than bad usage.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitYes
	case errors.Is(err, errNo):
		return exitNo
	}
	fmt.Fprintln(os.Stderr, "postern:", err)
	if _, ok := errors.AsType[refusal](err); ok {
		return exitNo
	}
	return exitUsage
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "postern",
		Short:         "API gateway and control plane that secures APIs with client certificates",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), devCommand(), tokenCommand(), applicationCommand(), applyCommand(), policyCommand(), exprCommand(), liquidCommand(), certCommand(), portalCommand(), keyCommand(), backupCommand(), restoreCommand(), versionCommand())
	return root
}

// dataDirFlag adds --data-dir to a command that talks to a running Postern.
func dataDirFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "data-dir", "", "data directory of the running postern (default: $XDG_STATE_HOME/postern)")
}
