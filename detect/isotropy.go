package detect

import (
	"fmt"
	"math"
	"slices"
)

// IsotropyEvidence is how the cosines of related and unrelated texts lie.
type IsotropyEvidence struct {
	Pairs      int     `json:"pairs"`     // unrelated pairs, of anchors of different triplets
	Mean       float64 `json:"mean"`      // of their cosines, as the three that follow
	Std        float64 `json:"std"`       // population standard deviation
	Quantile5  float64 `json:"p5"`        // 5 % lie below
	Quantile95 float64 `json:"p95"`       // 5 % lie above
	Related    float64 `json:"related"`   // mean cosine of anchor and paraphrase
	Area       float64 `json:"auc"`       // probability that a paraphrase's cosine is above an unrelated pair's
	Threshold  float64 `json:"threshold"` // the cosine that tells the two kinds apart best (Youden)
	Accuracy   float64 `json:"accuracy"`  // mean of the two kinds' accuracies at Threshold
}

var _ = register(IsotropyEvidence{})

// Summary is how unrelated and related texts lie: "unrelated texts 0.05 +- 0.09, paraphrases 0.71".
func (e IsotropyEvidence) Summary() string {
	return fmt.Sprintf("unrelated texts %.2g +- %.2g, paraphrases %.2g", e.Mean, e.Std, e.Related)
}

// isotropyReach is how many anchors each anchor is paired with.
const isotropyReach = 8

// Isotropy measures how the vectors of unrelated texts lie to each other. Value is the mean cosine of anchors of different
// triplets: about 0 for vectors that use all directions, near 1 for a narrow cone, in which a similarity of 0.8 means
// nothing (Ethayarajh, arXiv:1909.00512). Each anchor is paired with the 8 that follow it. Confidence is the
// rule of succession over the triplets: of n mean cosines of one anchor each, how many lie on the value's side of
// the half-way mark between unrelated and related texts.
func Isotropy(triplets []TripletVectors) Finding {
	e := IsotropyEvidence{}
	if reason := unusableTriplets(triplets); reason != "" {
		return undetermined(e, reason)
	}
	var unrelated, related, own []float64
	n := len(triplets)
	reach := min(isotropyReach, n-1)
	for i, t := range triplets {
		related = append(related, cosine(t.Anchor, t.Paraphrase))
		e.Related += related[i] / float64(n)
		sum := 0.0
		for k := 1; k <= reach; k++ {
			c := cosine(t.Anchor, triplets[(i+k)%n].Anchor)
			unrelated = append(unrelated, c)
			sum += c
		}
		own = append(own, sum/float64(reach))
	}
	e.Pairs = len(unrelated)
	for _, c := range unrelated {
		e.Mean += c / float64(e.Pairs)
	}
	for _, c := range unrelated {
		e.Std += (c - e.Mean) * (c - e.Mean) / float64(e.Pairs)
	}
	e.Std = math.Sqrt(e.Std)
	sorted := slices.Sorted(slices.Values(unrelated))
	e.Quantile5, e.Quantile95 = quantile(sorted, 0.05), quantile(sorted, 0.95)
	e.Area = areaUnderCurve(related, unrelated)
	e.Threshold, e.Accuracy = separate(related, unrelated)
	half, agreeing := (e.Mean+e.Related)/2, 0
	for _, c := range own {
		if (c < half) == (e.Mean < half) {
			agreeing++
		}
	}
	return Finding{Value: e.Mean, Confidence: agreement(agreeing, n), Evidence: e}
}
