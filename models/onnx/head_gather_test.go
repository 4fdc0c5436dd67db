package onnx_test

import (
	"fmt"
	"testing"

	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// TestTableIndexedBy reads the size of the vocabulary off graphs that look ids up in different ways.
func TestTableIndexedBy(t *testing.T) {
	t.Parallel()
	cast := func(b *onnx.Builder, from, to string) {
		b.Node("Cast", []string{from}, []string{to}, onnx.Int("to", int64(tensor.Int64)))
	}
	for name, test := range map[string]struct {
		want  int64
		build func(b *onnx.Builder)
	}{
		"by the input itself": {7, func(b *onnx.Builder) {
			b.Node("Gather", []string{"words", "input_ids"}, []string{"y"})
		}},
		"through casts": {7, func(b *onnx.Builder) {
			cast(b, "input_ids", "a")
			b.Node("Identity", []string{"a"}, []string{"b"})
			b.Node("Gather", []string{"words", "b"}, []string{"y"})
		}},
		"among other tables": {7, func(b *onnx.Builder) {
			b.Node("Gather", []string{"positions", "position_ids"}, []string{"p"})
			b.Node("Gather", []string{"words", "input_ids"}, []string{"w"})
			b.Node("Add", []string{"p", "w"}, []string{"y"})
		}},
		"in a quantized table": {9, func(b *onnx.Builder) {
			b.Initializer(onnx.Initializer{Name: "q", DType: tensor.Int8, Shape: []int64{9, 2}, Raw: make([]byte, 18)})
			b.Float32s("scale", nil, 0.5)
			b.Node("DequantizeLinear", []string{"q", "scale"}, []string{"table"})
			b.Node("Gather", []string{"table", "input_ids"}, []string{"y"})
		}},
		"in a table of halves": {5, func(b *onnx.Builder) {
			b.Initializer(onnx.Initializer{Name: "h", DType: tensor.Float16, Shape: []int64{5, 2}, Raw: make([]byte, 20)})
			b.Node("Cast", []string{"h"}, []string{"table"}, onnx.Int("to", int64(tensor.Float32)))
			b.Node("Gather", []string{"table", "input_ids"}, []string{"y"})
		}},
		"in a vector, then in the table": {7, func(b *onnx.Builder) {
			b.Int64s("map", []int64{3}, 0, 1, 2)
			b.Node("Gather", []string{"map", "input_ids"}, []string{"m"})
			b.Node("Gather", []string{"words", "input_ids"}, []string{"y"})
		}},
		"by another input": {0, func(b *onnx.Builder) {
			b.Node("Gather", []string{"words", "position_ids"}, []string{"y"})
		}},
		"by what is computed": {0, func(b *onnx.Builder) {
			b.Node("Add", []string{"input_ids", "input_ids"}, []string{"a"})
			b.Node("Gather", []string{"words", "a"}, []string{"y"})
		}},
		"in what is computed": {0, func(b *onnx.Builder) {
			b.Node("Mul", []string{"words", "words"}, []string{"table"})
			b.Node("Gather", []string{"table", "input_ids"}, []string{"y"})
		}},
		"in a circle": {0, func(b *onnx.Builder) {
			cast(b, "b", "a")
			cast(b, "a", "b")
			b.Node("Gather", []string{"a", "b"}, []string{"y"})
		}},
		"through more casts than are followed": {0, func(b *onnx.Builder) {
			cast(b, "input_ids", "c0")
			for i := range 20 {
				cast(b, fmt.Sprint("c", i), fmt.Sprint("c", i+1))
			}
			b.Node("Gather", []string{"words", "c20"}, []string{"y"})
		}},
		"nowhere": {0, func(b *onnx.Builder) {
			b.Node("Identity", []string{"input_ids"}, []string{"y"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &onnx.Builder{Name: "g"}
			for _, in := range []string{"input_ids", "position_ids"} {
				b.Input(tensor.Info{Name: in, DType: tensor.Int64, Shape: []int64{1, 2}})
			}
			b.Output(tensor.Info{Name: "y", DType: tensor.Float32})
			b.Float32s("words", []int64{7, 2}, make([]float32, 14)...)
			b.Float32s("positions", []int64{3, 2}, make([]float32, 6)...)
			test.build(b)
			if got, _ := head(t, b.Bytes()).TableIndexedBy("input_ids"); got != test.want {
				t.Errorf("expected %d rows, found %d", test.want, got)
			}
		})
	}
}
