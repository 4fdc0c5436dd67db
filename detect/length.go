package detect

import (
	"fmt"
	"math"
	"slices"

	"github.com/divinedevops/probe/internal/grammar"
)

// LengthSample is one text that was run to find the longest length: a part of one long text.
type LengthSample struct {
	Tokens int       // tokens of the part, special tokens included, before any truncation
	Vector []float32 // what the model gave for it
}

// LengthInput is a long text and parts of it. Each part keeps the first tokens of the long text (the last ones, for a
// tokenizer that truncates on the left).
type LengthInput struct {
	Full  LengthSample
	Parts []LengthSample
	// Noise is the largest relative error between two runs of the same tokens, as Determinism measured it: 0 for a
	// model that repeats bit for bit.
	Noise float64
}

// LengthEvidence is what the longest length rests on.
type LengthEvidence struct {
	TextTokens int     `json:"text_tokens"` // tokens of the long text, special tokens included
	Runs       int     `json:"runs"`        // parts compared with it
	Threshold  float64 `json:"threshold"`   // relative error up to which a part's vector is the long text's
	// LongestDifferent is the length of the longest part whose vector still differs from the long text's, and its
	// relative error; ShortestSame that of the shortest part from which on all vectors are the long text's.
	LongestDifferent      *int     `json:"longest_different"`
	LongestDifferentError *float64 `json:"longest_different_error"`
	ShortestSame          *int     `json:"shortest_same"`
	ShortestSameError     *float64 `json:"shortest_same_error"`
}

var _ = register(LengthEvidence{})

// Summary is how the limit was found: "2 runs of a text of 296 tokens".
func (e LengthEvidence) Summary() string {
	return fmt.Sprintf("%s of a text of %d tokens", grammar.Plural(e.Runs, "run"), e.TextTokens)
}

// lengthRounding is the relative error that two shapes of one computation may add to the noise of repeated runs.
const lengthRounding = 1e-6

// Length is the number of tokens of a text, special tokens included, that reach its vector: the length from which on a
// longer text changes nothing. Value is exact where one part of that length has the long text's vector and the part one
// token shorter has another; nil where the parts do not enclose it (NextLength says which to run), or where even the last
// token changes the vector: then the limit, if there is one, lies beyond the text. Confidence: the rule of succession
// over the parts that fit one limit, times 1 - error at the limit / error one token below.
func Length(in LengthInput) Finding {
	e := LengthEvidence{TextTokens: in.Full.Tokens, Runs: len(in.Parts), Threshold: 2*in.Noise + lengthRounding}
	if reason := in.unusable(); reason != "" {
		return undetermined(e, reason)
	}
	same, different := in.enclose(e.Threshold)
	if same != nil {
		err := relativeError(same.Vector, in.Full.Vector)
		e.ShortestSame, e.ShortestSameError = &same.Tokens, &err
	}
	if different != nil {
		err := relativeError(different.Vector, in.Full.Vector)
		e.LongestDifferent, e.LongestDifferentError = &different.Tokens, &err
	}
	switch {
	case different != nil && different.Tokens == in.Full.Tokens-1:
		return undetermined(e, fmt.Sprintf("no limit up to %d tokens: even the last one changes the vector", in.Full.Tokens))
	case different == nil && same != nil:
		return undetermined(e, fmt.Sprintf("nothing beyond the first %d tokens changes the vector; no shorter part was run",
			same.Tokens))
	case same == nil || different == nil || same.Tokens != different.Tokens+1:
		return undetermined(e, "the parts that were run do not enclose the limit")
	}
	fitting := 0
	for _, p := range in.Parts {
		if in.isSame(p, e.Threshold) == (p.Tokens >= same.Tokens) {
			fitting++
		}
	}
	c := agreement(fitting, len(in.Parts)) * margin(*e.ShortestSameError, *e.LongestDifferentError)
	return Finding{Value: same.Tokens, Confidence: c, Evidence: e}
}

func (in LengthInput) unusable() string {
	vectors := [][]float32{in.Full.Vector}
	for _, p := range in.Parts {
		vectors = append(vectors, p.Vector)
	}
	switch {
	case len(in.Parts) == 0 || len(in.Full.Vector) == 0:
		return "no long text was run"
	case !sameWidth(vectors):
		return "the vectors differ in length"
	case !allFinite(vectors):
		return nonFinite
	case math.IsNaN(in.Noise) || math.IsInf(in.Noise, 0):
		return "the noise of repeated runs is not known"
	}
	return ""
}

func (in LengthInput) isSame(p LengthSample, threshold float64) bool {
	return relativeError(p.Vector, in.Full.Vector) <= threshold
}

// enclose finds the longest part that differs from the full text, and the shortest beyond it that does not; nil where
// there is none.
func (in LengthInput) enclose(threshold float64) (same, different *LengthSample) {
	parts := slices.Clone(in.Parts)
	slices.SortStableFunc(parts, func(a, b LengthSample) int { return b.Tokens - a.Tokens })
	for i := range parts {
		if !in.isSame(parts[i], threshold) {
			return same, &parts[i]
		}
		same = &parts[i]
	}
	return same, nil
}

// NextLength says which part to run next, by its length in tokens: first the guess itself (the declared limit) and one
// less, then by halving between the longest part that differs and the shortest that does not. done is true where Length
// can answer, or no further part would help. shortest is the least length that a part can have: its special tokens and
// one more.
func NextLength(in LengthInput, guess, shortest int) (tokens int, done bool) {
	threshold := 2*in.Noise + lengthRounding
	if in.unusable() != "" && len(in.Parts) > 0 || in.Full.Tokens <= shortest || !isFinite(in.Full.Vector) {
		return 0, true
	}
	same, different := in.enclose(threshold)
	low, high := shortest-1, in.Full.Tokens // low differs (or cannot be run), high is the same
	if different != nil {
		low = different.Tokens
	}
	if same != nil {
		high = same.Tokens
	}
	if high-low <= 1 {
		return 0, true
	}
	for _, wanted := range []int{guess, guess - 1} {
		if low < wanted && wanted < high {
			return wanted, false
		}
	}
	if different == nil && same == nil {
		// No guess that helps: whether there is a limit at all is the first question.
		return high - 1, false
	}
	return low + (high-low)/2, false
}
