package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/probe"
)

func versionCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "The version, and what this build can do",
		Args:  withoutArguments,
		RunE: func(*cobra.Command, []string) error {
			build := probe.ThisBuild()
			_, err := fmt.Fprintf(env.stdout, "probe %s\n%s, %s/%s\nONNX Runtime engine: %s\npure Go engine: SIMD %s\n",
				probe.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH,
				choose(build.ONNXRuntime, "yes", "no (built without cgo)"), choose(build.SIMD, "on", "off"))
			return err
		},
	}
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
