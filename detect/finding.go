// Package detect measures an embedding model from its vectors: numbers in, findings out. It does no I/O and knows no
// engine; docs/measurements.md explains each finding with its formula.
package detect

// Finding is one measured property.
type Finding struct {
	// Value is what was measured: a string, a number, a bool or a list of strings; nil where it could not be had, and
	// then Reason says why.
	Value any `json:"value"`
	// Confidence is from 0 to 1: the expected share of further texts that would agree with Value, times the margin by
	// which Value won over the nearest alternative. It is 0 where Value is nil.
	Confidence float64 `json:"confidence"`
	// Evidence is a struct of this package with the numbers that Value rests on; all of them are finite.
	Evidence any `json:"evidence"`
	// Guess is what texts suggest where nothing shows the value; nil if there is none. It is never in Value.
	Guess *Guess `json:"guess,omitempty"`
	// RestsOn are the keys of what was assumed in order to measure Value: under another assumption it may be another.
	RestsOn []string `json:"rests_on,omitempty"`
	// Reason says why Value is nil, or what a reader should know about it.
	Reason string `json:"reason,omitempty"`
	// ReasonCode is the reason as one word of vocabulary.Reasons, where something can be done about it.
	ReasonCode string `json:"reason_code,omitempty"`
}

// Guess is a value that fits best, and was not measured.
type Guess struct {
	Value any `json:"value"`
	// Confidence is at most MaxGuess.
	Confidence float64 `json:"confidence"`
	// Ranking lists the candidates, best first.
	Ranking []Ranked `json:"ranking"`
}

// Ranked is one candidate of a guess.
type Ranked struct {
	Value string `json:"value"`
	// Score is in the unit of the finding's evidence, more is better.
	Score float64 `json:"score"`
	// Fits reports that it cannot be told from the best one.
	Fits bool `json:"fits"`
}

// Other is the best candidate of another direction than the guess, and whether it cannot be told from it; "" if there is none.
func (g *Guess) Other() (value string, fits bool) {
	guessed, _ := g.Value.(string)
	for _, r := range g.Ranking {
		if r.Value != guessed && (!isAverage(r.Value) || !isAverage(guessed)) {
			return r.Value, r.Fits
		}
	}
	return "", false
}

// MaxGuess is the highest confidence of a guess: texts alone have called real models by a wrong way of pooling with no doubt
// in the numbers, because every way does well on them.
const MaxGuess = 0.5

// Summary is what the evidence says in one line, "" if there is none.
func (f Finding) Summary() string {
	if e, ok := f.Evidence.(Summarized); ok {
		return e.Summary()
	}
	return ""
}

// Equivalents lists the values that cannot be told apart from Value, itself among them; nil where there are none.
func (f Finding) Equivalents() []string {
	if e, ok := f.Evidence.(Equivalent); ok {
		return e.EquivalentValues()
	}
	return nil
}

// Equivalent is implemented by evidence that found values which cannot be told apart from Finding.Value, such as cosine,
// dot and euclidean over normalized vectors. The list holds Value itself.
type Equivalent interface {
	EquivalentValues() []string
}

// undetermined is a finding without a value.
func undetermined(evidence any, reason string) Finding {
	return Finding{Evidence: evidence, Reason: reason}
}

// nonFinite is the reason of every finding over vectors that hold NaN or Inf.
const nonFinite = "the vectors hold NaN or Inf"

// agreement is Laplace's rule of succession: after k of n texts agreed, the expected probability that the next one does.
// It grows with the number of texts and never reaches 1. Source: Laplace, Essai philosophique sur les probabilités, 1814.
func agreement(k, n int) float64 {
	return float64(k+1) / float64(n+2)
}

// margin returns how clearly an error beat its nearest alternative: 1 - own/other, from 0 (no better) to 1 (own is nothing
// compared with it).
func margin(own, other float64) float64 {
	if !(other > own) {
		return 0
	}
	return 1 - own/other
}
