package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/cmd/probe/internal/telemetry"
	"github.com/divinedevops/probe/internal/columns"
	"github.com/divinedevops/probe/machine"
	"github.com/divinedevops/probe/models/ort/library"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
)

// keyWidth is the column of what doctor tells, that of the report for a person.
const keyWidth = 18

// doctorCommand is probe doctor: this machine, and what a probe would use of it.
func doctorCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "This machine: CPU, GPUs, ONNX Runtime libraries, folders, consent",
		Args:  withoutArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var b strings.Builder
			fmt.Fprintf(&b, "probe %s\n\n", probe.Version)
			here := machine.Local()
			here.Run = machine.RunTool
			describeMachine(&b, machine.Detect(cmd.Context(), here))
			b.WriteString("\nONNX Runtime libraries\n")
			b.WriteString(describeLibraries(runtimeSearch(env)))
			b.WriteString("\nfolders\n")
			fmt.Fprintf(&b, "%-*s%s\n", keyWidth, "cache", folderOr(library.CacheDir(env.getenv)))
			fmt.Fprintf(&b, "%-*s%s\n", keyWidth, "state", folderOr(telemetry.Folder(env.getenv)))
			fmt.Fprintf(&b, "\ntelemetry         %s\n", telemetry.Summary(env.getenv))
			_, err := env.stdout.Write([]byte(b.String()))
			return err
		},
	}
}

func describeMachine(b *strings.Builder, m machine.Machine) {
	line := func(key, value string) {
		if value != "" {
			b.WriteString(strings.TrimSuffix(columns.Hang(fmt.Sprintf("%-*s%s", keyWidth, key, value), keyWidth, render.Width), "\n") + "\n")
		}
	}
	line("system", columns.Join(", ", m.OSVersion, m.OS+"/"+m.Arch))
	line("processor", m.CPU.Brand)
	cores := fmt.Sprintf("%d logical, %d physical", m.CPU.Cores, m.CPU.PhysicalCores)
	if m.CPU.Quota > 0 {
		cores += fmt.Sprintf(", limited to %.3g", m.CPU.Quota)
	}
	line("cores", cores)
	line("instructions", strings.Join(m.CPU.Features, " "))
	if m.Memory.Total > 0 {
		line("memory", fmt.Sprintf("%.1f GB, %.1f GB available", float64(m.Memory.Total)/1e9, float64(m.Memory.Available)/1e9))
	}
	if len(m.GPUs) == 0 {
		line("GPU", "none found")
	}
	for _, g := range m.GPUs {
		text := columns.Join(", ", g.Name, g.Vendor, "driver "+g.Driver)
		if g.Memory > 0 {
			text += fmt.Sprintf(", %.1f GB", float64(g.Memory)/1e9)
		}
		line(fmt.Sprintf("GPU %d", g.Index), text)
	}
}

func folderOr(path string, err error) string {
	if err != nil {
		return "none: " + err.Error()
	}
	return path
}
