package detect

import (
	"fmt"
	"sort"
	"strings"

	"github.com/divinedevops/probe/internal/grammar"
)

// Modality names, as in the report.
const (
	ModalityText  = "text"
	ModalityImage = "image"
)

// ModalityRun is what came of giving a model one kind of input.
type ModalityRun struct {
	Modality string
	// Vectors are those of different inputs of that kind, inputs x dim; nil where the model takes none or failed.
	Vectors [][]float32
	// Reason says why Vectors is nil.
	Reason string
}

// ModalityEvidence is what one modality rests on.
type ModalityEvidence struct {
	Modality  string `json:"modality"`
	Inputs    int    `json:"inputs"`           // different inputs that were run
	Finite    int    `json:"finite"`           // vectors without NaN and Inf
	Distinct  int    `json:"distinct_vectors"` // different vectors among them
	Dimension int    `json:"dimension"`        // length of the vectors, 0 without any
	Works     bool   `json:"works"`            // finite vectors that answer to the input
	Reason    string `json:"reason,omitempty"` // why not
}

var _ = register(ModalityEvidence{})

// Summary is what came of the inputs: "text: 24 different vectors of 24 inputs".
func (e ModalityEvidence) Summary() string {
	return fmt.Sprintf("%s: %d different vectors of %s", e.Modality, e.Distinct, grammar.Plural(e.Inputs, "input"))
}

// ModalitiesEvidence is one entry for each kind of input that was tried, in the order of their names.
type ModalitiesEvidence struct {
	Modalities []ModalityEvidence `json:"modalities"`
	// OneSpace is true where text and image vectors have one length, so that they can be compared at all.
	OneSpace bool `json:"one_space"`
}

var _ = register(ModalitiesEvidence{})

// Summary is what came of each kind of input: "image: 16 different vectors of 16 inputs; text: ...".
func (e ModalitiesEvidence) Summary() string {
	parts := make([]string, len(e.Modalities))
	for i, m := range e.Modalities {
		parts[i] = m.Summary()
	}
	return strings.Join(parts, "; ")
}

// Modalities measures which kinds of input a model turns into vectors, by having tried. Value is the list of those whose
// vectors are finite and not all the same for different inputs; nil where none is. Confidence is the rule of succession
// over the inputs of the least tried of them.
func Modalities(runs []ModalityRun) Finding {
	e := ModalitiesEvidence{Modalities: []ModalityEvidence{}}
	dimensions := map[string]int{}
	names, confidence := []string{}, 1.0
	sorted := append([]ModalityRun(nil), runs...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Modality < sorted[j].Modality })
	for _, r := range sorted {
		m := r.evidence()
		e.Modalities = append(e.Modalities, m)
		if m.Works {
			names = append(names, m.Modality)
			dimensions[m.Modality] = m.Dimension
			confidence = min(confidence, agreement(m.Inputs, m.Inputs))
		}
	}
	text, hasText := dimensions[ModalityText]
	image, hasImage := dimensions[ModalityImage]
	e.OneSpace = hasText && hasImage && text == image
	if len(names) == 0 {
		return undetermined(e, "no kind of input gave vectors that depend on it")
	}
	return Finding{Value: names, Confidence: confidence, Evidence: e}
}

func (r ModalityRun) evidence() ModalityEvidence {
	m := ModalityEvidence{Modality: r.Modality, Inputs: len(r.Vectors), Reason: r.Reason}
	distinct := map[string]bool{}
	for _, v := range r.Vectors {
		m.Dimension = len(v)
		if isFinite(v) {
			m.Finite++
			distinct[bitString(v)] = true
		}
	}
	m.Distinct = len(distinct)
	switch {
	case m.Inputs == 0 && m.Reason == "":
		m.Reason = "it was not tried"
	case m.Inputs == 0:
	case !sameWidth(r.Vectors):
		m.Reason = "the vectors differ in length"
	case m.Finite < m.Inputs:
		m.Reason = nonFinite
	case m.Inputs > 1 && m.Distinct == 1:
		m.Reason = "every input gives the same vector"
	default:
		m.Works = true
	}
	return m
}
