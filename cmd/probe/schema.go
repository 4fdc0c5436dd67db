package main

import (
	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/probe"
)

func schemaCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "The JSON Schema of the report",
		Args:  withoutArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := env.stdout.Write(probe.Schema())
			return err
		},
	}
}

// withoutArguments is for commands that take flags only.
func withoutArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exitcode.Errorf(exitcode.Usage, "unexpected argument %q", args[0])
	}
	return nil
}
