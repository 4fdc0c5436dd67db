//go:build cgo

package gomlx_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/tensor"
)

// form is one way to use an operator: a graph of the inputs x (2 x 3 x 4, float32) and i (2 x 3, int64), as an exporter
// writes it.
type form struct {
	opset     byte // 0: the builder's
	tolerance float64
	output    tensor.DType // of "y"; 0: float32
	build     func(g *enginetest.Graph)
}

// TestFormsAgree holds operators, in the forms that onnx-gomlx alone gets wrong and in those next to them, against ONNX
// Runtime on the same graph.
func TestFormsAgree(t *testing.T) {
	t.Parallel()
	native, err := ort.Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range forms() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := f.graph()
			want := results(t, native, g, formInputs(), []string{"y"})[0]
			got := results(t, gomlx.New(), g, formInputs(), []string{"y"})[0]
			if d := spread(t, want, got); d > f.tolerance {
				t.Errorf("off by %g (tolerance %g):\nwant %v%v%v\ngot  %v%v%v", d, f.tolerance,
					want.F32, want.I64, want.Raw, got.F32, got.I64, got.Raw)
			}
		})
	}
}

func (f form) graph() engine.Graph {
	g := &enginetest.Graph{}
	g.Input("x", tensor.Float32, "a", "b", 4)
	g.Input("i", tensor.Int64, "a", "b")
	d := f.output
	if d == tensor.Undefined {
		d = tensor.Float32
	}
	g.Builder.Output(tensor.Info{Name: "y", DType: d}) // of any shape
	f.build(g)
	out := g.Engine("")
	if f.opset != 0 {
		now := []byte{0x42, 2, 0x10, onnx.Opset} // opset_import { version }
		out.Bytes = bytes.Replace(out.Bytes, now, []byte{0x42, 2, 0x10, f.opset}, 1)
	}
	return out
}

func formInputs() []tensor.Named {
	x := make([]float32, 24)
	for k := range x {
		x[k] = float32(math.Sin(float64(k)*1.7)) * 3
	}
	return []tensor.Named{
		{Name: "x", Tensor: tensor.NewFloat32(x, 2, 3, 4)},
		{Name: "i", Tensor: tensor.NewInt64([]int64{0, 1, 2, 1, 1, 0}, 2, 3)},
	}
}

// spread is the largest difference of two tensors that must have the same type and shape.
func spread(t *testing.T, want, got tensor.Tensor) float64 {
	t.Helper()
	if len(want.Raw) > 0 && want.DType == got.DType && bytes.Equal(want.Raw, got.Raw) {
		return 0
	}
	if want.DType == tensor.Float16 && got.DType == tensor.Float16 {
		want, got = single(want), single(got)
	}
	if len(want.Shape) != len(got.Shape) {
		t.Fatalf("expected shape %v, found %v", want.Shape, got.Shape)
	}
	for k := range want.Shape {
		if want.Shape[k] != got.Shape[k] {
			t.Fatalf("expected shape %v, found %v", want.Shape, got.Shape)
		}
	}
	if want.Elements() == 0 && want.DType == got.DType {
		return 0
	}
	if len(want.Raw) > 0 {
		t.Fatalf("expected %s %v, found %s %v", want.DType, want.Raw, got.DType, got.Raw)
	}
	return difference(t, want, got)
}

// single widens a tensor of halves.
func single(t tensor.Tensor) tensor.Tensor {
	out := make([]float32, len(t.Raw)/2)
	for k := range out {
		out[k] = tensor.HalfToFloat32(binary.LittleEndian.Uint16(t.Raw[2*k:]))
	}
	return tensor.NewFloat32(out, t.Shape...)
}
