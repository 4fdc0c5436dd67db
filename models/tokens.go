package models

import (
	"math/rand/v2"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tokenizer"
)

// setLimit finds the longest sequence to feed: what the files declare as sentence-transformers reads them, or less where
// the weights or the graph hold less.
func (e *Encoder) setLimit() {
	lower := func(tokens int, reason string) {
		if tokens > 0 && (e.limit.Tokens == 0 || tokens < e.limit.Tokens) {
			e.limit = Limit{tokens, reason}
		}
	}
	if e.static() {
		e.limit = Limit{Reason: "a table of vectors takes the mean over texts of any length"}
		return
	}
	lower(e.Card.EffectiveMaxLength.Tokens, e.Card.EffectiveMaxLength.Reason)
	if e.Card.EffectiveMaxLength.Tokens == 0 && e.tok != nil {
		if t := e.tok.Truncation(); t != nil {
			lower(t.MaxLength, "tokenizer.json truncates there")
		}
	}
	lower(e.Facts.FixedSequence, "the graph's shape is fixed")

	e.left = isLeft(e.Card.Tokenizer.PaddingSide)
	if len(e.Card.Modules) > 0 && e.Card.Modules[0].Transformer != nil {
		if e.Card.Modules[0].Transformer.DoLowerCase && e.tok != nil {
			e.tok = e.tok.WithLowercase()
		}
	}
	e.setPadding()
}

// isLeft reads a side that tokenizer_config.json may declare; the right one is transformers' default.
func isLeft(d *card.Declared[string]) bool { return side(d) == "left" }

func side(d *card.Declared[string]) string {
	if d == nil {
		return ""
	}
	return d.Value
}

// TruncatesLeft says that a long text loses its beginning.
func (e *Encoder) TruncatesLeft() bool { return isLeft(e.Card.Tokenizer.TruncationSide) }

// setPadding finds the id to pad with. Pooling and attention leave padding out, but RoBERTa's kin count positions by it,
// so config.json's own id comes before what the tokenizer's file pads with.
func (e *Encoder) setPadding() {
	if e.tok != nil {
		if p := e.tok.Padding(); p != nil {
			e.padID, e.padTyp = p.ID, p.TypeID
		}
		if d := e.Card.Tokenizer.PadToken; d != nil {
			if id, ok := e.tok.TokenToID(d.Value); ok {
				e.padID = id
			}
		}
	}
	if c := e.Card.Config; c != nil && c.PadTokenID != nil && c.PadTokenID.Value >= 0 {
		e.padID = int64(c.PadTokenID.Value)
	}
}

// Tokenize turns texts into tokens, cut to the encoder's limit. The prompt stands before each text; where 1_Pooling says
// include_prompt false, pooling will leave its tokens out. Errors are *failure.Error of KindTokenizer.
func (e *Encoder) Tokenize(texts []string, prompt string) ([]Tokens, error) {
	return e.tokenize(texts, prompt, e.limit.Tokens)
}

// TokenizeWhole is Tokenize without the limit, for what measures it. Callers cut to what they feed with Cut.
func (e *Encoder) TokenizeWhole(texts []string) ([]Tokens, error) {
	return e.tokenize(texts, "", 0)
}

func (e *Encoder) tokenize(texts []string, prompt string, limit int) ([]Tokens, error) {
	if e.tok == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer,
			"expected a tokenizer (tokenizer.json or a vocabulary file) beside the model, found none: give one with --tokenizer")
	}
	promptLength := 0
	if prompt != "" && !e.Card.IncludePrompt {
		var err error
		if promptLength, err = e.PromptLength(prompt); err != nil {
			return nil, err
		}
	}
	options := e.tokenizing()
	options.MaxLength = limit
	out := make([]Tokens, len(texts))
	for i, text := range texts {
		enc, err := e.tok.Encode(prompt+text, options)
		if err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer, "text %d: %w", i, err)
		}
		out[i] = Tokens{
			IDs: enc.IDs, TypeIDs: enc.TypeIDs, Truncated: enc.Truncated, Full: enc.FullLength, PromptLength: promptLength,
		}
		out[i].Head, out[i].Tail = specials(enc.SpecialTokensMask)
	}
	return out, nil
}

