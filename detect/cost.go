package detect

import (
	"fmt"
	"math"
)

// CostSample is what one text of some length took.
type CostSample struct {
	Tokens  int     `json:"tokens"`  // special tokens included
	Seconds float64 `json:"seconds"` // of the faster of two runs
	// Resident is the resident set of the process after the run, in bytes; null where the system does not tell.
	Resident *int64 `json:"resident"`
}

// CostEvidence is what the exponent rests on.
type CostEvidence struct {
	Samples []CostSample `json:"samples"` // shortest first
	Fit     float64      `json:"r2"`      // share of the variance of log time that the exponent explains
	// BytesPerToken is how the resident set grew from the shortest to the longest, over the tokens between them.
	BytesPerToken *float64 `json:"bytes_per_token"`
}

var _ = register(CostEvidence{}, CostSample{})

// Summary is what the lengths took: "0.002 s at 16 tokens, 0.21 s at 512".
func (e CostEvidence) Summary() string {
	if len(e.Samples) == 0 {
		return ""
	}
	first, last := e.Samples[0], e.Samples[len(e.Samples)-1]
	return fmt.Sprintf("%.2g s at %d tokens, %.2g s at %d", first.Seconds, first.Tokens, last.Seconds, last.Tokens)
}

// fewestLengths is the least number of lengths that a power law is fitted to.
const fewestLengths = 3

// LengthCost fits time = c * tokens^k to runs of several lengths, shortest first, by least squares of the logarithms. Value
// is k: 1 where each token costs the same, 2 where attention's square rules, less than 1 where a fixed cost does. It is
// nil with fewer than 3 lengths, or where the clock gave 0. Confidence is r2, the share of the variance that the law
// explains.
func LengthCost(samples []CostSample) Finding {
	e := CostEvidence{Samples: append([]CostSample{}, samples...)}
	if len(samples) < fewestLengths {
		return undetermined(e, fmt.Sprintf("fewer than %d lengths were run", fewestLengths))
	}
	first, last := samples[0], samples[len(samples)-1]
	if first.Resident != nil && last.Resident != nil && last.Tokens > first.Tokens {
		growth := float64(*last.Resident-*first.Resident) / float64(last.Tokens-first.Tokens)
		e.BytesPerToken = &growth
	}
	n := float64(len(samples))
	mx, my := 0.0, 0.0
	for _, s := range samples {
		if s.Tokens < 1 || !(s.Seconds > 0) || math.IsInf(s.Seconds, 0) {
			return undetermined(e, "a run took no time that the clock could tell")
		}
		mx, my = mx+math.Log(float64(s.Tokens))/n, my+math.Log(s.Seconds)/n
	}
	xx, xy, yy := 0.0, 0.0, 0.0
	for _, s := range samples {
		dx, dy := math.Log(float64(s.Tokens))-mx, math.Log(s.Seconds)-my
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	if first.Tokens == last.Tokens {
		return undetermined(e, "all runs were of one length")
	}
	if yy > 0 {
		e.Fit = min(1, xy*xy/(xx*yy))
	}
	return Finding{Value: xy / xx, Confidence: e.Fit, Evidence: e}
}
