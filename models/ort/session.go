//go:build cgo

package ort

import (
	"context"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// session is one OrtSession. mu guards native against a Close while a Run that outlived its context still runs.
type session struct {
	inputs, outputs []tensor.Info
	native          *onnx.DynamicAdvancedSession
	onlyCPU         bool         // no other provider was given to the library
	profile         *profileFile // nil where there is nothing to record, or it was not asked for
	closed          bool

	mu      sync.Mutex
	running bool // a Run is inside the library
	doomed  bool // Close was called meanwhile: that Run frees the session when it ends
}

// Open makes a session. See engine.Engine.
func (l ortEngine) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	if (g.Path == "") == (len(g.Bytes) == 0) {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInternal, "expected a graph by path or by bytes, found %s",
			map[bool]string{true: "neither", false: "both"}[g.Path == ""])
	}
	if len(g.Inputs) == 0 || len(g.Outputs) == 0 {
		return nil, failure.Errorf(failure.StageLoad, failure.KindNotEmbedding,
			"expected a graph with inputs and outputs, found %d and %d", len(g.Inputs), len(g.Outputs))
	}
	if err := ctx.Err(); err != nil {
		return nil, timeout(failure.StageLoad, err)
	}
	// Making a session cannot be cancelled. Where ctx ends first the goroutine goes on and frees what it made.
	type result struct {
		session *session
		err     error
	}
	done := make(chan result, 1)
	go func() {
		s, err := l.open(g, o)
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, r.err
		}
		return r.session, nil
	case <-ctx.Done():
		go func() {
			if r := <-done; r.session != nil {
				r.session.free()
			}
		}()
		return nil, timeout(failure.StageLoad, ctx.Err())
	}
}

func names(infos []tensor.Info) []string {
	out := make([]string, len(infos))
	for i, info := range infos {
		out[i] = info.Name
	}
	return out
}

func (s *session) Inputs() []tensor.Info  { return s.inputs }
func (s *session) Outputs() []tensor.Info { return s.outputs }

// Provider tells what ran the nodes. A session on the CPU has one provider, which it names; one with a GPU provider ends,
// and the record of its runs is read. See engine.Session.
func (s *session) Provider() (engine.Provider, error) {
	if s.onlyCPU && s.profile == nil {
		return engine.Provider{Name: CPUProvider}, nil
	}
	if s.profile == nil {
		return engine.Provider{}, failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected a session opened with Options.Profile, which records what ran the nodes")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.running {
		return engine.Provider{}, failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected Provider to be called once, before Close and while nothing runs")
	}
	s.closed = true
	s.freeNative() // the library writes the record when the session is freed
	return s.profile.read()
}

// Close frees the session; where a Run that outlived its context is still inside the library, that Run frees it.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.running {
		s.doomed = true
		return nil
	}
	s.free()
	return nil
}

func (s *session) free() {
	s.freeNative()
	if s.profile != nil {
		s.profile.remove()
	}
}

func (s *session) freeNative() {
	if s.native != nil {
		_ = s.native.Destroy() // it has no failing path
		s.native = nil
	}
}
