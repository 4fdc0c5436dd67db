package detect

import (
	"fmt"

	"github.com/divinedevops/probe/internal/grammar"
)

// TruncationInput is a long text with the length that Length found.
type TruncationInput struct {
	Length Finding // of Length, on this text
	// Offsets are the tokens of the whole text without special tokens, as [start, end) in the text, in characters
	// (Unicode code points) as Hugging Face tokenizers counts them.
	Offsets [][2]int
	// Special is the number of special tokens that are added to the text and count towards the limit.
	Special int
	// Characters is the length of the text in the unit of Offsets.
	Characters int
	// FromLeft says that the tokenizer drops the head of a long text (truncation_side left), not its tail.
	FromLeft bool
}

// TruncationEvidence tells how much of the long text was lost.
type TruncationEvidence struct {
	Tokens         int     `json:"tokens"`          // of the text, without special tokens
	TokensKept     int     `json:"tokens_kept"`     // of them, those that reach the vector
	TokensLost     int     `json:"tokens_lost"`     //
	FractionLost   float64 `json:"fraction_lost"`   // of the tokens, 0 to 1
	Characters     int     `json:"characters"`      // of the text
	CharactersLost int     `json:"characters_lost"` // from the first character of a lost token to the last
	// FirstLost is the offset of the first character that does not reach the vector; null where all do.
	FirstLost *int `json:"first_lost_character"`
}

var _ = register(TruncationEvidence{})

// Summary is how much was lost: "40 of 296 tokens lost".
func (e TruncationEvidence) Summary() string {
	return fmt.Sprintf("%d of %s lost", e.TokensLost, grammar.Plural(e.Tokens, "token"))
}

// Truncation measures whether the end of a long text was dropped without a word. Value is true where Length found a limit
// below the text's length, false where every token up to the last changes the vector; nil where Length could not tell.
// Confidence is that of Length, or, for a text that reaches the vector whole, the rule of succession over its runs.
func Truncation(in TruncationInput) Finding {
	e := TruncationEvidence{Tokens: len(in.Offsets), Characters: in.Characters}
	length, ok := in.Length.Evidence.(LengthEvidence)
	if !ok || len(in.Offsets) == 0 {
		return undetermined(e, "no long text was run")
	}
	limit, found := in.Length.Value.(int)
	if !found {
		if length.LongestDifferent == nil || *length.LongestDifferent != length.TextTokens-1 {
			return undetermined(e, in.Length.Reason)
		}
		e.TokensKept = e.Tokens
		return Finding{Value: false, Confidence: agreement(length.Runs, length.Runs), Evidence: e}
	}
	e.TokensKept = min(max(limit-in.Special, 0), e.Tokens)
	e.TokensLost = e.Tokens - e.TokensKept
	e.FractionLost = float64(e.TokensLost) / float64(e.Tokens)
	if e.TokensLost == 0 {
		return Finding{Value: false, Confidence: in.Length.Confidence, Evidence: e}
	}
	lost := in.Offsets[e.TokensKept:]
	if in.FromLeft {
		lost = in.Offsets[:e.TokensLost]
	}
	first, last := lost[0][0], lost[len(lost)-1][1]
	e.FirstLost, e.CharactersLost = &first, max(last-first, 0)
	return Finding{Value: true, Confidence: in.Length.Confidence, Evidence: e}
}
