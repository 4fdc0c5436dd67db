package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/divinedevops/probe/models/failure"
)

const (
	// stopGrace is how long the child may take to answer by itself once it was asked to end. It is more than a probe's own
	// grace for an engine that cannot be interrupted.
	stopGrace = 500 * time.Millisecond
	// exitGrace is how long the child may take to exit after its last frame.
	exitGrace = time.Second
	// drainGrace is how long what the child wrote before its end is waited for: a process that it started may hold the pipe.
	drainGrace = 500 * time.Millisecond
	// watchEvery is how often the child's memory is looked at. In that time a process can take some 50 MB.
	watchEvery = 10 * time.Millisecond
)

// start runs a task in a child and follows it to its end. where turns the step under way into what an error says.
func start(ctx context.Context, q request, f Follow, o Options, where func(step string) (failure.Stage, string)) (outcome, error) {
	internal := func(format string, args ...any) (outcome, error) {
		return outcome{}, failure.Errorf(failure.StageResolve, failure.KindInternal, format, args...)
	}
	if !ready.Load() {
		return internal("expected isolate.Main to have been called first thing in main, found that it was not: " +
			"the child process would run the whole program again")
	}
	temp, err := os.MkdirTemp(o.TempDir, "probe-")
	if err != nil {
		return outcome{}, failure.Errorf(failure.StageResolve, failure.KindNotFound,
			"the model's process needs a folder for temporary files: %w; set %s to a folder that can be written to", err, tempVariable())
	}
	defer func() { _ = os.RemoveAll(temp) }() // what a killed child leaves behind
	limit := o.memoryLimit()
	c, err := launchChild(o, temp, limit)
	if err != nil {
		return internal("the child process could not be started: %w", err)
	}
	if q.Limit = childTime(ctx); q.Limit > 0 {
		q.Deadline = time.Now().Add(q.Limit)
	}
	if !parentLimits {
		q.Memory = limit
	}
	w := &watch{child: c, follow: f, limit: limit, where: where, wants: make(chan struct{}, window+1)}
	err = w.run(ctx, q)
	return outcome{started: true, peak: w.used.peak}, err
}

// tempVariable names the folder of temporary files in the environment (os.TempDir).
func tempVariable() string {
	if runtime.GOOS == "windows" {
		return "TMP"
	}
	return "TMPDIR"
}

// outcome is what is known of a child apart from its results.
type outcome struct {
	started bool
	peak    int64 // its largest resident set; 0 if unknown
}

// childTime is what the child gets of the time left: a little less, so that it can answer by itself in time. 0 is no limit.
func childTime(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	left := time.Until(deadline)
	return max(time.Nanosecond, left-min(left/20, 250*time.Millisecond))
}

// watch is one child under watch. Only run's goroutine changes it.
type watch struct {
	*child
	follow Follow
	limit  int64
	where  func(step string) (failure.Stage, string)
	wants  chan struct{} // pieces of input that the child can take

	done   bool   // the child has sent its last frame
	result error  // and this is how its task ended
	at     string // the step under way
	asked  bool   // the child was asked to end, by a caller that does not want it any more
	ended  cause  // why this process ended the child, if it did
	why    error  // with causeRubbish, causeRequest and causeCaller
	used   usage  // the last look at the child's memory
	oom    int64  // processes that the system had killed for memory when the child began
}

// cause is why a child was ended by its parent.
type cause int

const (
	causeNone cause = iota
	causeTime
	causeMemory
	causeRubbish
	causeRequest // the request could not be sent
	causeCaller  // the caller's own function failed
)

// run sends the request, then follows the child to its end. Results are handed over in a goroutine of their own: whoever
// takes them may block (a pager on stdout), and the child is watched all the same.
func (w *watch) run(ctx context.Context, q request) error {
	w.oom = oomKills()
	requested, ends := make(chan struct{}), make(chan fed, 1)
	go w.feed(q, requested, ends)
	defer close(w.wants)
	frames := make(chan frame)
	failed := make(chan error, 1)
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		defer close(frames)
		for {
			f, err := readFrame(w.reports)
			if err != nil {
				failed <- err
				return
			}
			select {
			case frames <- f:
			case <-gone:
				return
			}
		}
	}()
	handed, results := make(chan error, 1), make(chan []byte, 1)
	defer close(results)
	go func() {
		for payload := range results {
			handed <- w.follow.Result(payload)
		}
	}()

	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	ctxDone := ctx.Done()
	var kill, quiet, giveUp <-chan time.Time
	var inputErr error
	exited, read := w.exited, (<-chan frame)(frames)
	handing, over := false, false // over: ctx has ended
	for exited != nil || read != nil || handing {
		from := read
		if handing {
			from = nil // one result at a time
		}
		select {
		case f, ok := <-from:
			if !ok {
				read = nil
				if err := <-failed; errors.Is(err, errRubbish) {
					w.rubbish(err)
				}
				continue
			}
			if w.take(f) {
				results <- f.payload
				handing = true
			}
			if w.done && kill == nil {
				kill = time.After(exitGrace)
			}
		case err := <-handed:
			handing = false
			switch {
			case err == nil:
			case errors.Is(err, errRubbish):
				w.rubbish(err)
			default:
				w.stopFor(causeCaller, err)
			}
		case end := <-ends:
			inputErr = end.input
			if end.request != nil {
				w.stopFor(causeRequest, fmt.Errorf("the request could not be sent to the child process: %w", end.request))
			}
		case <-requested:
			requested = nil
			if over {
				w.hangUp() // not before: a child without a request could say nothing
			}
		case <-ctxDone:
			ctxDone, over, w.asked = nil, true, errors.Is(ctx.Err(), context.Canceled)
			if requested == nil {
				w.hangUp() // the child cancels the task
			}
			kill = time.After(stopGrace)
		case <-kill:
			w.stop(causeTime)
			giveUp = time.After(drainGrace)
		case <-giveUp:
			// The caller does not take a result: there is no waiting for that any more.
			if handing {
				handing, read = false, nil
			}
		case <-quiet:
			_ = w.reports.SetReadDeadline(time.Now()) // if there are no deadlines the pipe has ended
		case <-tick.C:
			w.look()
		case <-exited:
			exited = nil
			tick.Stop()
			w.kill() // whatever it started
			_ = w.printed.SetReadDeadline(time.Now().Add(drainGrace))
		}
		quiet = nil
		if exited == nil && read != nil && !handing {
			quiet = time.After(drainGrace)
		}
	}
	w.close()
	if err := w.end(ctx); err != nil {
		return err
	}
	return inputErr
}

