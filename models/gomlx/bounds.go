package gomlx

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// GoMLX's Gather takes an index beyond the table for the table's last row, where ONNX Runtime fails: an id without an
// embedding, or a text that is longer than the table of positions, would get a vector that means nothing. So the graph is
// given one more output for each look-up by computed indices: the smallest and the largest of them, and the table's size.

// bound is the output that watches one Gather.
type bound struct {
	output, title string
}

// watched adds the nodes that compute the bounds of a Gather, nil if there is nothing to watch: indices that are constants
// are the graph's own, as in the arithmetic of shapes.
func (p *program) watched(o op) ([]op, *bound) {
	if o.name != "Gather" || len(o.in) != 2 || p.nested {
		return nil, nil
	}
	if d := p.tensors[o.in[1]].dtype; d == tensor.Int32 || d == tensor.Int64 {
		return nil, nil
	}
	s := &steps{p: p}
	all := s.do("Reshape", s.add(p.of("Cast", []string{o.in[1]}, intAttribute("to", int64(tensor.Int64)))), s.add(p.vector(-1)))
	smallest, largest := s.do("ReduceMin", all), s.do("ReduceMax", all)
	size := s.do("Gather", s.do("Shape", o.in[0]), s.add(p.vector(o.integer("axis", 0))))
	out := s.add(p.of("Concat", []string{smallest, largest, size}, intAttribute("axis", 0)))
	return s.nodes, &bound{out, o.title()}
}

// declare is a GraphProto of the outputs of bounds.
func declare(bounds []bound) []byte {
	var b onnx.Builder
	for _, w := range bounds {
		b.Output(tensor.Info{Name: w.output, DType: tensor.Int64, Shape: []int64{3}})
	}
	return b.Fragment()
}

// check reads the bounds of a run. results are the outputs of the graph, by the names given.
func check(bounds []bound, names []tensor.Info, results []*tensors.Tensor) error {
	for _, w := range bounds {
		for i, info := range names {
			if info.Name != w.output {
				continue
			}
			got, err := fromTensor(results[i])
			if err != nil {
				return err
			}
			if err := w.check(got.I64); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w bound) check(v []int64) error {
	if len(v) != 3 {
		return failure.Errorf(failure.StageInference, failure.KindInternal, "expected the bounds of Gather (node %q), found %v",
			w.title, v)
	}
	smallest, largest, size := v[0], v[1], v[2]
	if smallest > largest {
		return nil // no index at all
	}
	var bad int64
	switch {
	case largest >= size:
		bad = largest
	case smallest < -size:
		bad = smallest
	default:
		return nil
	}
	return failure.Errorf(failure.StageInference, failure.KindInference,
		"the pure Go engine failed to run Gather (node %q): expected indices from %d to %d, found %d", w.title, -size, size-1, bad)
}
