package probe_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// fieldCase is what expected.json says of a case of testdata/cases that this test reads. Its numbers are PyTorch's.
type fieldCase struct {
	Expect     map[string]any `json:"expect"`
	Texts      []string       `json:"texts"`
	Embeddings [][]float64    `json:"embeddings"`
	Tolerance  float64        `json:"tol"`
	Optional   []int          `json:"optional"`
	NoVector   []int          `json:"no_vector"`
}

// TestTextsInCompany holds models on which one text used to spoil the others: each of them gets the vector that it has
// alone, or fails alone.
func TestTextsInCompany(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"one-text-too-long", "limit-beyond-positions", "id-beyond-table", "no-attention-mask", "truncate-dim-cuts-nothing",
	} {
		for _, backend := range backends() {
			t.Run(name+"/"+backend, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(testenv.Root(), "testdata", "cases", name)
				var want fieldCase
				readJSON(t, filepath.Join(dir, "expected.json"), &want)
				ref := filepath.Join(dir, "model")
				embedCase(t, ref, backend, want)
				if len(want.Expect) == 0 {
					return
				}
				r := measure(t, probe.Options{Ref: ref, Backend: backend, Quick: true})
				for key, value := range map[string]any{
					"measured.max_sequence_length": number(r.Measured.MaxSequenceLength),
					"measured.normalization":       word(r.Measured.Normalization),
					"measured.pooling":             word(r.Measured.Pooling),
					"measured.embedding_dimension": number(r.Measured.EmbeddingDimension),
				} {
					if expected, ok := want.Expect[key]; ok && expected != value {
						t.Errorf("%s: expected %v, found %v", key, expected, value)
					}
				}
				for _, d := range r.Drift {
					if d.Key == vocabulary.KeyNormalization {
						t.Errorf("drift %+v", d)
					}
				}
			})
		}
	}
}

func embedCase(t *testing.T, ref, backend string, want fieldCase) {
	t.Helper()
	o := probe.Options{Ref: ref, Backend: backend}
	if backend == vocabulary.BackendONNXRuntime && ort.Built {
		o.Library = testenv.ONNXRuntime(t)
	}
	m, err := probe.Open(t.Context(), o)
	must(t, err)
	defer func() { must(t, m.Close()) }()
	at := 0
	for e, err := range m.EmbedAll(t.Context(), m.DefaultPrompt(), probe.All(want.Texts...)) {
		must(t, err)
		switch {
		case slices.Contains(want.NoVector, at):
			if e.Err == nil || e.Vector != nil {
				t.Errorf("text %d has a vector: %v", at, e.Vector)
			}
		case e.Err != nil:
			if !slices.Contains(want.Optional, at) {
				t.Errorf("text %d: %v", at, e.Err)
			}
		case len(want.Embeddings) > 0 && apart(e.Vector, want.Embeddings[at]) > want.Tolerance:
			t.Errorf("text %d is %.2g away from its vector", at, apart(e.Vector, want.Embeddings[at]))
		}
		at++
	}
	if at != len(want.Texts) {
		t.Errorf("%d of %d texts", at, len(want.Texts))
	}
}

// apart is the relative distance.
func apart(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	d, n := 0.0, 0.0
	for i, w := range want {
		d += (float64(got[i]) - w) * (float64(got[i]) - w)
		n += w * w
	}
	return math.Sqrt(d / n)
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return float64(*n)
}

func word(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// TestEqualLengthsTogether: a graph that is not told what is padding gets none, whatever the company and its order, and
// token states stay with their texts.
func TestEqualLengthsTogether(t *testing.T) {
	t.Parallel()
	m, err := probe.Open(t.Context(), probe.Options{
		Ref: filepath.Join(testenv.Root(), "testdata", "cases", "no-attention-mask", "model"), Backend: vocabulary.BackendGo,
	})
	must(t, err)
	defer func() { must(t, m.Close()) }()
	for _, texts := range [][]string{
		{"a b c d e", "a", "e d c b a", "b"}, {"c", "a b c d e", "a b c"}, {"a", "b", "c"}, {"", "a"},
	} {
		in, err := m.Model.Prepare(texts, models.PrepareOptions{})
		must(t, err)
		together, err := m.Model.Run(t.Context(), in)
		must(t, err)
		for i := range texts {
			alone, err := m.Model.Run(t.Context(), in[i:i+1])
			must(t, err)
			if d := distance(together.Vectors[i], alone.Vectors[0]); d > 1e-5 {
				t.Errorf("%q: text %d is %g from itself alone", texts, i, d)
			}
			states := together.States[i*together.Seq*together.StateDim:][:len(alone.States)]
			if d := distance(states, alone.States); d > 1e-4 {
				t.Errorf("%q: the states of text %d are %g from those alone", texts, i, d)
			}
		}
	}
}

func distance(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]-b[i]) * float64(a[i]-b[i])
	}
	return math.Sqrt(sum)
}
