package detect

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/divinedevops/probe/models/layers"
	"github.com/divinedevops/probe/models/tensor"
)

// gaussian makes n vectors of dim components, the same for the same seed.
func gaussian(seed uint64, n, dim int) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([][]float32, n)
	for i := range out {
		out[i] = make([]float32, dim)
		for j := range out[i] {
			out[i][j] = float32(r.NormFloat64())
		}
	}
	return out
}

func unit(t *testing.T, vectors [][]float32) [][]float32 {
	t.Helper()
	out := make([][]float32, len(vectors))
	for i, v := range vectors {
		u, err := layers.Normalize(v, len(v))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = u
	}
	return out
}

// rounded passes vectors through a type and back.
func rounded(vectors [][]float32, to tensor.DType) [][]float32 {
	out := make([][]float32, len(vectors))
	for i, v := range vectors {
		out[i] = make([]float32, len(v))
		for j, x := range v {
			switch to {
			case tensor.Float16:
				out[i][j] = tensor.HalfToFloat32(tensor.Float32ToHalf(x))
			case tensor.BFloat16:
				out[i][j] = math.Float32frombits((math.Float32bits(x) + 0x8000) &^ 0xffff)
			case tensor.Int8:
				out[i][j] = float32(math.Round(float64(x)*127) / 127)
			default:
				out[i][j] = x
			}
		}
	}
	return out
}

// Normalized vectors stay normalized in every type and width, and the tolerance of one type does not excuse the rounding
// of a coarser one: that is what makes it a tolerance of that type.
func TestNormToleranceFitsTheType(t *testing.T) {
	t.Parallel()
	types := []tensor.DType{tensor.Float32, tensor.Float16, tensor.BFloat16, tensor.Int8}
	for _, dim := range []int{32, 384, 768, 4096} {
		vectors := unit(t, gaussian(uint64(dim), 24, dim))
		for i, dtype := range types {
			f := Normalization(rounded(vectors, dtype), dtype)
			if f.Value != NormalizationL2 {
				t.Errorf("%d components of %s: %v, %+v", dim, dtype, f.Value, f.Evidence)
			}
			if i == 0 {
				continue
			}
			if f := Normalization(rounded(vectors, dtype), tensor.Float32); dim <= 768 && f.Value != NormalizationNone {
				t.Errorf("%d components of %s pass for float32: %+v", dim, dtype, f.Evidence)
			}
		}
	}
}

func TestNormalizationTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vectors  [][]float32
		value    any
		constant bool
	}{
		"unit":         {[][]float32{{1, 0}, {0.6, 0.8}, {0, -1}}, NormalizationL2, true},
		"unit or zero": {[][]float32{{1, 0}, {0, 0}, {0, -1}}, NormalizationL2, true},
		"twos":         {[][]float32{{2, 0}, {1.2, 1.6}, {0, -2}}, NormalizationNone, true},
		"one of three": {[][]float32{{1, 0}, {0.6, 0.8}, {0, -1.001}}, NormalizationNone, false},
		"near":         {[][]float32{{1.0001, 0}, {0, 0.9999}}, NormalizationNone, false},
		"free":         {[][]float32{{3, 4}, {1, 0}}, NormalizationNone, false},
	} {
		f := Normalization(c.vectors, tensor.Float32)
		e := f.Evidence.(NormEvidence)
		if f.Value != c.value || e.Constant != c.constant {
			t.Errorf("%s: %v, %+v", name, f.Value, e)
		}
	}
	e := Normalization([][]float32{{3, 4}, {0, 1}, {0, 0}}, tensor.Float32).Evidence.(NormEvidence)
	if e.Mean != 3 || e.Std != 2 || e.Min != 1 || e.Max != 5 || e.MaxDeviation != 4 || e.Texts != 2 || e.ZeroVectors != 1 {
		t.Errorf("norms 5 and 1: %+v", e)
	}
}

// Neither rotation nor the order of texts changes norms; scale does.
func TestNormalizationProperties(t *testing.T) {
	t.Parallel()
	vectors := unit(t, gaussian(5, 20, 64))
	for _, turned := range [][][]float32{rotated(vectors, 0.7), rotated(vectors, 2.9)} {
		if f := Normalization(turned, tensor.Float32); f.Value != NormalizationL2 {
			t.Errorf("rotated: %v %+v", f.Value, f.Evidence)
		}
		if f := Distance(turned, tensor.Float32); f.Value != MetricCosine {
			t.Errorf("rotated: %v %s", f.Value, f.Reason)
		}
	}
	for _, s := range []float32{0.5, 0.999, 1.001, 20} {
		scaled := make([][]float32, len(vectors))
		for i, v := range vectors {
			for _, x := range v {
				scaled[i] = append(scaled[i], x*s)
			}
		}
		if f := Normalization(scaled, tensor.Float32); f.Value != NormalizationNone {
			t.Errorf("times %g: %v", s, f.Value)
		}
		if f := Distance(scaled, tensor.Float32); f.Value != MetricCosine {
			t.Errorf("times %g: metric %v, yet all norms are one number", s, f.Value)
		}
	}
}

// rotated turns every pair of neighbouring components by an angle.
func rotated(vectors [][]float32, angle float64) [][]float32 {
	out := make([][]float32, len(vectors))
	sin, cos := math.Sincos(angle)
	for i, v := range vectors {
		out[i] = make([]float32, len(v))
		for j := 0; j+1 < len(v); j += 2 {
			a, b := float64(v[j]), float64(v[j+1])
			out[i][j], out[i][j+1] = float32(a*cos-b*sin), float32(a*sin+b*cos)
		}
	}
	return out
}

func TestMoreTextsMakeSurer(t *testing.T) {
	t.Parallel()
	vectors := unit(t, gaussian(6, 40, 64))
	last := 0.0
	for n := 1; n <= 40; n++ {
		c := Normalization(vectors[:n], tensor.Float32).Confidence
		if c < last-0.02 || c >= 1 {
			t.Fatalf("confidence %g with %d texts after %g with fewer", c, n, last)
		}
		last = c
	}
	if last < 0.9 {
		t.Errorf("confidence %g with 40 texts", last)
	}
}
