// Package tensor holds named, dense, row-major tensors: what engines take and return.
package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
)

// DType is a tensor's element type. The values are those of ONNX TensorProto.DataType (onnx.proto3).
type DType int

// The element types an embedding model uses, numbered as in onnx.proto3.
const (
	Undefined DType = 0
	Float32   DType = 1
	Uint8     DType = 2
	Int8      DType = 3
	Uint16    DType = 4
	Int16     DType = 5
	Int32     DType = 6
	Int64     DType = 7
	String    DType = 8
	Bool      DType = 9
	Float16   DType = 10
	Float64   DType = 11
	Uint32    DType = 12
	Uint64    DType = 13
	BFloat16  DType = 16
)

var dtypeNames = map[DType]string{
	Float32: "float32", Uint8: "uint8", Int8: "int8", Uint16: "uint16", Int16: "int16", Int32: "int32", Int64: "int64",
	String: "string", Bool: "bool", Float16: "float16", Float64: "float64", Uint32: "uint32", Uint64: "uint64",
	BFloat16: "bfloat16",
}

// String is the type's name as PyTorch and NumPy spell it.
func (d DType) String() string {
	if n, ok := dtypeNames[d]; ok {
		return n
	}
	return fmt.Sprintf("dtype(%d)", int(d))
}

// Float reports whether the type holds floating-point numbers.
func (d DType) Float() bool {
	return d == Float32 || d == Float16 || d == BFloat16 || d == Float64
}

// Size is the bytes of one element, 0 for strings and unknown types.
func (d DType) Size() int {
	switch d {
	case Uint8, Int8, Bool:
		return 1
	case Uint16, Int16, Float16, BFloat16:
		return 2
	case Float32, Int32, Uint32:
		return 4
	case Float64, Int64, Uint64:
		return 8
	}
	return 0
}

// Tensor is a dense row-major tensor. Exactly one of the data fields is set, by DType: F32 for Float32, I64 for Int64,
// Raw (little-endian elements) for every other type.
type Tensor struct {
	DType DType
	Shape []int64
	F32   []float32
	I64   []int64
	Raw   []byte
}

// NewFloat32 makes a float32 tensor over data, whose length is the product of shape.
func NewFloat32(data []float32, shape ...int64) Tensor {
	return Tensor{DType: Float32, Shape: shape, F32: data}
}

// NewInt64 makes an int64 tensor over data, whose length is the product of shape.
func NewInt64(data []int64, shape ...int64) Tensor {
	return Tensor{DType: Int64, Shape: shape, I64: data}
}

// Elements is the product of the shape.
func (t Tensor) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= int(d)
	}
	return n
}

// Float32s gives the elements of any floating-point tensor as float32 (float64 is rounded). The result may share the
// tensor's memory. It is an error for any other type.
func (t Tensor) Float32s() ([]float32, error) {
	switch t.DType {
	case Float32:
		return t.F32, nil
	case Float16, BFloat16, Float64:
	default:
		return nil, fmt.Errorf("expected a floating-point tensor, found %s", t.DType)
	}
	n := len(t.Raw) / t.DType.Size()
	out := make([]float32, n)
	for i := range out {
		switch t.DType {
		case Float16:
			out[i] = HalfToFloat32(binary.LittleEndian.Uint16(t.Raw[2*i:]))
		case BFloat16:
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(t.Raw[2*i:])) << 16)
		case Float64:
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(t.Raw[8*i:])))
		}
	}
	return out, nil
}

// HalfToFloat32 converts an IEEE 754 binary16 value, subnormals, infinities and NaN included.
func HalfToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h) & 0x3ff
	switch exp {
	case 0:
		// Subnormal: frac * 2^-24 is exact in float32.
		f := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// Float32ToHalf rounds to the nearest IEEE 754 binary16 value, ties to even; what is too large becomes infinity.
func Float32ToHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b>>16) & 0x8000
	exp := int(b>>23) & 0xff
	frac := b & 0x7fffff
	switch {
	case exp == 0xff:
		if frac != 0 {
			return sign | 0x7e00
		}
		return sign | 0x7c00
	case exp-127 > 15:
		return sign | 0x7c00
	case exp-127 >= -14:
		h := uint32(exp-112)<<10 | frac>>13
		rest := frac & 0x1fff
		if rest > 0x1000 || rest == 0x1000 && h&1 == 1 {
			h++ // may carry into the exponent, which is then right, up to infinity
		}
		return sign | uint16(h)
	case exp-127 >= -25:
		m := frac | 0x800000
		shift := uint(-14-(exp-127)) + 13
		h := m >> shift
		rest := m & (1<<shift - 1)
		half := uint32(1) << (shift - 1)
		if rest > half || rest == half && h&1 == 1 {
			h++
		}
		return sign | uint16(h)
	}
	return sign
}
