package detect

import "testing"

func TestSmall(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{
		0: "0", 6e-8: "6e-8", 1.19e-7: "1.2e-7", 9.97e-8: "1e-7", 0.0099: "9.9e-3", 0.0213: "0.021", 3: "3",
	} {
		if got := small(x); got != want {
			t.Errorf("%g: %q, want %q", x, got, want)
		}
	}
}

// TestSummaries holds the summaries that stand in the report for a person; TestTypesAreComplete holds that each kind of
// evidence has one.
func TestSummaries(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]Summarized{
		"norms 1 +- 6e-8":   NormEvidence{Texts: 24, Within: 24, MaxDeviation: 6e-8},
		"norms 0.8 to 13.2": NormEvidence{Texts: 24, Within: 1, Min: 0.8, Max: 13.21},
		"identical":         CompareEvidence{Texts: 8, BitEqualTexts: 8},
		"1.2e-7":            CompareEvidence{Texts: 8, MaxAbs: 1.19e-7},
		"16 and 15.5 of 16 found": TextImageEvidence{
			Texts: &Retrieval{Right: 16, Of: 16}, Images: &Retrieval{Right: 15.5, Of: 16},
		},
		"0.997 on 302 triplets (0.981 to 0.999)": TripletEvidence{Triplets: 302, Metrics: []MetricEvidence{
			{Metric: MetricCosine, Accuracy: 0.9967, Interval: Interval{Low: 0.9814, High: 0.9991}}, {Accuracy: 0.9},
		}},
		"0.520 on 302 triplets (0.464 to 0.576), chance": TripletEvidence{Triplets: 302, Metrics: []MetricEvidence{
			{Metric: MetricDot, Accuracy: 0.52, Interval: Interval{Low: 0.464, High: 0.576}},
		}},
		"near, 9 bits off": KnownEvidence{Relation: RelationNear, Distance: 9},
		"":                 KnownEvidence{Relation: RelationSame, Distance: 1},
	} {
		if got := (Finding{Evidence: e}).Summary(); got != want {
			t.Errorf("%T: %q, want %q", e, got, want)
		}
	}
	if s := (Finding{Evidence: map[string]any{}}).Summary(); s != "" {
		t.Errorf("evidence of another package: %q", s)
	}
}
