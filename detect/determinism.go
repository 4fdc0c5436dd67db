package detect

import (
	"github.com/divinedevops/probe/models/tensor"
)

// Determinism compares two runs of the very same inputs, texts x dim each. Value is "bit_equal", "within_tolerance" or
// "differs" (dropout left on, random initial states). Evidence is CompareEvidence; its MaxRelative is the noise that
// Length needs.
func Determinism(first, again [][]float32, t tensor.DType) Finding {
	return compareRuns(first, again, t)
}
