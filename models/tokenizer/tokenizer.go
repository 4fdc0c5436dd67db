// Package tokenizer reads Hugging Face tokenizer files and returns the token ids that the Rust `tokenizers` library
// (0.23) returns for the same text: id for id, with the same attention mask, type ids, offsets and special tokens.
//
// It is pure Go and needs no other file than the tokenizer's own. A Tokenizer is immutable and safe for concurrent
// use.
//
//	t, err := tokenizer.Load("tokenizer.json")
//	e, err := t.Encode("Hello, world!", tokenizer.Options{AddSpecialTokens: true})
//	// e.IDs: [101 7592 1010 2088 999 102]
package tokenizer

// Tokenizer turns texts into token ids.
type Tokenizer struct {
	normalizer    normalizer
	preTokenizer  preTokenizer
	model         model
	postProcessor postProcessor
	added         *addedTokens
	truncation    *Truncation
	padding       *Padding
}

// VocabSize is the number of different tokens, added ones included.
func (t *Tokenizer) VocabSize() int {
	n := t.model.size()
	for content := range t.added.byText {
		if _, ok := t.model.vocabulary().id(content); !ok {
			n++
		}
	}
	return n
}

// TokenToID finds a token by its text, as it stands in the vocabulary.
func (t *Tokenizer) TokenToID(token string) (int64, bool) {
	if id, ok := t.added.byText[token]; ok {
		return int64(id), true
	}
	id, ok := t.model.vocabulary().id(token)
	return int64(id), ok
}

// IDToToken is the text of a token, as it stands in the vocabulary.
func (t *Tokenizer) IDToToken(id int64) (string, bool) {
	if id != int64(int32(id)) {
		return "", false
	}
	if a, ok := t.added.byID[int32(id)]; ok {
		return a.Content, true
	}
	return t.model.vocabulary().token(int32(id))
}

// EachToken calls f with each token once, added ones included, in no order that matters.
func (t *Tokenizer) EachToken(f func(token string)) {
	v := t.model.vocabulary()
	for _, e := range v.entries {
		if e.id != noToken {
			f(v.text[e.start:e.end])
		}
	}
	for content := range t.added.byText {
		if _, ok := v.id(content); !ok {
			f(content)
		}
	}
}

// AddedTokens are the tokens that are found in the text before the model sees it, special ones among them, by ascending id.
func (t *Tokenizer) AddedTokens() []AddedToken {
	tokens := make([]AddedToken, 0, len(t.added.order))
	for _, id := range t.added.order {
		tokens = append(tokens, *t.added.byID[id])
	}
	return tokens
}

// Truncation is what the file declares, nil if it declares none.
func (t *Tokenizer) Truncation() *Truncation {
	if t.truncation == nil {
		return nil
	}
	declared := *t.truncation
	return &declared
}

// Padding is what the file declares, nil if it declares none.
func (t *Tokenizer) Padding() *Padding {
	if t.padding == nil {
		return nil
	}
	declared := *t.padding
	return &declared
}

// SpecialTokens is how many special tokens Options.AddSpecialTokens adds to one text, or to a pair.
func (t *Tokenizer) SpecialTokens(pair bool) int {
	if t.postProcessor == nil {
		return 0
	}
	return t.postProcessor.added(pair)
}

// UnknownID is the id of the unknown token that the model's file names, -1 if it names none or the vocabulary lacks it.
func (t *Tokenizer) UnknownID() int64 {
	name := ""
	switch m := t.model.(type) {
	case *unigram:
		return int64(m.unknown)
	case *bpe:
		name = m.unknown
	case *wordPiece:
		name = m.unknown
	case *wordLevel:
		name = m.unknown
	}
	if id, ok := t.TokenToID(name); ok && name != "" {
		return id
	}
	return noToken
}
