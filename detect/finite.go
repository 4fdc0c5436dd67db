package detect

import "fmt"

// FiniteEvidence counts what is no number.
type FiniteEvidence struct {
	Texts       int `json:"texts"`        // vectors looked at
	Numbers     int `json:"numbers"`      // components looked at
	NaN         int `json:"nan"`          // components that are NaN
	Inf         int `json:"inf"`          // components that are +Inf or -Inf
	BadTexts    int `json:"bad_texts"`    // vectors with at least one of them
	ZeroVectors int `json:"zero_vectors"` // vectors of zeros alone, which have no direction
	// FirstText and FirstComponent place the first NaN or Inf, counted from 0; null where there is none.
	FirstText      *int `json:"first_text"`
	FirstComponent *int `json:"first_component"`
}

var _ = register(FiniteEvidence{})

// Summary is how many numbers are none: "3 NaN and 0 Inf of 9216 numbers".
func (e FiniteEvidence) Summary() string {
	return fmt.Sprintf("%d NaN and %d Inf of %d numbers", e.NaN, e.Inf, e.Numbers)
}

// Finite looks for NaN and Inf in vectors (batch x dim). Value is true where every component is a finite number, false
// where one is not; nil without vectors. Confidence: true is as sure as the number of texts makes it (rule of succession);
// false needs but one counter-example and has confidence 1.
func Finite(vectors [][]float32) Finding {
	e := FiniteEvidence{Texts: len(vectors)}
	for i, v := range vectors {
		bad, zero := false, true
		for j, x := range v {
			zero = zero && x == 0
			if x-x == 0 {
				continue
			}
			if x != x {
				e.NaN++
			} else {
				e.Inf++
			}
			bad = true
			if e.FirstText == nil {
				e.FirstText, e.FirstComponent = &i, &j
			}
		}
		e.Numbers += len(v)
		if bad {
			e.BadTexts++
		}
		if zero && len(v) > 0 {
			e.ZeroVectors++
		}
	}
	switch {
	case e.Numbers == 0:
		return undetermined(e, "there are no vectors")
	case e.BadTexts > 0:
		return Finding{Value: false, Confidence: 1, Evidence: e, Reason: nonFinite}
	}
	return Finding{Value: true, Confidence: agreement(e.Texts, e.Texts), Evidence: e}
}
