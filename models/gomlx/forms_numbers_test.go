//go:build cgo

package gomlx_test

import (
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// numberForms compute.
func numberForms() map[string]form {
	half := func(build func(g *enginetest.Graph)) func(g *enginetest.Graph) {
		return func(g *enginetest.Graph) {
			g.Node("Cast", []string{"x"}, []string{"h"}, onnx.Int("to", int64(tensor.Float16)))
			build(g)
			g.Node("Cast", []string{"z"}, []string{"y"}, onnx.Int("to", int64(tensor.Float32)))
		}
	}
	return map[string]form{
		"Gelu by tanh": {opset: 20, tolerance: 1e-6, build: node("Gelu", onnx.String("approximate", "tanh"))},
		"Gelu":         {opset: 20, tolerance: 1e-6, build: node("Gelu")},
		"Gelu by name": {opset: 20, tolerance: 1e-6, build: node("Gelu", onnx.String("approximate", "none"))},
		"LayerNormalization of the last two": {tolerance: 1e-5, build: func(g *enginetest.Graph) {
			floats(g, "w", []int64{3, 4}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
			g.Node("LayerNormalization", []string{"x", "w"}, []string{"y"}, onnx.Int("axis", -2))
		}},
		"LayerNormalization of large halves": {tolerance: 1e-2, build: half(func(g *enginetest.Graph) {
			small(g, "w", tensor.Float16, []int64{4}, 1, 1, 1, 1)
			small(g, "much", tensor.Float16, nil, 1000)
			g.Node("Mul", []string{"h", "much"}, []string{"m"})
			g.Node("LayerNormalization", []string{"m", "w"}, []string{"z"})
		})},
		"Softmax of halves": {tolerance: 1e-3, build: half(func(g *enginetest.Graph) {
			g.Node("Softmax", []string{"h"}, []string{"z"}, onnx.Int("axis", -1))
		})},
		"Gather of halves": {tolerance: 0, build: func(g *enginetest.Graph) {
			small(g, "table", tensor.Float16, []int64{3, 2}, 1, 2, 3, 4, 5, 6)
			g.Node("Gather", []string{"table", "i"}, []string{"z"})
			g.Node("Cast", []string{"z"}, []string{"y"}, onnx.Int("to", int64(tensor.Float32)))
		}},
		"halves out": {tolerance: 1e-2, output: tensor.Float16, build: func(g *enginetest.Graph) {
			small(g, "w", tensor.Float16, []int64{4, 2}, 1, 2, 3, 4, 5, 6, 7, 8)
			g.Node("Cast", []string{"x"}, []string{"h"}, onnx.Int("to", int64(tensor.Float16)))
			g.Node("MatMul", []string{"h", "w"}, []string{"p"})
			g.Node("Softmax", []string{"p"}, []string{"y"})
		}},
		"Pow of 3": {tolerance: 1e-4, build: func(g *enginetest.Graph) {
			floats(g, "e", nil, 3)
			g.Node("Pow", []string{"x", "e"}, []string{"y"})
		}},
		"Mod": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			g.Constant("m", tensor.NewInt64([]int64{-2}))
			g.Node("Mod", []string{"i", "m"}, []string{"y"})
		}},
		"Div of integers": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			g.Constant("m", tensor.NewInt64([]int64{-2}))
			g.Node("Neg", []string{"i"}, []string{"n"})
			g.Node("Div", []string{"n", "m"}, []string{"y"})
		}},
		"Cast truncates": {output: tensor.Int64, build: node("Cast", onnx.Int("to", int64(tensor.Int64)))},
		"Where broadcasts": {build: func(g *enginetest.Graph) {
			floats(g, "zero", nil, 0)
			floats(g, "c", []int64{3, 1}, 5, 6, 7)
			g.Node("Greater", []string{"x", "zero"}, []string{"b"})
			g.Node("Where", []string{"b", "x", "c"}, []string{"y"})
		}},
		"Where of scalars": {build: func(g *enginetest.Graph) {
			floats(g, "zero", nil, 0)
			floats(g, "low", nil, -65504)
			g.Node("Greater", []string{"x", "zero"}, []string{"b"})
			g.Node("Where", []string{"b", "zero", "low"}, []string{"y"})
		}},
		"IsNaN": {output: tensor.Bool, build: node("IsNaN")},
		"Gemm scaled": {tolerance: 1e-4, build: func(g *enginetest.Graph) {
			ints(g, "shape", 6, 4)
			floats(g, "w", []int64{2, 4}, 1, 2, 3, 4, 5, 6, 7, 8)
			floats(g, "c", []int64{2}, 1, -1)
			g.Node("Reshape", []string{"x", "shape"}, []string{"r"})
			g.Node("Gemm", []string{"r", "w", "c"}, []string{"y"},
				onnx.Int("transB", 1), onnx.Float("alpha", 0.5), onnx.Float("beta", 2))
		}},
		"MatMul of a vector": {tolerance: 1e-5, build: func(g *enginetest.Graph) {
			floats(g, "w", []int64{4}, 1, 2, 3, 4)
			g.Node("MatMul", []string{"x", "w"}, []string{"y"})
		}},
		"Max of three": {build: func(g *enginetest.Graph) {
			floats(g, "a", nil, 0)
			floats(g, "b", []int64{4}, 1, -1, 0.5, -5)
			g.Node("Max", []string{"x", "a", "b"}, []string{"y"})
		}},
		"Resize linear": {tolerance: 1e-4, build: resize(onnx.String("mode", "linear"))},
		"Resize linear, corners": {tolerance: 1e-4, build: resize(onnx.String("mode", "linear"),
			onnx.String("coordinate_transformation_mode", "align_corners"))},
		"Resize nearest": {build: resize(onnx.String("coordinate_transformation_mode", "asymmetric"),
			onnx.String("nearest_mode", "floor"))},
		"BatchNormalization": {tolerance: 1e-4, build: func(g *enginetest.Graph) {
			floats(g, "w", []int64{3}, 1, 2, 3)
			floats(g, "v", []int64{3}, 4, 0.5, 6)
			g.Node("BatchNormalization", []string{"x", "w", "w", "w", "v"}, []string{"y"}, onnx.Float("momentum", 0.1))
		}},
		"Conv in groups": {tolerance: 1e-4, build: func(g *enginetest.Graph) {
			floats(g, "w", []int64{3, 1, 2}, 1, 2, 3, 4, 5, 6)
			floats(g, "c", []int64{3}, 1, -1, 0)
			g.Node("Conv", []string{"x", "w", "c"}, []string{"y"}, onnx.Int("group", 3), onnx.Ints("pads", 1, 0))
		}},
		"AveragePool": {tolerance: 1e-5, build: node("AveragePool", onnx.Ints("kernel_shape", 2), onnx.Ints("strides", 2))},
	}
}

