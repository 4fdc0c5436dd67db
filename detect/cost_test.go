package detect

import (
	"math"
	"testing"
)

func TestLengthCost(t *testing.T) {
	t.Parallel()
	for _, k := range []float64{0, 0.7, 1, 2} {
		var samples []CostSample
		for i, n := range []int{16, 32, 64, 128, 256} {
			resident := int64(1e8 + 2000*n)
			samples = append(samples, CostSample{n, 1e-4 * math.Pow(float64(n), k) * (1 + 1e-9*float64(i%2)), &resident})
		}
		f := LengthCost(samples)
		checkFinding(t, "cost", f)
		e := f.Evidence.(CostEvidence)
		if got, ok := f.Value.(float64); !ok || math.Abs(got-k) > 1e-6 || k > 0 && e.Fit < 0.999 {
			t.Errorf("exponent %v, want %g", f.Value, k)
		}
		if e.BytesPerToken == nil || *e.BytesPerToken != 2000 {
			t.Errorf("bytes per token %v", e.BytesPerToken)
		}
	}
	// numpy.polyfit(log([10, 20, 40]), log([1, 3, 5]), 1) and its r2.
	f := LengthCost([]CostSample{{10, 1, nil}, {20, 3, nil}, {40, 5, nil}})
	if k, r := f.Value.(float64), f.Confidence; math.Abs(k-1.16096) > 1e-5 || math.Abs(r-0.9574325) > 1e-6 {
		t.Errorf("exponent %g, r2 %g", k, r)
	}
	for name, samples := range map[string][]CostSample{
		"none": nil, "two": {{1, 1, nil}, {2, 2, nil}}, "still clock": {{1, 0, nil}, {2, 0, nil}, {3, 0, nil}},
		"one length": {{5, 1, nil}, {5, 2, nil}, {5, 3, nil}},
	} {
		f := LengthCost(samples)
		checkFinding(t, name, f)
		if f.Value != nil {
			t.Errorf("%s: %v", name, f.Value)
		}
	}
}
