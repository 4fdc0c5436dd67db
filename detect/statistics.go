package detect

import (
	"math"
	"slices"
)

// Interval is a 95 % confidence interval of a proportion, from 0 to 1.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// z95 is the 97.5 % quantile of the standard normal distribution.
const z95 = 1.959963984540054

// wilson is the score interval of k successes in n trials; k may hold halves, for ties. Without trials it is all of 0 to
// 1. Source: E. B. Wilson, JASA 22 (1927), 209-212.
func wilson(k float64, n int) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	trials := float64(n)
	p, z2 := k/trials, z95*z95
	centre := (p + z2/(2*trials)) / (1 + z2/trials)
	half := z95 / (1 + z2/trials) * math.Sqrt(p*(1-p)/trials+z2/(4*trials*trials))
	return Interval{max(0, centre-half), min(1, centre+half)}
}

// signTest is the exact two-sided probability of a split at least as uneven as a against b when both are equally likely:
// the sign test, and McNemar's exact test where a and b count the discordant pairs. It is 1 where a + b is 0.
func signTest(a, b int) float64 {
	n, k := a+b, min(a, b)
	// Binomial terms by logarithms, so that n of thousands neither overflows nor vanishes.
	sum := 0.0
	total, _ := math.Lgamma(float64(n + 1))
	for i := 0; i <= k; i++ {
		x, _ := math.Lgamma(float64(i + 1))
		y, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(total - x - y - float64(n)*math.Ln2)
	}
	return min(1, 2*sum)
}

// ranks gives the rank of each value from 1, equal values sharing their mean rank.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			out[i] = float64(start+end+1) / 2
		}
		start = end
	}
	return out
}

// spearman is the rank correlation of two lists of one length, ties by mean ranks: 1 where both rank alike, -1 where in
// reverse, 0 where either is constant. Source: C. Spearman, American Journal of Psychology 15 (1904), 72-101.
func spearman(a, b []float64) float64 {
	x, y := ranks(a), ranks(b)
	mean := float64(len(a)+1) / 2
	xy, xx, yy := 0.0, 0.0, 0.0
	for i := range x {
		dx, dy := x[i]-mean, y[i]-mean
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return max(-1, min(1, xy/math.Sqrt(xx*yy)))
}

// areaUnderCurve is the probability that a positive score is larger than a negative one, ties counting half: the area
// under the ROC curve, Mann and Whitney's U over its maximum.
func areaUnderCurve(positive, negative []float64) float64 {
	if len(positive) == 0 || len(negative) == 0 {
		return 0.5
	}
	r := ranks(slices.Concat(positive, negative))
	sum := 0.0
	for _, rank := range r[:len(positive)] {
		sum += rank
	}
	n, m := float64(len(positive)), float64(len(negative))
	return (sum - n*(n+1)/2) / (n * m)
}

// separate finds the threshold above which a score is taken for positive that maximizes the mean of the two classes'
// accuracies (Youden's J, Cancer 3 (1950), 32-35), half-way between the two scores it lies between. Among equals the
// lowest is taken.
func separate(positive, negative []float64) (threshold, accuracy float64) {
	p, n := slices.Sorted(slices.Values(positive)), slices.Sorted(slices.Values(negative))
	all := slices.Sorted(slices.Values(slices.Concat(p, n)))
	for i, x := range all {
		cut := x
		if i+1 < len(all) {
			if all[i+1] == x {
				continue
			}
			cut = x + (all[i+1]-x)/2
		}
		above, _ := slices.BinarySearchFunc(p, cut, afterCut)
		below, _ := slices.BinarySearchFunc(n, cut, afterCut)
		a := (1 - float64(above)/float64(len(p)) + float64(below)/float64(len(n))) / 2
		if a > accuracy {
			threshold, accuracy = cut, a
		}
	}
	return threshold, accuracy
}

// afterCut orders a score before the cut where it is not above it.
func afterCut(score, cut float64) int {
	if score <= cut {
		return -1
	}
	return 1
}

// quantile is the q-th quantile, 0 to 1, of sorted values, linear between neighbours (Hyndman and Fan's type 7).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// standardDeviation is that of the population.
func standardDeviation(values []float64, mean float64) float64 {
	sum := 0.0
	for _, x := range values {
		sum += (x - mean) * (x - mean)
	}
	return math.Sqrt(sum / float64(max(len(values), 1)))
}
