//go:build cgo

package ort

import (
	"context"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// session is one OrtSession.
type session struct {
	inputs, outputs []tensor.Info
	native          *onnx.DynamicAdvancedSession
	onlyCPU         bool         // no other provider was given to the library
	profile         *profileFile // nil if there is nothing to record, or it was not asked for
	life            *engine.Lifetime
}

// Open makes a session. See engine.Engine.
func (l ortEngine) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	return engine.OpenSession(ctx, g, func() (*session, error) { return l.open(g, o) })
}

func (s *session) Inputs() []tensor.Info  { return s.inputs }
func (s *session) Outputs() []tensor.Info { return s.outputs }

// Provider reports what ran the nodes. A session on the CPU has one provider, which it names; one with a GPU provider
// ends, and the record of its runs is read. See engine.Session.
func (s *session) Provider() (ran engine.Provider, err error) {
	if s.onlyCPU && s.profile == nil {
		return engine.Provider{Name: CPUProvider, DeviceType: engine.CPU}, nil
	}
	if s.profile == nil {
		return ran, failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected a session opened with Options.Profile, which records what ran the nodes")
	}
	err = s.life.Last(func() error {
		s.freeNative() // the library writes the record when the session is freed
		ran, err = s.profile.read()
		return err
	})
	return ran, err
}

// Close frees the session. See engine.Session.
func (s *session) Close() error { return s.life.Close() }

func (s *session) free() {
	s.freeNative()
	if s.profile != nil {
		s.profile.remove()
	}
}

func (s *session) freeNative() {
	if s.native != nil {
		_ = s.native.Destroy() // it cannot fail
		s.native = nil
	}
}
