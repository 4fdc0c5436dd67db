//go:build cgo

package ort

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// TestScalars feeds inputs of rank 0, which go another way into the library.
func TestScalars(t *testing.T) {
	t.Parallel()
	e, err := Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, scalar := range map[string]tensor.Tensor{
		"float32": tensor.NewFloat32([]float32{1}),
		"int64":   tensor.NewInt64([]int64{1}),
		"int32":   {DType: tensor.Int32, Raw: binary.LittleEndian.AppendUint32(nil, 1)},
		"float64": {DType: tensor.Float64, Raw: binary.LittleEndian.AppendUint64(nil, math.Float64bits(1))},
		"bool":    {DType: tensor.Bool, Raw: []byte{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &enginetest.Graph{}
			g.Input("s", scalar.DType)
			g.Output("y", tensor.Float32, 1)
			g.Output("rank 0", scalar.DType) // is left out: the binding cannot hand it over
			g.Constant("zero", tensor.NewInt64([]int64{0}, 1))
			g.Node("Identity", []string{"s"}, []string{"rank 0"})
			g.Node("Cast", []string{"s"}, []string{"f"}, onnx.Int("to", int64(tensor.Float32)))
			g.Node("Unsqueeze", []string{"f", "zero"}, []string{"y"})
			s, err := e.Open(t.Context(), g.Engine(""), engine.Options{Device: engine.Device{Kind: engine.CPU}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got, err := s.Run(t.Context(), []tensor.Named{{Name: "s", Tensor: scalar}}, []string{"y"})
			if err != nil || len(got[0].F32) != 1 || got[0].F32[0] != 1 {
				t.Errorf("expected 1, found %+v (%v)", got, err)
			}
			if len(s.Outputs()) != 1 {
				t.Errorf("expected the output of rank 0 to be left out, found %v", s.Outputs())
			}
		})
	}
}

func TestValueRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Open(testenv.ONNXRuntime(t)); err != nil {
		t.Fatal(err)
	}
	for says, tensor := range map[string]tensor.Tensor{
		"expected a numeric tensor": {DType: tensor.String, Shape: []int64{0}},
		"expected a scalar of":      {DType: tensor.Float16, Raw: []byte{0, 0}},
	} {
		if v, err := newValue(tensor); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("expected an error that says %q, found %v, %v", says, v, err)
		}
	}
}
