package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/tensor"
)

// The values of PromptEvidence.Effect.
const (
	EffectHelps        = "helps"        // significantly more triplets right than without
	EffectHurts        = "hurts"        // significantly fewer
	EffectUndetermined = "undetermined" // it changes the vectors; whether for the better the triplets do not tell
	EffectNone         = "none"         // the vectors are those without it
)

// promptLevel is the level of McNemar's test of a prompt against none.
const promptLevel = 0.05

// PromptTriplets are the triplets with one prompt prepended to all three sentences of each; or, for a pair of prompts, the
// first to the anchors and the second to the others.
type PromptTriplets struct {
	Name, Text string
	// Pair says that two declared prompts are at work here: it is scored, and no prompt of its own.
	Pair    bool
	Vectors []TripletVectors
}

// PromptEvidence is what one prompt does.
type PromptEvidence struct {
	Name     string   `json:"name"`
	Prompt   string   `json:"prompt"` // the text before each sentence
	Changed  int      `json:"changed_texts"`
	MaxError float64  `json:"max_relative_error"` // of a vector with the prompt against that without
	Cosine   float64  `json:"mean_cosine"`        // between the two, mean over the texts
	Accuracy float64  `json:"accuracy"`           // under cosine, ties half
	Interval Interval `json:"interval"`           // 95 %, Wilson
	// Better and Worse count the triplets that the prompt sets right, and wrong; PNone is McNemar's exact probability.
	Better int     `json:"better"`
	Worse  int     `json:"worse"`
	PNone  float64 `json:"p_none"`
	Effect string  `json:"effect"`
}

var _ = register(PromptEvidence{})

// Summary is what the prompt does: "query: helps, 0.983 (0.911 to 0.997)".
func (e PromptEvidence) Summary() string {
	return fmt.Sprintf("%s: %s, %.3f (%.3f to %.3f)", e.Name, e.Effect, e.Accuracy, e.Interval.Low, e.Interval.High)
}

// PromptsEvidence compares prompts with none.
type PromptsEvidence struct {
	Triplets int              `json:"triplets"`
	Texts    int              `json:"texts"`    // vectors compared
	Accuracy float64          `json:"accuracy"` // without any prompt
	Interval Interval         `json:"interval"`
	Prompts  []PromptEvidence `json:"prompts"` // in the order of their names
}

var _ = register(PromptsEvidence{})

// Summary is what each prompt does: "query: helps, ...; passage: none, ...".
func (e PromptsEvidence) Summary() string {
	parts := make([]string, len(e.Prompts))
	for i, p := range e.Prompts {
		parts[i] = p.Summary()
	}
	return strings.Join(parts, "; ")
}

// Prompts measures which prompts change a model's vectors, and whether for the better. plain are the triplets without any
// prompt, with the same triplets under each. Value maps the names of those that change at least one vector by more than
// RunTolerance to their texts: a prompt that changes none is ignored by the model. Evidence says for each whether the
// triplets are scored better (McNemar's exact test, p < 0.05). Value is nil where nothing was run. Confidence is the
// rule of succession over the texts.
func Prompts(plain []TripletVectors, behind []PromptTriplets, t tensor.DType) Finding {
	e := PromptsEvidence{Triplets: len(plain), Texts: 3 * len(plain), Prompts: []PromptEvidence{}}
	if reason := unusableTriplets(plain); reason != "" {
		return undetermined(e, reason)
	}
	base := score(plain, cosine)
	e.Accuracy, e.Interval = base.accuracy(), base.interval()
	working := map[string]string{}
	for _, p := range behind {
		if reason := unusableTriplets(p.Vectors); reason != "" || len(p.Vectors) != len(plain) {
			return undetermined(e, "with the prompt "+p.Name+": "+cmp.Or(reason, "other triplets ran"))
		}
		one := promptEvidence(p, plain, base, RunTolerance(t))
		e.Prompts = append(e.Prompts, one)
		if one.Changed > 0 && !p.Pair {
			working[p.Name] = p.Text
		}
	}
	slices.SortFunc(e.Prompts, func(a, b PromptEvidence) int { return cmp.Compare(a.Name, b.Name) })
	return Finding{Value: working, Confidence: agreement(e.Texts, e.Texts), Evidence: e}
}

func promptEvidence(p PromptTriplets, plain []TripletVectors, base outcome, tolerance float64) PromptEvidence {
	one := PromptEvidence{Name: p.Name, Prompt: p.Text}
	for i, with := range p.Vectors {
		without := plain[i]
		for _, pair := range [][2][]float32{
			{with.Anchor, without.Anchor}, {with.Paraphrase, without.Paraphrase}, {with.Other, without.Other},
		} {
			r := relativeError(pair[0], pair[1])
			one.MaxError = max(one.MaxError, r)
			one.Cosine += cosine(pair[0], pair[1]) / float64(3*len(plain))
			if r > tolerance {
				one.Changed++
			}
		}
	}
	o := score(p.Vectors, cosine)
	one.Accuracy, one.Interval = o.accuracy(), o.interval()
	one.Better, one.Worse = o.against(base)
	one.PNone = signTest(one.Better, one.Worse)
	switch {
	case one.Changed == 0:
		one.Effect = EffectNone
	case one.PNone >= promptLevel:
		one.Effect = EffectUndetermined
	case one.Better > one.Worse:
		one.Effect = EffectHelps
	default:
		one.Effect = EffectHurts
	}
	return one
}
