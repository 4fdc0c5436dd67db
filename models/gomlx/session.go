package gomlx

import (
	"bytes"
	"context"
	"errors"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	mlmodel "github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/onnx-gomlx/onnx/parser"
	"github.com/knights-analytics/hugot/backends"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/tensor"
)

// session is one graph with its tensors.
type session struct {
	inputs, outputs []tensor.Info
	params, results []tensor.Info // the same in the order of the model, which may differ from that of the caller
	model           *backends.Model
	notes           notes
	data            *files
	ran             bool // some run succeeded
	life            *engine.Lifetime
}

func open(ctx context.Context, g engine.Graph, o engine.Options) (*session, error) {
	graph, told, data, err := load(g)
	if err != nil {
		return nil, err
	}
	s := &session{inputs: g.Inputs, outputs: g.Outputs, model: &backends.Model{}, notes: told, data: data}
	s.life = engine.NewLifetime(s.free)
	if err = ctx.Err(); err == nil {
		err = guard(func() error { return convert(s.model, graph, data) })
	}
	if err == nil {
		err = prepare(s.model.GoMLXModel, o)
	}
	if err != nil {
		s.free()
		return nil, failureOf(err)
	}
	s.params, s.results = infosOf(s.model.InputsMeta), infosOf(s.model.OutputsMeta)
	return s, nil
}

// convert makes hugot's model of a graph. It is what hugot's CreateModelBackend does for its pure Go backend, except that
// the weights come from files that are open: hugot can only name a folder, and a folder of links to the weights' files
// needs privileges on Windows, and would be followed a second time after it was checked.
func convert(m *backends.Model, serialized []byte, data *files) error {
	parsed, err := parser.ParseReader(bytes.NewReader(serialized))
	if err != nil {
		return err
	}
	parsed = parsed.WithExternalDataReader(data)
	m.InputsMeta, m.OutputsMeta = named(parsed.Inputs()), named(parsed.Outputs())
	var outputs []string
	for _, o := range m.OutputsMeta {
		outputs = append(outputs, o.Name)
	}
	store := mlmodel.NewStore()
	if err := parsed.VariablesToScope(store.RootScope()); err != nil {
		return errors.Join(err, parsed.Close())
	}
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		return errors.Join(err, parsed.Close())
	}
	call := func(scope *mlmodel.Scope, inputs []*graph.Node) []*graph.Node {
		byName := make(map[string]*graph.Node, len(inputs))
		for i, meta := range m.InputsMeta {
			byName[meta.Name] = inputs[i]
		}
		return parsed.CallGraph(scope, inputs[0].Graph(), byName, outputs...)
	}
	exec, err := mlmodel.NewExec(backend, store, call)
	if err != nil {
		return errors.Join(err, parsed.Close())
	}
	exec.SetMaxCache(-1) // shapes are as many as lengths of texts, and each compiled graph is small
	m.GoMLXModel = &backends.GoMLXModel{
		Backend: backend, OnnxModel: parsed, Scope: store.RootScope(), Store: store, Exec: exec, Call: call, MaxCache: -1,
		Destroy: func() {
			exec.Finalize()
			store.Finalize()
			backend.Finalize()
		},
	}
	return nil
}

// named describes inputs or outputs as hugot does; only their names are read.
func named[shapes any](names []string, _ shapes) []backends.InputOutputInfo {
	out := make([]backends.InputOutputInfo, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out
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
	s.data.close()
}