// tokenizing are the options that every text is tokenized with: special tokens but for a table of vectors, whose mean
// sentence-transformers takes over the text's own tokens.
func (e *Encoder) tokenizing() tokenizer.Options {
	return tokenizer.Options{AddSpecialTokens: !e.static(), TruncationSide: side(e.Card.Tokenizer.TruncationSide)}
}

// specials counts the special tokens at both ends.
func specials(mask []int64) (head, tail int) {
	for head < len(mask) && mask[head] == 1 {
		head++
	}
	for tail < len(mask)-head && mask[len(mask)-1-tail] == 1 {
		tail++
	}
	return head, tail
}

// PromptLength counts a prompt's tokens as sentence-transformers does: special tokens too, but for the last one.
func (e *Encoder) PromptLength(prompt string) (int, error) {
	enc, err := e.tok.Encode(prompt, e.tokenizing())
	if err != nil {
		return 0, failure.Errorf(failure.StageInference, failure.KindTokenizer, "prompt: %w", err)
	}
	n := len(enc.IDs)
	if n > 0 && enc.SpecialTokensMask[n-1] == 1 {
		n--
	}
	return n, nil
}

// Offsets are where the tokens of a text (special ones left out) stand in it, in Unicode characters.
func (e *Encoder) Offsets(text string) ([][2]int, error) {
	enc, err := e.tok.Encode(text, tokenizer.Options{Offsets: true})
	if err != nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer, "offsets: %w", err)
	}
	return enc.Offsets, nil
}

// LowerLimit makes the encoder cut texts to fewer tokens, after it showed that it cannot hold more.
func (e *Encoder) LowerLimit(tokens int, reason string) {
	if e.limit.Tokens == 0 || tokens < e.limit.Tokens {
		e.limit = Limit{tokens, reason}
	}
}

func (e *Encoder) static() bool {
	_, ok := e.run.(*staticRunner)
	return ok
}

// maxUnknownID bounds random ids where the size of the vocabulary is unknown: every vocabulary has that many entries.
const maxUnknownID = 100

// RandomTokens draws ids from the model's vocabulary, for a model without a tokenizer: lengths texts of that many tokens
// each, the same for the same seed.
func (e *Encoder) RandomTokens(seed uint64, lengths ...int) []Tokens {
	vocab := e.Facts.VocabularySize
	if vocab == 0 && e.Card.Config != nil && e.Card.Config.VocabSize != nil {
		vocab = e.Card.Config.VocabSize.Value
	}
	if vocab <= 1 {
		vocab = maxUnknownID
	}
	r := rand.New(rand.NewPCG(seed, uint64(vocab)))
	out := make([]Tokens, len(lengths))
	for i, n := range lengths {
		if e.limit.Tokens > 0 {
			n = min(n, e.limit.Tokens)
		}
		ids := make([]int64, n)
		for j := range ids {
			ids[j] = 1 + r.Int64N(int64(vocab)-1) // 0 is padding in most vocabularies
		}
		out[i] = Tokens{IDs: ids, Full: n}
	}
	return out
}

// Cut shortens tokens to n as a tokenizer's truncation does: the special tokens at both ends stay, the text's own go from
// its end, or from its beginning where fromLeft is set.
func (t Tokens) Cut(n int, fromLeft bool) Tokens {
	if n >= len(t.IDs) || n < t.Head+t.Tail {
		return t
	}
	gone := len(t.IDs) - n
	start := len(t.IDs) - t.Tail - gone
	if fromLeft {
		start = t.Head
	}
	cut := t
	cut.IDs = without(t.IDs, start, gone)
	if t.TypeIDs != nil {
		cut.TypeIDs = without(t.TypeIDs, start, gone)
	}
	cut.Truncated = true
	return cut
}

// without copies a slice but for n elements from start on.
func without(ids []int64, start, n int) []int64 {
	return append(append(make([]int64, 0, len(ids)-n), ids[:start]...), ids[start+n:]...)
}
