package detect

import (
	"fmt"

	"github.com/divinedevops/probe/internal/grammar"
)

// Bits up to which a fingerprint counts as that of a known model. Two models that have nothing to do with each other are
// within 14 bits of 64 with a probability of 1 in 280,000, and within 2 of 1 in 10^16.
const (
	sameModel = 2  // the same weights, on whatever engine
	nearModel = 14 // quantized, or trained on a little
)

// The values of KnownEvidence.Relation.
const (
	RelationSame = "same" // the function itself
	RelationNear = "near" // a form of it: quantized, cast, or trained on a little
)

// KnownModel is a model with its fingerprints.
type KnownModel struct {
	Name      string `json:"name"`      // public: org/name
	Dimension int    `json:"dimension"` // of its vectors
	Texts     string `json:"texts"`     // fingerprint of the texts
	IDs       string `json:"ids"`       // fingerprint of the ids that a model without a tokenizer is run on; may be ""
}

// KnownEvidence is how near the nearest known model is.
type KnownEvidence struct {
	Known    int    `json:"known"`    // models that it was compared with
	Nearest  string `json:"nearest"`  // of them; "" where none has its dimension
	Distance int    `json:"distance"` // bits of 64 that differ from it
	Relation string `json:"relation"` // "same", "near", or ""
}

var _ = register(KnownEvidence{})

// Summary is how near the known model is: "near, 9 bits off"; "" for the model itself and where none is near.
func (e KnownEvidence) Summary() string {
	if e.Relation != RelationNear {
		return ""
	}
	return "near, " + grammar.Plural(e.Distance, "bit") + " off"
}

// KnownAs names a model by its fingerprint. Value is the name of the nearest known model of the same dimension where at most
// 14 of the 64 bits differ (Relation is "same" up to 2, "near" beyond); nil where none is near, or fingerprint has no value.
// Confidence is 1 - distance/32, 32 being what chance gives.
func KnownAs(fingerprint Finding, registry []KnownModel) Finding {
	e := KnownEvidence{Known: len(registry), Distance: fingerprintBits}
	code, ok := fingerprint.Value.(string)
	of, typed := fingerprint.Evidence.(FingerprintEvidence)
	if !ok || !typed {
		return undetermined(e, "there is no fingerprint: "+fingerprint.Reason)
	}
	for _, m := range registry {
		have := m.Texts
		if of.Inputs == InputsIDs {
			have = m.IDs
		}
		if d, ok := FingerprintDistance(code, have); ok && m.Dimension == of.Dimension && d < e.Distance {
			e.Nearest, e.Distance = m.Name, d
		}
	}
	f := Finding{Value: e.Nearest, Confidence: 1 - float64(e.Distance)/(fingerprintBits/2)}
	switch {
	case e.Distance <= sameModel:
		e.Relation = RelationSame
	case e.Distance <= nearModel:
		e.Relation = RelationNear
		f.Reason = fmt.Sprintf("%d of %d bits differ: quantized, or trained on a little", e.Distance, fingerprintBits)
	default:
		return undetermined(e, fmt.Sprintf("none of %d known models has a fingerprint near this one", e.Known))
	}
	f.Evidence = e
	return f
}
