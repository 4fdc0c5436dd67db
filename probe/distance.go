package probe

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/vocabulary"
)

// judgedTriplets is what the triplets say of distances.
type judgedTriplets struct {
	set detect.TripletSetEvidence
	// reason is why not all triplets ran.
	reason, code string
	// scored are those in the languages that keep accepts: English, or the others for a model of another language.
	scored           []detect.TripletVectors
	keep             func(language string) bool
	metric, behavior detect.Finding
}

// judgeTriplets chooses the languages that the findings rest on, and compares the metrics.
func (b *battery) judgeTriplets(run *sentences) {
	j := &judgedTriplets{keep: isEnglish, scored: run.of(run.vectors, isEnglish)}
	b.describeTriplets(run, j)
	j.metric = detect.DistanceByTriplets(j.scored, b.info.ComputeType)
	j.behavior = detect.DistanceBehaviour(j.metric)
	if j.behavior.Value == nil && j.set.Other > 0 {
		// A model of another language: English says nothing about it.
		other := run.of(run.vectors, isOther)
		found := detect.DistanceByTriplets(other, b.info.ComputeType)
		if d := detect.DistanceBehaviour(found); d.Value != nil {
			j.scored, j.keep, j.metric, j.behavior, j.set.Scored = other, isOther, found, d, "other"
		}
	}
	run.judged = j
}

// describeTriplets counts the triplets that ran, and says why not all did.
func (b *battery) describeTriplets(run *sentences, j *judgedTriplets) {
	failed := 0
	j.set = detect.TripletSetEvidence{Available: len(run.all), Texts: len(run.ran()), Tokens: run.ranCost, Scored: english}
	for i, t := range run.triplets {
		switch {
		case run.fails(i):
			failed++
		case isEnglish(t.Language):
			j.set.English++
		default:
			j.set.Other++
		}
	}
	switch {
	case len(run.triplets) == len(run.all):
	case run.englishOnly:
		j.reason = "English only: its triplets are above chance and the vocabulary is not that of a model of many languages"
	default:
		j.reason = fmt.Sprintf("as many of %d triplets as fit into the budget of %s", len(run.all), b.budget)
		j.code = vocabulary.ReasonBudget
	}
	if failed > 0 {
		j.reason = strings.TrimPrefix(fmt.Sprintf("%s; the model fails on texts of %d triplets", j.reason, failed), "; ")
	}
}

// byTriplets makes a finding of the triplets, or says why there are none.
func (b *battery) byTriplets(find func(*sentences) detect.Finding) detect.Finding {
	switch {
	case b.quick:
		return leftOut()
	case b.sentences == nil:
		return detect.Finding{}
	case b.sentences.judged == nil:
		return b.sentences.why
	}
	return find(b.sentences)
}

// measureTriplets is how many triplets ran.
func measureTriplets(b *battery) detect.Finding {
	return b.byTriplets(func(s *sentences) detect.Finding {
		j := s.judged
		return detect.Finding{Value: j.set.English + j.set.Other, Confidence: 1, Evidence: j.set, Reason: j.reason, ReasonCode: j.code}
	})
}

// measureDistance is the metric: what the triplets say of it once they ran, unless only the triplets' norms are one number:
// then the metrics are not equivalent.
func measureDistance(b *battery) detect.Finding {
	v := b.vectors()
	if v == nil {
		return detect.Finding{}
	}
	short := detect.Distance(v, b.info.ComputeType)
	if b.sentences == nil || b.sentences.judged == nil {
		return short
	}
	found := b.sentences.judged.metric
	if e, ok := found.Evidence.(detect.TripletEvidence); short.Value == nil && ok && len(e.EquivalentMetrics) > 0 {
		return short
	}
	return found
}

// measureDistanceBehaviour is how the metrics do on the triplets.
func measureDistanceBehaviour(b *battery) detect.Finding {
	return b.byTriplets(func(s *sentences) detect.Finding { return s.judged.behavior })
}
