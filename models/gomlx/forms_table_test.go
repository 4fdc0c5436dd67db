//go:build cgo

package gomlx_test

import (
	"encoding/binary"
	"math"

	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

const most = math.MaxInt64

func ints(g *enginetest.Graph, name string, v ...int64) string {
	g.Constant(name, tensor.NewInt64(v, int64(len(v))))
	return name
}

func floats(g *enginetest.Graph, name string, shape []int64, v ...float32) string {
	g.Constant(name, tensor.NewFloat32(v, shape...))
	return name
}

// small adds a constant of one of the types that tensor.Tensor has raw.
func small(g *enginetest.Graph, name string, d tensor.DType, shape []int64, v ...int) string {
	var raw []byte
	for _, e := range v {
		switch d {
		case tensor.Int32:
			raw = binary.LittleEndian.AppendUint32(raw, uint32(e))
		case tensor.Float16:
			raw = binary.LittleEndian.AppendUint16(raw, tensor.Float32ToHalf(float32(e)))
		default:
			raw = append(raw, byte(e))
		}
	}
	g.Constant(name, tensor.Tensor{DType: d, Shape: shape, Raw: raw})
	return name
}

// forms are what TestFormsAgree runs.
func forms() map[string]form {
	all := map[string]form{}
	for _, group := range []map[string]form{shapeForms(), oldForms(), numberForms(), quantizedForms()} {
		for name, f := range group {
			all[name] = f
		}
	}
	return all
}

func node(op string, attrs ...onnx.Attr) func(*enginetest.Graph) {
	return func(g *enginetest.Graph) { g.Node(op, []string{"x"}, []string{"y"}, attrs...) }
}

// shapeForms move elements and count them.
func shapeForms() map[string]form {
	forms := map[string]form{
		"Flatten behind the last axis": {build: node("Flatten", onnx.Int("axis", 3))},
		"Flatten before the first":     {build: node("Flatten", onnx.Int("axis", 0))},
		"Flatten":                      {build: node("Flatten")},
		"Flatten from the end":         {build: node("Flatten", onnx.Int("axis", -1))},
		"ConstantOfShape of a scalar": {output: tensor.Bool, build: func(g *enginetest.Graph) {
			g.Constant("none", tensor.NewInt64(nil, 0))
			g.Node("ConstantOfShape", []string{"none"}, []string{"zero"})
			g.Node("Greater", []string{"x", "zero"}, []string{"y"})
		}},
		"Reshape to nothing": {build: func(g *enginetest.Graph) {
			ints(g, "from", 4)
			ints(g, "most", most)
			ints(g, "axis", 2)
			g.Node("Slice", []string{"x", "from", "most", "axis"}, []string{"none"})
			ints(g, "shape", 0, 7)
			g.Node("Reshape", []string{"none", "shape"}, []string{"y"}, onnx.Int("allowzero", 1))
		}},
		"Reshape that keeps": {build: func(g *enginetest.Graph) {
			ints(g, "shape", 0, -1)
			g.Node("Reshape", []string{"x", "shape"}, []string{"y"})
		}},
		"Slice backwards": {build: func(g *enginetest.Graph) {
			ints(g, "from", -1)
			ints(g, "to", math.MinInt64)
			ints(g, "axis", 1)
			ints(g, "step", -1)
			g.Node("Slice", []string{"x", "from", "to", "axis", "step"}, []string{"y"})
		}},
		"Slice backwards by two": {build: func(g *enginetest.Graph) {
			ints(g, "from", 3)
			ints(g, "to", 0)
			ints(g, "axis", 2)
			ints(g, "step", -2)
			g.Node("Slice", []string{"x", "from", "to", "axis", "step"}, []string{"y"})
		}},
		"Slice by two": {build: func(g *enginetest.Graph) {
			ints(g, "from", 1)
			ints(g, "to", most)
			ints(g, "axis", 2)
			ints(g, "step", 2)
			g.Node("Slice", []string{"x", "from", "to", "axis", "step"}, []string{"y"})
		}},
		"GatherND from the end": {build: func(g *enginetest.Graph) {
			g.Constant("at", tensor.NewInt64([]int64{0, -1, 1, 0, -1, -2}, 3, 2))
			g.Node("GatherND", []string{"x", "at"}, []string{"y"})
		}},
		"ScatterND from the end": {build: func(g *enginetest.Graph) {
			g.Constant("at", tensor.NewInt64([]int64{-1, 0}, 1, 2))
			floats(g, "v", []int64{1, 4}, 7, 8, 9, 10)
			g.Node("ScatterND", []string{"x", "at", "v"}, []string{"y"})
		}},
		"Gather from the end": {build: func(g *enginetest.Graph) {
			g.Constant("at", tensor.NewInt64([]int64{-1}))
			g.Node("Gather", []string{"x", "at"}, []string{"y"}, onnx.Int("axis", 1))
		}},
		"Expand both ways": {build: func(g *enginetest.Graph) {
			ints(g, "shape", 5, 1, 1, 4)
			g.Node("Expand", []string{"x", "shape"}, []string{"y"})
		}},
		"Range of a shape": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			g.Constant("zero", tensor.NewInt64([]int64{0}))
			g.Constant("one", tensor.NewInt64([]int64{1}))
			g.Node("Shape", []string{"x"}, []string{"shape"})
			g.Node("Gather", []string{"shape", "one"}, []string{"n"})
			g.Node("Range", []string{"zero", "n", "one"}, []string{"y"})
		}},
		"Shape of the end": {output: tensor.Int64, build: node("Shape", onnx.Int("start", -2))},
		"Shape of none":    {output: tensor.Int64, build: node("Shape", onnx.Int("start", 0), onnx.Int("end", 0))},
		"Trilu": {build: func(g *enginetest.Graph) {
			g.Constant("k", tensor.NewInt64([]int64{1}))
			g.Node("Trilu", []string{"x", "k"}, []string{"y"}, onnx.Int("upper", 1))
		}},
		"Trilu below": {build: node("Trilu", onnx.Int("upper", 0))},
		"CumSum exclusive": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			g.Constant("axis", tensor.NewInt64([]int64{1}))
			g.Node("CumSum", []string{"i", "axis"}, []string{"y"}, onnx.Int("exclusive", 1), onnx.Int("reverse", 1))
		}},
		"Tile": {build: func(g *enginetest.Graph) {
			ints(g, "n", 1, 2, 3)
			g.Node("Tile", []string{"x", "n"}, []string{"y"})
		}},
		"Transpose of all": {build: node("Transpose")},
		"Split by sizes": {build: func(g *enginetest.Graph) {
			ints(g, "sizes", 1, 3)
			g.Node("Split", []string{"x", "sizes"}, []string{"a", "y"}, onnx.Int("axis", -1))
		}},
		"Pad constant": {build: func(g *enginetest.Graph) {
			ints(g, "pads", 0, 1, 0, 0, 0, 2)
			g.Node("Pad", []string{"x", "pads"}, []string{"y"})
		}},
		"TopK": {build: func(g *enginetest.Graph) {
			ints(g, "k", 2)
			g.Node("TopK", []string{"x", "k"}, []string{"y", "at"}, onnx.Int("axis", 1))
		}},
		"ArgMax": {output: tensor.Int64, build: node("ArgMax", onnx.Int("axis", 2), onnx.Int("keepdims", 0))},
		"ArgMax of equals": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			g.Node("ArgMax", []string{"i"}, []string{"y"}, onnx.Int("axis", 1))
		}},
		"ArgMin of equals": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			g.Node("ArgMin", []string{"i"}, []string{"y"}, onnx.Int("axis", 1), onnx.Int("keepdims", 0))
		}},
		"NonZero of a constant": {output: tensor.Int64, build: func(g *enginetest.Graph) {
			ints(g, "c", 0, 4, 0, 5)
			g.Node("NonZero", []string{"c"}, []string{"y"})
		}},
		"Einsum": {tolerance: 1e-5, build: func(g *enginetest.Graph) {
			g.Node("Einsum", []string{"x", "x"}, []string{"y"}, onnx.String("equation", "abc,abd->acd"))
		}},
	}
	return forms
}

