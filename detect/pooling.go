package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/tensor"
)

// The values of the pooling finding besides the names of the modes.
const (
	PoolingInGraph = "in_graph" // the graph gives one vector a text, by a way that no mode explains or that cannot be seen
	PoolingUnknown = "unknown"  // nothing to compare with
)

// TokenStates are the token states of one text (seq x dim, row-major) with its attention mask.
type TokenStates struct {
	States []float32
	Mask   []int64 // seq numbers, 0 at padding; nil keeps every token
	Dim    int     // width of one state
}

// PoolingInput is what pooling is told from.
type PoolingInput struct {
	// Vectors are the model's own vectors, texts x width, after everything that follows pooling.
	Vectors [][]float32
	// States are the token states of the same texts from the same runs, or nil where the model does not show them. Texts
	// of one or two tokens tell the modes apart badly; of the probe texts, all but a few serve.
	States []TokenStates
	// Next is what the model's files put between pooling and the vector (Dense, LayerNorm), applied to one pooled vector;
	// nil for nothing. A final L2 normalization may be left out of it, because it is tried anyway.
	Next func(pooled []float32) ([]float32, error)
	// NextIn is the width that Next takes; 0 is the width of one state.
	NextIn int
	// InGraph says that the graph itself gave Vectors; otherwise the encoder pooled, and the finding confirms that it did
	// what its Value says.
	InGraph bool
	// PromptLength is the number of leading tokens that pooling leaves out (include_prompt false).
	PromptLength int
	// DType is the type that the model computes in.
	DType tensor.DType
}

// PoolingCandidate is how near one way of pooling comes to the model's vectors.
type PoolingCandidate struct {
	Pooling    string  `json:"pooling"`             // a mode, or several joined by "+"
	Normalized bool    `json:"normalized"`          // compared after L2 normalization
	MeanError  float64 `json:"mean_relative_error"` // relative L2 error against the model's vector, mean over the texts
	MaxError   float64 `json:"max_relative_error"`  // the same, of the worst text
	Matches    int     `json:"matching_texts"`      // texts within the tolerance
	MeanCosine float64 `json:"mean_cosine"`         // cosine similarity to the model's vector, mean over the texts
	errors     []float64
}

// PoolingEvidence is what the pooling rests on.
type PoolingEvidence struct {
	AppliedBy string `json:"applied_by"` // "graph" or "encoder"
	Texts     int    `json:"texts"`      // texts with a vector that is not zero and, where they are shown, token states
	// TellingApart is the number of texts for which no candidate but the value and its equivalents matches.
	TellingApart int                `json:"telling_apart_texts"`
	Tolerance    float64            `json:"tolerance"`  // RunTolerance: the relative error up to which a candidate matches
	Candidates   []PoolingCandidate `json:"candidates"` // best first, at most 8
	// Same are the ways of pooling that give the value's vectors on every text (mean and mean_sqrt_len_tokens under
	// normalization), the value among them.
	Same []string `json:"equivalent"`
}

var _ = register(PoolingEvidence{})

// Summary is who pooled, and on how many texts it shows: "applied by the graph, told apart on 22 of 24 texts".
func (e PoolingEvidence) Summary() string {
	return fmt.Sprintf("applied by the %s, told apart on %d of %d texts", e.AppliedBy, e.TellingApart, e.Texts)
}

// EquivalentValues lists the ways of pooling that cannot be told from the value.
func (e PoolingEvidence) EquivalentValues() []string { return e.Same }

