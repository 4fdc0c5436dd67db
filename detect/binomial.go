package detect

import "math"

// binomialTail is the probability of k or more successes in n trials of probability p each.
func binomialTail(k, n int, p float64) float64 {
	switch {
	case k <= 0 || p >= 1:
		return 1
	case p <= 0 || k > n:
		return 0
	}
	sum := 0.0
	all, _ := math.Lgamma(float64(n + 1))
	for i := k; i <= n; i++ {
		x, _ := math.Lgamma(float64(i + 1))
		y, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(all - x - y + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(1, sum)
}

// clopperPearson is the exact 95 % interval of a proportion: the probabilities under which k successes in n trials, or
// more extreme, still have a chance of 2.5 % on either side. Without trials it is all of 0 to 1. Source: C. J. Clopper
// and E. S. Pearson, Biometrika 26 (1934), 404-413.
func clopperPearson(k, n int) Interval {
	const side = 0.025
	out := Interval{0, 1}
	if k > 0 && n > 0 {
		out.Low = bisect(func(p float64) bool { return binomialTail(k, n, p) > side })
	}
	if k < n {
		out.High = bisect(func(p float64) bool { return 1-binomialTail(k+1, n, p) < side })
	}
	return out
}

// bisect finds where a condition on 0 to 1 becomes true, to the last bits of a float64.
func bisect(holds func(float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		if middle := (low + high) / 2; holds(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
