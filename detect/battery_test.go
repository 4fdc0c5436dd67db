package detect

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/layers"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/tensor"
)

// toy is a model small enough to know all truth about: hashed token states, pooling, an optional projection and
// normalization. The mutations of TestMutationsChangeOneFinding are its fields.
type toy struct {
	modes     []pooling.Mode
	dim       int
	normalize bool
	scale     func(text int) float32 // per text; nil is 1
	limit     int                    // tokens that are read; 0 is all
	noise     float64                // relative, added per component, another at each run
	batchBug  float32                // added to the first component when run in a batch
	padBug    bool                   // padding is pooled too
	runs      int
}

const toyTexts = 12

// tokens of text i: between 3 and 25, none alike.
func toyTokens(i int) []int {
	ids := make([]int, 3+2*i)
	for p := range ids {
		ids[p] = 1000*i + p
	}
	return ids
}

func (m *toy) states(ids []int) []float32 {
	out := make([]float32, 0, len(ids)*m.dim)
	for p, id := range ids {
		r := rand.New(rand.NewPCG(uint64(id), uint64(p)))
		for range m.dim {
			out = append(out, float32(r.NormFloat64()))
		}
	}
	// As attention does, every state takes in something of all tokens.
	for i := range m.dim {
		sum := float32(0)
		for p := range ids {
			sum += out[p*m.dim+i]
		}
		for p := range ids {
			out[p*m.dim+i] += sum / float32(len(ids))
		}
	}
	return out
}

func (m *toy) run(text int, ids []int, batch bool, pad int) []float32 {
	if m.limit > 0 && len(ids) > m.limit {
		ids = ids[:m.limit]
	}
	states := m.states(ids)
	mask := make([]int64, len(ids)+pad)
	for p := range mask {
		if p < len(ids) || m.padBug {
			mask[p] = 1
		}
	}
	for range pad * m.dim {
		states = append(states, 0.25)
	}
	v, err := pooling.Pool(states, mask, 1, len(mask), m.dim, pooling.Options{Modes: m.modes})
	if err != nil {
		panic(err)
	}
	if m.normalize {
		if v, err = layers.Normalize(v, len(v)); err != nil {
			panic(err)
		}
	}
	if m.scale != nil {
		for i := range v {
			v[i] *= m.scale(text)
		}
	}
	if batch {
		v[0] += m.batchBug
	}
	if m.noise > 0 {
		m.runs++
		r := rand.New(rand.NewPCG(uint64(m.runs), 77))
		for i := range v {
			v[i] *= float32(1 + m.noise*r.NormFloat64())
		}
	}
	return v
}

func (m *toy) all(batch bool, pad int) (vectors [][]float32) {
	for i := range toyTexts {
		vectors = append(vectors, m.run(i, toyTokens(i), batch, pad))
	}
	return vectors
}

