package detect

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/tensor"
)

// statisticsTruth is what scipy, scikit-learn and numpy gave; testdata/statistics/make.py wrote it.
type statisticsTruth struct {
	Wilson []struct {
		K, N      int
		Low, High float64
	}
	Sign []struct {
		A, B int
		P    float64
	}
	Lists []struct {
		A, B     []float64
		Spearman float64
	}
	Classes []struct {
		Positive, Negative []float64
		AUC, Accuracy      float64
	}
	Triplets struct {
		Anchor, Paraphrase, Other [][]float32
		Cosine, Dot, Euclidean    float64
		PDot                      float64 `json:"p_dot"`
		AgreementDot              float64 `json:"agreement_dot"`
		Half, Quarter, Eighth     float64
		Int8, Binary              float64
		Mean                      float64 `json:"isotropy_mean"`
		Std                       float64 `json:"isotropy_std"`
		P5                        float64 `json:"isotropy_p5"`
		P95                       float64 `json:"isotropy_p95"`
	}
}

func loadStatistics(t *testing.T) statisticsTruth {
	t.Helper()
	data, err := os.ReadFile("../testdata/statistics/statistics.json")
	if err != nil {
		t.Fatal(err)
	}
	var s statisticsTruth
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s statisticsTruth) triplets() []TripletVectors {
	var out []TripletVectors
	for i, a := range s.Triplets.Anchor {
		out = append(out, TripletVectors{a, s.Triplets.Paraphrase[i], s.Triplets.Other[i]})
	}
	return out
}