// Pooling measures how a model turns token states into a vector, by pooling the states in every way sentence-transformers
// knows and comparing with the vectors. Value is the mode that matches on every text (several modes joined by "+" where
// the vector is a concatenation); "in_graph" where the graph pools and shows no states or none matches; "unknown" else.
// mean_sqrt_len_tokens has the direction of mean, so before an L2 normalization or a LayerNorm it is reported as mean with
// both as equivalent. Confidence: the rule of succession over the texts that tell candidates apart, times 1 - error of the
// value / error of the nearest other candidate; for in_graph with states, times 1 - tolerance / error of the nearest
// candidate.
func Pooling(in PoolingInput) Finding {
	e := PoolingEvidence{
		AppliedBy: "encoder", Tolerance: RunTolerance(in.DType), Candidates: []PoolingCandidate{}, Same: []string{},
	}
	fallback := PoolingUnknown
	if in.InGraph {
		e.AppliedBy, fallback = "graph", PoolingInGraph
	}
	e.Texts = len(in.Vectors)
	if reason := in.unusable(); reason != "" {
		return undetermined(e, reason)
	}
	if len(in.States) == 0 {
		f := Finding{Value: fallback, Evidence: e, Reason: "the model shows no token states to compare with"}
		if in.InGraph {
			f.Confidence = agreement(e.Texts, e.Texts)
		}
		return f
	}
	ranked, texts, reason := in.rank(e.Tolerance)
	e.Texts = texts
	e.Candidates = ranked[:min(len(ranked), 8)]
	if reason != "" {
		return Finding{Value: fallback, Evidence: e, Reason: reason}
	}
	return e.judge(ranked, fallback)
}

// unusable says why the input cannot be compared, or "".
func (in PoolingInput) unusable() string {
	switch {
	case len(in.Vectors) == 0:
		return "there are no vectors"
	case !sameWidth(in.Vectors):
		return "the vectors differ in length"
	case !allFinite(in.Vectors):
		return nonFinite
	case len(in.States) > 0 && len(in.States) != len(in.Vectors):
		return fmt.Sprintf("%d texts have token states and %d have vectors", len(in.States), len(in.Vectors))
	}
	return ""
}

// judge chooses among candidates that are ranked best first.
func (e PoolingEvidence) judge(ranked []PoolingCandidate, fallback string) Finding {
	matching := 0
	for matching < len(ranked) && ranked[matching].Matches == e.Texts {
		matching++
	}
	if matching == 0 {
		nearest := ranked[0]
		reason := fmt.Sprintf("no pooling gives the model's vectors; the nearest is %s with a relative error of %.2g",
			nearest.Pooling, nearest.MeanError)
		f := Finding{Value: fallback, Evidence: e, Reason: reason}
		if fallback == PoolingInGraph {
			f.Confidence = agreement(e.Texts-nearest.Matches, e.Texts) * margin(e.Tolerance, nearest.MaxError)
		}
		return f
	}
	matched := ranked[:matching]
	names := make([]string, 0, matching)
	for _, c := range matched {
		names = append(names, c.Pooling)
	}
	if matching > 1 && !sameDirection(matched) {
		return Finding{Value: fallback, Evidence: e, Reason: "the texts do not tell " + strings.Join(names, " from ") + " apart"}
	}
	slices.SortStableFunc(names, func(a, b string) int { return roots(a) - roots(b) })
	e.Same = names
	others := ranked[matching:]
	for i := range e.Texts {
		if !slices.ContainsFunc(others, func(c PoolingCandidate) bool { return c.errors[i] <= e.Tolerance }) {
			e.TellingApart++
		}
	}
	f := Finding{Value: names[0], Confidence: agreement(e.TellingApart, e.TellingApart), Evidence: e}
	if len(others) > 0 {
		f.Confidence *= margin(matched[0].MeanError, others[0].MeanError)
	}
	return f
}

// sameDirection reports whether candidates differ only in mean against mean_sqrt_len_tokens. Both can match only where a
// vector's length does not count - an L2 normalization or a LayerNorm follows - or where all texts are of one token.
func sameDirection(matched []PoolingCandidate) bool {
	plain := func(c PoolingCandidate) string {
		return strings.ReplaceAll(c.Pooling, string(pooling.MeanSqrtLen), string(pooling.Mean))
	}
	for _, c := range matched {
		if plain(c) != plain(matched[0]) {
			return false
		}
	}
	return true
}

// roots counts the mean_sqrt_len_tokens in a name: the plain mean is the simpler of two equal explanations.
func roots(name string) int { return strings.Count(name, string(pooling.MeanSqrtLen)) }