// battery measures everything as package probe would.
func (m *toy) battery(t *testing.T) map[string]Finding {
	t.Helper()
	vectors := m.all(false, 0)
	var states []TokenStates
	for i := range toyTexts {
		ids := toyTokens(i)
		if m.limit > 0 && len(ids) > m.limit {
			ids = ids[:m.limit]
		}
		states = append(states, TokenStates{States: m.states(ids), Dim: m.dim})
	}
	f := map[string]Finding{
		"finite":              Finite(vectors),
		"embedding_dimension": Dimension(vectors),
		"normalization":       Normalization(vectors, tensor.Float32),
		"pooling":             Pooling(PoolingInput{Vectors: vectors, States: states, InGraph: true, DType: tensor.Float32}),
		"distance_metric":     Distance(vectors, tensor.Float32),
		"batch_invariance":    BatchInvariance(vectors, m.all(true, 0), tensor.Float32),
		"padding_invariance":  PaddingInvariance(vectors, m.all(false, 6), tensor.Float32),
		"determinism":         Determinism(vectors, m.all(false, 0), tensor.Float32),
		"modalities":          Modalities([]ModalityRun{{Modality: ModalityText, Vectors: vectors}}),
	}
	noise := f["determinism"].Evidence.(CompareEvidence).MaxRelative
	long := make([]int, 64)
	for p := range long {
		long[p] = 50000 + p
	}
	in := LengthInput{Full: LengthSample{Tokens: 64, Vector: m.run(0, long, false, 0)}, Noise: noise}
	for {
		n, done := NextLength(in, 32, 3)
		if done {
			break
		}
		if len(in.Parts) > 20 {
			t.Fatal("the search for the length does not end")
		}
		in.Parts = append(in.Parts, LengthSample{Tokens: n, Vector: m.run(0, long[:n], false, 0)})
	}
	f["max_sequence_length"] = Length(in)
	offsets := make([][2]int, 64)
	for p := range offsets {
		offsets[p] = [2]int{5 * p, 5*p + 4}
	}
	f["truncation"] = Truncation(TruncationInput{Length: f["max_sequence_length"], Offsets: offsets, Characters: 319})
	for key, finding := range f {
		checkFinding(t, key, finding)
	}
	return f
}

// checkFinding holds what is true of every finding.
func checkFinding(t *testing.T, key string, f Finding) {
	t.Helper()
	if f.Value == nil && (f.Reason == "" || f.Confidence != 0) {
		t.Errorf("%s: no value, reason %q, confidence %g", key, f.Reason, f.Confidence)
	}
	if !(f.Confidence >= 0 && f.Confidence <= 1) {
		t.Errorf("%s: confidence %g", key, f.Confidence)
	}
	if f.Evidence == nil {
		t.Errorf("%s: no evidence", key)
	}
	if _, err := json.Marshal(f); err != nil {
		t.Errorf("%s: %v", key, err)
	}
}

func plainToy() *toy {
	return &toy{modes: []pooling.Mode{pooling.Mean}, dim: 16, normalize: true, limit: 32}
}

func TestBatteryOnKnownModel(t *testing.T) {
	t.Parallel()
	got := plainToy().battery(t)
	for key, want := range map[string]any{
		"finite": true, "embedding_dimension": 16, "normalization": "l2", "pooling": "mean", "distance_metric": "cosine",
		"batch_invariance": SameBits, "padding_invariance": SameBits, "determinism": SameBits,
		"modalities": []string{"text"}, "max_sequence_length": 32, "truncation": true,
	} {
		if !reflect.DeepEqual(got[key].Value, want) {
			t.Errorf("%s = %v, want %v (%s)", key, got[key].Value, want, got[key].Reason)
		}
		if got[key].Confidence < 0.7 {
			t.Errorf("%s: confidence %g on a clear case", key, got[key].Confidence)
		}
	}
}

