package detect

import (
	"fmt"
	"slices"
)

// LanguageTriplets are the vectors of the triplets of one language.
type LanguageTriplets struct {
	Language string // ISO 639-1
	Vectors  []TripletVectors
}

// LanguageEvidence is how a model does on the triplets of one language.
type LanguageEvidence struct {
	Language string   `json:"language"` // ISO 639-1
	Triplets int      `json:"triplets"`
	Accuracy float64  `json:"accuracy"` // under cosine; share of triplets whose paraphrase is nearer than the other, ties half
	Interval Interval `json:"interval"` // 95 %, Wilson
	Chance   float64  `json:"p_chance"` // probability of such a split by chance, exact sign test
}

var _ = register(LanguageEvidence{})

// Summary is the accuracy in the language: "0.997 on 302 triplets (0.981 to 0.999)".
func (e LanguageEvidence) Summary() string {
	return accuracyOn(e.Accuracy, e.Triplets, e.Interval)
}

// LanguagesEvidence lists the languages in the order of their names.
type LanguagesEvidence struct {
	Languages []LanguageEvidence `json:"languages"`
}

var _ = register(LanguagesEvidence{})

// Summary is how many languages were tried: "of 13 tried".
func (e LanguagesEvidence) Summary() string {
	return fmt.Sprintf("of %d tried", len(e.Languages))
}

// Languages measures in which languages a model knows a paraphrase from another sentence. Value lists those whose accuracy
// under cosine is above chance (exact sign test, p < 0.01), an empty list where none is; nil where nothing could be scored.
// A language of n triplets can only pass with n of 8 or more. Confidence is the rule of succession over the triplets of the
// least tried language listed, or of the most tried where none is.
func Languages(all []LanguageTriplets) Finding {
	e := LanguagesEvidence{Languages: []LanguageEvidence{}}
	known, least, most := []string{}, 0, 0
	for _, l := range all {
		if unusableTriplets(l.Vectors) != "" {
			continue
		}
		o := score(l.Vectors, cosine)
		n := len(l.Vectors)
		e.Languages = append(e.Languages, LanguageEvidence{l.Language, n, o.accuracy(), o.interval(), o.chance()})
		most = max(most, n)
		if o.chance() < chanceLevel && o.accuracy() > 0.5 {
			known = append(known, l.Language)
			if least == 0 || n < least {
				least = n
			}
		}
	}
	if len(e.Languages) == 0 {
		return undetermined(e, "no language has two triplets that could be scored")
	}
	slices.SortFunc(e.Languages, func(a, b LanguageEvidence) int {
		if a.Language < b.Language {
			return -1
		}
		return 1
	})
	slices.Sort(known)
	if least == 0 {
		least = most
	}
	return Finding{Value: known, Confidence: agreement(least, least), Evidence: e}
}
