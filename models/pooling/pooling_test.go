package pooling

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

// number reads the infinities that JSON has no spelling for.
type number float32

func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"-Infinity"`:
		*n = number(math.Inf(-1))
		return nil
	case `"Infinity"`:
		*n = number(math.Inf(1))
		return nil
	}
	return json.Unmarshal(b, (*float32)(n))
}

type truth struct {
	Cases []struct {
		Name            string
		Batch, Seq, Dim int
		States          []float32
		Mask            []int64
		Results         []struct {
			Modes   []Mode
			Prompt  int
			Vectors []number
		}
	}
	Accuracy []struct {
		Seq, Dim           int
		Thirds             []int32
		Mean, Weightedmean []float32
	}
}

func load(t *testing.T) truth {
	t.Helper()
	data, err := os.ReadFile("../../testdata/pooling/pooling.json")
	if err != nil {
		t.Fatal(err)
	}
	var tr truth
	if err := json.Unmarshal(data, &tr); err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestPoolEqualsSentenceTransformers(t *testing.T) {
	t.Parallel()
	results := 0
	for _, c := range load(t).Cases {
		for _, r := range c.Results {
			results++
			got, err := Pool(c.States, c.Mask, c.Batch, c.Seq, c.Dim, Options{Modes: r.Modes, PromptLength: r.Prompt})
			if err != nil {
				t.Fatalf("%s %v: %v", c.Name, r.Modes, err)
			}
			if len(got) != len(r.Vectors) {
				t.Fatalf("%s %v: %d numbers, want %d", c.Name, r.Modes, len(got), len(r.Vectors))
			}
			for i, w := range r.Vectors {
				want := float64(w)
				d := math.Abs(float64(got[i]) - want)
				if float64(got[i]) != want && !(d <= 2e-7+3e-7*math.Abs(want)) {
					t.Errorf("%s %v prompt %d [%d] = %g, want %g", c.Name, r.Modes, r.Prompt, i, got[i], want)
				}
			}
		}
	}
	if results < 100 {
		t.Errorf("only %d results in the truth", results)
	}
}

func TestNilMaskKeepsAll(t *testing.T) {
	t.Parallel()
	states := []float32{1, 2, 3, 4, 5, 6}
	for _, m := range Modes() {
		a, err := Pool(states, nil, 1, 3, 2, Options{Modes: []Mode{m}})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Pool(states, []int64{1, 1, 1}, 1, 3, 2, Options{Modes: []Mode{m}})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v without a mask, %v with ones", m, a, b)
		}
	}
}

// Padding on either side must not change a vector: the promise that batch invariance rests on.
func TestPaddingDoesNotMatter(t *testing.T) {
	t.Parallel()
	states := []float32{1, -2, 0.5, 4, -3, 7}
	pad := []float32{9, 9, 9, 9}
	right, left := append(append([]float32{}, states...), pad...), append(append([]float32{}, pad...), states...)
	for _, m := range Modes() {
		o := Options{Modes: []Mode{m}}
		alone, _ := Pool(states, nil, 1, 3, 2, o)
		r, _ := Pool(right, []int64{1, 1, 1, 0, 0}, 1, 5, 2, o)
		l, _ := Pool(left, []int64{0, 0, 1, 1, 1}, 1, 5, 2, o)
		if !reflect.DeepEqual(alone, r) || !reflect.DeepEqual(alone, l) {
			t.Errorf("%s: alone %v, padded right %v, left %v", m, alone, r, l)
		}
	}
}

func TestNaNIsCarried(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for _, m := range []Mode{Max, Mean, MeanSqrtLen, WeightedMean} {
		got, err := Pool([]float32{1, nan, 2}, nil, 1, 3, 1, Options{Modes: []Mode{m}})
		if err != nil || got[0] == got[0] {
			t.Errorf("%s of 1, NaN, 2 is %v (%v)", m, got, err)
		}
	}
}

// The reason for float64 sums: over many tokens they are nearer to PyTorch's than a float32 loop is.
func TestFloat64SumsAreNearer(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Accuracy {
		states := make([]float32, len(c.Thirds))
		for i, n := range c.Thirds {
			states[i] = float32(n) / 3
		}
		got, err := Pool(states, nil, 1, c.Seq, c.Dim, Options{Modes: []Mode{Mean, WeightedMean}})
		if err != nil {
			t.Fatal(err)
		}
		naive := make([]float32, 2*c.Dim)
		for p := range c.Seq {
			for i := range c.Dim {
				naive[i] += states[p*c.Dim+i]
				naive[c.Dim+i] += states[p*c.Dim+i] * float32(p+1)
			}
		}
		for i := range c.Dim {
			naive[i] /= float32(c.Seq)
			naive[c.Dim+i] /= float32(c.Seq * (c.Seq + 1) / 2)
		}
		want := append(append([]float32{}, c.Mean...), c.Weightedmean...)
		ours, theirs := 0.0, 0.0
		for i, w := range want {
			ours = max(ours, math.Abs(float64(got[i]-w)))
			theirs = max(theirs, math.Abs(float64(naive[i]-w)))
		}
		t.Logf("seq %d: largest distance from PyTorch %g, of a float32 loop %g", c.Seq, ours, theirs)
		// The states are below 4096/3, where a unit in the last place is 2^-13.
		if ours > 1.0/(1<<13) {
			t.Errorf("seq %d: %g from PyTorch, more than the rounding of one state", c.Seq, ours)
		}
		if c.Seq >= 256 && ours > theirs/2 {
			t.Errorf("seq %d: float64 sums are %g from PyTorch, a float32 loop %g", c.Seq, ours, theirs)
		}
	}
}

func TestPoolRejects(t *testing.T) {
	t.Parallel()
	mean := Options{Modes: []Mode{Mean}}
	for name, f := range map[string]func() ([]float32, error){
		"states":  func() ([]float32, error) { return Pool(make([]float32, 5), nil, 1, 3, 2, mean) },
		"mask":    func() ([]float32, error) { return Pool(make([]float32, 6), make([]int64, 2), 1, 3, 2, mean) },
		"seq":     func() ([]float32, error) { return Pool(nil, nil, 1, 0, 2, mean) },
		"no mode": func() ([]float32, error) { return Pool(make([]float32, 6), nil, 1, 3, 2, Options{}) },
		"mode": func() ([]float32, error) {
			return Pool(make([]float32, 6), nil, 1, 3, 2, Options{Modes: []Mode{"avg"}})
		},
		"prompt": func() ([]float32, error) {
			return Pool(make([]float32, 6), nil, 1, 3, 2, Options{Modes: []Mode{Mean}, PromptLength: -1})
		},
	} {
		var e *failure.Error
		if _, err := f(); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestModeNames(t *testing.T) {
	t.Parallel()
	for _, m := range Modes() {
		if got, err := ParseMode(string(m)); err != nil || got != m {
			t.Errorf("%s: %v %v", m, got, err)
		}
	}
	if _, err := ParseMode("CLS"); err == nil {
		t.Error("CLS in capitals was taken; sentence-transformers refuses it")
	}
}

func TestFromLegacy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags map[string]bool
		want  []Mode
	}{
		{nil, nil},
		{map[string]bool{"include_prompt": true}, nil},
		{map[string]bool{"pooling_mode_mean_tokens": false}, []Mode{Mean}},
		{map[string]bool{"pooling_mode_lasttoken": true}, []Mode{LastToken}},
		{
			map[string]bool{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true, "pooling_mode_max_tokens": true},
			[]Mode{CLS, Max, Mean},
		},
	} {
		if got := FromLegacy(c.flags); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %v, want %v", c.flags, got, c.want)
		}
	}
}

// FuzzPool looks for lengths that panic where they should be refused.
func FuzzPool(f *testing.F) {
	f.Add(6, 3, 1, 3, 2, 0)
	f.Add(0, 0, 0, 1, 1, 5)
	f.Add(12, 6, 2, 3, 2, 9)
	f.Fuzz(func(t *testing.T, states, mask, batch, seq, dim, prompt int) {
		if states < 0 || states > 1<<12 || mask < -1 || mask > 1<<12 {
			return
		}
		var m []int64
		if mask >= 0 {
			m = make([]int64, mask)
			for i := range m {
				m[i] = int64(i % 2)
			}
		}
		out, err := Pool(make([]float32, states), m, batch, seq, dim, Options{Modes: Modes(), PromptLength: prompt})
		if err == nil && len(out) != 6*batch*dim {
			t.Errorf("%d numbers for %d x %d", len(out), batch, dim)
		}
	})
}
