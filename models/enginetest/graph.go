package enginetest

import (
	"encoding/binary"
	"math"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// Graph builds a small ONNX graph.
type Graph struct{ onnx.Builder }

// Input declares a graph input; dims are an int where fixed, a string where symbolic.
func (g *Graph) Input(name string, d tensor.DType, dims ...any) { g.Builder.Input(info(name, d, dims)) }

// Output declares a graph output.
func (g *Graph) Output(name string, d tensor.DType, dims ...any) {
	g.Builder.Output(info(name, d, dims))
}

// Constant adds an initializer that is stored in the graph.
func (g *Graph) Constant(name string, t tensor.Tensor) {
	g.Initializer(onnx.Initializer{Name: name, DType: t.DType, Shape: t.Shape, Raw: LittleEndian(t)})
}

// External adds an initializer whose data lie in a file.
func (g *Graph) External(name string, d tensor.DType, shape []int64, at onnx.External) {
	g.Initializer(onnx.Initializer{Name: name, DType: d, Shape: shape, External: at})
}

// Engine is the graph as an engine opens it from memory, with its external data in dir ("" for none).
func (g *Graph) Engine(dir string) engine.Graph {
	return engine.Graph{Bytes: g.Bytes(), DataDir: dir, Inputs: g.Inputs(), Outputs: g.Outputs()}
}

// LittleEndian is the tensor's data as ONNX and safetensors store them.
func LittleEndian(t tensor.Tensor) []byte {
	switch t.DType {
	case tensor.Float32:
		b := make([]byte, 0, 4*len(t.F32))
		for _, f := range t.F32 {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
		}
		return b
	case tensor.Int64:
		b := make([]byte, 0, 8*len(t.I64))
		for _, v := range t.I64 {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	return t.Raw
}

func info(name string, d tensor.DType, dims []any) tensor.Info {
	out := tensor.Info{Name: name, DType: d, Shape: []int64{}}
	for _, dim := range dims {
		switch v := dim.(type) {
		case int:
			out.Shape, out.Symbols = append(out.Shape, int64(v)), append(out.Symbols, "")
		case string:
			out.Shape, out.Symbols = append(out.Shape, tensor.DynamicDim), append(out.Symbols, v)
		}
	}
	return out
}