// fed is how the sending of the request and of the input ended.
type fed struct{ request, input error }

// piece is how much of the input goes on at once.
const piece = 64 << 10

// feed sends the request, and then a piece of the input each time that the child asks.
func (w *watch) feed(q request, requested chan<- struct{}, ended chan<- fed) {
	payload, err := json.Marshal(q)
	if err == nil {
		err = writeFrame(w.control, frameRequest, payload)
	}
	if err != nil {
		ended <- fed{request: err}
		return
	}
	close(requested)
	buffer := make([]byte, piece)
	for range w.wants {
		n, err := 0, io.EOF
		if w.follow.Input != nil {
			n, err = w.follow.Input.Read(buffer)
		}
		if n > 0 && writeFrame(w.control, frameInput, buffer[:n]) != nil {
			return // the child is gone or is asked to end: run knows
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				ended <- fed{input: err}
			}
			_ = writeFrame(w.control, frameInputEnd, nil) // as above
			return
		}
	}
}

// stop kills the child; the first reason stays.
func (w *watch) stop(why cause) {
	if w.ended == causeNone && !w.done {
		w.ended = why
	}
	w.kill()
}

func (w *watch) stopFor(c cause, why error) {
	if w.ended == causeNone && !w.done {
		w.ended, w.why = c, why
	}
	w.kill()
}

func (w *watch) rubbish(err error) { w.stopFor(causeRubbish, err) }

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

// take is one frame from the child. It reports whether that is a result to hand over.
func (w *watch) take(f frame) bool {
	if w.ended != causeNone || w.done {
		return false // nothing counts any more
	}
	switch f.kind {
	case frameResult:
		return w.follow.Result != nil
	case frameWant:
		select {
		case w.wants <- struct{}{}:
		default:
			w.rubbish(Rubbish("it asks for more input than can be on the way"))
		}
	case frameStep:
		w.at = shown(string(f.payload))
		if w.follow.Step != nil {
			w.follow.Step(w.at)
		}
	case frameLog:
		if w.follow.Log != nil {
			w.follow.Log(shown(string(f.payload)))
		}
	case frameNote:
		if w.follow.Note != nil {
			w.follow.Note(shown(string(f.payload)))
		}
	case frameMemory:
		w.stop(causeMemory)
	case frameDone:
		w.done = true
	case frameError:
		w.fail(f.payload)
	default:
		w.rubbish(Rubbish("the unknown kind %q", f.kind))
	}
	return false
}

// fail takes the error that the task ended with.
func (w *watch) fail(doc []byte) {
	var e sentError
	if err := json.Unmarshal(doc, &e); err != nil {
		w.rubbish(Rubbish("an error that is no JSON: %v", err))
		return
	}
	w.done = true
	message := shown(e.Message)
	stage, at := w.where(w.at)
	switch {
	case e.Misuse:
		w.result = &Misuse{message}
	case e.Kind == "":
		w.result = failure.Errorf(stage, failure.KindInternal, "%s", message)
	case e.Stage == "": // the child's context ended, because of its limit or because it was asked to end
		cause := context.DeadlineExceeded
		if w.asked {
			cause = context.Canceled
		}
		w.result = failure.Interrupted(stage, at, cause)
	default:
		w.result = failure.Errorf(e.Stage, e.Kind, "%s", message).With(e.Remedies...)
	}
}

// end is the error of the task: its own, or the reason why it did not come to its end.
func (w *watch) end(ctx context.Context) error {
	switch {
	case w.ended == causeCaller:
		return w.why
	case w.done:
		return w.result
	}
	return w.failure(ctx)
}
