package gomlx

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/divinedevops/probe/models/engine"
)

// dtypesOf pairs ONNX's element types with GoMLX's.
var dtypesOf = map[engine.DType]dtypes.DType{
	engine.Float32: dtypes.Float32, engine.Float16: dtypes.Float16, engine.BFloat16: dtypes.BFloat16,
	engine.Float64: dtypes.Float64, engine.Int8: dtypes.Int8, engine.Int16: dtypes.Int16, engine.Int32: dtypes.Int32,
	engine.Int64: dtypes.Int64, engine.Uint8: dtypes.Uint8, engine.Uint16: dtypes.Uint16, engine.Uint32: dtypes.Uint32,
	engine.Uint64: dtypes.Uint64, engine.Bool: dtypes.Bool,
}

// newTensor copies a tensor into one of GoMLX's.
func newTensor(t engine.Tensor) (*tensors.Tensor, error) {
	dtype, ok := dtypesOf[t.DType]
	if !ok {
		return nil, fmt.Errorf("expected a numeric tensor, found %s", t.DType)
	}
	dims := make([]int, len(t.Shape))
	elements := 1
	for i, d := range t.Shape {
		if d < 0 || d > math.MaxInt32 || elements > math.MaxInt/max(int(d), 1) {
			return nil, fmt.Errorf("expected dimensions of 0 or more, found shape %v", t.Shape)
		}
		dims[i] = int(d)
		elements *= int(d)
	}
	have := len(t.F32) + len(t.I64)
	if t.DType != engine.Float32 && t.DType != engine.Int64 {
		have = len(t.Raw) / t.DType.Size()
	}
	if have != elements {
		return nil, fmt.Errorf("expected %d elements for shape %v, found %d", elements, t.Shape, have)
	}
	switch t.DType {
	case engine.Float32:
		return tensors.FromFlatDataAndDimensions(t.F32, dims...), nil
	case engine.Int64:
		return tensors.FromFlatDataAndDimensions(t.I64, dims...), nil
	}
	out := tensors.FromShape(shapes.Make(dtype, dims...))
	err := out.MutableBytes(func(data []byte) { copy(data, t.Raw) })
	return out, err
}

// fromTensor copies the data out of one of GoMLX's tensors.
func fromTensor(t *tensors.Tensor) (engine.Tensor, error) {
	out := engine.Tensor{}
	for d, dtype := range dtypesOf {
		if dtype == t.DType() {
			out.DType = d
		}
	}
	out.Shape = make([]int64, 0, t.Rank())
	for _, d := range t.Shape().Dimensions {
		out.Shape = append(out.Shape, int64(d))
	}
	switch out.DType {
	case engine.Undefined:
		return out, fmt.Errorf("expected a tensor of numbers, found %s", t.DType())
	case engine.Float32:
		return out, tensors.ConstFlatData(t, func(flat []float32) { out.F32 = slices.Clone(flat) })
	case engine.Int64:
		return out, tensors.ConstFlatData(t, func(flat []int64) { out.I64 = slices.Clone(flat) })
	}
	return out, t.ConstBytes(func(data []byte) { out.Raw = slices.Clone(data) })
}
