package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
)

// measureCommand is probe --model REF: the root of all commands.
func measureCommand(env *environment) *cobra.Command {
	var m measuring
	var strict bool
	var clientType, endpoint string
	cmd := &cobra.Command{
		Use:   "probe --model REF",
		Short: "Measure an embedding model: what it is, beside what its files declare",
		Long: "probe loads an embedding model, runs it, and says what it is: dimension, pooling, normalization,\n" +
			"distance, longest text, modalities - measured, beside what the model's files declare.\n\n" +
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
			if err := emit.CheckClientType(clientType); err != nil {
				return err
			}
			if endpoint != "" {
				if _, err := emit.Endpoint(endpoint, env.getenv); err != nil {
					return &exitcode.Error{Code: exitcode.Usage, Err: fmt.Errorf("--endpoint: %w", err)}
				}
			}
			return m.measure(cmd.Context(), env, strict, event{clientType, endpoint})
		},
	}
	m.register(cmd.Flags())
	m.registerReport(cmd.Flags())
	m.hold.register(cmd.Flags())
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 5 where measured and declared differ")
	cmd.Flags().StringVar(&endpoint, "endpoint", "", "the base `URL` that events are sent to where telemetry is on")
	cmd.Flags().StringVar(&clientType, "client-type", "probe", "the `PROGRAM` that calls probe, for the event")
	return cmd
}

func (m *measuring) measure(ctx context.Context, env *environment, strict bool, ev event) error {
	ctx, cancel := m.limit(ctx)
	defer cancel()
	options := m.options(env)
	bar := newProgress(env, m.quiet || m.format == "json")
	options.Progress = bar.step
	r := m.hold.measure(ctx, env, options)
	bar.clear()

	entry := m.record(env, r, ev.clientType)
	r.Metadata = entry.Event.Metadata
	content, err := m.render(env, r, entry.Line())
	if err != nil {
		return err
	}
	if err := env.writeOutput(m.output, content); err != nil {
		return err
	}
	if entry.Warning != "" && !m.quiet && (m.format != "json" || m.verbose) {
		fmt.Fprintln(env.stderr, "probe: "+printable.Line(entry.Warning))
	}
	ev.send(env, entry)
	return verdict(r, strict)
}

// event is what the flags say of the telemetry event.
type event struct{ clientType, endpoint string }

// sendBudget is how long sending may keep a probe from ending after its report is out.
const sendBudget = 300 * time.Millisecond

// send sends what is queued where the user has turned sending on, at most once a day and within the budget. What does not
// get through stays queued; the report is out already, so nothing here can fail it.
func (ev event) send(env *environment, entry emit.Entry) {
	if entry.State != emit.StateQueued || entry.Decision.Mode != emit.ModeOn {
		return
	}
	dir, err := emit.DefaultDir(env.getenv)
	if err != nil {
		return
	}
	endpoint, err := emit.Endpoint(ev.endpoint, env.getenv)
	if err != nil {
		return // PROBE_TELEMETRY_ENDPOINT is unusable: `probe telemetry status` says so
	}
	// The probe's own time limit may be over; sending has its own.
	emit.Sender{
		Dir: dir, Getenv: env.getenv, Now: env.now, AppVersion: probe.Version, Endpoint: endpoint,
	}.SendAfterProbe(context.Background(), sendBudget)
}

// verdict is the exit code that a report asks for; the report itself has said why.
func verdict(r *probe.Report, strict bool) error {
	switch {
	case r.Error == nil && strict && len(r.Drift) > 0:
		return &exitcode.Error{Code: exitcode.Gate}
	case r.Error == nil:
		return nil
	case r.Error.Kind == failure.KindInternal:
		return &exitcode.Error{Code: exitcode.Fault}
	case r.Error.Stage == failure.StageInference:
		return &exitcode.Error{Code: exitcode.Inference}
	}
	return &exitcode.Error{Code: exitcode.Load}
}

// render is the report in the format that was asked for; last is what the text says of telemetry.
func (m *measuring) render(env *environment, r *probe.Report, last string) ([]byte, error) {
	return render.Report(r, cmp.Or(m.format, "text"), render.Options{
		Colour: env.colour() && (m.output == "" || m.output == "-"), Last: last,
	})
}

// record queues the event of a report, where consent and flags allow it.
func (m *measuring) record(env *environment, r *probe.Report, clientType string) emit.Entry {
	dir, err := emit.DefaultDir(env.getenv)
	if err != nil {
		dir = emit.Dir{} // Record says that nothing could be queued
	}
	return emit.Recorder{
		Dir: dir, Getenv: env.getenv, Now: env.now, AppVersion: probe.Version, ClientType: clientType,
		Disabled: m.noTelemetry,
	}.Record(facts(r, m.model))
}

// facts are what a report says to an event. Only measured values go in.
func facts(r *probe.Report, ref string) emit.Facts {
	f := emit.Facts{
		Origin:             emit.OriginLocal,
		LoadSuccess:        isTrue(r.Measured.LoadSuccess),
		InferenceSuccess:   isTrue(r.Measured.InferenceSuccess),
		EmbeddingDimension: r.Measured.EmbeddingDimension,
		Modalities:         r.Measured.Modalities,
		DistanceMetric:     text(r.Measured.DistanceMetric),
		Normalization:      text(r.Measured.Normalization),
		Pooling:            text(r.Measured.Pooling),
		MaxSequenceLength:  r.Measured.MaxSequenceLength,
		Architecture:       text(r.Model.ModelType),
		Parameters:         r.Model.Parameters,
		DType:              text(r.Measured.DType),
		DeviceType:         text(r.Environment.DeviceType),
		Backend:            text(r.Environment.Backend),
		ExecutionProvider:  text(r.Environment.ExecutionProvider),
		Version:            text(r.Model.Digest),
	}
	for _, d := range r.Drift {
		f.Drift = append(f.Drift, d.Key)
	}
	if r.Error != nil {
		f.ErrorKind = string(r.Error.Kind)
	}
	if r.Source != localSource {
		f.Origin, f.Model = emit.OriginHub, r.Name
		if r.Model.Revision != nil {
			f.Version = *r.Model.Revision
		}
		return f
	}
	if path, err := filepath.Abs(ref); err == nil {
		f.LocalPath = path
	}
	return f
}

// localSource is the source of a model without a public identity.
const localSource = "local_path"

func isTrue(b *bool) bool { return b != nil && *b }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