func closeTo(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

func TestStatisticsEqualScipy(t *testing.T) {
	t.Parallel()
	s := loadStatistics(t)
	for _, c := range s.Wilson {
		got := wilson(float64(c.K), c.N)
		closeTo(t, "wilson low", got.Low, c.Low)
		closeTo(t, "wilson high", got.High, c.High)
	}
	for _, c := range s.Sign {
		got := signTest(c.A, c.B)
		if math.Abs(got-c.P) > 1e-9*c.P {
			t.Errorf("signTest(%d, %d) = %g, want %g", c.A, c.B, got, c.P)
		}
	}
	for _, c := range s.Lists {
		closeTo(t, "spearman", spearman(c.A, c.B), c.Spearman)
	}
	for _, c := range s.Classes {
		closeTo(t, "auc", areaUnderCurve(c.Positive, c.Negative), c.AUC)
		cut, accuracy := separate(c.Positive, c.Negative)
		closeTo(t, "accuracy", accuracy, c.Accuracy)
		right := 0.0
		for _, x := range c.Positive {
			if x > cut {
				right += 0.5 / float64(len(c.Positive))
			}
		}
		for _, x := range c.Negative {
			if x <= cut {
				right += 0.5 / float64(len(c.Negative))
			}
		}
		closeTo(t, "accuracy at the threshold", right, accuracy)
	}
}

func TestStatisticsAtTheEdges(t *testing.T) {
	t.Parallel()
	if got := wilson(0, 0); got != (Interval{0, 1}) {
		t.Errorf("wilson without trials: %v", got)
	}
	if got := signTest(0, 0); got != 1 {
		t.Errorf("signTest(0, 0) = %g", got)
	}
	if got := spearman([]float64{1, 1, 1}, []float64{1, 2, 3}); got != 0 {
		t.Errorf("spearman of a constant = %g", got)
	}
	if got := spearman([]float64{1, 2, 3}, []float64{10, 20, 1000}); got != 1 {
		t.Errorf("spearman of one order = %g", got)
	}
	if got := areaUnderCurve(nil, []float64{1}); got != 0.5 {
		t.Errorf("auc without positives = %g", got)
	}
}

func TestTripletFindingsEqualNumPy(t *testing.T) {
	t.Parallel()
	s := loadStatistics(t)
	f := DistanceByTriplets(s.triplets(), tensor.Float32)
	checkFinding(t, "distance", f)
	e := f.Evidence.(TripletEvidence)
	if f.Value != MetricCosine || len(e.EquivalentMetrics) != 0 {
		t.Errorf("noise in the norms: %v, equivalent %v, %s", f.Value, e.EquivalentMetrics, f.Reason)
	}
	for i, want := range []float64{s.Triplets.Cosine, s.Triplets.Dot, s.Triplets.Euclidean} {
		closeTo(t, e.Metrics[i].Metric, e.Metrics[i].Accuracy, want)
	}
	closeTo(t, "p of dot", e.Metrics[1].Rival, s.Triplets.PDot)
	closeTo(t, "rank agreement of dot", e.Metrics[1].RankAgreement, s.Triplets.AgreementDot)

	m := Matryoshka(s.triplets())
	checkFinding(t, "matryoshka", m)
	for i, want := range []float64{s.Triplets.Cosine, s.Triplets.Half, s.Triplets.Quarter, s.Triplets.Eighth} {
		form := m.Evidence.(ShrinkReport).Forms[i]
		closeTo(t, "matryoshka", form.Accuracy, want)
		if form.Dimension != 16>>i || form.Bytes != 64>>i {
			t.Errorf("form %d: %+v", i, form)
		}
	}
	q := Quantization(s.triplets())
	checkFinding(t, "quantization", q)
	for i, want := range []float64{s.Triplets.Cosine, s.Triplets.Int8, s.Triplets.Binary} {
		closeTo(t, "quantization", q.Evidence.(ShrinkReport).Forms[i].Accuracy, want)
	}
	iso := Isotropy(s.triplets())
	checkFinding(t, "isotropy", iso)
	ie := iso.Evidence.(IsotropyEvidence)
	for what, c := range map[string][2]float64{
		"mean": {ie.Mean, s.Triplets.Mean}, "std": {ie.Std, s.Triplets.Std},
		"p5": {ie.Quantile5, s.Triplets.P5}, "p95": {ie.Quantile95, s.Triplets.P95},
	} {
		closeTo(t, "isotropy "+what, c[0], c[1])
	}
}

// altered changes every vector of every triplet.
func altered(triplets []TripletVectors, change func(v []float32) []float32) []TripletVectors {
	var out []TripletVectors
	for _, v := range triplets {
		out = append(out, TripletVectors{change(v.Anchor), change(v.Paraphrase), change(v.Other)})
	}
	return out
}

func TestMetricOfAlteredTriplets(t *testing.T) {
	t.Parallel()
	base := loadStatistics(t).triplets()
	normalized := altered(base, func(v []float32) []float32 { return unit(t, [][]float32{v})[0] })
	f := DistanceByTriplets(normalized, tensor.Float32)
	e := f.Evidence.(TripletEvidence)
	if f.Value != MetricCosine || len(e.EquivalentMetrics) != 3 {
		t.Errorf("normalized: %v, equivalent %v", f.Value, e.EquivalentMetrics)
	}
	for _, m := range e.Metrics {
		if m.RankAgreement < 0.999999 || m.Accuracy != e.Metrics[0].Accuracy {
			t.Errorf("normalized, %s: rank agreement %g, accuracy %g", m.Metric, m.RankAgreement, m.Accuracy)
		}
	}
	i := uint64(0)
	random := altered(base, func(v []float32) []float32 { i++; return gaussian(900+i, 1, len(v))[0] })
	f = DistanceByTriplets(random, tensor.Float32)
	if f.Value != nil || !strings.HasPrefix(f.Reason, "undetermined: no metric is above chance") {
		t.Errorf("random: %v, %q", f.Value, f.Reason)
	}
	for what, f := range map[string]Finding{"matryoshka": Matryoshka(random), "quantization": Quantization(random)} {
		checkFinding(t, what, f)
		if f.Value != nil {
			t.Errorf("%s of random vectors: %v", what, f.Value)
		}
	}
	// All that tells is in the first two components: cutting costs nothing, and the cone is wide open.
	early := altered(base, func(v []float32) []float32 {
		out := make([]float32, 16)
		out[0], out[1] = v[0], v[1]
		return out
	})
	if f := Matryoshka(early); f.Value != 2 && f.Reason == "" {
		t.Errorf("two components that matter: %v, %+v", f.Value, f.Evidence)
	}
	// A large shared component makes a narrow cone and leaves the norms varying.
	cone := altered(base, func(v []float32) []float32 {
		out := append([]float32{}, v...)
		out[0] += 4000
		return out
	})
	if a, b := Isotropy(base).Value.(float64), Isotropy(cone).Value.(float64); a > 0.6 || b < 0.9 {
		t.Errorf("mean cosine %g, in a cone %g", a, b)
	}
}

func TestTripletsThatCannotBeScored(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for name, triplets := range map[string][]TripletVectors{
		"none":   nil,
		"one":    {{[]float32{1}, []float32{1}, []float32{1}}},
		"ragged": {{[]float32{1}, []float32{1}, []float32{1}}, {[]float32{1, 2}, []float32{1}, []float32{1}}},
		"nan":    {{[]float32{1}, []float32{1}, []float32{1}}, {[]float32{nan}, []float32{1}, []float32{1}}},
		"zero":   {{[]float32{0}, []float32{0}, []float32{0}}, {[]float32{0}, []float32{0}, []float32{0}}},
	} {
		for what, f := range map[string]Finding{
			"distance": DistanceByTriplets(triplets, tensor.Float32), "isotropy": Isotropy(triplets),
			"matryoshka": Matryoshka(triplets), "quantization": Quantization(triplets),
		} {
			checkFinding(t, name+" "+what, f)
			if what != "isotropy" && f.Value != nil {
				t.Errorf("%s %s: %v", name, what, f.Value)
			}
		}
	}
}

func TestEqualSigns(t *testing.T) {
	t.Parallel()
	a, b := make([]float32, 130), make([]float32, 130)
	want := 0.0
	for i := range a {
		a[i], b[i] = float32(i%3)-1, float32(i%5)-2
		if (a[i] > 0) == (b[i] > 0) {
			want++
		}
	}
	if got := equalSigns(a, b); got != want {
		t.Errorf("%g equal signs, want %g", got, want)
	}
	if got := toInt8([]float32{-2, 1, 0, 0.004}); !reflect.DeepEqual(got, []float32{-127, 64, 0, 0}) {
		t.Errorf("int8: %v", got)
	}
}