func resize(attrs ...onnx.Attr) func(*enginetest.Graph) {
	return func(g *enginetest.Graph) {
		ints(g, "axes", 0)
		ints(g, "sizes", 1, 2, 5, 7)
		g.Node("Unsqueeze", []string{"x", "axes"}, []string{"u"})
		g.Node("Resize", []string{"u", "", "", "sizes"}, []string{"y"}, attrs...)
	}
}

// quantizedForms are what quantizers write.
func quantizedForms() map[string]form {
	dequantized := func(shape []int64, zero bool, attrs ...onnx.Attr) form {
		return form{tolerance: 1e-6, build: func(g *enginetest.Graph) {
			small(g, "w", tensor.Int8, []int64{4, 2}, 1, -2, 3, -4, 5, -6, 7, -128)
			n := int64(1)
			for _, d := range shape {
				n *= d
			}
			scales, zeros := []float32{0.5, 2, 3, 4}[:n], []int{3, -2, 1, 0}[:n]
			in := []string{"w", floats(g, "scale", shape, scales...)}
			if zero {
				in = append(in, small(g, "zero", tensor.Int8, shape, zeros...))
			}
			g.Node("DequantizeLinear", in, []string{"f"}, attrs...)
			g.Node("Gather", []string{"f", "i"}, []string{"y"})
		}}
	}
	return map[string]form{
		"DequantizeLinear":                      dequantized(nil, true),
		"DequantizeLinear of one":               dequantized([]int64{1}, true),
		"DequantizeLinear by column":            dequantized([]int64{2}, true, onnx.Int("axis", 1)),
		"DequantizeLinear by column, from last": dequantized([]int64{2}, true, onnx.Int("axis", -1)),
		"DequantizeLinear by row":               dequantized([]int64{4}, true, onnx.Int("axis", 0)),
		"DequantizeLinear by row, symmetric":    dequantized([]int64{4}, false, onnx.Int("axis", -2)),
		"QuantizeLinear": {output: tensor.Uint8, build: func(g *enginetest.Graph) {
			floats(g, "scale", nil, 0.02)
			small(g, "zero", tensor.Uint8, nil, 120)
			g.Node("QuantizeLinear", []string{"x", "scale", "zero"}, []string{"y"})
		}},
		"QuantizeLinear without zero": {output: tensor.Uint8, build: func(g *enginetest.Graph) {
			floats(g, "scale", nil, 0.02)
			g.Node("QuantizeLinear", []string{"x", "scale"}, []string{"y"})
		}},
		"DynamicQuantizeLinear": {output: tensor.Uint8, build: func(g *enginetest.Graph) {
			g.Node("DynamicQuantizeLinear", []string{"x"}, []string{"y", "scale", "zero"})
		}},
		"MatMulInteger": {output: tensor.Int32, build: func(g *enginetest.Graph) {
			small(g, "w", tensor.Int8, []int64{4, 2}, 1, -2, 3, -4, 5, -6, 7, -128)
			small(g, "wz", tensor.Int8, nil, 3)
			g.Node("DynamicQuantizeLinear", []string{"x"}, []string{"q", "scale", "zero"})
			g.Node("MatMulInteger", []string{"q", "w", "zero", "wz"}, []string{"y"})
		}},
		"MatMulInteger by column": {output: tensor.Int32, build: func(g *enginetest.Graph) {
			small(g, "w", tensor.Int8, []int64{4, 2}, 1, -2, 3, -4, 5, -6, 7, -128)
			small(g, "wz", tensor.Int8, []int64{2}, 3, -7)
			g.Node("DynamicQuantizeLinear", []string{"x"}, []string{"q", "scale", "zero"})
			g.Node("MatMulInteger", []string{"q", "w", "zero", "wz"}, []string{"y"})
		}},
		"MatMulInteger without zeros": {output: tensor.Int32, build: func(g *enginetest.Graph) {
			small(g, "w", tensor.Uint8, []int64{4, 2}, 1, 2, 3, 255, 5, 6, 7, 128)
			g.Node("DynamicQuantizeLinear", []string{"x"}, []string{"q", "scale", "zero"})
			g.Node("MatMulInteger", []string{"q", "w"}, []string{"y"})
		}},
	}
}
