package gomlx

import (
	"context"
	"os"

	"github.com/knights-analytics/hugot/backends"
	"github.com/knights-analytics/hugot/options"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/tensor"
)

// session is one graph with its tensors.
type session struct {
	inputs, outputs []tensor.Info
	params, results []tensor.Info // the same in the order of the model, which may differ from that of the caller
	model           *backends.Model
	nodes           []place
	dir             string // what could not be removed while its files were open (Windows), else ""
	ran             bool   // some run succeeded
	life            *engine.Lifetime
}

func open(ctx context.Context, g engine.Graph, o engine.Options) (*session, error) {
	dir, nodes, err := makeFolder(o.TempDir, g)
	if err != nil {
		return nil, err
	}
	model := &backends.Model{Path: dir, OnnxFilename: graphFile}
	hugot := options.Defaults()
	hugot.Backend = "GO"
	err = guard(func() error { return backends.CreateModelBackend(ctx, model, hugot) })
	s := &session{inputs: g.Inputs, outputs: g.Outputs, model: model, nodes: nodes}
	s.life = engine.NewLifetime(s.free)
	if os.RemoveAll(dir) != nil {
		s.dir = dir
	}
	if err == nil {
		err = prepare(model.GoMLXModel, o)
	}
	if err != nil {
		s.free()
		return nil, failureOf(err)
	}
	s.params, s.results = infosOf(model.InputsMeta), infosOf(model.OutputsMeta)
	return s, nil
}

// infosOf takes the names out of hugot's descriptions.
func infosOf(meta []backends.InputOutputInfo) []tensor.Info {
	out := make([]tensor.Info, len(meta))
	for i, m := range meta {
		out[i].Name = m.Name
	}
	return out
}

// prepare sets GoMLX up: as many workers as asked for, one node after the other, and every node converted by itself.
//
// onnx-gomlx otherwise replaces groups of nodes by one of its own (fusion). It finds attention by patterns that also match
// other graphs (a Transpose without perm is taken for one of the last two axes), fails for float16, and saves no time that
// could be measured.
func prepare(m *backends.GoMLXModel, o engine.Options) error {
	m.OnnxModel.DisableFusion()
	if err := setSequential(m.Backend); err != nil {
		return err
	}
	if err := setThreads(m.Backend, o.Threads); err != nil {
		return err
	}
	return settle(m)
}

func (s *session) Inputs() []tensor.Info  { return s.inputs }
func (s *session) Outputs() []tensor.Info { return s.outputs }

// Provider is always the engine itself.
func (s *session) Provider() (engine.Provider, error) { return engine.Provider{Name: Name}, nil }

// Close frees the session. See engine.Session.
func (s *session) Close() error { return s.life.Close() }

func (s *session) free() {
	if m := s.model.GoMLXModel; m != nil {
		_ = guard(func() error { // what it panics about is memory that is the collector's anyway
			m.Destroy()
			return m.OnnxModel.Close()
		})
		s.model.GoMLXModel = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // where this fails too the folder is the system's to clear: it lies in its temporary one
	}
}
