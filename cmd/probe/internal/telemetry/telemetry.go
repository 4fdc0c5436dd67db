// Package telemetry is `probe telemetry`: it shows what is collected, and lets the user look, refuse and delete.
package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
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
}

// New is the command `telemetry` with its subcommands. Errors of usage carry exitcode.Usage; the caller prints errors.
func New(deps Deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "telemetry",
		Short: "See, allow, refuse and delete what probe records",
		Long: `See, allow, refuse and delete what probe records.

Every probe makes one small event: the model's public name and what was measured of it, never a path, a text or a
credential. Events are queued on this machine and, unless you run ` + "`probe telemetry on`" + `, never sent.`,
		Args:          noArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	status := statusCommand(deps)
	cmd.RunE = status.RunE
	cmd.Flags().AddFlagSet(status.Flags())
	cmd.AddCommand(status, onCommand(deps), modeCommand(deps, emit.ModeLocal, "Queue events on this machine, send none (the default)"),
		modeCommand(deps, emit.ModeOff, "Record nothing"),
		previewCommand(deps), viewCommand(deps), sendCommand(deps), exportCommand(deps), excludeCommand(deps), purgeCommand(deps), resetCommand(deps))
	cmd.SetOut(deps.Stdout)
	cmd.SetErr(deps.Stderr)
	for _, c := range append(cmd.Commands(), cmd) {
		c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
			return exitcode.Errorf(exitcode.Usage, "%s: %w", c.CommandPath(), err)
		})
	}
	return cmd
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
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", escapeNonASCII(data))
	return err
}

// escapeNonASCII replaces what is not ASCII (in texts only: JSON has it nowhere else) by \u escapes.
func escapeNonASCII(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		switch {
		case r < 0x80:
			out = append(out, byte(r))
		case r >= 0x10000:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
