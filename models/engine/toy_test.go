package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// toy is an engine with three operators: what a new engine has to write, and what package engine does for it.
type toy struct{}

func (toy) Name() string    { return "toy" }
func (toy) Version() string { return "1" }
func (toy) Close() error    { return nil }

func (toy) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	return engine.OpenSession(ctx, g, func() (*toySession, error) {
		if !o.Device.AllowsCPU() {
			return nil, failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable, "%s is not available: a toy", o.Device)
		}
		model := g.Bytes
		if g.Path != "" {
			var err error
			if model, err = os.ReadFile(g.Path); err != nil {
				return nil, failure.Errorf(failure.StageLoad, failure.KindNotFound, "%w", err)
			}
		}
		if _, err := onnx.ReadHeadFrom(bytes.NewReader(model), int64(len(model)), "the graph"); err != nil {
			return nil, err
		}
		s := &toySession{inputs: g.Inputs, outputs: g.Outputs, constants: map[string]tensor.Tensor{}}
		s.life = engine.NewLifetime(func() { s.nodes, s.constants = nil, nil })
		graph, _ := pb.Get(model, pb.ModelGraph)
		var err error
		pb.Each(graph, func(n protowire.Number, _, content []byte) {
			switch n {
			case pb.GraphNode:
				err = errors.Join(err, s.node(content))
			case pb.GraphInitializer:
				s.constant(content)
			}
		})
		if err != nil {
			return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedOp, "%w", err)
		}
		return s, nil
	})
}

type toyNode struct {
	op      string
	in, out []string
}

type toySession struct {
	inputs, outputs []tensor.Info
	nodes           []toyNode
	constants       map[string]tensor.Tensor
	life            *engine.Lifetime
}

func (s *toySession) Inputs() []tensor.Info              { return s.inputs }
func (s *toySession) Outputs() []tensor.Info             { return s.outputs }
func (s *toySession) Provider() (engine.Provider, error) { return engine.Provider{Name: "toy"}, nil }
func (s *toySession) Close() error                       { return s.life.Close() }

func (s *toySession) node(message []byte) error {
	var n toyNode
	pb.Each(message, func(number protowire.Number, _, content []byte) {
		switch number {
		case pb.NodeOpType:
			n.op = string(content)
		case pb.NodeInput:
			n.in = append(n.in, string(content))
		case pb.NodeOutput:
			n.out = append(n.out, string(content))
		}
	})
	s.nodes = append(s.nodes, n)
	if !slices.Contains([]string{"Gather", "ReduceSum", "Neg"}, n.op) {
		return fmt.Errorf("a toy has no %s", n.op)
	}
	return nil
}

func (s *toySession) constant(message []byte) {
	raw, _ := pb.Get(message, pb.TensorRaw)
	name, _ := pb.Get(message, pb.TensorName)
	half := tensor.Tensor{DType: tensor.Float16, Raw: raw}
	if pb.Ints(message, pb.TensorDataType)[0] != int64(tensor.Float32) {
		return // the axes of ReduceSum, which a toy takes for 1
	}
	half.Raw = nil
	for i := 0; i+4 <= len(raw); i += 4 { // small whole numbers are exact in the upper half of a float32
		half.Raw = append(half.Raw, raw[i+2], raw[i+3])
	}
	half.DType = tensor.BFloat16
	f32, _ := half.Float32s()
	s.constants[string(name)] = tensor.NewFloat32(f32, pb.Ints(message, pb.TensorDims)...)
}

func (s *toySession) Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	wanted, err := engine.Positions(s.outputs, outputs)
	if err != nil {
		return nil, err
	}
	fed, err := engine.InOrder(s.inputs, inputs)
	if err != nil {
		return nil, err
	}
	return s.life.Run(ctx, func() ([]tensor.Tensor, error) {
		known := map[string]tensor.Tensor{}
		for i, t := range fed {
			known[s.inputs[i].Name] = t
		}
		for _, n := range s.nodes {
			if known[n.out[0]], err = s.compute(n, known); err != nil {
				return nil, failure.Errorf(failure.StageInference, failure.KindInference, "%s: %w", n.op, err)
			}
		}
		out := make([]tensor.Tensor, len(wanted))
		for i, at := range wanted {
			out[i] = known[s.outputs[at].Name]
		}
		return out, nil
	}, nil)
}

func (s *toySession) compute(n toyNode, known map[string]tensor.Tensor) (tensor.Tensor, error) {
	x := known[n.in[0]]
	var out []float32
	switch n.op {
	case "Gather":
		table, ids := s.constants[n.in[0]], known[n.in[1]]
		width := table.Shape[1]
		for _, id := range ids.I64 {
			if id < 0 {
				id += table.Shape[0]
			}
			if id < 0 || id >= table.Shape[0] {
				return table, fmt.Errorf("no row %d in a table of %d", id, table.Shape[0])
			}
			out = append(out, table.F32[id*width:(id+1)*width]...)
		}
		return tensor.NewFloat32(out, append(slices.Clone(ids.Shape), width)...), nil
	case "ReduceSum":
		batch, seq, width := x.Shape[0], x.Shape[1], x.Shape[2]
		out = make([]float32, batch*width)
		for i, v := range x.F32 {
			out[int64(i)/(seq*width)*width+int64(i)%width] += v
		}
		return tensor.NewFloat32(out, batch, width), nil
	}
	for _, v := range x.F32 {
		out = append(out, -v)
	}
	return tensor.NewFloat32(out, x.Shape...), nil
}

func TestToyEngine(t *testing.T) {
	t.Parallel()
	enginetest.Conformance(t, enginetest.Engine{Engine: toy{}, Provider: "toy", Without: []string{
		"takes and gives element types", "takes empty tensors", "reads external data", "misses external data",
		"stops a long run", "flattens", "survives a failed run",
		"refuses ids beyond a table", // operators, and weights in files
	}})
}
