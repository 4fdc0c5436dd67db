package detect

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/tensor"
)

// The values of the normalization finding.
const (
	NormalizationL2   = "l2"   // every vector has L2 norm 1
	NormalizationNone = "none" // at least one has not
)

// NormEvidence holds the L2 norms of the vectors.
type NormEvidence struct {
	Texts        int     `json:"texts"`         // vectors that are not zero
	ZeroVectors  int     `json:"zero_vectors"`  // vectors of zeros, which no norm is taken of
	Mean         float64 `json:"mean"`          // of the norms, as the four that follow
	Std          float64 `json:"std"`           // population standard deviation
	Min          float64 `json:"min"`           //
	Max          float64 `json:"max"`           //
	MaxDeviation float64 `json:"max_deviation"` // largest |norm - 1|
	Tolerance    float64 `json:"tolerance"`     // what rounding alone may do, NormTolerance of DType
	Within       int     `json:"within"`        // norms within Tolerance of 1
	DType        string  `json:"dtype"`         // the type that Tolerance is for
	// Constant is true where all norms are one number, 1 or not, within Tolerance: the metrics then rank alike.
	Constant bool `json:"constant"`
}

var _ = register(NormEvidence{})

// Summary is how the norms lie: "norms 1 +- 6e-8", or "norms 0.8 to 13.2" where they are not 1.
func (e NormEvidence) Summary() string {
	switch {
	case e.Texts == 0:
		return ""
	case e.Within == e.Texts:
		return "norms 1 +- " + small(e.MaxDeviation)
	}
	return fmt.Sprintf("norms %.3g to %.3g", e.Min, e.Max)
}

// Normalization measures whether vectors (batch x dim) come L2-normalized. t is the least precise type that a vector passed
// on its way out (float16 for a float16 graph that ends in a cast to float32). Value is "l2" where every norm is within
// NormTolerance of 1, else "none"; nil without finite vectors of one length. Confidence: for l2 the rule of succession
// over the texts times 1 - deviation/tolerance; for none, which one counter-example proves, 1 - tolerance/deviation.
func Normalization(vectors [][]float32, t tensor.DType) Finding {
	e, reason := norms(vectors, t)
	switch {
	case reason != "":
		return undetermined(e, reason)
	case e.Within == e.Texts:
		c := agreement(e.Texts, e.Texts) * margin(e.MaxDeviation, e.Tolerance)
		return Finding{Value: NormalizationL2, Confidence: c, Evidence: e}
	}
	return Finding{Value: NormalizationNone, Confidence: margin(e.Tolerance, e.MaxDeviation), Evidence: e}
}

// norms gathers the evidence; reason is set where there is nothing to judge.
func norms(vectors [][]float32, t tensor.DType) (e NormEvidence, reason string) {
	e.DType = t.String()
	switch {
	case len(vectors) == 0:
		return e, "there are no vectors"
	case !sameWidth(vectors):
		return e, "the vectors differ in length"
	case !allFinite(vectors):
		return e, nonFinite
	}
	e.Tolerance = NormTolerance(t, len(vectors[0]))
	all := make([]float64, 0, len(vectors))
	for _, v := range vectors {
		n := norm(v)
		if n == 0 {
			e.ZeroVectors++
			continue
		}
		all = append(all, n)
		e.Mean += n
		e.MaxDeviation = max(e.MaxDeviation, math.Abs(n-1))
		if math.Abs(n-1) <= e.Tolerance {
			e.Within++
		}
	}
	e.Texts = len(all)
	if e.Texts == 0 {
		return e, "every vector is zero"
	}
	e.Mean /= float64(e.Texts)
	e.Min, e.Max = all[0], all[0]
	for _, n := range all {
		e.Std += (n - e.Mean) * (n - e.Mean)
		e.Min, e.Max = min(e.Min, n), max(e.Max, n)
	}
	e.Std = math.Sqrt(e.Std / float64(e.Texts))
	e.Constant = max(e.Max-e.Mean, e.Mean-e.Min) <= e.Tolerance*e.Mean
	return e, ""
}
