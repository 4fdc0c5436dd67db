package isolate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

// childVariable marks the child: it holds the number of the descriptor (a handle on Windows) that reports go to.
const childVariable = "PROBE_ISOLATED_CHILD"

// ready is whether Main was called: without it a child would run the caller's main function, which would start another.
var ready atomic.Bool

// orphanGrace is how long a child whose parent is gone, or has asked it to end, may take before it ends itself.
const orphanGrace = 2 * time.Second

// Main runs the probe and exits where this process is a child that Measure started, and returns where it is not. It must
// be called first thing in main, before flags are read. prepare is called in the child with the options that the caller
// gave Measure, to set what cannot cross to another process: Engine, Getenv, a Progress of the child's own.
func Main(prepare ...func(*probe.Options)) {
	descriptor := os.Getenv(childVariable)
	if descriptor == "" {
		ready.Store(true)
		return
	}
	os.Exit(runChild(descriptor, prepare))
}

// runChild is the child's whole life; the result is its exit code. Why it failed can only be told on stderr, which the
// parent captures.
func runChild(descriptor string, prepare []func(*probe.Options)) int {
	_ = os.Unsetenv(childVariable) // a process that native code starts is no child of ours
	reports, err := inherited(descriptor)
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe: isolated child:", err)
		return 2
	}
	restrain()
	f, err := readFrame(os.Stdin)
	var q request
	if err == nil && f.kind == frameRequest {
		err = json.Unmarshal(f.payload, &q)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe: isolated child: expected a request on stdin:", err)
		return 2
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	go obeyParent(cancel)
	if q.Limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, q.Limit)
		defer cancel()
	}
	out := &sender{w: reports}
	if q.Memory > 0 {
		go watchSelf(q.Memory, out)
	}
	o := q.Options
	for _, p := range prepare {
		p(&o)
	}
	var report *probe.Report
	if found := engineName(o.Engine); found != q.Engine {
		report = probe.Interrupted(o, nil, failure.Errorf(failure.StageResolve, failure.KindInternal,
			"expected the engine %q in the child process, found %q: give isolate.Main a function that sets Options.Engine",
			q.Engine, found))
	} else {
		out.attach(&o, q.Log)
		report = probe.Measure(ctx, o)
	}
	if err := out.report(frameFinal, report); err != nil {
		out.send(frameFault, []byte(err.Error()))
	}
	return 0
}

// obeyParent cancels when the parent closes the child's stdin: because it says so, or because it is gone.
func obeyParent(cancel context.CancelFunc) {
	_, _ = io.Copy(io.Discard, os.Stdin) // an error is as good as the end
	cancel()
	time.Sleep(orphanGrace)
	os.Exit(2) // native code may have taken every other thread
}

func engineName(e engine.Engine) string {
	if e == nil {
		return ""
	}
	return e.Name()
}

// sender writes frames, one at a time.
type sender struct {
	mu sync.Mutex
	w  io.Writer
}

// send drops what cannot be written: the parent is gone then, and obeyParent ends this process.
func (s *sender) send(kind byte, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = writeFrame(s.w, kind, payload)
}

func (s *sender) report(kind byte, r *probe.Report) error {
	doc, err := encodeReport(r)
	if err != nil {
		return err
	}
	if len(doc) > maxFrame {
		return fmt.Errorf("the report has %d bytes, more than %d", len(doc), maxFrame)
	}
	s.send(kind, doc)
	return nil
}

// attach makes a probe tell the parent what it does and learns.
func (s *sender) attach(o *probe.Options, log bool) {
	prepared := o.Progress
	o.Progress = func(step string) {
		s.send(frameStep, []byte(step))
		if prepared != nil {
			prepared(step)
		}
	}
	o.Partial = func(r *probe.Report) { _ = s.report(framePartial, r) } // the next one may go through, or the final one says why not
	if log {
		o.Log = func(format string, args ...any) {
			line := fmt.Appendf(nil, format, args...)
			s.send(frameLog, line[:min(len(line), maxLine)])
		}
	}
}
