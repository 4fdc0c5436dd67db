//go:build cgo

package ort

import (
	"encoding/binary"
	"fmt"
	"math"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/tensor"
)

// newValue makes a value over the tensor's own memory, which must stay until the value is destroyed. The data fit the
// shape (engine.InOrder).
func newValue(t tensor.Tensor) (onnx.Value, error) {
	if len(t.Shape) == 0 {
		return newScalar(t)
	}
	switch {
	case t.DType == tensor.Float32:
		return onnx.NewTensor(onnx.Shape(t.Shape), t.F32)
	case t.DType == tensor.Int64:
		return onnx.NewTensor(onnx.Shape(t.Shape), t.I64)
	case t.DType.Size() == 0:
		return nil, fmt.Errorf("expected a numeric tensor, found %s", t.DType)
	}
	raw := t.Raw
	if len(raw) == 0 {
		raw = make([]byte, 1) // the binding wants an address, for an empty tensor too
	}
	// The element types are numbered alike in ONNX's protobuf and in the library's API.
	return onnx.NewCustomDataTensor(onnx.Shape(t.Shape), raw, onnx.TensorElementDataType(t.DType))
}

// newScalar makes a value of rank 0, which the binding has for its own element types only.
func newScalar(t tensor.Tensor) (onnx.Value, error) {
	switch t.DType {
	case tensor.Float32:
		return onnx.NewScalar(t.F32[0])
	case tensor.Int64:
		return onnx.NewScalar(t.I64[0])
	case tensor.Int32:
		return onnx.NewScalar(int32(binary.LittleEndian.Uint32(t.Raw)))
	case tensor.Float64:
		return onnx.NewScalar(math.Float64frombits(binary.LittleEndian.Uint64(t.Raw)))
	case tensor.Bool:
		return onnx.NewScalar(t.Raw[0] != 0)
	}
	return nil, fmt.Errorf("expected a scalar of float32, float64, int32, int64 or bool, found %s", t.DType)
}

// fromValue takes the data out of an output value. The binding has copied them out of the library's memory into a Go
// slice, which outlives the value, so they are not copied again. declared is the output's type in the graph: a
// half-precision one was computed through a cast to float32 (widenHalfOutputs).
func fromValue(v onnx.Value, declared tensor.DType) (tensor.Tensor, error) {
	shape := []int64(v.GetShape())
	switch t := v.(type) {
	case *onnx.Tensor[float32]:
		if declared == tensor.Float16 || declared == tensor.BFloat16 {
			return tensor.Tensor{DType: declared, Shape: shape, Raw: narrow(t.GetData(), declared)}, nil
		}
		return tensor.NewFloat32(t.GetData(), shape...), nil
	case *onnx.Tensor[int64]:
		return tensor.NewInt64(t.GetData(), shape...), nil
	case *onnx.Tensor[float64]:
		return rawTensor(tensor.Float64, shape, t.GetData())
	case *onnx.Tensor[int32]:
		return rawTensor(tensor.Int32, shape, t.GetData())
	case *onnx.Tensor[uint32]:
		return rawTensor(tensor.Uint32, shape, t.GetData())
	case *onnx.Tensor[uint64]:
		return rawTensor(tensor.Uint64, shape, t.GetData())
	case *onnx.Tensor[int16]:
		return rawTensor(tensor.Int16, shape, t.GetData())
	case *onnx.Tensor[uint16]:
		return rawTensor(tensor.Uint16, shape, t.GetData())
	case *onnx.Tensor[int8]:
		return rawTensor(tensor.Int8, shape, t.GetData())
	case *onnx.Tensor[uint8]:
		return rawTensor(tensor.Uint8, shape, t.GetData())
	case *onnx.Tensor[bool]:
		return rawTensor(tensor.Bool, shape, t.GetData())
	}
	return tensor.Tensor{}, fmt.Errorf("expected a tensor of numbers, found %s", v.GetONNXType())
}

func rawTensor[T any](d tensor.DType, shape []int64, data []T) (tensor.Tensor, error) {
	raw, err := binary.Append(make([]byte, 0, len(data)*d.Size()), binary.LittleEndian, data)
	return tensor.Tensor{DType: d, Shape: shape, Raw: raw}, err
}

// narrow returns the elements in the type they were widened from; each is exactly one of its numbers.
func narrow(data []float32, d tensor.DType) []byte {
	raw := make([]byte, 0, 2*len(data))
	for _, f := range data {
		h := uint16(math.Float32bits(f) >> 16)
		if d == tensor.Float16 {
			h = tensor.Float32ToHalf(f)
		}
		raw = binary.LittleEndian.AppendUint16(raw, h)
	}
	return raw
}