func TestMutationsChangeOneFinding(t *testing.T) {
	t.Parallel()
	base := plainToy().battery(t)
	for name, c := range map[string]struct {
		mutate  func(*toy)
		changed map[string]any
	}{
		"normalize removed": {
			func(m *toy) { m.normalize = false },
			map[string]any{"normalization": "none", "distance_metric": nil},
		},
		"scale per text": {
			func(m *toy) { m.scale = func(i int) float32 { return 1 + float32(i)/10 } },
			map[string]any{"normalization": "none", "distance_metric": nil, "pooling": PoolingInGraph},
		},
		"one scale for all": {
			// The metrics stay equivalent; the vector is no longer what normalized pooling gives.
			func(m *toy) { m.scale = func(int) float32 { return 3 } },
			map[string]any{"normalization": "none", "pooling": PoolingInGraph},
		},
		"pooling swapped": {
			func(m *toy) { m.modes = []pooling.Mode{pooling.CLS} },
			map[string]any{"pooling": "cls"},
		},
		"positions cut": {
			func(m *toy) { m.limit = 28 },
			map[string]any{"max_sequence_length": 28},
		},
		"no limit": {
			func(m *toy) { m.limit = 0 },
			map[string]any{"max_sequence_length": nil, "truncation": false},
		},
		"padding pooled": {
			func(m *toy) { m.padBug = true },
			map[string]any{"padding_invariance": Differs},
		},
		"batch scale": {
			func(m *toy) { m.batchBug = 0.01 },
			map[string]any{"batch_invariance": Differs},
		},
		"wider": {
			func(m *toy) { m.dim = 24 },
			map[string]any{"embedding_dimension": 24},
		},
		"rounding noise": {
			func(m *toy) { m.noise = 1e-7 },
			map[string]any{
				"batch_invariance": WithinTolerance, "padding_invariance": WithinTolerance, "determinism": WithinTolerance,
			},
		},
		"two poolings": {
			func(m *toy) { m.modes = []pooling.Mode{pooling.Max, pooling.CLS}; m.dim = 8 },
			map[string]any{"pooling": "max+cls"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := plainToy()
			c.mutate(m)
			for key, f := range m.battery(t) {
				want := base[key].Value
				if v, ok := c.changed[key]; ok {
					want = v
				}
				if !reflect.DeepEqual(f.Value, want) {
					t.Errorf("%s = %v, want %v (%s; %+v)", key, f.Value, want, f.Reason, f.Evidence)
				}
			}
		})
	}
}

// No finding may carry NaN or Inf into JSON, nor judge vectors that hold them.
func TestHostileVectors(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := [][]float32{{3, 4}, {1, 0}, {0, 2}}
	for name, vectors := range map[string][][]float32{
		"none":     nil,
		"empty":    {{}, {}},
		"ragged":   {{1, 2}, {3}},
		"nan":      {{1, 2}, {nan, 1}, {3, 4}},
		"inf":      {{1, 2}, {-inf, 1}, {3, 4}},
		"zeros":    {{0, 0}, {0, 0}, {0, 0}},
		"huge":     {{math.MaxFloat32, math.MaxFloat32}, {1, 1}, {-math.MaxFloat32, 1}},
		"tiny":     {{1e-45, 0}, {0, 1e-45}, {1e-45, 1e-45}},
		"one zero": {{0, 0}, {1, 0}, {0, 1}},
	} {
		states := make([]TokenStates, len(vectors))
		for i := range states {
			states[i] = TokenStates{States: []float32{1, nan, inf, 4}, Dim: 2}
		}
		parts := []LengthSample{}
		for i, v := range vectors {
			parts = append(parts, LengthSample{Tokens: i + 3, Vector: v})
		}
		for key, f := range map[string]Finding{
			"finite":        Finite(vectors),
			"dimension":     Dimension(vectors),
			"normalization": Normalization(vectors, tensor.Float16),
			"distance":      Distance(vectors, tensor.BFloat16),
			"batch":         BatchInvariance(vectors, slices.Clone(good), tensor.Float32),
			"padding":       PaddingInvariance(slices.Clone(good), vectors, tensor.Float32),
			"determinism":   Determinism(vectors, vectors, tensor.Int8),
			"modalities":    Modalities([]ModalityRun{{Modality: "text", Vectors: vectors}, {Modality: "image"}}),
			"pooling":       Pooling(PoolingInput{Vectors: vectors, InGraph: true}),
			"pooling states": Pooling(PoolingInput{
				Vectors: vectors, States: states, DType: tensor.Float32,
			}),
			"length":     Length(LengthInput{Full: LengthSample{Tokens: 9, Vector: []float32{1, 2}}, Parts: parts}),
			"truncation": Truncation(TruncationInput{Length: Finding{Reason: "x"}, Offsets: [][2]int{{0, 1}}}),
		} {
			checkFinding(t, name+" "+key, f)
		}
	}
	if f := Normalization([][]float32{{nan, 1}}, tensor.Float32); f.Value != nil {
		t.Errorf("normalization of NaN is %v", f.Value)
	}
}
