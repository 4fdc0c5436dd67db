package onnx

import (
	"strconv"

	"github.com/divinedevops/probe/models/tensor"
)

// Weights sums up the tensors of a file.
type Weights struct {
	// Parameters counts the elements of floating-point tensors and of integer tensors of 8 bits and less (quantized
	// weights), single numbers left out. Wider integers are shapes and indices.
	Parameters int64
	// Bytes is the size of all tensors, BytesByDType the same by type name ("float32"), as ONNX stores them.
	Bytes        int64
	BytesByDType map[string]int64
	// DType is the type that most parameters have: float32, float16, bfloat16, int8, int4, ...; "" without parameters.
	// uint8 weights that nodes use as quantized ones count as int8, because the two differ by a zero point only.
	DType string
	// Quantized reports that most parameters are integers of 8 bits or less.
	Quantized bool
}

// summarize counts tensors. packed gives the bits of an element where a uint8 tensor holds several in a byte; quantized
// says that some node computes on quantized weights.
func summarize(tensors []TensorHead, packed map[string]int, quantized bool) Weights {
	w := Weights{BytesByDType: map[string]int64{}}
	counts := map[string]int64{}
	for _, t := range tensors {
		name := dtypeName(t.DType)
		w.Bytes += t.Bytes
		w.BytesByDType[name] += t.Bytes
		n, bits := t.Elements(), bitsOf(t.DType)
		if n < 2 || !t.DType.Float() && (bits == 0 || bits > 8 || t.DType == tensor.Bool) {
			continue
		}
		if b := int64(packed[t.Name]); b > 0 && t.DType == tensor.Uint8 {
			n = n * 8 / b
			name = "int" + strconv.FormatInt(b, 10)
		} else if quantized && t.DType == tensor.Uint8 {
			name = dtypeName(tensor.Int8)
		}
		w.Parameters += n
		counts[name] += n
	}
	for name, n := range counts {
		if best := counts[w.DType]; n > best || n == best && name < w.DType {
			w.DType = name
		}
	}
	switch w.DType {
	case "", "float32", "float16", "bfloat16", "float64":
	default:
		w.Quantized = true
	}
	return w
}

// dtypeName names the element types of onnx.proto3 that the engines do not know by name too.
func dtypeName(d tensor.DType) string {
	switch d {
	case dtypeUint4:
		return "uint4"
	case dtypeInt4:
		return "int4"
	case dtypeFloat4:
		return "float4e2m1"
	case dtypeUint2:
		return "uint2"
	case dtypeInt2:
		return "int2"
	case 14:
		return "complex64"
	case 15:
		return "complex128"
	case 17:
		return "float8e4m3fn"
	case 18:
		return "float8e4m3fnuz"
	case 19:
		return "float8e5m2"
	case 20:
		return "float8e5m2fnuz"
	case 24:
		return "float8e8m0"
	}
	return d.String()
}
