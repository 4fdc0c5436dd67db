package engine

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Names are the names of tensors, in order.
func Names(infos []tensor.Info) []string {
	out := make([]string, len(infos))
	for i, info := range infos {
		out[i] = info.Name
	}
	return out
}

// InOrder sorts tensors into the order of a graph's inputs. Every input must be fed, and nothing else, and every tensor
// must have as many elements as its shape says.
func InOrder(graph []tensor.Info, inputs []tensor.Named) ([]tensor.Tensor, error) {
	byName := make(map[string]tensor.Tensor, len(inputs))
	for _, in := range inputs {
		byName[in.Name] = in.Tensor
	}
	out := make([]tensor.Tensor, len(graph))
	for i, info := range graph {
		t, ok := byName[info.Name]
		if !ok {
			return nil, failure.Errorf(failure.StageInference, failure.KindInternal,
				"expected a tensor for every input, found none for %q", info.Name)
		}
		if err := checkElements(t); err != nil {
			return nil, BadInput(info.Name, err)
		}
		out[i] = t
		delete(byName, info.Name)
	}
	for _, in := range inputs { // in the caller's order, so that the message is always the same
		if _, left := byName[in.Name]; left {
			return nil, failure.Errorf(failure.StageInference, failure.KindInternal,
				"expected inputs %q, found %q", Names(graph), in.Name)
		}
	}
	return out, nil
}

// BadInput is the failure of an input that an engine cannot take.
func BadInput(name string, cause error) *failure.Error {
	return failure.Errorf(failure.StageInference, failure.KindInternal, "input %q: %w", name, cause)
}

// checkElements compares a tensor's data with its shape.
func checkElements(t tensor.Tensor) error {
	elements := 1
	for _, d := range t.Shape {
		if d < 0 || d > math.MaxInt32 || elements > math.MaxInt/max(int(d), 1) {
			return fmt.Errorf("expected dimensions of 0 or more, found shape %v", t.Shape)
		}
		elements *= int(d)
	}
	found := len(t.F32) + len(t.I64)
	if t.DType != tensor.Float32 && t.DType != tensor.Int64 {
		size := t.DType.Size()
		if size == 0 {
			return fmt.Errorf("expected a numeric tensor, found %s", t.DType)
		}
		found = len(t.Raw) / size
	}
	if found != elements {
		return fmt.Errorf("expected %d elements for shape %v, found %d", elements, t.Shape, found)
	}
	return nil
}

// Positions finds the outputs asked for among those of a graph.
func Positions(graph []tensor.Info, outputs []string) ([]int, error) {
	at := make([]int, len(outputs))
	for i, name := range outputs {
		at[i] = -1
		for j, o := range graph {
			if o.Name == name {
				at[i] = j
			}
		}
		if at[i] < 0 {
			return nil, failure.Errorf(failure.StageInference, failure.KindInternal,
				"expected one of the outputs %q, found %q", Names(graph), name)
		}
	}
	return at, nil
}
