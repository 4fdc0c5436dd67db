package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/internal/exitcode"
)

// environment is what the commands touch beside their flags.
type environment struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	version        string
}

func rootCommand(e environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "collector",
		Short: "The self-hosted endpoint for what probe and vector-inspector measure",
		Long: "The self-hosted endpoint for what probe and vector-inspector measure: docs/collector.md has a two-minute start.\n" +
			"Every flag can also be set in the environment: --store is COLLECTOR_STORE, and so on.",
		SilenceUsage: true, SilenceErrors: true, Args: usageArgs(cobra.NoArgs),
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd, e.getenv) },
	}
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	publish := &cobra.Command{
		Use: "publish", Short: "Publish what was collected", Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	publish.AddCommand(githubCommand(e))
	root.AddCommand(serveCommand(e), registryCommand(e), publish, &cobra.Command{
		Use: "version", Short: "Print the version", Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { _, err := fmt.Fprintln(e.stdout, e.version); return err },
	})
	for _, cmd := range append(root.Commands(), publish.Commands()...) {
		cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
			return exitcode.Errorf(exitcode.Usage, "%s: %w", cmd.CommandPath(), err)
		})
	}
	return root
}

// usageArgs makes errors about arguments carry the exit code of wrong usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return exitcode.Errorf(exitcode.Usage, "%s: %w", cmd.CommandPath(), err)
		}
		return nil
	}
}

// stores is the table of what --store can name.
var stores = store.Default()

var storeHelp = "where events are kept: a folder (NDJSON files), or one of " + stores.Examples()

// opened turns the error of a location that names no store into one of wrong usage.
func opened[S any](s S, err error) (S, error) {
	if errors.Is(err, store.ErrLocation) {
		err = exitcode.Errorf(exitcode.Usage, "--store: %w", err)
	}
	return s, err
}
