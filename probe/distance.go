package probe

import (
	"fmt"

	"github.com/divinedevops/probe/detect"
)

// judgeTriplets makes the findings.
func (b *battery) judgeTriplets(run *tripletRun) {
	e, reason := b.describeTriplets(run)
	b.findings["languages"] = detect.Languages(run.byLanguage())

	scored, keep := run.of(run.vectors, isEnglish), isEnglish
	byTriplets := detect.DistanceByTriplets(scored, b.dtype)
	behaviour := detect.DistanceBehaviour(byTriplets)
	if behaviour.Value == nil && e.Other > 0 {
		// A model of another language: English tells nothing of it.
		other := run.of(run.vectors, isOther)
		found := detect.DistanceByTriplets(other, b.dtype)
		if d := detect.DistanceBehaviour(found); d.Value != nil {
			scored, keep, byTriplets, behaviour, e.Scored = other, isOther, found, d, "other"
		}
	}
	b.findings["triplets"] = detect.Finding{Value: len(run.triplets), Confidence: 1, Evidence: e, Reason: reason}
	b.findings["distance_behaviour"] = behaviour
	b.takeDistance(byTriplets)
	b.findings["isotropy"] = detect.Isotropy(scored)
	b.findings["matryoshka"] = detect.Matryoshka(scored)
	b.findings["quantization"] = detect.Quantization(scored)
	if run.modes != nil {
		b.findings["pooling"] = b.poolingByTriplets(run, keep)
	}
}

// describeTriplets says which triplets ran, and why not all.
func (b *battery) describeTriplets(run *tripletRun) (e detect.TripletSetEvidence, reason string) {
	e = detect.TripletSetEvidence{Available: len(run.all), Texts: len(run.ran()), Tokens: run.ranTokens, Scored: english}
	for _, t := range run.triplets {
		if isEnglish(t.Language) {
			e.English++
		}
	}
	e.Other = len(run.triplets) - e.English
	switch {
	case len(run.triplets) == len(run.all):
	case run.englishOnly:
		reason = "English only: its triplets are above chance and the vocabulary is not that of a model of many languages"
	default:
		reason = fmt.Sprintf("as many of %d triplets as fit into the %s of --budget", len(run.all), b.budget)
	}
	return e, reason
}

// takeDistance puts what the triplets say of the metric in the place of what the short texts said, unless only the triplets'
// norms are one number: then the metrics are not equivalent.
func (b *battery) takeDistance(byTriplets detect.Finding) {
	short := b.findings["distance_metric"]
	e, ok := byTriplets.Evidence.(detect.TripletEvidence)
	if short.Value == nil && ok && len(e.EquivalentMetrics) > 0 {
		return
	}
	b.findings["distance_metric"] = byTriplets
}

// byLanguage groups the triplets.
func (r *tripletRun) byLanguage() []detect.LanguageTriplets {
	var out []detect.LanguageTriplets
	seen := map[string]bool{}
	for _, t := range r.triplets {
		if seen[t.Language] {
			continue
		}
		seen[t.Language] = true
		out = append(out, detect.LanguageTriplets{Language: t.Language,
			Vectors: r.of(r.vectors, func(language string) bool { return language == t.Language })})
	}
	return out
}
