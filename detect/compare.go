package detect

import (
	"github.com/divinedevops/probe/models/tensor"
)

// The values of the findings that compare two runs of the same texts.
const (
	SameBits        = "bit_equal"        // every component equal, bit for bit
	WithinTolerance = "within_tolerance" // equal but for rounding: RunTolerance
	Differs         = "differs"          // more than rounding explains
)

// CompareEvidence sets two runs of the same texts side by side.
type CompareEvidence struct {
	Texts         int     `json:"texts"`              // pairs of vectors compared
	BitEqualTexts int     `json:"bit_equal_texts"`    // pairs that are equal bit for bit
	MaxAbs        float64 `json:"max_abs_difference"` // largest difference of two components
	MaxRelative   float64 `json:"max_relative_error"` // largest L2 norm of the difference over that of the first
	MinCosine     float64 `json:"min_cosine"`         // smallest cosine similarity of a pair
	Tolerance     float64 `json:"tolerance"`          // RunTolerance, for MaxRelative
	WithinTexts   int     `json:"within_texts"`       // pairs within Tolerance
	WorstText     int     `json:"worst_text"`         // index of the pair with MaxRelative, from 0
}

var _ = register(CompareEvidence{})

// Summary is how far the two runs are apart: "identical", or the largest difference, "1.2e-7".
func (e CompareEvidence) Summary() string {
	if e.BitEqualTexts == e.Texts {
		return "identical"
	}
	return small(e.MaxAbs)
}

// compareRuns compares the vectors of two runs (texts x dim each, in one order). Zeros of either sign are equal bits here:
// they are the same number. Confidence: the rule of succession over the texts for bit_equal; that times 1 -
// error/tolerance for within_tolerance; and 1 - tolerance/error for differs, which one counter-example proves.
func compareRuns(first, second [][]float32, t tensor.DType) Finding {
	e := CompareEvidence{Texts: len(first), MinCosine: 1, Tolerance: RunTolerance(t)}
	switch {
	case len(first) == 0:
		return undetermined(e, "there are no vectors")
	case len(first) != len(second):
		return undetermined(e, "the two runs gave different numbers of vectors")
	case !sameWidth(first, second):
		return undetermined(e, "the vectors differ in length")
	case !allFinite(first) || !allFinite(second):
		return undetermined(e, nonFinite)
	}
	for i, a := range first {
		e.add(i, a, second[i])
	}
	switch {
	case e.BitEqualTexts == e.Texts:
		return Finding{Value: SameBits, Confidence: agreement(e.Texts, e.Texts), Evidence: e}
	case e.WithinTexts == e.Texts:
		c := agreement(e.Texts, e.Texts) * margin(e.MaxRelative, e.Tolerance)
		return Finding{Value: WithinTolerance, Confidence: c, Evidence: e}
	}
	return Finding{Value: Differs, Confidence: margin(e.Tolerance, e.MaxRelative), Evidence: e}
}

func (e *CompareEvidence) add(i int, a, b []float32) {
	equal := true
	for j, x := range a {
		if x != b[j] {
			equal = false
			e.MaxAbs = max(e.MaxAbs, abs(float64(x)-float64(b[j])))
		}
	}
	if equal {
		e.BitEqualTexts++
		e.WithinTexts++
		return
	}
	e.MinCosine = min(e.MinCosine, cosine(a, b))
	r := relativeError(b, a)
	if r <= e.Tolerance {
		e.WithinTexts++
	}
	if r > e.MaxRelative {
		e.MaxRelative, e.WorstText = r, i
	}
}

func abs(x float64) float64 { return max(x, -x) }
