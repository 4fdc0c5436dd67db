package models

import (
	"math/rand/v2"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tokenizer"
	"github.com/divinedevops/probe/vocabulary"
)

// setLimit finds the longest sequence to feed: what the files declare as sentence-transformers reads them, or less if
// the weights or the graph hold less.
func (e *Encoder) setLimit() {
	lower := func(tokens int, reason string) {
		if tokens > 0 && (e.limit.Tokens == 0 || tokens < e.limit.Tokens) {
			e.limit = Limit{tokens, reason}
		}
	}
	if e.static() {
		e.limit = Limit{Tokens: e.card.EffectiveMaxLength.Tokens, Reason: e.card.EffectiveMaxLength.Reason}
		return
	}
	lower(e.card.EffectiveMaxLength.Tokens, e.card.EffectiveMaxLength.Reason)
	if e.card.EffectiveMaxLength.Tokens == 0 && e.tok != nil {
		if t := e.tok.Truncation(); t != nil {
			lower(t.MaxLength, "tokenizer.json truncates there")
		}
	}
	lower(e.info.FixedSequence, "the graph's shape is fixed")

	e.left = isLeft(e.card.Tokenizer.PaddingSide)
	if len(e.card.Modules) > 0 && e.card.Modules[0].Transformer != nil {
		if e.card.Modules[0].Transformer.DoLowerCase && e.tok != nil {
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

// CutsLeft reports that a long text loses its beginning.
func (e *Encoder) CutsLeft() bool { return isLeft(e.card.Tokenizer.TruncationSide) }

// setPadding finds the id to pad with. Pooling and attention leave padding out, but RoBERTa's kin count positions by it,
// so config.json's own id comes before what the tokenizer's file pads with.
func (e *Encoder) setPadding() {
	if e.tok != nil {
		if p := e.tok.Padding(); p != nil {
			e.padID, e.padTyp = p.ID, p.TypeID
		}
		if d := e.card.Tokenizer.PadToken; d != nil {
			if id, ok := e.tok.TokenToID(d.Value); ok {
				e.padID = id
			}
		}
	}
	if c := e.card.Config; c != nil && c.PadTokenID != nil && c.PadTokenID.Value >= 0 {
		e.padID = int64(c.PadTokenID.Value)
	}
}

// Prepare turns texts into tokens. If 1_Pooling says include_prompt false, pooling will leave the prompt's tokens out.
// Errors are *failure.Error of KindTokenizer.
func (e *Encoder) Prepare(texts []string, o PrepareOptions) ([]Input, error) {
	if e.tok == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer,
			"the model has no tokenizer: no tokenizer.json and no vocabulary file").With(vocabulary.RemedyNameTokenizer)
	}
	promptLength := 0
	if o.Prompt != "" && !e.card.IncludePrompt {
		var err error
		if promptLength, err = e.promptLength(o.Prompt); err != nil {
			return nil, err
		}
	}
	options := e.tokenizing()
	if !o.Whole {
		options.MaxLength = e.limit.Tokens
	}
	out := make([]Input, len(texts))
	for i, text := range texts {
		text = o.Prompt + text
		read, cut := text, false
		if n := e.characters(); n > 0 && !o.Whole {
			read, cut = firstCharacters(text, n)
		}
		enc, err := e.tok.Encode(read, options)
		if err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer, "text %d: %w", i, err)
		}
		out[i] = Input{
			Text: text, Cost: len(enc.IDs), Full: enc.FullLength, Truncated: enc.Truncated || cut,
			IDs: enc.IDs, TypeIDs: enc.TypeIDs, PromptLength: promptLength,
		}
		out[i].Head, out[i].Tail = specials(enc.SpecialTokensMask)
	}
	return out, nil
}

// tokenizing are the options that every text is tokenized with: with special tokens, but for static embeddings, whose mean
// sentence-transformers takes over the text's own tokens.
func (e *Encoder) tokenizing() tokenizer.Options {
	return tokenizer.Options{AddSpecialTokens: !e.static(), TruncationSide: side(e.card.Tokenizer.TruncationSide)}
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

// promptLength counts a prompt's tokens as sentence-transformers does: special tokens too, but for the last one.
func (e *Encoder) promptLength(prompt string) (int, error) {
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

// Offsets are where the tokens of a text, without special ones, begin and end in it, in Unicode characters.
func (e *Encoder) Offsets(text string) ([][2]int, error) {
	enc, err := e.tok.Encode(text, tokenizer.Options{Offsets: true})
	if err != nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer, "the tokenizer cannot locate its tokens in the text: %w", err)
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
	_, ok := e.texts.(*staticRunner)
	return ok
}

// maxUnknownID bounds random ids if the size of the vocabulary is unknown: every vocabulary has that many entries.
const maxUnknownID = 100

// RandomInputs are ids at random from the model's vocabulary, for a model without a tokenizer: texts of these lengths, the
// same for the same seed.
func (e *Encoder) RandomInputs(seed uint64, lengths ...int) []Input {
	vocab := e.info.VocabularySize
	if vocab == 0 && e.card.Config != nil && e.card.Config.VocabSize != nil {
		vocab = e.card.Config.VocabSize.Value
	}
	if vocab <= 1 {
		vocab = maxUnknownID
	}
	r := rand.New(rand.NewPCG(seed, uint64(vocab)))
	out := make([]Input, len(lengths))
	for i, n := range lengths {
		if e.limit.Tokens > 0 {
			n = min(n, e.limit.Tokens)
		}
		ids := make([]int64, n)
		for j := range ids {
			ids[j] = 1 + r.Int64N(int64(vocab)-1) // 0 is padding in most vocabularies
		}
		out[i] = Input{IDs: ids, Cost: n, Full: n}
	}
	return out
}

// FromIDs makes an input of token ids, cut to the limit.
func (e *Encoder) FromIDs(ids []int64) Input {
	in := Input{IDs: ids, Cost: len(ids), Full: len(ids)}
	if e.limit.Tokens > 0 {
		in = cut(in, e.limit.Tokens, false)
	}
	return in
}

// Cut shortens an input to n tokens as the model's truncation does.
func (e *Encoder) Cut(in Input, n int) Input { return cut(in, n, e.CutsLeft()) }

// cut keeps the special tokens at both ends; the text's own go from its end, or from its beginning if fromLeft is set.
func cut(in Input, n int, fromLeft bool) Input {
	if n >= len(in.IDs) || n < in.Head+in.Tail {
		return in
	}
	gone := len(in.IDs) - n
	start := len(in.IDs) - in.Tail - gone
	if fromLeft {
		start = in.Head
	}
	in.IDs = without(in.IDs, start, gone)
	if in.TypeIDs != nil {
		in.TypeIDs = without(in.TypeIDs, start, gone)
	}
	in.Cost, in.Truncated = n, true
	return in
}

// without copies a slice but for n elements from start on.
func without(ids []int64, start, n int) []int64 {
	return append(append(make([]int64, 0, len(ids)-n), ids[:start]...), ids[start+n:]...)
}
