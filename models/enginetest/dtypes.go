package enginetest

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// elementTypes casts float32 to each type and back, so that each is both an output and an input.
func elementTypes(t *testing.T, e Engine) {
	for _, d := range append([]tensor.DType{tensor.Float32, tensor.Int64}, e.DTypes...) {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			g := &Graph{}
			g.Input("x", tensor.Float32, "n", 2)
			g.Input("in", d, "n", 2)
			g.Output("out", d, "n", 2)
			g.Output("back", tensor.Float32, "n", 2)
			g.Node("Cast", []string{"x"}, []string{"out"}, onnx.Int("to", int64(d)))
			g.Node("Cast", []string{"in"}, []string{"back"}, onnx.Int("to", int64(tensor.Float32)))
			s := open(t, e, g.Engine(""), engine.Options{})
			values := []float32{0, 1, 3, 100}
			if d == tensor.Bool {
				values = []float32{0, 1, 1, 0}
			}
			x := tensor.NewFloat32(values, 2, 2)
			got := run(t, s, []tensor.Named{{Name: "x", Tensor: x}, {Name: "in", Tensor: encode(d, values, 2, 2)}}, "out", "back")
			same(t, got[0], encode(d, values, 2, 2))
			same(t, got[1], x)
		})
	}
}

// emptyTensors feeds what a decoder's first step has: no past.
func emptyTensors(t *testing.T, e Engine) {
	g := &Graph{}
	g.Input("x", tensor.Float32, "batch", "seq", 2)
	g.Input("past", tensor.Float32, "batch", "past_seq", 2)
	g.Output("y", tensor.Float32, "batch", "all", 2)
	g.Node("Concat", []string{"past", "x"}, []string{"y"}, onnx.Int("axis", 1))
	s := open(t, e, g.Engine(""), engine.Options{})
	x := tensor.NewFloat32([]float32{1, 2, 3, 4}, 1, 2, 2)
	got := run(t, s, []tensor.Named{{Name: "x", Tensor: x}, {Name: "past", Tensor: tensor.NewFloat32(nil, 1, 0, 2)}}, "y")
	same(t, got[0], x)
}

// encode returns the values, which d can hold exactly, as a tensor of d.
func encode(d tensor.DType, values []float32, shape ...int64) tensor.Tensor {
	t := tensor.Tensor{DType: d, Shape: shape}
	for _, v := range values {
		switch d {
		case tensor.Float32:
			t.F32 = append(t.F32, v)
		case tensor.Int64:
			t.I64 = append(t.I64, int64(v))
		case tensor.Float16:
			t.Raw = binary.LittleEndian.AppendUint16(t.Raw, tensor.Float32ToHalf(v))
		case tensor.BFloat16:
			t.Raw = binary.LittleEndian.AppendUint16(t.Raw, uint16(math.Float32bits(v)>>16))
		case tensor.Float64:
			t.Raw = binary.LittleEndian.AppendUint64(t.Raw, math.Float64bits(float64(v)))
		case tensor.Int32, tensor.Uint32:
			t.Raw = binary.LittleEndian.AppendUint32(t.Raw, uint32(v))
		case tensor.Uint64:
			t.Raw = binary.LittleEndian.AppendUint64(t.Raw, uint64(v))
		case tensor.Int16, tensor.Uint16:
			t.Raw = binary.LittleEndian.AppendUint16(t.Raw, uint16(v))
		default:
			t.Raw = append(t.Raw, byte(v))
		}
	}
	return t
}
