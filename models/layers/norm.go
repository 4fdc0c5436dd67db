package layers

import (
	"math"

	"github.com/divinedevops/probe/models/failure"
)

const (
	// LayerNormEpsilon is torch.nn.LayerNorm's default, the one that sentence-transformers' LayerNorm module has.
	LayerNormEpsilon = 1e-5
	// NormalizeEpsilon is what torch.nn.functional.normalize clamps a norm to from below.
	NormalizeEpsilon = 1e-12
)

// LayerNorm maps batch x dim to batch x dim: (x - mean) / sqrt(variance + 1e-5) * weight + bias over each vector, with
// the biased variance. dim is len(weight). Lengths that do not fit are an *failure.Error.
// Source: torch.nn.LayerNorm (arXiv:1607.06450).
func LayerNorm(x, weight, bias []float32) ([]float32, error) {
	dim := len(weight)
	if dim == 0 || len(bias) != dim {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"LayerNorm: expected norm.weight and norm.bias of one length, found %d and %d", dim, len(bias))
	}
	if len(x)%dim != 0 {
		return nil, failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
			"LayerNorm: expected vectors of %d numbers, found %d numbers in all", dim, len(x))
	}
	y := make([]float32, len(x))
	for start := 0; start < len(x); start += dim {
		row := x[start : start+dim]
		mean := 0.0
		for _, v := range row {
			mean += float64(v)
		}
		mean /= float64(dim)
		variance := 0.0
		for _, v := range row {
			variance += (float64(v) - mean) * (float64(v) - mean)
		}
		scale := 1 / math.Sqrt(variance/float64(dim)+LayerNormEpsilon)
		for i, v := range row {
			y[start+i] = float32((float64(v)-mean)*scale*float64(weight[i]) + float64(bias[i]))
		}
	}
	return y, nil
}

// Normalize maps batch x dim to vectors of L2 norm 1: x / max(norm, 1e-12), as torch.nn.functional.normalize. A zero
// vector stays zero. Lengths that do not fit are an *failure.Error.
func Normalize(x []float32, dim int) ([]float32, error) {
	if dim < 1 || len(x)%dim != 0 {
		return nil, failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
			"Normalize: expected vectors of %d numbers, found %d numbers in all", dim, len(x))
	}
	y := make([]float32, len(x))
	for start := 0; start < len(x); start += dim {
		row := x[start : start+dim]
		norm := max(float32(math.Sqrt(dot(row, row))), NormalizeEpsilon)
		for i, v := range row {
			y[start+i] = v / norm
		}
	}
	return y, nil
}
