package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

const (
	// stopGrace is how long the child may take to report by itself once it was asked to end. It is more than a probe's own
	// grace for an engine that cannot be interrupted.
	stopGrace = 500 * time.Millisecond
	// exitGrace is how long the child may take to exit after its final report.
	exitGrace = time.Second
	// drainGrace is how long what the child wrote before its end is waited for: a process that it started may hold the pipe.
	drainGrace = 500 * time.Millisecond
	// watchEvery is how often the child's memory is looked at. In that time a process can take some 50 MB.
	watchEvery = 10 * time.Millisecond
)

// Measure is probe.Measure in a child process of this program, whose main function must have called Main. It always gives
// a report. Where the child crashes, is killed, reaches the memory limit or does not answer when ctx has ended, the report
// has what the child knew by then and an error of kind crash, oom or timeout.
//
// Options.Progress and Log are called in this process. Getenv, Now, Engine and Partial do not cross: the child has the
// environment i.Env and the engine that the function given to Main sets, which must be there where o.Engine is set.
func Measure(ctx context.Context, o probe.Options, i Options) *probe.Report {
	began := time.Now()
	fail := func(err *failure.Error) *probe.Report {
		r := probe.Interrupted(o, nil, err)
		r.Timings.Total = time.Since(began).Seconds()
		return r
	}
	if !ready.Load() {
		return fail(failure.Errorf(failure.StageResolve, failure.KindInternal,
			"expected isolate.Main to have been called first thing in main, found that it was not: "+
				"the child process would run the whole program again"))
	}
	temp, err := os.MkdirTemp(o.TempDir, "probe-")
	if err != nil {
		return fail(failure.Errorf(failure.StageResolve, failure.KindInternal, "no temporary folder for the child process: %w", err))
	}
	defer func() { _ = os.RemoveAll(temp) }() // what a killed child leaves behind
	limit := i.memoryLimit()
	c, err := start(i, temp, limit)
	if err != nil {
		return fail(failure.Errorf(failure.StageResolve, failure.KindInternal, "the child process could not be started: %w", err))
	}
	w := &watch{child: c, options: o, began: began, limit: limit}
	child := o
	child.TempDir = temp
	q := request{Options: child, Limit: childTime(ctx), Engine: engineName(o.Engine), Log: o.Log != nil}
	if !parentLimits {
		q.Memory = limit
	}
	return w.run(ctx, q)
}

// childTime is what the child gets of the time left: a little less, so that it can report by itself in time. 0 is no limit.
func childTime(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	left := time.Until(deadline)
	return max(time.Nanosecond, left-min(left/20, 250*time.Millisecond))
}

// watch is one child under watch, with all that it said. Only run's goroutine changes it.
type watch struct {
	*child
	options probe.Options
	began   time.Time
	limit   int64

	final *probe.Report // the whole report
	known *probe.Report // the last one that was not whole
	at    string        // the step under way
	ended cause         // why this process ended the child, if it did
	why   error         // with causeRubbish and causeFault
	used  usage         // the last look at the child's memory
	oom   int64         // processes that the system had killed for memory when the child began
}

// cause is why a child was ended by its parent.
type cause int

const (
	causeNone cause = iota
	causeTime
	causeMemory
	causeRubbish
	causeFault // not ended: the child said that it has no report
)

// run sends the request, then follows the child to its end.
func (w *watch) run(ctx context.Context, q request) *probe.Report {
	w.oom = oomKills()
	payload, err := json.Marshal(q)
	if err == nil {
		err = writeFrame(w.control, frameRequest, payload)
	}
	if err != nil {
		w.stop(causeFault)
		w.why = fmt.Errorf("the request could not be sent to the child process: %w", err)
	}
	frames := make(chan frame)
	failed := make(chan error, 1)
	go func() {
		defer close(frames)
		for {
			f, err := readFrame(w.reports)
			if err != nil {
				failed <- err
				return
			}
			frames <- f
		}
	}()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	done := ctx.Done()
	var kill <-chan time.Time
	exited, read := w.exited, (<-chan frame)(frames)
	for exited != nil || read != nil {
		select {
		case f, ok := <-read:
			if !ok {
				read = nil
				if err := <-failed; errors.Is(err, errRubbish) {
					w.rubbish(err)
				}
				continue
			}
			w.take(f)
			if w.final != nil {
				done, kill = nil, time.After(exitGrace)
			}
		case <-done:
			done = nil
			w.hangUp() // the child cancels the probe
			kill = time.After(stopGrace)
		case <-kill:
			w.stop(causeTime)
		case <-tick.C:
			w.look()
		case <-exited:
			exited = nil
			tick.Stop()
			w.kill() // whatever it started
			_ = w.reports.SetReadDeadline(time.Now().Add(drainGrace))
			_ = w.printed.SetReadDeadline(time.Now().Add(drainGrace)) // where there are no deadlines the pipes have ended
		}
	}
	w.close()
	return w.report()
}

// stop kills the child; the first reason stays.
func (w *watch) stop(why cause) {
	if w.ended == causeNone && w.final == nil {
		w.ended = why
	}
	w.kill()
}

func (w *watch) rubbish(err error) {
	if w.final == nil {
		w.why = err
	}
	w.stop(causeRubbish)
}

// look compares the child's memory with the limit.
func (w *watch) look() {
	u, ok := memoryOf(w.pid)
	if !ok {
		return
	}
	w.used = u
	if w.limit > 0 && u.held > w.limit {
		w.stop(causeMemory)
	}
}

// take is one frame from the child.
func (w *watch) take(f frame) {
	if w.ended != causeNone || w.final != nil {
		return // nothing counts any more
	}
	switch f.kind {
	case framePartial, frameFinal:
		r, err := decodeReport(f.payload)
		if err != nil {
			w.rubbish(err)
			return
		}
		r.Environment.Isolated = true
		if f.kind == frameFinal {
			w.final = r
			return
		}
		w.known = r
	case frameStep:
		w.at = shown(string(f.payload))
		if w.options.Progress != nil {
			w.options.Progress(w.at)
		}
	case frameLog:
		if w.options.Log != nil {
			w.options.Log("%s", shown(string(f.payload)))
		}
	case frameMemory:
		w.stop(causeMemory)
	case frameFault:
		w.ended, w.why = causeFault, errors.New(shown(string(f.payload)))
	default:
		w.rubbish(fmt.Errorf("%w: a message of the unknown kind %q", errRubbish, f.kind))
	}
}

// report is the child's own, or what it knew with the reason of its end.
func (w *watch) report() *probe.Report {
	if w.final != nil {
		return w.final
	}
	r := probe.Interrupted(w.options, w.known, w.failure())
	r.Environment.Isolated = true
	r.Timings.Total = float64(time.Since(w.began).Microseconds()) / 1e6
	if w.used.peak > 0 {
		r.Memory.PeakRSS = &w.used.peak
	}
	return r
}
