package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/divinedevops/probe/models/failure"
)

// Task is work that can run in a child process: Q is what is asked of it, as JSON carries it there.
type Task[Q any] struct {
	name string
	run  func(ctx context.Context, q Q, s *Stream) error
}

// tasks are what a child can be asked for, by name.
var tasks = map[string]func(ctx context.Context, body []byte, s *Stream) error{}

// Register makes a task of run. It is for package variables: the child must know the task when Main is called. run gets
// the request and sends its results on the stream; its error reaches the caller as a *failure.Error, or as Misuse.
func Register[Q any](name string, run func(ctx context.Context, q Q, s *Stream) error) Task[Q] {
	if _, taken := tasks[name]; taken {
		panic("isolate: two tasks are called " + name)
	}
	tasks[name] = func(ctx context.Context, body []byte, s *Stream) error {
		var q Q
		if err := json.Unmarshal(body, &q); err != nil {
			return fmt.Errorf("the request of task %q: %w", name, err)
		}
		return run(ctx, q, s)
	}
	return Task[Q]{name, run}
}

// Run runs the task in a child process of this program, whose main function must have called Main. An error is a
// *failure.Error (of kind crash, oom or timeout where the child did not come to its end by itself), Misuse, or the
// caller's own: of Follow.Result, or of reading Follow.Input.
func (t Task[Q]) Run(ctx context.Context, q Q, f Follow, o Options) error {
	_, err := t.start(ctx, q, f, o, func(step string) (failure.Stage, string) { return stageOf(step), atOrStart(step) })
	return err
}

func (t Task[Q]) start(ctx context.Context, q Q, f Follow, o Options, where func(string) (failure.Stage, string)) (outcome, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return outcome{}, fmt.Errorf("the request of task %q cannot be written as JSON: %w", t.name, err)
	}
	return start(ctx, request{Task: t.name, Body: body, Log: f.Log != nil}, f, o, where)
}

// RunHere runs the task in this process: nothing holds it, and a crash ends the program. It returns when ctx has ended
// even if native code cannot be interrupted; that work is then left behind, so the process should end soon.
func (t Task[Q]) RunHere(ctx context.Context, q Q, f Follow) error {
	h := &here{follow: f}
	input := f.Input
	if input == nil {
		input = noInput{}
	}
	s := &Stream{send: h.send, input: input, logs: f.Log != nil}
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				ended <- failure.Errorf(h.stage(), failure.KindInternal, "probe itself failed during %q: %v", h.step(), p)
			}
		}()
		ended <- t.run(ctx, q, s)
	}()
	select {
	case err := <-ended:
		return h.result(err)
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return h.result(err)
	case <-time.After(hereGrace):
		h.close()
		return failure.Interrupted(h.stage(), h.step(), ctx.Err())
	}
}

// hereGrace is how long an interrupted task may take to end by itself in this process.
const hereGrace = 300 * time.Millisecond

// here hands what a task sends in this process to who follows it.
type here struct {
	mu     sync.Mutex
	follow Follow
	at     string
	own    error // what the caller's own functions returned
	closed bool
}

func (h *here) send(kind byte, payload []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return context.Canceled
	}
	switch {
	case kind == frameStep:
		h.at = string(payload)
		if h.follow.Step != nil {
			h.follow.Step(h.at)
		}
	case kind == frameLog && h.follow.Log != nil:
		h.follow.Log(string(payload))
	case kind == frameNote && h.follow.Note != nil:
		h.follow.Note(string(payload))
	case kind == frameResult && h.follow.Result != nil:
		if err := h.follow.Result(payload); err != nil {
			h.own = err
			return err
		}
	}
	return nil
}

func (h *here) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
}

func (h *here) step() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return atOrStart(h.at)
}

func (h *here) stage() failure.Stage { return stageOf(h.step()) }

// result is the error of a task as it would come from a child.
func (h *here) result(err error) error {
	var f *failure.Error
	var m *Misuse
	switch {
	case err == nil:
		return nil
	case h.own != nil:
		return h.own
	case errors.As(err, &f), errors.As(err, &m):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return failure.Interrupted(h.stage(), h.step(), err)
	}
	return err
}
