package isolate

import (
	"context"
	"errors"
	"time"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

// measureRequest is what the task "measure" is asked for.
type measureRequest struct {
	Options probe.Options `json:"options"`
	// Engine is the name of the caller's own engine, which the child must have prepared; "" if probe chooses.
	Engine string `json:"engine"`
}

// measure sends a report after each step; the last one is whole.
var measure = Register("measure", func(ctx context.Context, q measureRequest, s *Stream) error {
	o := s.Options(q.Options)
	var report *probe.Report
	if found := engineName(o.Engine); found != q.Engine {
		report = probe.Interrupted(o, nil, failure.Errorf(failure.StageResolve, failure.KindInternal,
			"expected the engine %q in the child process, found %q: give isolate.Main a function that sets Options.Engine",
			q.Engine, found))
	} else {
		o.Partial = func(r *probe.Report) { _ = sendReport(s, r) } // the next one may go through, or the last one says why not
		report = probe.Measure(ctx, o)
	}
	return sendReport(s, report)
})

func sendReport(s *Stream, r *probe.Report) error {
	doc, err := encodeReport(r)
	if err != nil {
		return err
	}
	return s.Send(doc)
}

// Measure is probe.Measure in a child process of this program, whose main function must have called Main. It always returns
// a report. If the child crashes, is killed, reaches the memory limit or does not answer when ctx has ended, the report has
// what the child knew by then and an error of kind crash, oom or timeout.
//
// Options.Progress and Log are called in this process. Getenv, Now, Engine and Partial do not cross: the child has the
// environment i.Env and the engine that the function given to Main sets, which must be there if o.Engine is set.
func Measure(ctx context.Context, o probe.Options, i Options) *probe.Report {
	began := time.Now()
	var known *probe.Report // the last one that came
	f := Follow{
		Step: o.Progress,
		Result: func(payload []byte) error {
			r, err := decodeReport(payload)
			if err != nil {
				return Rubbish("%v", err)
			}
			r.Environment.Isolated = true
			known = r
			return nil
		},
	}
	if o.Log != nil {
		f.Log = func(line string) { o.Log("%s", line) }
	}
	if i.TempDir == "" {
		i.TempDir = o.TempDir
	}
	child, err := measure.start(ctx, measureRequest{o, engineName(o.Engine)}, f, i, func(step string) (failure.Stage, string) {
		return stageOfReport(known, step), stepOfReport(known, step)
	})
	if err == nil && known != nil {
		return known
	}
	var cause *failure.Error
	if !errors.As(err, &cause) {
		cause = failure.Errorf(failure.StageResolve, failure.KindInternal, "the child process ended without a report: %w", err)
	}
	r := probe.Interrupted(o, known, cause)
	r.Environment.Isolated = child.started
	r.Timings.Total = float64(time.Since(began).Microseconds()) / 1e6
	if child.peak > 0 {
		r.Memory.PeakRSS = &child.peak
	}
	return r
}

// stageOfReport knows the moment between the end of loading and the first step that runs.
func stageOfReport(known *probe.Report, step string) failure.Stage {
	if known != nil && known.Measured.LoadSuccess != nil && *known.Measured.LoadSuccess {
		return failure.StageInference
	}
	if stage := stageOf(step); stage != failure.StageInference {
		return stage
	}
	return failure.StageLoad
}

// stepOfReport knows the moment after the last step.
func stepOfReport(known *probe.Report, step string) string {
	if known != nil && known.Measured.InferenceSuccess != nil {
		return "close" // all had been measured
	}
	return atOrStart(step)
}
