package gomlx

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/divinedevops/probe/models/tensor"
)

// dtypesOf pairs ONNX's element types with GoMLX's.
var dtypesOf = map[tensor.DType]dtypes.DType{
	tensor.Float32: dtypes.Float32, tensor.Float16: dtypes.Float16, tensor.BFloat16: dtypes.BFloat16,
	tensor.Float64: dtypes.Float64, tensor.Int8: dtypes.Int8, tensor.Int16: dtypes.Int16, tensor.Int32: dtypes.Int32,
	tensor.Int64: dtypes.Int64, tensor.Uint8: dtypes.Uint8, tensor.Uint16: dtypes.Uint16, tensor.Uint32: dtypes.Uint32,
	tensor.Uint64: dtypes.Uint64, tensor.Bool: dtypes.Bool,
}

// newTensor copies a tensor, whose data fit its shape (engine.InOrder), into one of GoMLX's.
func newTensor(t tensor.Tensor) (*tensors.Tensor, error) {
	dtype, ok := dtypesOf[t.DType]
	if !ok {
		return nil, fmt.Errorf("expected a numeric tensor, found %s", t.DType)
	}
	dims := make([]int, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = int(d)
	}
	switch t.DType {
	case tensor.Float32:
		return tensors.FromFlatDataAndDimensions(t.F32, dims...), nil
	case tensor.Int64:
		return tensors.FromFlatDataAndDimensions(t.I64, dims...), nil
	}
	out := tensors.FromShape(shapes.Make(dtype, dims...))
	err := out.MutableBytes(func(data []byte) { copy(data, t.Raw) })
	return out, err
}

// fromTensor copies the data out of one of GoMLX's tensors.
func fromTensor(t *tensors.Tensor) (tensor.Tensor, error) {
	out := tensor.Tensor{}
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
	case tensor.Undefined:
		return out, fmt.Errorf("expected a tensor of numbers, found %s", t.DType())
	case tensor.Float32:
		return out, tensors.ConstFlatData(t, func(flat []float32) { out.F32 = slices.Clone(flat) })
	case tensor.Int64:
		return out, tensors.ConstFlatData(t, func(flat []int64) { out.I64 = slices.Clone(flat) })
	}
	return out, t.ConstBytes(func(data []byte) { out.Raw = slices.Clone(data) })
}
