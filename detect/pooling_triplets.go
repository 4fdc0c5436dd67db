package detect

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/models/pooling"
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
	// Behind is how far the separation is below that of the best pooling, StandardError how far that may be off for the
	// choice of triplets (bootstrap), PBest the probability of such a distance by chance. For the best itself they are 0, 0
	// and 1.
	Behind        float64 `json:"behind"`
	StandardError float64 `json:"standard_error"`
	PBest         float64 `json:"p_best"`
	gains, others []float64
}

// PoolingScores lists the ways of pooling, best first.
type PoolingScores struct {
	Triplets int            `json:"triplets"`
	Scores   []PoolingScore `json:"scores"`
	// Same are the ways that the triplets do not tell from the best one, itself among them.
	Same []string `json:"equivalent"`
	// Margin is the separation of the best less that of the next that is not among Same, in standard deviations.
	Margin float64 `json:"margin"`
}

var _ = register(PoolingScores{})

// Summary is how far the best way separates: "separation 5.02 on 302 triplets".
func (s PoolingScores) Summary() string {
	if len(s.Scores) == 0 {
		return ""
	}
	return fmt.Sprintf("separation %.3g on %s", s.Scores[0].Separation, grammar.Plural(s.Triplets, "triplet"))
}

// EquivalentValues lists the ways of pooling that cannot be told from the value.
func (s PoolingScores) EquivalentValues() []string { return s.Same }

// PoolingByTriplets guesses the pooling that a model's token states are best for, where no file names one. Value is "unknown"
// always, because the best way on texts need not be the one that the model was trained with; Guess holds the way of the
// widest separation, if its accuracy is above chance (exact sign test, p < 0.01), and the ranking of all.
// A way fits too if it is not significantly behind the best (p < 0.01 each, 0.05 shared among five; paired bootstrap over the
// triplets, Efron, Annals of Statistics 7 (1979), 1-26). The averages (mean, mean_sqrt_len_tokens of the same direction,
// weightedmean) are near each other on short texts: where nothing but averages fits, the guess is "mean".
// Confidence is the rule of succession over the triplets times 1 - p of the nearest way that does not fit, over the number
// of directions that do, and at most MaxGuess.
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
	best, rival, directions := e.Scores[0], 0.0, 1
	draws := resamples(e.Triplets)
	for i := range e.Scores {
		s := &e.Scores[i]
		s.PBest = 1
		if i == 0 || sameScores(best, *s) {
			e.Same = append(e.Same, s.Pooling)
			continue
		}
		s.against(best, draws)
		if s.PBest >= poolingLevel {
			e.Same = append(e.Same, s.Pooling)
			if s.Pooling != string(pooling.MeanSqrtLen) {
				directions++
			}
			continue
		}
		if e.Margin == 0 {
			e.Margin = s.Behind
		}
		rival = max(rival, s.PBest)
	}
	if best.Chance >= chanceLevel || best.Accuracy <= 0.5 {
		return unknown(fmt.Sprintf("no file names a pooling, and none is above chance on %d triplets (best: %s, accuracy %.2f)",
			e.Triplets, best.Pooling, best.Accuracy))
	}
	guess := &Guess{Value: best.Pooling}
	for _, s := range e.Scores {
		guess.Ranking = append(guess.Ranking, Ranked{s.Pooling, s.Separation, slices.Contains(e.Same, s.Pooling)})
	}
	onlyAverages := !slices.ContainsFunc(e.Same, func(name string) bool { return !isAverage(name) })
	if onlyAverages && slices.Contains(e.Same, string(pooling.Mean)) {
		guess.Value = string(pooling.Mean)
	}
	guess.Confidence = min(MaxGuess, agreement(e.Triplets, e.Triplets)*(1-rival)/float64(directions))
	f := unknown(fmt.Sprintf("no file names a pooling; %s separates %d triplets best, which other ways can do too",
		strings.Join(e.Same, " or "), e.Triplets))
	f.Guess = guess
	return f
}

// resampled is the number of bootstrap samples: enough for a standard error within a twentieth.
const resampled = 400

// resamples draws triplets with replacement, the same for every way of pooling and on every run.
func resamples(n int) [][]int {
	r := rand.New(rand.NewPCG(1979, uint64(n)))
	out := make([][]int, resampled)
	for k := range out {
		out[k] = make([]int, n)
		for i := range out[k] {
			out[k][i] = r.IntN(n)
		}
	}
	return out
}

// against returns how far a way is behind the best one, and whether that could be chance.
func (s *PoolingScore) against(best PoolingScore, draws [][]int) {
	s.Behind = best.Separation - s.Separation
	behind, mean := make([]float64, len(draws)), 0.0
	for k, draw := range draws {
		behind[k] = best.separation(draw) - s.separation(draw)
		mean += behind[k] / float64(len(draws))
	}
	s.StandardError = standardDeviation(behind, mean)
	if s.StandardError > 0 {
		s.PBest = math.Erfc(s.Behind / s.StandardError / math.Sqrt2) // two-sided, normal
	}
}

// separation is the mean gain of some triplets over the standard deviation of their others.
func (s *PoolingScore) separation(draw []int) float64 {
	gain, mean, n := 0.0, 0.0, float64(len(draw))
	for _, i := range draw {
		gain, mean = gain+s.gains[i]/n, mean+s.others[i]/n
	}
	sum := 0.0
	for _, i := range draw {
		sum += (s.others[i] - mean) * (s.others[i] - mean)
	}
	if sum == 0 {
		return 0
	}
	return gain / math.Sqrt(sum/n)
}

// isAverage reports whether a way of pooling averages all tokens.
func isAverage(name string) bool {
	return name == string(pooling.Mean) || name == string(pooling.MeanSqrtLen) || name == string(pooling.WeightedMean)
}

// sameScores reports whether two ways give one direction: all their cosines are equal but for rounding.
func sameScores(a, b PoolingScore) bool {
	for i, x := range a.gains {
		if abs(x-b.gains[i]) > 1e-5 || abs(a.others[i]-b.others[i]) > 1e-5 {
			return false
		}
	}
	return true
}

func scorePooling(w PooledTriplets) PoolingScore {
	o := score(w.Vectors, cosine)
	s := PoolingScore{Pooling: w.Pooling, Accuracy: o.accuracy(), Interval: o.interval(), Chance: o.chance()}
	every := make([]int, len(w.Vectors))
	for i, t := range w.Vectors {
		other := cosine(t.Anchor, t.Other)
		s.others = append(s.others, other)
		s.gains = append(s.gains, cosine(t.Anchor, t.Paraphrase)-other)
		every[i] = i
	}
	s.Separation = s.separation(every)
	return s
}
