package engine

import (
	"context"
	"sync"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Lifetime keeps what a session holds until nothing uses it. A run that its context ended goes on in the background;
// a Close in the meantime frees the session when that run is done, not before.
//
// Make it with NewLifetime.
type Lifetime struct {
	mu      sync.Mutex
	free    func()
	closed  bool
	running bool
}

// NewLifetime returns the lifetime of an open session. free is called once, when the session is closed and nothing runs.
func NewLifetime(free func()) *Lifetime { return &Lifetime{free: free} }

// Run computes in the background and returns the result, or a timeout if ctx ends first. stop, if not nil, is called
// then, and should make compute return soon; compute may have returned already.
//
// Only one run at a time is allowed.
func (l *Lifetime) Run(ctx context.Context, compute func() ([]tensor.Tensor, error), stop func()) ([]tensor.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, Timeout(failure.StageInference, err)
	}
	if err := l.begin(); err != nil {
		return nil, err
	}
	type result struct {
		tensors []tensor.Tensor
		err     error
	}
	done := make(chan result, 1)
	go func() {
		out, err := compute()
		// The session is idle before its result is handed over: the caller may run it again at once.
		l.end()
		done <- result{out, err}
	}()
	select {
	case r := <-done:
		return r.tensors, r.err
	case <-ctx.Done():
		if stop != nil {
			stop()
		}
		return nil, Timeout(failure.StageInference, ctx.Err())
	}
}

func (l *Lifetime) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.running {
		return failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected an open session that runs nothing else, found one that is %s", l.state())
	}
	l.running = true
	return nil
}

func (l *Lifetime) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = false
	if l.closed {
		l.release()
	}
}

// Close closes the session. It is safe to call twice.
func (l *Lifetime) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if !l.running {
		l.release()
	}
	return nil
}

// Last closes the session after last, which has the session to itself. It is an error if the session is closed or still
// runs.
func (l *Lifetime) Last(last func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.running {
		return failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected an open session that runs nothing, found one that is %s", l.state())
	}
	l.closed = true
	defer l.release()
	return last()
}

// release frees once. The caller holds mu.
func (l *Lifetime) release() {
	if l.free != nil {
		l.free()
		l.free = nil
	}
}

func (l *Lifetime) state() string {
	if l.closed {
		return "closed"
	}
	return "running"
}
