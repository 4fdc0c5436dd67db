package detect

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/tensor"
)

// meaning makes triplets of a model that understands: a paraphrase is its anchor and noise, another text is another
// direction. scale stretches each vector.
func meaning(seed uint64, n, dim int, noise float64, scale func(r *rand.Rand) float64) []TripletVectors {
	r := rand.New(rand.NewPCG(seed, 5))
	stretched := func(v []float64) []float32 {
		s := 1 / length64(v)
		if scale != nil {
			s *= scale(r)
		}
		out := make([]float32, len(v))
		for i, x := range v {
			out[i] = float32(x * s)
		}
		return out
	}
	random := func() []float64 {
		v := make([]float64, dim)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	out := make([]TripletVectors, n)
	for k := range out {
		a := random()
		p := slices.Clone(a)
		for i, x := range random() {
			p[i] += noise * x
		}
		out[k] = TripletVectors{stretched(a), stretched(p), stretched(random())}
	}
	return out
}

func length64(v []float64) float64 {
	f := make([]float32, len(v))
	for i, x := range v {
		f[i] = float32(x)
	}
	return norm(f)
}

func TestDistanceBehaviour(t *testing.T) {
	t.Parallel()
	lengths := func(r *rand.Rand) float64 { return 0.1 + 4*r.Float64() }
	for name, c := range map[string]struct {
		triplets []TripletVectors
		want     any
	}{
		"normalized, understands": {meaning(1, 200, 32, 1, nil), BehaviourEquivalent},
		"normalized, at chance":   {meaning(2, 200, 32, 1e6, nil), nil},
		"scaled per text":         {meaning(3, 300, 32, 1, lengths), MetricCosine},
		"scaled, at chance":       {meaning(4, 200, 32, 1e6, lengths), nil},
		"nothing":                 {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := DistanceBehaviour(DistanceByTriplets(c.triplets, tensor.Float32))
			checkFinding(t, name, f)
			if f.Value != c.want {
				t.Errorf("%v, want %v (%s)", f.Value, c.want, f.Reason)
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	f := Languages([]LanguageTriplets{
		{"zz", meaning(1, 10, 32, 0.5, nil)}, {"aa", meaning(2, 10, 32, 1e6, nil)}, {"bb", meaning(3, 6, 32, 0.5, nil)},
		{"cc", nil}, {"en", meaning(4, 50, 32, 0.5, nil)},
	})
	checkFinding(t, "languages", f)
	// Six of six are no proof: p = 0.03.
	if got := f.Value.([]string); !slices.Equal(got, []string{"en", "zz"}) {
		t.Errorf("languages %v", got)
	}
	e := f.Evidence.(LanguagesEvidence).Languages
	if len(e) != 4 || e[0].Language != "aa" || e[3].Triplets != 10 {
		t.Errorf("evidence %+v", e)
	}
	// scipy.stats.binomtest(10, 10).pvalue
	if p := e[3].Chance; p < 0.00195 || p > 0.00196 {
		t.Errorf("p of 10 in 10: %g", p)
	}
	if f := Languages(nil); f.Value != nil {
		t.Errorf("languages of nothing: %v", f.Value)
	}
}

func TestPoolingByTriplets(t *testing.T) {
	t.Parallel()
	// One meaning under six ways of pooling: noise says how badly each way shows it.
	ways := func(noise map[pooling.Mode]float64) []PooledTriplets {
		var out []PooledTriplets
		for i, m := range pooling.Modes() {
			seed := uint64(i + 1)
			if m == pooling.MeanSqrtLen {
				seed = uint64(slices.Index(pooling.Modes(), pooling.Mean) + 1) // the direction of mean
			}
			out = append(out, PooledTriplets{string(m), meaning(seed, 300, 32, noise[m], nil)})
		}
		return out
	}
	set := func(best ...pooling.Mode) map[pooling.Mode]float64 {
		noise := map[pooling.Mode]float64{}
		for _, m := range pooling.Modes() {
			noise[m] = 2
			if slices.Contains(best, m) {
				noise[m] = 0.3
			}
		}
		return noise
	}
	random := map[pooling.Mode]float64{}
	for _, m := range pooling.Modes() {
		random[m] = 1e6
	}
	for name, c := range map[string]struct {
		noise map[pooling.Mode]float64
		want  string
		same  []string
	}{
		"cls":      {set(pooling.CLS), "cls", []string{"cls"}},
		"last":     {set(pooling.LastToken), "lasttoken", []string{"lasttoken"}},
		"mean":     {set(pooling.Mean, pooling.MeanSqrtLen), "mean", []string{"mean", "mean_sqrt_len_tokens"}},
		"averages": {set(pooling.Mean, pooling.MeanSqrtLen, pooling.WeightedMean), "mean", nil},

		"tie":    {set(pooling.CLS, pooling.Max), "cls", nil},
		"random": {random, PoolingUnknown, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := PoolingByTriplets(ways(c.noise))
			checkFinding(t, name, f)
			e := f.Evidence.(PoolingScores)
			var guessed any = PoolingUnknown
			if f.Guess != nil {
				guessed = f.Guess.Value
				if f.Guess.Confidence > MaxGuess || len(f.Guess.Ranking) != len(pooling.Modes()) {
					t.Errorf("guess: %+v", f.Guess)
				}
			}
			if f.Value != PoolingUnknown || f.Confidence != 0 || guessed != c.want || c.same != nil && !slices.Equal(e.Same, c.same) {
				t.Errorf("%v, guessed %v, equivalent %v, want %v, %v (%s)", f.Value, guessed, e.Same, c.want, c.same, f.Reason)
			}
			if c.same != nil && e.Margin <= 0 {
				t.Errorf("margin %g", e.Margin)
			}
		})
	}
	if f := PoolingByTriplets(nil); f.Value != PoolingUnknown || f.Confidence != 0 {
		t.Errorf("pooling of nothing: %+v", f)
	}
}
