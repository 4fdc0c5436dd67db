package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/collect"
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

// isPostgres tells a connection string from a folder.
func isPostgres(store string) bool {
	return strings.HasPrefix(store, "postgres://") || strings.HasPrefix(store, "postgresql://") || strings.Contains(store, "dbname=")
}

const storeHelp = "where events lie: a folder (NDJSON files), or postgres://USER:PASSWORD@HOST/DATABASE"

// openStore opens a store for writing.
func openStore(ctx context.Context, store string, segmentBytes int64) (collect.Store, error) {
	if isPostgres(store) {
		return collect.OpenPostgres(ctx, store)
	}
	return collect.OpenNDJSON(store, segmentBytes)
}

// readStore gives the records of a store, also while a collector serves it. The store is closed by the function that
// comes with them.
func readStore(ctx context.Context, store string) (iter.Seq2[collect.Record, error], func(), error) {
	if !isPostgres(store) {
		return collect.ReadNDJSON(ctx, store), func() {}, nil
	}
	s, err := collect.OpenPostgres(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	return s.All(ctx), func() { _ = s.Close() }, nil
}
