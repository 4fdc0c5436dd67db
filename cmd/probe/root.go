package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
)

// run executes one command line and returns the exit code. Errors are printed on stderr, one line each.
func run(args []string, env *environment) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // the first signal asks, a second one ends this process at once
	root := newRoot(env)
	root.SetArgs(args)
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	err := root.ExecuteContext(ctx)
	var coded *exitcode.Error
	if errors.As(err, &coded) && coded.Err == nil {
		return coded.Code // all has been said
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "probe: %s\n", printable.Line(err.Error()))
	}
	return exitcode.Of(err)
}

func newRoot(env *environment) *cobra.Command {
	root := measureCommand(env)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError(err) })
	root.AddCommand(
		embedCommand(env), tokenizeCommand(env), exportCommand(env), telemetryCommand(env), doctorCommand(env), runtimeCommand(env),
		schemaCommand(env), versionCommand(env),
	)
	return root
}

// noArguments refuses positional arguments, and names a command that was perhaps meant.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		return exitcode.Errorf(exitcode.Usage, "no command %q; did you mean %q? (see probe --help)", args[0], similar[0])
	}
	return exitcode.Errorf(exitcode.Usage, "unexpected argument %q: a model is given as --model REF (see probe --help)", args[0])
}
