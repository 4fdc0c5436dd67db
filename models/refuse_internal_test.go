package models

import "testing"

// Probabilities are told from vectors that only look like them.
func TestProbabilities(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flat []float32
		want bool
	}{
		"softmax":              {[]float32{0.2, 0.3, 0.5, 0.9, 0.1, 0}, true},
		"a sum of 0.9":         {[]float32{0.2, 0.3, 0.5, 0.8, 0.1, 0}, false},
		"a negative number":    {[]float32{0.2, 0.3, 0.5, 0.9, 0.2, -0.1}, false},
		"single ones":          {[]float32{0, 1, 0, 1, 0, 0}, false},
		"not a number":         {[]float32{0.2, 0.3, 0.5, 0.9, 0.1, nan()}, false},
		"unit vectors":         {[]float32{0.6, 0.8, 0, 0, 0.6, 0.8}, false},
		"a single one, others": {[]float32{0, 1, 0, 0.25, 0.5, 0.25}, true},
	} {
		if got := probabilities(c.flat, 3); got != c.want {
			t.Errorf("%s: found %v, want %v", name, got, c.want)
		}
	}
}

func nan() float32 {
	zero := float32(0)
	return zero / zero
}

// Unit states are those of all tokens that are there and not zero.
func TestUnitStates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		states []float32
		mask   []int64
		want   bool
	}{
		"unit vectors":       {[]float32{0.6, 0.8, 0.8, -0.6}, []int64{1, 1}, true},
		"padding is left":    {[]float32{0.6, 0.8, 5, 5}, []int64{1, 0}, true},
		"zeros are left":     {[]float32{0.6, 0.8, 0, 0}, []int64{1, 1}, true},
		"one longer":         {[]float32{0.6, 0.8, 0.8, 0.8}, []int64{1, 1}, false},
		"nothing but zeros":  {[]float32{0, 0, 0, 0}, []int64{1, 1}, false},
		"all along an axis":  {[]float32{1, 0, 0, 1}, []int64{1, 1}, false},
		"no tokens":          {[]float32{0.6, 0.8, 0.8, -0.6}, []int64{0, 0}, false},
		"one not a number":   {[]float32{0.6, 0.8, nan(), 0}, []int64{1, 1}, false},
		"nearly unit length": {[]float32{0.60001, 0.8, 0.8, -0.6}, []int64{1, 1}, true},
	} {
		f := &features{batch: 1, seq: 2, stateDim: 2, states: c.states, mask: c.mask}
		if got := f.unitStates(); got != c.want {
			t.Errorf("%s: found %v, want %v", name, got, c.want)
		}
	}
}
