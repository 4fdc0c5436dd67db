package detect

import (
	"github.com/divinedevops/probe/models/tensor"
)

// BatchInvariance compares the vectors of texts run one at a time with those of the same texts run together. alone and
// together are texts x dim, t is the type the model computes in. Value is "bit_equal", "within_tolerance" or "differs";
// dynamic quantization, whose scale is taken over the whole batch, is the usual reason for the last. Evidence is
// CompareEvidence.
func BatchInvariance(alone, together [][]float32, t tensor.DType) Finding {
	return compareRuns(alone, together, t)
}

// PaddingInvariance compares the vectors of texts run without padding with those of the same texts padded to more
// tokens. A graph that pools over its padding, or attends to it, shows here. Shapes, values and evidence are those of
// BatchInvariance.
func PaddingInvariance(unpadded, padded [][]float32, t tensor.DType) Finding {
	return compareRuns(unpadded, padded, t)
}
