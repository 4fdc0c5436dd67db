package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/cmd/probe/internal/telemetry"
	"github.com/divinedevops/probe/event"
	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
)

// measureCommand is probe --model REF: the root of all commands.
func measureCommand(env *environment) *cobra.Command {
	var m measuring
	var strict bool
	ev := event.Options{Getenv: env.getenv, Now: env.now}
	cmd := &cobra.Command{
		Use:   "probe --model REF",
		Short: "Measure an embedding model: what it is, compared with what its files declare",
		Long: "probe loads an embedding model, runs it, and says what it is: dimension, pooling, normalization,\n" +
			"distance, longest text, modalities - measured, next to what the model's files declare.\n\n" +
			"Exit codes: 0 measured; 1 a fault of probe; 2 wrong usage; 3 the model did not load;\n" +
			"4 it loaded but inference failed; 5 a gate failed (--strict with drift).",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if m.model == "" && cmd.Flags().NFlag() == 0 {
				return cmd.Help()
			}
			if err := m.check(); err != nil {
				return err
			}
			if err := ev.Check(); err != nil {
				return eventUsage(err)
			}
			ev.Disabled = m.noTelemetry
			return m.measure(cmd.Context(), env, strict, ev)
		},
	}
	m.register(cmd.Flags())
	m.registerReport(cmd.Flags())
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 5 if measured and declared differ")
	cmd.Flags().StringVar(&ev.Endpoint, "endpoint", "", "the base `URL` that events are sent to if telemetry is on")
	cmd.Flags().StringVar(&ev.ClientType, "client-type", "probe", "the `PROGRAM` that calls probe, for the event")
	return cmd
}

func (m *measuring) measure(ctx context.Context, env *environment, strict bool, ev event.Options) error {
	if err := env.checkOutput(m.output); err != nil {
		return err
	}
	options := m.options(env)
	bar := newProgress(env, m.quiet || m.format == "json")
	options.Progress = bar.step
	r := m.hold.measure(ctx, env, options)
	bar.clear()

	entry := event.Record(r, m.model, ev)
	content, err := m.render(env, r, telemetry.Line(entry))
	if err != nil {
		return err
	}
	if err := env.writeOutput(m.output, content); err != nil {
		return err
	}
	if !m.quiet && (m.format != "json" || m.verbose) {
		for _, warning := range telemetry.Warnings(entry.Notices) {
			fmt.Fprintln(env.stderr, "probe: "+printable.Line(warning))
		}
	}
	event.Send(entry, ev)
	return verdict(r, strict)
}

// eventUsage says which flag an option of the event came from.
func eventUsage(err error) error {
	flag := map[string]string{"ClientType": "--client-type", "Endpoint": "--endpoint"}
	var field *event.FieldError
	if errors.As(err, &field) && flag[field.Field] != "" {
		err = fmt.Errorf("%s: %w", flag[field.Field], field.Err)
	}
	return &exitcode.Error{Code: exitcode.Usage, Err: err}
}

// verdict is the exit code that a report asks for; the report itself has said why.
func verdict(r *probe.Report, strict bool) error {
	switch {
	case r.Error == nil && strict && len(r.Drift) > 0:
		return &exitcode.Error{Code: exitcode.Gate}
	case r.Error == nil:
		return nil
	}
	return &exitcode.Error{Code: failureCode(r.Error.Stage, r.Error.Kind)}
}

// render is the report in the format that was asked for; last is what the text says of telemetry.
func (m *measuring) render(env *environment, r *probe.Report, last string) ([]byte, error) {
	return render.Report(r, cmp.Or(m.format, "text"), render.Options{
		Colour: env.colour() && (m.output == "" || m.output == "-"), Last: last, Hints: hints(),
	})
}
