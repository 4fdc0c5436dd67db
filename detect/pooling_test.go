package detect

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/layers"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/tensor"
)

// poolingInput makes states of texts of 4 to 15 tokens, some padded left or right, and the vectors of the given modes.
func poolingInput(t *testing.T, dim int, next func([]float32) ([]float32, error), modes ...pooling.Mode) PoolingInput {
	t.Helper()
	in := PoolingInput{DType: tensor.Float32, Next: next, NextIn: dim * len(modes), InGraph: true}
	if next == nil {
		in.NextIn = 0
	}
	for i := range 12 {
		seq := 4 + i
		s := TokenStates{States: gaussian(uint64(100*dim+i), 1, seq*dim)[0], Dim: dim}
		if i%3 > 0 {
			s.Mask = make([]int64, seq)
			for p := range s.Mask {
				if i%3 == 1 && p < seq-1 || i%3 == 2 && p > 0 {
					s.Mask[p] = 1
				}
			}
		}
		v, err := pooling.Pool(s.States, s.Mask, 1, seq, dim, pooling.Options{Modes: modes})
		if err != nil {
			t.Fatal(err)
		}
		if next != nil {
			if v, err = next(v); err != nil {
				t.Fatal(err)
			}
		}
		in.States, in.Vectors = append(in.States, s), append(in.Vectors, v)
	}
	return in
}

func TestEveryPoolingIsFound(t *testing.T) {
	t.Parallel()
	sets := [][]pooling.Mode{
		{pooling.CLS, pooling.Mean}, {pooling.LastToken, pooling.CLS}, {pooling.Mean, pooling.MeanSqrtLen, pooling.Max},
		{pooling.CLS, pooling.Max, pooling.Mean, pooling.WeightedMean}, pooling.Modes(),
	}
	for _, m := range pooling.Modes() {
		sets = append(sets, []pooling.Mode{m})
	}
	dense := func(in int) func([]float32) ([]float32, error) {
		d := layers.Dense{In: in, Out: 5, Weight: gaussian(8, 1, in*5)[0], Activation: math.Tanh}
		return d.Apply
	}
	for _, modes := range sets {
		names := make([]string, len(modes))
		for i, m := range modes {
			names[i] = string(m)
		}
		want := strings.Join(names, "+")
		plain := poolingInput(t, 8, nil, modes...)
		unitInput := plain
		unitInput.Vectors = unit(t, plain.Vectors)
		projected := poolingInput(t, 8, dense(8*len(modes)), modes...)
		projectedUnit := projected
		projectedUnit.Vectors = unit(t, projected.Vectors)
		for kind, in := range map[string]PoolingInput{
			"plain": plain, "normalized": unitInput, "dense": projected, "dense, normalized": projectedUnit,
		} {
			f := Pooling(in)
			checkFinding(t, want, f)
			e := f.Evidence.(PoolingEvidence)
			if !slices.Contains(e.Same, want) || f.Confidence < 0.5 {
				t.Errorf("%s %s: %v, equivalent %v, confidence %g, %s", kind, want, f.Value, e.Same, f.Confidence, f.Reason)
			}
			if kind != "normalized" && f.Value != want {
				t.Errorf("%s: %v, want %s", kind, f.Value, want)
			}
		}
	}
}

func TestMeanAndRootAreOneDirection(t *testing.T) {
	t.Parallel()
	in := poolingInput(t, 8, nil, pooling.MeanSqrtLen)
	if f := Pooling(in); f.Value != "mean_sqrt_len_tokens" {
		t.Errorf("as it is: %v", f.Value)
	}
	in.Vectors = unit(t, in.Vectors)
	f := Pooling(in)
	if got := f.Evidence.(PoolingEvidence).Same; f.Value != "mean" || len(got) != 2 {
		t.Errorf("normalized: %v, equivalent %v", f.Value, got)
	}
	if d := CompareDeclared(map[string]any{"pooling": "mean_sqrt_len_tokens"}, map[string]Finding{"pooling": f}); len(d) != 0 {
		t.Errorf("an equivalent declaration counts as drift: %v", d)
	}
}

func TestPoolingWithoutAnswer(t *testing.T) {
	t.Parallel()
	broken := func([]float32) ([]float32, error) { return nil, errors.New("no weights") }
	hidden := poolingInput(t, 8, nil, pooling.Mean)
	hidden.States = nil
	encoder := hidden
	encoder.InGraph = false
	foreign := poolingInput(t, 8, nil, pooling.Mean)
	foreign.Vectors = gaussian(3, len(foreign.Vectors), 8)
	narrow := poolingInput(t, 8, nil, pooling.Mean)
	narrow.Vectors = gaussian(3, len(narrow.Vectors), 5)
	failing := poolingInput(t, 8, nil, pooling.Mean)
	failing.Next = broken
	short := poolingInput(t, 8, nil, pooling.CLS)
	for i := range short.States {
		short.States[i] = TokenStates{States: short.States[i].States[:8], Dim: 8}
		short.Vectors[i] = short.States[i].States
	}
	fewer := poolingInput(t, 8, nil, pooling.Mean)
	fewer.States = fewer.States[1:]
	for name, c := range map[string]struct {
		in     PoolingInput
		value  any
		reason string
	}{
		"hidden in the graph":    {hidden, PoolingInGraph, "no token states"},
		"hidden by the endpoint": {encoder, PoolingUnknown, "no token states"},
		"another function":       {foreign, PoolingInGraph, "no pooling gives"},
		"a projection between":   {narrow, PoolingInGraph, "something else lies between"},
		"what follows fails":     {failing, PoolingInGraph, "no weights"},
		"one token a text":       {short, PoolingInGraph, "do not tell"},
		"fewer states":           {fewer, nil, "11 texts"},
	} {
		f := Pooling(c.in)
		checkFinding(t, name, f)
		if f.Value != c.value || !strings.Contains(f.Reason, c.reason) {
			t.Errorf("%s: %v, %q", name, f.Value, f.Reason)
		}
	}
	if f := Pooling(encoder); f.Confidence != 0 {
		t.Errorf("unknown has confidence %g", f.Confidence)
	}
}

// One text that pools otherwise refutes a mode.
func TestOneTextRefutes(t *testing.T) {
	t.Parallel()
	in := poolingInput(t, 8, nil, pooling.Mean)
	in.Vectors[7] = gaussian(4, 1, 8)[0]
	if f := Pooling(in); f.Value != PoolingInGraph {
		t.Errorf("%v, though one of 12 texts differs", f.Value)
	}
}

func TestPromptTokensAreLeftOut(t *testing.T) {
	t.Parallel()
	in := poolingInput(t, 8, nil, pooling.Mean)
	for i, s := range in.States {
		o := pooling.Options{Modes: []pooling.Mode{pooling.Mean}, PromptLength: 2}
		v, err := pooling.Pool(s.States, s.Mask, 1, len(s.States)/8, 8, o)
		if err != nil {
			t.Fatal(err)
		}
		in.Vectors[i] = v
	}
	if f := Pooling(in); f.Value != PoolingInGraph {
		t.Errorf("without the prompt's length: %v", f.Value)
	}
	in.PromptLength = 2
	if f := Pooling(in); f.Value != "mean" {
		t.Errorf("with it: %v, %s", f.Value, f.Reason)
	}
}
