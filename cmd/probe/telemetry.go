package main

import (
	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/cmd/probe/internal/telemetry"
	"github.com/divinedevops/probe/probe"
)

// telemetryCommand is probe telemetry: what is queued, and whether it may be sent.
func telemetryCommand(env *environment) *cobra.Command {
	return telemetry.New(telemetry.Deps{
		Stdout: env.stdout, Stderr: env.stderr, Stdin: env.stdin, IsTerminal: env.stdinTerm && env.stdoutTerm,
		Home: telemetry.Home(env.getenv), Getenv: env.getenv, Now: env.now, ClientType: "probe", Version: probe.Version,
	})
}
