package detect

import (
	"math"
	"math/rand/v2"
	"testing"
)

func codeOf(t *testing.T, vectors [][]float32) string {
	t.Helper()
	f := Fingerprint(vectors, InputsTexts)
	checkFinding(t, "fingerprint", f)
	code, ok := f.Value.(string)
	if !ok {
		t.Fatalf("no fingerprint: %s", f.Reason)
	}
	return code
}

// model is eight vectors of a model, cone of which is common to all.
func model(seed uint64, dim int, cone float64) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 9))
	common := make([]float64, dim)
	for i := range common {
		common[i] = cone * r.NormFloat64()
	}
	out := make([][]float32, FingerprintTexts)
	for k := range out {
		for i := range dim {
			out[k] = append(out[k], float32(common[i]+r.NormFloat64()))
		}
	}
	return out
}

func changed(vectors [][]float32, change func(k int, x float32) float32) [][]float32 {
	out := make([][]float32, len(vectors))
	for k, v := range vectors {
		for _, x := range v {
			out[k] = append(out[k], change(k, x))
		}
	}
	return out
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	for _, cone := range []float64{0, 1, 10} {
		for seed := range uint64(20) {
			vectors := model(seed, 384, cone)
			code := codeOf(t, vectors)
			// Scale per text, as where the normalization is left out: the code is of directions.
			if got := codeOf(t, changed(vectors, func(k int, x float32) float32 { return x * float32(k+1) })); got != code {
				t.Errorf("cone %g: %s, scaled %s", cone, code, got)
			}
			// Rounding of another engine.
			r := rand.New(rand.NewPCG(seed, 1))
			noisy := changed(vectors, func(_ int, x float32) float32 { return x * float32(1+1e-6*r.NormFloat64()) })
			if d, ok := FingerprintDistance(codeOf(t, noisy), code); !ok || d != 0 {
				t.Errorf("cone %g: %d bits off for rounding", cone, d)
			}
			// A cosine of 0.98 to the original, as int8 weights leave.
			if cone == 0 {
				rough := changed(vectors, func(_ int, x float32) float32 { return x + float32(0.2*r.NormFloat64()) })
				if d, _ := FingerprintDistance(codeOf(t, rough), code); d > nearModel {
					t.Errorf("%d bits off for quantization", d)
				}
			}
			// Another model: 32 bits off, 5 standard deviations of 4 either way.
			if d, _ := FingerprintDistance(codeOf(t, model(seed+100, 384, cone)), code); d < 12 || d > 52 {
				t.Errorf("cone %g: another model is %d bits off", cone, d)
			}
		}
	}
}

// TestFingerprintIsFixed holds the algorithm itself: NumPy gave this code for sin(1 + k k + 3 i + k i).
func TestFingerprintIsFixed(t *testing.T) {
	t.Parallel()
	vectors := make([][]float32, FingerprintTexts)
	for k := range vectors {
		for i := range 100 {
			vectors[k] = append(vectors[k], float32(math.Sin(float64(1+k*k+3*i+k*i))))
		}
	}
	if got := codeOf(t, vectors); got != "f1:f9c1bba36101946a" {
		t.Errorf("fingerprint %s", got)
	}
}

func TestFingerprintOfNothing(t *testing.T) {
	t.Parallel()
	same := make([][]float32, FingerprintTexts)
	for k := range same {
		same[k] = []float32{1, 2, 3}
	}
	nan := model(1, 8, 0)
	nan[3][2] = float32(math.NaN())
	for name, vectors := range map[string][][]float32{
		"none": nil, "few": model(1, 8, 0)[:7], "same": same, "nan": nan,
		"zeros": changed(same, func(int, float32) float32 { return 0 }),
	} {
		f := Fingerprint(vectors, InputsTexts)
		checkFinding(t, name, f)
		if f.Value != nil {
			t.Errorf("%s: %v", name, f.Value)
		}
		checkFinding(t, name, KnownAs(f, nil))
	}
	for _, s := range []string{"", "f1:", "f1:12", "f2:0000000000000000", "f1:000000000000000g", "f1:00000000000000000"} {
		if _, ok := FingerprintDistance(s, "f1:0000000000000000"); ok {
			t.Errorf("%q passes for a fingerprint", s)
		}
	}
}

func TestKnownAs(t *testing.T) {
	t.Parallel()
	print := func(code, inputs string, dim int) Finding {
		return Finding{Value: code, Confidence: 1, Evidence: FingerprintEvidence{Inputs: inputs, Dimension: dim}}
	}
	registry := []KnownModel{
		{"org/a", 8, "f1:0000000000000000", "f1:ffffffffffffffff"}, {"org/b", 8, "f1:00000000000fffff", ""},
	}
	for name, c := range map[string]struct {
		print    Finding
		want     any
		relation string
	}{
		"same":            {print("f1:0000000000000001", InputsTexts, 8), "org/a", RelationSame},
		"near":            {print("f1:00000000000ff00f", InputsTexts, 8), "org/b", RelationNear},
		"ids":             {print("f1:fffffffffffffffe", InputsIDs, 8), "org/a", RelationSame},
		"ids for texts":   {print("f1:fffffffffffffffe", InputsTexts, 8), nil, ""},
		"other dimension": {print("f1:0000000000000001", InputsTexts, 9), nil, ""},
		"far":             {print("f1:ffffffff00000000", InputsTexts, 8), nil, ""},
	} {
		f := KnownAs(c.print, registry)
		checkFinding(t, name, f)
		if f.Value != c.want || f.Evidence.(KnownEvidence).Relation != c.relation {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
