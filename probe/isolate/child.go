package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
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

// maxStack bounds the stack of a goroutine in the child, in bytes. Go's own bound is 1 GB.
const maxStack = 128 << 20

// Main runs the task and exits if this process is a child, and returns if it is not. It must be called first thing in
// main, before flags are read. prepare is called in the child with the options of each model that it opens, to set what
// cannot cross to another process: Engine, Getenv, a Progress of the child's own.
func Main(prepare ...func(*probe.Options)) {
	descriptor := os.Getenv(childVariable)
	if descriptor == "" {
		ready.Store(true)
		return
	}
	os.Exit(runChild(descriptor, prepare))
}

// request is what the child is to do.
type request struct {
	Task string          `json:"task"`
	Body json.RawMessage `json:"body"`
	// Limit is the time that the child may take; 0 is no limit.
	Limit time.Duration `json:"limit"`
	// Deadline is when Limit is over. Both processes have one clock, and a child that starts late has not been given more.
	Deadline time.Time `json:"deadline"`
	// Memory is the limit in bytes that the child holds itself to if nobody else can; 0 is none.
	Memory int64 `json:"memory"`
	// Log is whether the caller wants log lines.
	Log bool `json:"log"`
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
	debug.SetMaxStack(maxStack) // endless recursion ends as a crash, not for want of memory
	f, err := readFrame(os.Stdin)
	var q request
	if err == nil && f.kind == frameRequest {
		err = json.Unmarshal(f.payload, &q)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe: isolated child: expected a request on stdin:", err)
		return 2
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	pieces := make(chan []byte, window+1) // and the end
	end := cancel
	if q.Limit > 0 {
		end = func() {
			// A parent whose time is over asks the child to end as well: it is the time then, and not the user.
			if time.Now().Before(q.Deadline) {
				cancel()
			}
		}
	}
	go obeyParent(end, pieces)
	if q.Limit > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, q.Deadline)
		defer stop()
	}
	out := &sender{w: reports}
	if q.Memory > 0 {
		go watchSelf(q.Memory, out)
	}
	out.end(runTask(ctx, q, &Stream{
		send: out.send, logs: q.Log, prepare: prepare, child: true,
		input: &inlet{ctx: ctx, pieces: pieces, want: func() error { return out.send(frameWant, nil) }},
	}))
	return 0
}

// runTask is the task that the request names. A panic is a fault of probe: its caller gets a sentence and no stack.
func runTask(ctx context.Context, q request, s *Stream) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("probe itself failed: %v", p)
		}
	}()
	run, known := tasks[q.Task]
	if !known {
		return fmt.Errorf("expected the task %q in the child process, found none of that name: register it in a package variable",
			q.Task)
	}
	return run(ctx, q.Body, s)
}

// obeyParent passes the input on and cancels when the parent closes the child's stdin: because it asks the child to end, or
// because it is gone.
func obeyParent(cancel context.CancelFunc, pieces chan<- []byte) {
	for {
		f, err := readFrame(os.Stdin)
		if err != nil {
			break // whatever it is, the parent is not heard any more
		}
		switch f.kind {
		case frameInput:
			pieces <- f.payload
		case frameInputEnd:
			close(pieces)
		}
	}
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

func (s *sender) send(kind byte, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return writeFrame(s.w, kind, payload)
}

// end sends the last frame. If that fails the parent is gone, and obeyParent ends this process.
func (s *sender) end(err error) {
	if err == nil {
		_ = s.send(frameDone, nil)
		return
	}
	sent := sentError{Message: err.Error()}
	var f *failure.Error
	var m *Misuse
	switch {
	case errors.As(err, &f):
		sent.Stage, sent.Kind, sent.Remedies = f.Stage, f.Kind, f.Remedies
	case errors.As(err, &m):
		sent.Misuse = true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		sent.Kind = failure.KindTimeout
	}
	const longest = 64 << 10
	sent.Message = sent.Message[:min(len(sent.Message), longest)]
	doc, err := json.Marshal(sent)
	if err == nil {
		_ = s.send(frameError, doc)
	}
}
