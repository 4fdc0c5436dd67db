package detect

import (
	"fmt"

	"github.com/divinedevops/probe/models/tensor"
)

// The metrics, under the names that sentence-transformers gives them in similarity_fn_name.
const (
	MetricCosine    = "cosine"
	MetricDot       = "dot"
	MetricEuclidean = "euclidean"
	MetricManhattan = "manhattan"
)

// DistanceEvidence is what is known of the metrics.
type DistanceEvidence struct {
	// EquivalentMetrics rank any set of these vectors alike, and hold the finding's value; empty where none do.
	EquivalentMetrics []string     `json:"equivalent"`
	Norms             NormEvidence `json:"norms"`
}

var _ = register(DistanceEvidence{})

// Summary is what the norms are: "norms 1 +- 6e-8".
func (e DistanceEvidence) Summary() string {
	return e.Norms.Summary()
}

// EquivalentValues lists the metrics that cannot be told from the value.
func (e DistanceEvidence) EquivalentValues() []string { return e.EquivalentMetrics }

// Distance measures what the vectors alone allow to be said of the metric they are meant for. Where all norms are one number
// r, dot = r^2 cos and euclidean^2 = 2 r^2 (1 - cos), so the three rank alike and Value is "cosine", with the
// three as equivalent. Elsewhere Value is nil, because vectors alone do not show which metric a model was trained for.
// Confidence is the rule of succession over the texts times 1 - spread/tolerance, spread being the largest relative
// distance of a norm from the mean norm.
func Distance(vectors [][]float32, t tensor.DType) Finding {
	n, reason := norms(vectors, t)
	e := DistanceEvidence{EquivalentMetrics: []string{}, Norms: n}
	switch {
	case reason != "":
		return undetermined(e, reason)
	case !n.Constant:
		return undetermined(e, fmt.Sprintf("norms vary from %.4g to %.4g, so the metrics rank differently, "+
			"and the vectors alone do not tell which one is meant", n.Min, n.Max))
	}
	e.EquivalentMetrics = []string{MetricCosine, MetricDot, MetricEuclidean}
	spread := max(n.Max-n.Mean, n.Mean-n.Min) / n.Mean
	c := agreement(n.Texts, n.Texts) * margin(spread, n.Tolerance)
	return Finding{Value: MetricCosine, Confidence: c, Evidence: e}
}
