package detect

import (
	"fmt"

	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/models/tensor"
)

// The levels of the tests that name a metric: above chance, and above each of the two other metrics (0.05 shared between
// the two comparisons, Bonferroni).
const (
	chanceLevel = 0.01
	rivalLevel  = 0.025
)

// MetricEvidence is how one metric does on the triplets.
type MetricEvidence struct {
	Metric   string   `json:"metric"`
	Accuracy float64  `json:"accuracy"` // share of triplets whose paraphrase is nearer than the other, ties half
	Interval Interval `json:"interval"` // 95 %, Wilson
	Chance   float64  `json:"p_chance"` // probability of such a split by chance, exact sign test
	// RankAgreement is Spearman's correlation with cosine over the 2n similarities of the triplets.
	RankAgreement float64 `json:"rank_agreement"`
	// Better and Worse count the triplets on which the best metric is right and this one wrong, and the reverse; Rival is
	// McNemar's exact probability of that split by chance. For the best itself they are 0, 0 and 1.
	Better int     `json:"best_better"`
	Worse  int     `json:"best_worse"`
	Rival  float64 `json:"p_best"`
}

var _ = register(MetricEvidence{})

// Summary is how right the metric is: "cosine 0.997".
func (e MetricEvidence) Summary() string {
	return fmt.Sprintf("%s %.3f", e.Metric, e.Accuracy)
}

// TripletEvidence is what the metric rests on where triplets were run.
type TripletEvidence struct {
	Triplets          int              `json:"triplets"`
	Metrics           []MetricEvidence `json:"metrics"`    // cosine, dot, euclidean
	EquivalentMetrics []string         `json:"equivalent"` // as in DistanceEvidence
	Norms             NormEvidence     `json:"norms"`      // of all 3n vectors
}

var _ = register(TripletEvidence{})

// Summary is the accuracy of the best metric: "0.997 on 302 triplets (0.981 to 0.999)", with ", chance" after it where
// the interval holds 0.5.
func (e TripletEvidence) Summary() string {
	if len(e.Metrics) == 0 {
		return ""
	}
	best := e.best()
	s := accuracyOn(best.Accuracy, e.Triplets, best.Interval)
	if best.Interval.Low <= 0.5 {
		return s + ", chance"
	}
	return s
}

// best is the metric of the highest accuracy; there must be one.
func (e TripletEvidence) best() MetricEvidence {
	best := e.Metrics[0]
	for _, m := range e.Metrics {
		if m.Accuracy > best.Accuracy {
			best = m
		}
	}
	return best
}

// accuracyOn is an accuracy with what it rests on.
func accuracyOn(accuracy float64, triplets int, i Interval) string {
	return fmt.Sprintf("%.3f on %s (%.3f to %.3f)", accuracy, grammar.Plural(triplets, "triplet"), i.Low, i.High)
}

// EquivalentValues lists the metrics that cannot be told from the value.
func (e TripletEvidence) EquivalentValues() []string { return e.EquivalentMetrics }

// metricSimilarities gives each metric as a similarity, larger for more alike.
func metricSimilarities() (names []string, similar []func(a, b []float32) float64) {
	negative := func(a, b []float32) float64 { return -euclidean(a, b) }
	return []string{MetricCosine, MetricDot, MetricEuclidean}, []func(a, b []float32) float64{cosine, dot, negative}
}

// DistanceByTriplets measures which metric a model's vectors are good for. Where all norms are one number the three metrics
// rank alike and Value is "cosine" with the three as equivalent, as in Distance. Elsewhere Value is the metric of the
// highest accuracy, if that is above chance (exact sign test, p < 0.01) and above each other metric (McNemar's exact test
// on the triplets they disagree on, p < 0.025); nil, undetermined, else. Confidence is that of Distance for equivalent
// metrics; else the rule of succession over the triplets on which the best and its nearest rival disagree.
func DistanceByTriplets(triplets []TripletVectors, t tensor.DType) Finding {
	e := TripletEvidence{Triplets: len(triplets), EquivalentMetrics: []string{}, Metrics: []MetricEvidence{}}
	if reason := unusableTriplets(triplets); reason != "" {
		return undetermined(e, reason)
	}
	all := make([][]float32, 0, 3*len(triplets))
	for _, v := range triplets {
		all = append(all, v.Anchor, v.Paraphrase, v.Other)
	}
	plain := Distance(all, t)
	e.Norms = plain.Evidence.(DistanceEvidence).Norms
	names, similar := metricSimilarities()
	outcomes := make([]outcome, len(names))
	var byCosine []float64
	best := 0
	for i, similarity := range similar {
		outcomes[i] = score(triplets, similarity)
		values := similarities(triplets, similarity)
		if i == 0 {
			byCosine = values
		}
		if outcomes[i].right > outcomes[best].right {
			best = i
		}
		e.Metrics = append(e.Metrics, MetricEvidence{
			Metric: names[i], Accuracy: outcomes[i].accuracy(), Interval: outcomes[i].interval(),
			Chance: outcomes[i].chance(), RankAgreement: spearman(byCosine, values),
		})
	}
	rival, confidence := 0.0, 1.0
	for i := range e.Metrics {
		m := &e.Metrics[i]
		m.Better, m.Worse = outcomes[best].against(outcomes[i])
		m.Rival = signTest(m.Better, m.Worse)
		if i != best {
			rival = max(rival, m.Rival)
			confidence = min(confidence, agreement(m.Better, m.Better+m.Worse))
		}
	}
	switch {
	case plain.Value != nil:
		e.EquivalentMetrics = plain.Evidence.(DistanceEvidence).EquivalentMetrics
		return Finding{Value: plain.Value, Confidence: plain.Confidence, Evidence: e}
	case e.Metrics[best].Chance >= chanceLevel || outcomes[best].accuracy() <= 0.5:
		return undetermined(e, fmt.Sprintf("undetermined: no metric is above chance on the triplets (best accuracy %.2f)",
			outcomes[best].accuracy()))
	case rival >= rivalLevel:
		return undetermined(e, fmt.Sprintf("undetermined: %s does best with %.3f, but not significantly (p = %.2g)",
			names[best], outcomes[best].accuracy(), rival))
	}
	return Finding{Value: names[best], Confidence: confidence, Evidence: e}
}

// similarities lists the similarity of anchor and paraphrase, then of anchor and other, of each triplet.
func similarities(triplets []TripletVectors, similarity func(a, b []float32) float64) []float64 {
	out := make([]float64, 0, 2*len(triplets))
	for _, t := range triplets {
		out = append(out, similarity(t.Anchor, t.Paraphrase), similarity(t.Anchor, t.Other))
	}
	return out
}
