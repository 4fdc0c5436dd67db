package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/models/ort/library"
)

// runtimeCommand is probe runtime: ONNX Runtime's shared library.
func runtimeCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtime",
		Short: "ONNX Runtime's shared library: install it, or see which one is used",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(installCommand(env), findCommand(env))
	return cmd
}

func installCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "install",
		Short: "Fetch a pinned ONNX Runtime from PyPI, check its sha256, and put it in the cache folder",
		Args:  withoutArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := library.DefaultInstall(env.getenv)
			if err != nil {
				return err
			}
			bar := downloadBar{env: env}
			o.Progress = bar.draw
			got, err := library.Install(cmd.Context(), o)
			bar.clear()
			if err != nil {
				return fmt.Errorf("ONNX Runtime %s was not installed: %w", o.Wheel.Version, err)
			}
			_, err = fmt.Fprintf(env.stdout, "ONNX Runtime %s %s %s\n", got.Version,
				choose(got.Present, "is already at", "installed at"), got.Path)
			return err
		},
	}
}

func findCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "The ONNX Runtime libraries on this machine, and which one probe uses",
		Args:  withoutArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := env.stdout.Write([]byte(describeLibraries(runtimeSearch(env))))
			return err
		},
	}
}

// runtimeSearch looks for libraries as a probe does. The error of finding none is told by the list itself.
func runtimeSearch(env *environment) library.Found {
	s := library.DefaultSearch("")
	s.Getenv, s.All = env.getenv, true
	if cache, err := library.CacheDir(env.getenv); err == nil {
		s.Cache = cache
	}
	found, _ := library.Find(s)
	return found
}

func describeLibraries(found library.Found) string {
	if len(found.Candidates) == 0 {
		return "no ONNX Runtime library found; probe runs in pure Go (`probe runtime install` gets one)\n"
	}
	var b strings.Builder
	for _, c := range found.Candidates {
		version := "of unknown version"
		if !c.Version.IsZero() {
			version = c.Version.String()
		}
		if len(c.Providers) > 0 {
			version += ", with " + strings.Join(c.Providers, ", ")
		}
		use := choose(c.Path == found.Path, "used", "also usable")
		if c.Reason != "" {
			use = "passed over: " + c.Reason
		}
		fmt.Fprintf(&b, "%s\n  %s, from %s; %s\n", c.Path, version, c.Origin, use)
	}
	return b.String()
}

// downloadBar draws a download on stderr, on a terminal only.
type downloadBar struct {
	env   *environment
	last  time.Time
	drawn bool
}

const barWidth = 40

func (d *downloadBar) draw(done, total int64) {
	if !d.env.stderrTerm || total <= 0 {
		return
	}
	if now := d.env.now(); done == total || now.Sub(d.last) > 50*time.Millisecond {
		d.last, d.drawn = now, true
		filled := int(done * barWidth / total)
		fmt.Fprintf(d.env.stderr, "\r[%s%s] %3d %%  %.1f of %.1f MB", strings.Repeat("=", filled),
			strings.Repeat(" ", barWidth-filled), done*100/total, float64(done)/1e6, float64(total)/1e6)
	}
}

func (d *downloadBar) clear() {
	if d.drawn {
		fmt.Fprint(d.env.stderr, "\r\x1b[K")
	}
}
