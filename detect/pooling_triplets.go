package detect

import (
	"cmp"
	"fmt"
	"slices"
)

// poolingLevel is the level of the test between the best pooling and each of five others: 0.05 shared among them.
const poolingLevel = 0.01

// PooledTriplets are the triplets under one way of pooling.
type PooledTriplets struct {
	Pooling string
	Vectors []TripletVectors
}

// PoolingScore is how one way of pooling does on the triplets.
type PoolingScore struct {
	Pooling  string   `json:"pooling"`
	Accuracy float64  `json:"accuracy"` // under cosine, ties half
	Interval Interval `json:"interval"` // 95 %, Wilson
	Chance   float64  `json:"p_chance"` // exact sign test against chance
	// Separation is the mean over the triplets of cos(anchor, paraphrase) - cos(anchor, other), in standard deviations
	// of the cosines of anchors and others: d' of signal detection. It goes on where accuracy is near 1 for all.
	Separation float64 `json:"separation"`
	// Better and Worse count the triplets that the best pooling separates more widely than this one, and less widely;
	// PBest is the exact sign test's probability of that split by chance. For the best itself they are 0, 0 and 1.
	Better int     `json:"best_better"`
	Worse  int     `json:"best_worse"`
	PBest  float64 `json:"p_best"`
	parts  []float64
}

// PoolingScores lists the ways of pooling, best first.
type PoolingScores struct {
	Triplets int            `json:"triplets"`
	Scores   []PoolingScore `json:"scores"`
	// Same are the ways that give the best one's directions, itself among them.
	Same []string `json:"equivalent"`
	// Margin is the separation of the best less that of the next that is not among Same.
	Margin float64 `json:"margin"`
}

// EquivalentValues lists the ways of pooling that cannot be told from the value.
func (s PoolingScores) EquivalentValues() []string { return s.Same }

// PoolingByTriplets names the pooling that a model's token states are best for, where no file does. Value is the way of the
// widest separation, if its accuracy is above chance (exact sign test, p < 0.01) and it separates significantly more
// triplets more widely than each other way (exact sign test, p < 0.01 each: 0.05 shared among five); "unknown" else.
// mean_sqrt_len_tokens has the direction of mean and stands beside it as equivalent. Confidence is the rule of
// succession over the triplets against the nearest rival.
func PoolingByTriplets(ways []PooledTriplets) Finding {
	e := PoolingScores{Scores: []PoolingScore{}, Same: []string{}}
	unknown := func(reason string) Finding { return Finding{Value: PoolingUnknown, Evidence: e, Reason: reason} }
	for _, w := range ways {
		e.Triplets = len(w.Vectors)
		if reason := unusableTriplets(w.Vectors); reason != "" {
			return unknown(w.Pooling + ": " + reason)
		}
		e.Scores = append(e.Scores, scorePooling(w))
	}
	if len(e.Scores) < 2 {
		return unknown("fewer than two ways of pooling were scored")
	}
	slices.SortStableFunc(e.Scores, func(a, b PoolingScore) int {
		// Equal directions differ by rounding alone: the plainer name comes first.
		if sameScores(a, b) {
			return roots(a.Pooling) - roots(b.Pooling)
		}
		return -cmp.Compare(a.Separation, b.Separation)
	})
	best, rival, confidence := e.Scores[0], 0.0, 1.0
	for i := range e.Scores {
		s := &e.Scores[i]
		if s.PBest = 1; i == 0 || sameScores(best, *s) {
			e.Same = append(e.Same, s.Pooling)
			continue
		}
		for k, x := range best.parts {
			switch {
			case x > s.parts[k]:
				s.Better++
			case x < s.parts[k]:
				s.Worse++
			}
		}
		s.PBest = signTest(s.Better, s.Worse)
		if s.Better <= s.Worse {
			s.PBest = 1
		}
		if e.Margin == 0 {
			e.Margin = best.Separation - s.Separation
		}
		rival, confidence = max(rival, s.PBest), min(confidence, agreement(s.Better, s.Better+s.Worse))
	}
	switch {
	case best.Chance >= chanceLevel || best.Accuracy <= 0.5:
		return unknown(fmt.Sprintf("no pooling of the token states is above chance on %d triplets (best: %s, accuracy %.2f)",
			e.Triplets, best.Pooling, best.Accuracy))
	case rival >= poolingLevel:
		return unknown(fmt.Sprintf("%s separates the triplets most widely, but not significantly (p = %.2g)",
			best.Pooling, rival))
	}
	return Finding{Value: best.Pooling, Confidence: confidence, Evidence: e,
		Reason: fmt.Sprintf("no file names a pooling; %s separates %d triplets best, by a margin of %.2f standard deviations",
			best.Pooling, e.Triplets, e.Margin)}
}

// sameScores reports whether two ways give one direction: all that they separate, they separate equally but for rounding.
func sameScores(a, b PoolingScore) bool {
	for i, x := range a.parts {
		if abs(x-b.parts[i]) > 1e-4 {
			return false
		}
	}
	return true
}

func scorePooling(w PooledTriplets) PoolingScore {
	o := score(w.Vectors, cosine)
	s := PoolingScore{Pooling: w.Pooling, Accuracy: o.accuracy(), Interval: o.interval(), Chance: o.chance()}
	others := make([]float64, len(w.Vectors))
	mean := 0.0
	for i, t := range w.Vectors {
		others[i] = cosine(t.Anchor, t.Other)
		mean += others[i] / float64(len(others))
	}
	deviation := standardDeviation(others, mean)
	for i, t := range w.Vectors {
		part := 0.0
		if deviation > 0 {
			part = (cosine(t.Anchor, t.Paraphrase) - others[i]) / deviation
		}
		s.parts = append(s.parts, part)
		s.Separation += part / float64(len(others))
	}
	return s
}
