package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/divinedevops/probe/internal/exitcode"
)

// fromEnvironment fills the flags that were not given: --trusted-proxy from COLLECTOR_TRUSTED_PROXY, and so on.
func fromEnvironment(cmd *cobra.Command, getenv func(string) string) error {
	var failed error
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		name := envName(flag.Name)
		value := getenv(name)
		if flag.Changed || value == "" || failed != nil || flag.Name == "help" {
			return
		}
		if err := cmd.Flags().Set(flag.Name, value); err != nil {
			failed = exitcode.Errorf(exitcode.Usage, "%s: %w", name, err)
		}
	})
	return failed
}

func envName(flag string) string {
	return "COLLECTOR_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
