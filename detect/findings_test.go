package detect

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tensor"
)

func TestFiniteTable(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	e := Finite([][]float32{{0, 0}, {1, inf}, {nan, nan}, {1, 2}}).Evidence.(FiniteEvidence)
	if e.Texts != 4 || e.Numbers != 8 || e.NaN != 2 || e.Inf != 1 || e.BadTexts != 2 || e.ZeroVectors != 1 ||
		*e.FirstText != 1 || *e.FirstComponent != 1 {
		t.Errorf("%+v", e)
	}
	if f := Finite([][]float32{{1, nan}}); f.Value != false || f.Confidence != 1 {
		t.Errorf("%+v", f)
	}
	if f := Finite([][]float32{{1, 2}}); f.Value != true || f.Confidence != 2.0/3 {
		t.Errorf("%+v", f)
	}
}

func TestDimensionTable(t *testing.T) {
	t.Parallel()
	f := Dimension([][]float32{{1, 0, 5, 0}, {2, 0, 5, 0}, {3, 0, 5, 1}})
	e := f.Evidence.(DimensionEvidence)
	if f.Value != 4 || *e.ConstantComponents != 2 || *e.ZeroComponents != 1 || f.Confidence != 0.8 {
		t.Errorf("%+v %+v", f, e)
	}
	f = Dimension([][]float32{{1, 2}, {1}})
	if f.Value != nil || !reflect.DeepEqual(f.Evidence.(DimensionEvidence).Widths, []int{1, 2}) {
		t.Errorf("%+v", f)
	}
	if e := Dimension([][]float32{{1, 2}}).Evidence.(DimensionEvidence); e.ConstantComponents != nil {
		t.Errorf("one text tells nothing of constant components: %+v", e)
	}
}

func TestCompareRuns(t *testing.T) {
	t.Parallel()
	base := gaussian(2, 10, 32)
	shifted := func(by float32) [][]float32 {
		out := gaussian(2, 10, 32)
		out[4][3] += by
		return out
	}
	for _, c := range []struct {
		by    float32
		dtype tensor.DType
		value string
	}{
		{0, tensor.Float32, SameBits},
		{1e-6, tensor.Float32, WithinTolerance},
		{1e-2, tensor.Float32, Differs},
		{1e-2, tensor.Float16, WithinTolerance},
		{1, tensor.Float16, Differs},
		{0.2, tensor.BFloat16, WithinTolerance},
	} {
		f := BatchInvariance(base, shifted(c.by), c.dtype)
		e := f.Evidence.(CompareEvidence)
		if f.Value != c.value {
			t.Errorf("%g in %s: %v %+v", c.by, c.dtype, f.Value, e)
		}
		if c.by != 0 && (e.WorstText != 4 || e.BitEqualTexts != 9 || math.Abs(e.MaxAbs-float64(c.by)) > 1e-6) {
			t.Errorf("%g: %+v", c.by, e)
		}
	}
	negativeZero := float32(math.Copysign(0, -1))
	if f := Determinism([][]float32{{0, 1}}, [][]float32{{negativeZero, 1}}, tensor.Float32); f.Value != SameBits {
		t.Errorf("-0 is another number than 0: %v", f.Value)
	}
	if f := PaddingInvariance(base, base[1:], tensor.Float32); f.Value != nil {
		t.Errorf("10 vectors against 9: %v", f.Value)
	}
}

func TestModalitiesTable(t *testing.T) {
	t.Parallel()
	text := ModalityRun{Modality: ModalityText, Vectors: [][]float32{{1, 2}, {2, 1}}}
	image := ModalityRun{Modality: ModalityImage, Vectors: [][]float32{{1, 2}, {5, 1}, {0, 1}}}
	wide := ModalityRun{Modality: ModalityImage, Vectors: [][]float32{{1, 2, 3}, {5, 1, 3}}}
	deaf := ModalityRun{Modality: ModalityText, Vectors: [][]float32{{1, 2}, {1, 2}}}
	bad := ModalityRun{Modality: ModalityText, Vectors: [][]float32{{1, 2}, {1, float32(math.NaN())}}}
	none := ModalityRun{Modality: ModalityImage, Reason: "the graph has no pixel_values"}
	for name, c := range map[string]struct {
		runs  []ModalityRun
		value any
		space bool
	}{
		"text":         {[]ModalityRun{text, none}, []string{"text"}, false},
		"both":         {[]ModalityRun{text, image}, []string{"image", "text"}, true},
		"two spaces":   {[]ModalityRun{text, wide}, []string{"image", "text"}, false},
		"same for all": {[]ModalityRun{deaf}, nil, false},
		"not a number": {[]ModalityRun{bad}, nil, false},
		"neither":      {[]ModalityRun{none}, nil, false},
		"nothing":      {nil, nil, false},
	} {
		f := Modalities(c.runs)
		checkFinding(t, name, f)
		if !reflect.DeepEqual(f.Value, c.value) || f.Evidence.(ModalitiesEvidence).OneSpace != c.space {
			t.Errorf("%s: %v %+v", name, f.Value, f.Evidence)
		}
	}
}

func TestProbeTexts(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	lengths := map[int]bool{}
	for _, s := range ProbeTexts() {
		if s == "" || seen[s] || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
			t.Errorf("%q is empty, twice there, padded or not UTF-8", s)
		}
		seen[s] = true
		lengths[len(strings.Fields(s))] = true
	}
	if len(seen) < 16 || len(lengths) < 8 {
		t.Errorf("%d texts of %d lengths", len(seen), len(lengths))
	}
	changed := ProbeTexts()
	changed[0] = "changed"
	if ProbeTexts()[0] == "changed" {
		t.Error("a caller can change the texts of others")
	}
}

func TestLongText(t *testing.T) {
	t.Parallel()
	if LongText(0) != "" || !strings.HasPrefix(LongText(50), LongText(49)+" ") {
		t.Error("a longer text does not begin with the shorter")
	}
	sentences := strings.SplitAfter(LongText(3000), ". ")
	seen := map[string]bool{}
	for _, s := range sentences {
		seen[s] = true
	}
	if len(seen) != 3000 {
		t.Errorf("%d different sentences of 3000", len(seen))
	}
	words := func(s string) int { return len(strings.Fields(s)) }
	for _, limit := range []int{0, 1, 77, 512, 8192} {
		text, ok := TextOver(limit, words)
		if n := words(text); !ok || n <= limit || n > 2*limit+40 {
			t.Errorf("over %d: %d words, %v", limit, n, ok)
		}
	}
	if _, ok := TextOver(10, func(string) int { return 1 }); ok {
		t.Error("a tokenizer that makes one token of anything was exceeded")
	}
	if _, ok := TextOver(10, func(string) int { return -1 }); ok {
		t.Error("a tokenizer that fails was exceeded")
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[[2]string]string{
		{"pooling", "Mean"}:                              "mean",
		{"pooling", "pooling_mode_lasttoken"}:            "lasttoken",
		{"distance_metric", "COSINE"}:                    "cosine",
		{"distance_metric", "inner product"}:             "dot",
		{"normalization", "L2"}:                          "l2",
		{"anything", " Some-Name "}:                      "some_name",
		{"distance_metric", "jaccard"}:                   "jaccard",
		{"pooling", "pooling_mode_mean_sqrt_len_tokens"}: "mean_sqrt_len_tokens",
	} {
		if got := Canonical(in[0], in[1]); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}
