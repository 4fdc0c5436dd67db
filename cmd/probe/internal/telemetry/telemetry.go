// Package telemetry is `probe telemetry`: it shows what is collected, and lets the user look, refuse and delete.
package telemetry

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
)

// Deps is all that the commands touch.
type Deps struct {
	Stdout, Stderr io.Writer
	Stdin          io.Reader
	IsTerminal     bool // a person is there to be asked
	Home           emit.Dir
	Getenv         func(string) string
	Now            func() time.Time
	ClientType     string // of an example event; probe if empty
	Version        string // probe's own
	Endpoint       string // base URL; empty for PROBE_TELEMETRY_ENDPOINT or the default

	keepID bool // --keep-id
}

// New is the command `telemetry` with its subcommands. Errors of usage carry exitcode.Usage; the caller prints errors.
func New(given Deps) *cobra.Command {
	deps := &given // --endpoint changes it once the command line is read
	cmd := &cobra.Command{
		Use:   "telemetry",
		Short: "See, allow, refuse and delete what probe records",
		Long: `See, allow, refuse and delete what probe records.

Every probe makes one small event: what was measured of a model, and its name if that is known to be public; never a
path, a text or a credential. Events are queued on this machine and, unless you run ` + "`probe telemetry on`" + `, never sent.`,
		Args:          noArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	status := statusCommand(deps)
	cmd.RunE = status.RunE
	cmd.Flags().AddFlagSet(status.Flags())
	cmd.AddCommand(status, onCommand(deps), localCommand(deps),
		modeCommand(deps, emit.ModeOff, "Record nothing"),
		previewCommand(deps), viewCommand(deps), sendCommand(deps), exportCommand(deps), excludeCommand(deps), includeCommand(deps),
		purgeCommand(deps), resetCommand(deps))
	cmd.SetOut(deps.Stdout)
	cmd.SetErr(deps.Stderr)
	for _, c := range append(cmd.Commands(), cmd) {
		c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
			return exitcode.Errorf(exitcode.Usage, "%s: %w", c.CommandPath(), err)
		})
	}
	return cmd
}

// endpointFlag lets a command name another endpoint than the environment's or the default.
func endpointFlag(cmd *cobra.Command, deps *Deps) {
	cmd.Flags().StringVar(&deps.Endpoint, "endpoint", deps.Endpoint, "the base `URL` that events are sent to")
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exitcode.Errorf(exitcode.Usage, "%s: expected no argument, found %q (see --help)", cmd.CommandPath(), args[0])
	}
	return nil
}

func atMostOneArg(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return exitcode.Errorf(exitcode.Usage, "%s: expected at most one argument, found %d", cmd.CommandPath(), len(args))
	}
	return nil
}

// printJSON writes v as one indented JSON document in ASCII.
func printJSON(w io.Writer, v any) error {
	data, err := printable.JSON(v)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
