package telemetry

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/internal/printable"
)

func localCommand(deps *Deps) *cobra.Command {
	cmd := modeCommand(deps, emit.ModeLocal, "Queue events on this machine, send none (the default)")
	keepIDFlag(cmd, deps)
	return cmd
}

func keepIDFlag(cmd *cobra.Command, deps *Deps) {
	cmd.Flags().BoolVar(&deps.keepID, "keep-id", false, "keep the client id; without it each month has a new one")
}

func modeCommand(deps *Deps, mode emit.Mode, short string) *cobra.Command {
	return &cobra.Command{
		Use: string(mode), Short: short, Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := emit.WriteConsent(deps.Home, consent(deps, mode)); err != nil {
				return err
			}
			_, err := fmt.Fprintf(deps.Stdout, "telemetry is %s\n", meaning[mode])
			if content, readErr := emit.ReadQueue(deps.Home); mode == emit.ModeOff && readErr == nil && len(content.Events) > 0 {
				_, err = fmt.Fprintf(deps.Stdout, "%s from before still on this machine: probe telemetry view, purge\n",
					grammar.Plural(len(content.Events), "event"))
			}
			return err
		},
	}
}

// consent is a decision of the user as it is written down.
func consent(deps *Deps, mode emit.Mode) emit.Consent {
	return emit.Consent{Mode: mode, Given: deps.Now(), AppVersion: deps.Version, KeepID: deps.keepID, Note: consentNote}
}

const consentNote = "off: nothing is recorded; local: queued on this machine, never sent; on: sent. " +
	"Change it with `probe telemetry off|local|on`."

func purgeCommand(deps *Deps) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "purge", Short: "Delete the queue, the client id and the log of what was sent", Args: noArgs,
		Long: "Delete the queue, the client id, the secret behind local_path_hash, the log of what was sent and what was set\n" +
			"aside. Your decision (on, local, off), the exclusions and the inclusions stay.",
		RunE: func(*cobra.Command, []string) error {
			if ok, err := confirm(deps, yes, "Delete the queue, the client id and the log of what was sent?"); !ok {
				return err
			}
			n, err := emit.Purge(deps.Home)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(deps.Stdout, "deleted: %s, the client id, and all that was set aside or logged\n", grammar.Plural(n, "event"))
			return err
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func resetCommand(deps *Deps) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "reset-id", Short: "Take a new client id", Args: noArgs,
		Long: "Take a new client id, and a new secret behind local_path_hash. Queued events keep the old id; purge deletes them.",
		RunE: func(*cobra.Command, []string) error {
			if ok, err := confirm(deps, yes, "Take a new client id? What was sent under the old one can no longer be found by it."); !ok {
				return err
			}
			id, err := emit.ResetID(deps.Home, deps.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(deps.Stdout, "client id: %s\n", id)
			return err
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// confirm asks on standard error, and takes only y or yes for consent. Without a terminal --yes is needed.
func confirm(deps *Deps, yes bool, question string) (bool, error) {
	if yes {
		return true, nil
	}
	if !deps.IsTerminal {
		return false, exitcode.Errorf(exitcode.Usage, "cannot ask for confirmation (no terminal); use --yes")
	}
	if _, err := fmt.Fprintf(deps.Stderr, "%s [y/N] ", question); err != nil {
		return false, err
	}
	line, err := bufio.NewReader(io.LimitReader(deps.Stdin, 1000)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	_, err = fmt.Fprintln(deps.Stderr, "nothing was changed")
	return false, err
}

func exportCommand(deps *Deps) *cobra.Command {
	return &cobra.Command{
		Use: "export [FILE]", Short: "Write the queued events to a file (or standard output)", Args: atMostOneArg,
		RunE: func(_ *cobra.Command, args []string) (err error) {
			out := deps.Stdout
			if len(args) == 1 && args[0] != "-" {
				f, openErr := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if openErr != nil {
					return fmt.Errorf("export: expected the name of a file that is not there yet: %w", openErr)
				}
				defer func() { err = errors.Join(err, f.Close()) }()
				out = f
			}
			buffered := bufio.NewWriter(out)
			n, err := emit.Export(deps.Home, buffered, deps.Now())
			if err = errors.Join(err, buffered.Flush()); err != nil {
				return fmt.Errorf("export: %w", err)
			}
			if out != deps.Stdout {
				_, err = fmt.Fprintf(deps.Stdout, "%s: %s\n", args[0], grammar.Plural(n, "event"))
			}
			return err
		},
	}
}

func excludeCommand(deps *Deps) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use: "exclude [PATTERN...]", Short: "Name models and publishers of which no event is made",
		Long: `Name models and publishers of which no event is made; without a pattern, show those named so far.

  org          everything a publisher has published
  org/name     one model; * and ? stand for any characters: 'org/private-*'
  /path/to     local models in or below a folder

Events of such models that are queued already are deleted.`,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := emit.ReadExclusions(deps.Home)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				for _, pattern := range list {
					_, _ = fmt.Fprintln(deps.Stdout, printable.Line(pattern))
				}
				return nil
			}
			if remove {
				return excludeNoMore(deps, list, args)
			}
			if list, err = list.Add(args...); err != nil {
				return &exitcode.Error{Code: exitcode.Usage, Err: err}
			}
			if err := emit.WriteExclusions(deps.Home, list); err != nil {
				return err
			}
			n, err := emit.DropExcluded(deps.Home, list)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(deps.Stdout, "no event is made of %s; %s deleted from the queue\n", strings.Join(args, ", "), grammar.Plural(n, "event"))
			return err
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take the patterns off the list again")
	return cmd
}

func excludeNoMore(deps *Deps, list emit.Exclusions, patterns []string) error {
	for _, pattern := range patterns {
		i := slices.Index(list, pattern)
		if i < 0 {
			return exitcode.Errorf(exitcode.Usage, "exclude --remove: %q is not on the list", pattern)
		}
		list = slices.Delete(list, i, i+1)
	}
	if err := emit.WriteExclusions(deps.Home, list); err != nil {
		return err
	}
	_, err := fmt.Fprintf(deps.Stdout, "no longer excluded: %s\n", strings.Join(patterns, ", "))
	return err
}
