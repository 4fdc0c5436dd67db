package detect

import (
	"math"

	"github.com/divinedevops/probe/models/tensor"
)

// epsilon is the distance from 1 to the next number of a type. For int8 it is one step of a symmetric quantization of
// [-1, 1], 1/127.
func epsilon(t tensor.DType) float64 {
	switch t {
	case tensor.Float64:
		return 0x1p-52
	case tensor.Float16:
		return 0x1p-10
	case tensor.BFloat16:
		return 0x1p-7
	case tensor.Int8, tensor.Uint8:
		return 1.0 / 127
	}
	return 0x1p-23
}

// NormTolerance is how far from 1 the norm of an L2-normalized vector of dim components can be for rounding alone: the
// norm is a float32 sum of dim squares (relative error at most dim * 2^-24, half of it after the root), and the division
// and the storage round each component to t. For int8 vectors each of the dim components is off by up to half a step.
func NormTolerance(t tensor.DType, dim int) float64 {
	sum := float64(dim) * 0x1p-25
	if t == tensor.Int8 || t == tensor.Uint8 {
		return sum + math.Sqrt(float64(dim))*epsilon(t)/2
	}
	return sum + 4*max(epsilon(t), epsilon(tensor.Float32))
}

// RunTolerance is how far, as a relative L2 error, two runs of the same tokens may differ and still count as the same
// result of different roundings: 84 units of rounding, which is the 1e-5 that probe asks of float32 everywhere, and 10
// for float16 and bfloat16, whose sums are kept in float32. Quantized weights compute in float32 between their
// roundings, so they are held to the same 1e-5.
func RunTolerance(t tensor.DType) float64 {
	switch t {
	case tensor.Float16, tensor.BFloat16:
		return 10 * epsilon(t)
	}
	return 1e-5
}
