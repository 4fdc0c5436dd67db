package detect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/pooling"
)

// rank pools the states in every way and sorts the ways by their error against the model's vectors, best first. texts is
// the number of texts compared; reason says why nothing could be compared.
func (in PoolingInput) rank(tolerance float64) (ranked []PoolingCandidate, texts int, reason string) {
	dim := in.States[0].Dim
	width := in.NextIn
	if width == 0 {
		width = dim
		if in.Next == nil {
			width = len(in.Vectors[0])
		}
	}
	if dim < 1 || width%dim != 0 || width/dim > len(pooling.Modes()) {
		return nil, 0, fmt.Sprintf("a vector of %d numbers is no concatenation of states of %d: "+
			"something else lies between them", width, dim)
	}
	var vectors [][]float32
	var pooled []map[pooling.Mode][]float32
	for i, v := range in.Vectors {
		if norm(v) == 0 {
			continue
		}
		modes, err := in.poolText(in.States[i], dim)
		if err != nil {
			return nil, 0, err.Error()
		}
		vectors, pooled = append(vectors, v), append(pooled, modes)
	}
	if len(vectors) == 0 {
		return nil, 0, "every vector is zero"
	}
	for _, modes := range combinations(width / dim) {
		c, err := in.compare(modes, pooled, vectors, tolerance)
		if err != nil {
			return nil, 0, err.Error()
		}
		ranked = append(ranked, c...)
	}
	if len(ranked) == 0 {
		return nil, len(vectors), "no pooling of the token states gives finite numbers of the vectors' width"
	}
	// A candidate that explains every text comes before one that is nearer on the mean alone.
	slices.SortStableFunc(ranked, func(a, b PoolingCandidate) int {
		full := func(c PoolingCandidate) int {
			if c.Matches == len(vectors) {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(full(a), full(b)), cmp.Compare(a.MeanError, b.MeanError))
	})
	return ranked, len(vectors), ""
}

// poolText pools one text in every mode.
func (in PoolingInput) poolText(s TokenStates, dim int) (map[pooling.Mode][]float32, error) {
	if s.Dim != dim || len(s.States)%dim != 0 {
		return nil, fmt.Errorf("token states differ in width: %d numbers for a width of %d after one of %d",
			len(s.States), s.Dim, dim)
	}
	modes := pooling.Modes()
	o := pooling.Options{Modes: modes, PromptLength: in.PromptLength}
	all, err := pooling.Pool(s.States, s.Mask, 1, len(s.States)/dim, dim, o)
	if err != nil {
		return nil, err
	}
	byMode := make(map[pooling.Mode][]float32, len(modes))
	for i, m := range modes {
		byMode[m] = all[i*dim : (i+1)*dim]
	}
	return byMode, nil
}

// compare gives one candidate as it is or, where that is nearer, L2-normalized; none where its numbers are not finite or
// its width is not that of the vectors.
func (in PoolingInput) compare(
	modes []pooling.Mode, pooled []map[pooling.Mode][]float32, vectors [][]float32, tolerance float64,
) ([]PoolingCandidate, error) {
	names := make([]string, len(modes))
	for i, m := range modes {
		names[i] = string(m)
	}
	plain := PoolingCandidate{Pooling: strings.Join(names, "+")}
	unit := plain
	unit.Normalized = true
	for i, byMode := range pooled {
		var got []float32
		for _, m := range modes {
			got = append(got, byMode[m]...)
		}
		if in.Next != nil {
			next, err := in.Next(got)
			if err != nil {
				return nil, fmt.Errorf("what follows pooling failed: %w", err)
			}
			got = next
		}
		if len(got) != len(vectors[i]) || !isFinite(got) {
			return nil, nil
		}
		c := cosine(got, vectors[i])
		plain.add(relativeError(got, vectors[i]), c, tolerance)
		unit.add(unitError(got, vectors[i]), c, tolerance)
	}
	plain.finish()
	unit.finish()
	// A model that normalizes is explained by the direction; one that does not matches as it is, and then its
	// normalized error is no explanation.
	if plain.MeanError <= unit.MeanError {
		return []PoolingCandidate{plain}, nil
	}
	return []PoolingCandidate{unit}, nil
}

// unitError is the relative error of got, L2-normalized, against want.
func unitError(got, want []float32) float64 {
	scale, sum := norm(got), 0.0
	if scale == 0 {
		return 1
	}
	for i, x := range got {
		d := float64(x)/scale - float64(want[i])
		sum += d * d
	}
	return math.Sqrt(sum) / norm(want)
}

func (c *PoolingCandidate) add(err, cosine, tolerance float64) {
	c.errors = append(c.errors, err)
	c.MeanError += err
	c.MeanCosine += cosine
	c.MaxError = max(c.MaxError, err)
	if err <= tolerance {
		c.Matches++
	}
}

func (c *PoolingCandidate) finish() {
	c.MeanError /= float64(len(c.errors))
	c.MeanCosine /= float64(len(c.errors))
}

// combinations lists what may make up a vector of k states: every order of k different modes for k up to 3, and for more
// the order of sentence-transformers' old boolean keys alone, the only one such models were saved with.
func combinations(k int) [][]pooling.Mode {
	var all [][]pooling.Mode
	var grow func(chosen []pooling.Mode, from int)
	grow = func(chosen []pooling.Mode, from int) {
		if len(chosen) == k {
			all = append(all, slices.Clone(chosen))
			return
		}
		for i, m := range pooling.Modes() {
			switch {
			case slices.Contains(chosen, m), k > 3 && i < from:
			default:
				grow(append(chosen, m), i+1)
			}
		}
	}
	grow(nil, 0)
	return all
}