// oldForms are operators of older sets, whose attributes became inputs or changed their meaning.
func oldForms() map[string]form {
	return map[string]form{
		"Split 11": {opset: 11, build: func(g *enginetest.Graph) {
			g.Node("Split", []string{"x"}, []string{"a", "y"}, onnx.Int("axis", 2), onnx.Ints("split", 1, 3))
		}},
		"Slice 9": {opset: 9, build: node("Slice", onnx.Ints("axes", 1, 2),
			onnx.Ints("starts", 1, 0), onnx.Ints("ends", 3, -1))},
		"Slice 9 of the first axes": {opset: 9, build: node("Slice", onnx.Ints("starts", 1), onnx.Ints("ends", 2))},
		"Clip 10":                   {opset: 10, build: node("Clip", onnx.Float("min", -1), onnx.Float("max", 2))},
		"Clip 10 below":             {opset: 10, build: node("Clip", onnx.Float("min", 1e-9))},
		"Clip 10 above":             {opset: 10, build: node("Clip", onnx.Float("max", 1))},
		"Pad 10":                    {opset: 10, build: node("Pad", onnx.Ints("pads", 0, 1, 0, 0, 0, 2), onnx.Float("value", 2))},
		"TopK 9": {opset: 9, build: func(g *enginetest.Graph) {
			g.Node("TopK", []string{"x"}, []string{"y", "at"}, onnx.Int("k", 2))
		}},
		"Softmax 11":         {opset: 11, tolerance: 1e-6, build: node("Softmax")},
		"Softmax 11 axis 2":  {opset: 11, tolerance: 1e-6, build: node("Softmax", onnx.Int("axis", 2))},
		"Softmax 11 axis 0":  {opset: 11, tolerance: 1e-6, build: node("Softmax", onnx.Int("axis", 0))},
		"Softmax 11 axis -1": {opset: 11, tolerance: 1e-6, build: node("Softmax", onnx.Int("axis", -1))},
		"Softmax 13 axis 1":  {tolerance: 1e-6, build: node("Softmax", onnx.Int("axis", 1))},
		"Unsqueeze 11":       {opset: 11, build: node("Unsqueeze", onnx.Ints("axes", 0, 2))},
		"Squeeze 11": {opset: 11, build: func(g *enginetest.Graph) {
			g.Node("Unsqueeze", []string{"x"}, []string{"u"}, onnx.Ints("axes", 1))
			g.Node("Squeeze", []string{"u"}, []string{"y"}, onnx.Ints("axes", 1))
		}},
		"ReduceSum 11":  {opset: 11, tolerance: 1e-5, build: node("ReduceSum", onnx.Ints("axes", -1), onnx.Int("keepdims", 0))},
		"ReduceMean 11": {opset: 11, tolerance: 1e-5, build: node("ReduceMean", onnx.Ints("axes", 1))},
		"ReduceL2 11":   {opset: 11, tolerance: 1e-5, build: node("ReduceL2", onnx.Ints("axes", 2))},
		"ReduceMax all": {build: func(g *enginetest.Graph) {
			g.Node("ReduceMax", []string{"x"}, []string{"m"}, onnx.Int("keepdims", 0))
			g.Node("Sub", []string{"x", "m"}, []string{"y"})
		}},
	}
}
