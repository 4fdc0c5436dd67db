package gomlx

import (
	"sort"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// place is a node of the graph that was opened: its operator, its name, and a result of it ("" if it has none).
type place struct{ op, title, result string }

// unconverted is what GoMLX said of a node that it could not convert.
type unconverted struct {
	place
	cause error
}

func (u *unconverted) Error() string { return u.cause.Error() }
func (u *unconverted) Unwrap() error { return u.cause }

// locate finds the node at which the conversion of the graph fails for inputs of these shapes; it gives err as it is
// where all nodes can be converted. Only failures pay for it: some ten conversions, by halving.
func (s *session) locate(err error, fed []*tensors.Tensor) error {
	n := len(s.notes.places)
	first := sort.Search(n, func(k int) bool { return s.convert(s.notes.places[:k+1], fed) != nil })
	if first == n {
		return err
	}
	return &unconverted{place: s.notes.places[first], cause: s.convert(s.notes.places[:first+1], fed)}
}

// convert converts nodes, and all they depend on, for inputs of these shapes, and throws the result away.
func (s *session) convert(nodes []place, fed []*tensors.Tensor) error {
	m := s.model.GoMLXModel
	g := graph.NewGraph(m.Backend, "probe")
	defer g.Finalize()
	return guard(func() error {
		inputs := map[string]*graph.Node{}
		for i, t := range fed {
			name := s.model.InputsMeta[i].Name
			inputs[name] = graph.Parameter(g, name, t.Shape())
		}
		results := make([]string, 0, len(nodes))
		for _, p := range nodes {
			if p.result != "" {
				results = append(results, p.result)
			}
		}
		if len(results) > 0 {
			m.OnnxModel.CallGraph(m.Scope, g, inputs, results...)
		}
		return nil
	})
}
