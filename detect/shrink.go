package detect

import (
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/divinedevops/probe/internal/grammar"
)

// keeps is the share of the full vectors' accuracy that a smaller form must keep to count as holding.
const keeps = 0.98

// ShrinkEvidence is how one smaller form of the vectors does on the triplets.
type ShrinkEvidence struct {
	Form      string   `json:"form"`      // "float32", "int8", "binary"
	Dimension int      `json:"dimension"` // components kept
	Bytes     int      `json:"bytes"`     // storage of one vector
	Accuracy  float64  `json:"accuracy"`  // share of triplets whose paraphrase is nearer than the other, ties half
	Interval  Interval `json:"interval"`  // 95 %, Wilson
	Kept      float64  `json:"kept"`      // accuracy over that of the full vectors
	// PWorse is McNemar's exact probability of the triplets on which it and the full vectors disagree.
	PWorse float64 `json:"p_full"`
	// RankAgreement is Spearman's correlation of its similarities with the full vectors' cosines.
	RankAgreement float64 `json:"rank_agreement"`
}

var _ = register(ShrinkEvidence{})

// Summary is what the form keeps: "int8, 384 numbers: 99.7% of accuracy in 384 bytes".
func (e ShrinkEvidence) Summary() string {
	return fmt.Sprintf("%s, %d numbers: %.1f%% of accuracy in %s", e.Form, e.Dimension, 100*e.Kept, grammar.Plural(e.Bytes, "byte"))
}

// ShrinkReport lists the full vectors first, then the smaller forms, largest first.
type ShrinkReport struct {
	Triplets int              `json:"triplets"`
	Forms    []ShrinkEvidence `json:"forms"`
}

var _ = register(ShrinkReport{})

// Summary is what each smaller form keeps: "int8, 384 numbers: 99.7% of accuracy in 384 bytes; ...".
func (s ShrinkReport) Summary() string {
	var parts []string
	for _, f := range s.Forms[min(1, len(s.Forms)):] {
		parts = append(parts, f.Summary())
	}
	return strings.Join(parts, "; ")
}

// Matryoshka measures how the triplets' accuracy under cosine holds when vectors are cut to their first 1/2, 1/4 and 1/8
// (Matryoshka representation learning, arXiv:2205.13147). Value is the smallest of these dimensions that keeps 98 % of
// the full accuracy, as do all larger ones; it is the full dimension where none does, and nil where the full
// vectors themselves are not above chance. Confidence is the rule of succession over the triplets on which the value's
// dimension is as right as the full one.
func Matryoshka(triplets []TripletVectors) Finding {
	if reason := unusableTriplets(triplets); reason != "" {
		return undetermined(ShrinkReport{Triplets: len(triplets), Forms: []ShrinkEvidence{}}, reason)
	}
	full := len(triplets[0].Anchor)
	r := newShrink(triplets)
	value, confidence, holding := full, agreement(len(triplets), len(triplets)), true
	for _, part := range []int{2, 4, 8} {
		dim := full / part
		if dim < 1 {
			break
		}
		cut := func(a, b []float32) float64 { return cosine(a[:dim], b[:dim]) }
		kept, same := r.add(ShrinkEvidence{Form: "float32", Dimension: dim, Bytes: 4 * dim}, triplets, cut)
		holding = holding && kept >= keeps
		if holding {
			value, confidence = dim, agreement(same, len(triplets))
		}
	}
	if r.byChance() {
		return undetermined(r.ShrinkReport, "the full vectors are not above chance on the triplets")
	}
	return Finding{Value: value, Confidence: confidence, Evidence: r.ShrinkReport}
}

// Quantization measures how the triplets' accuracy under cosine holds for vectors stored in fewer bits: int8, each
// component rounded to 127 steps of the vector's largest, compared by cosine; and binary, one bit a component for its sign,
// compared by the number of equal bits. Value lists those that keep 98 % of the float32 accuracy ("int8", "binary"), nil where
// the full vectors themselves are not above chance; an empty list says that none does. Confidence is the rule of
// succession over the triplets on which the smallest form listed (int8 where none is) is as right as the full vectors.
func Quantization(triplets []TripletVectors) Finding {
	if reason := unusableTriplets(triplets); reason != "" {
		return undetermined(ShrinkReport{Triplets: len(triplets), Forms: []ShrinkEvidence{}}, reason)
	}
	full := len(triplets[0].Anchor)
	r := newShrink(triplets)
	quantized := make([]TripletVectors, len(triplets))
	for i, t := range triplets {
		quantized[i] = TripletVectors{toInt8(t.Anchor), toInt8(t.Paraphrase), toInt8(t.Other)}
	}
	holding, confidence := []string{}, 0.0
	for _, form := range []struct {
		evidence   ShrinkEvidence
		triplets   []TripletVectors
		similarity func(a, b []float32) float64
	}{
		{ShrinkEvidence{Form: "int8", Dimension: full, Bytes: full}, quantized, cosine},
		{ShrinkEvidence{Form: "binary", Dimension: full, Bytes: (full + 7) / 8}, triplets, equalSigns},
	} {
		kept, same := r.add(form.evidence, form.triplets, form.similarity)
		if kept >= keeps {
			holding = append(holding, form.evidence.Form)
		}
		if kept >= keeps || confidence == 0 {
			confidence = agreement(same, len(triplets))
		}
	}
	if r.byChance() {
		return undetermined(r.ShrinkReport, "the full vectors are not above chance on the triplets")
	}
	return Finding{Value: holding, Confidence: confidence, Evidence: r.ShrinkReport}
}

// shrink is a report in the making.
type shrink struct {
	ShrinkReport
	full    outcome   // of the full vectors
	cosines []float64 // their similarities
}

// newShrink starts a report with the full vectors.
func newShrink(triplets []TripletVectors) *shrink {
	s := &shrink{full: score(triplets, cosine), cosines: similarities(triplets, cosine)}
	dim := len(triplets[0].Anchor)
	s.Triplets = len(triplets)
	s.Forms = []ShrinkEvidence{{
		Form: "float32", Dimension: dim, Bytes: 4 * dim, Accuracy: s.full.accuracy(),
		Interval: s.full.interval(), Kept: 1, PWorse: 1, RankAgreement: 1,
	}}
	return s
}

// byChance reports whether the full vectors themselves tell nothing.
func (s *shrink) byChance() bool {
	return s.full.chance() >= chanceLevel || s.full.accuracy() <= 0.5
}

// add scores one form: the share of the full accuracy it keeps, and the triplets on which it is as right.
func (s *shrink) add(
	e ShrinkEvidence, triplets []TripletVectors, similarity func(a, b []float32) float64,
) (kept float64, same int) {
	o := score(triplets, similarity)
	e.Accuracy, e.Interval = o.accuracy(), o.interval()
	if s.full.right > 0 {
		e.Kept = o.right / s.full.right
	}
	better, worse := o.against(s.full)
	e.PWorse = signTest(better, worse)
	e.RankAgreement = spearman(similarities(triplets, similarity), s.cosines)
	s.Forms = append(s.Forms, e)
	return e.Kept, len(triplets) - better - worse
}

// toInt8 rounds each component to one of 255 steps, the largest becoming 127 or -127.
func toInt8(v []float32) []float32 {
	largest := float32(0)
	for _, x := range v {
		largest = max(largest, x, -x)
	}
	out := make([]float32, len(v))
	if largest == 0 {
		return out
	}
	for i, x := range v {
		out[i] = float32(math.Round(float64(x) * 127 / float64(largest)))
	}
	return out
}

// equalSigns counts the components in which two vectors lie on the same side of 0 (above it, or not above it).
func equalSigns(a, b []float32) float64 {
	equal := 0
	for start := 0; start < len(a); start += 64 {
		var x, y uint64
		end := min(start+64, len(a))
		for i := start; i < end; i++ {
			x, y = x<<1, y<<1
			if a[i] > 0 {
				x |= 1
			}
			if b[i] > 0 {
				y |= 1
			}
		}
		equal += end - start - bits.OnesCount64(x^y)
	}
	return float64(equal)
}
