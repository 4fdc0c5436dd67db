package tokenizer

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// maxTextBytes is the longest text that Encode takes, so that every offset fits 32 bits.
const maxTextBytes = 1 << 24

// Encode returns the tokens of a text. Text that is not valid UTF-8 is read as Python reads it with
// errors="replace": each ill-formed part becomes U+FFFD.
func (t *Tokenizer) Encode(text string, o Options) (*Encoding, error) {
	e, err := t.encode(text, o)
	if err != nil {
		return nil, err
	}
	if o.Pad != nil {
		return e, o.Pad.pad([]*Encoding{e})
	}
	return e, nil
}

// EncodeBatch encodes texts one by one and pads them together. Options.Pair cannot be set.
func (t *Tokenizer) EncodeBatch(texts []string, o Options) ([]*Encoding, error) {
	if o.Pair != nil {
		return nil, fmt.Errorf("EncodeBatch has no pairs: encode them one by one")
	}
	all := make([]*Encoding, len(texts))
	for i, text := range texts {
		var err error
		if all[i], err = t.encode(text, o); err != nil {
			return nil, fmt.Errorf("text %d: %w", i, err)
		}
	}
	if o.Pad != nil {
		return all, o.Pad.pad(all)
	}
	return all, nil
}

// encode is Encode without padding.
func (t *Tokenizer) encode(text string, o Options) (*Encoding, error) {
	limit, err := t.truncationFor(o)
	if err != nil {
		return nil, err
	}
	first, err := t.sequence(text, 0, o)
	if err != nil {
		return nil, err
	}
	texts := []part{first}
	full := len(first.ids)
	if o.Pair != nil {
		second, err := t.sequence(*o.Pair, 1, o)
		if err != nil {
			return nil, err
		}
		texts = append(texts, second)
		full += len(second.ids)
	}
	cut := false
	if limit != nil {
		if cut, err = limit.truncate(texts); err != nil {
			return nil, err
		}
	}
	if o.AddSpecialTokens {
		full += t.SpecialTokens(o.Pair != nil)
	}
	runs := make([]tokenRun, len(texts))
	for i := range texts {
		runs[i] = texts[i : i+1 : i+1]
	}
	if t.postProcessor != nil {
		if runs, err = t.postProcessor.process(runs, o.AddSpecialTokens); err != nil {
			return nil, err
		}
	}
	e := joinRuns(runs, o)
	e.Truncated, e.FullLength = cut, full
	return e, nil
}

// sequence returns the tokens of one text, before truncation and special tokens.
func (t *Tokenizer) sequence(text string, typeID int64, o Options) (part, error) {
	if len(text) > maxTextBytes {
		return part{}, fmt.Errorf("a text of %d bytes; expected at most %d", len(text), maxTextBytes)
	}
	text = validUTF8(text)
	s := scratches.Get().(*scratch)
	defer s.free()
	s.begin(len(text), o.Offsets)
	if err := t.pieces(s, text); err != nil {
		return part{}, err
	}
	s.tokens, s.ends = s.tokens[:0], s.ends[:0]
	for i := range s.pieces {
		p := &s.pieces[i]
		if p.id != noToken {
			s.tokens = append(s.tokens, token{id: p.id, end: int32(len(p.text)), surface: true})
		} else {
			var err error
			if s.tokens, err = t.model.tokenize(s, p, s.tokens); err != nil {
				return part{}, err
			}
		}
		s.ends = append(s.ends, int32(len(s.tokens)))
	}
	run := part{ids: make([]int64, len(s.tokens)), typeID: typeID}
	for i := range s.tokens {
		run.ids[i] = int64(s.tokens[i].id)
	}
	if o.Tokens || o.Offsets {
		t.describe(s, text, &run, o)
	}
	return run, nil
}

// pieces cuts the text up into s.pieces: added tokens, and what the model is to tokenize.
func (t *Tokenizer) pieces(s *scratch, text string) error {
	whole := piece{text: text, orig: span{0, int32(len(text))}, id: noToken}
	s.pieces = t.added.split(&whole, t.added.raw, s.pieces[:0])
	s.next = s.next[:0]
	for i := range s.pieces {
		p := &s.pieces[i]
		if p.id != noToken {
			s.next = append(s.next, *p)
			continue
		}
		if t.normalizer != nil {
			if err := t.normalizer.normalize(s, p); err != nil {
				return err
			}
			if err := s.fits(len(p.text)); err != nil {
				return err
			}
		}
		s.next = t.added.split(p, t.added.normalized, s.next)
	}
	s.pieces, s.next = s.next, s.pieces
	if t.preTokenizer == nil {
		return nil
	}
	return s.preTokenize(t.preTokenizer)
}

// describe fills in the texts of the tokens and where they come from.
func (t *Tokenizer) describe(s *scratch, text string, run *part, o Options) {
	if o.Tokens || t.trims() {
		run.tokens = make([]string, len(s.tokens))
	}
	if o.Offsets {
		run.offsets = make([][2]int, len(s.tokens))
	}
	chars := newCharIndex(text)
	first := 0
	for i := range s.pieces {
		p := &s.pieces[i]
		for j := first; j < int(s.ends[i]); j++ {
			token := &s.tokens[j]
			if run.tokens != nil {
				run.tokens[j] = t.tokenText(p, token)
			}
			if run.offsets != nil {
				at := p.original(int(token.start), int(token.end))
				run.offsets[j] = chars.convert(at)
			}
		}
		first = int(s.ends[i])
	}
}

func (t *Tokenizer) tokenText(p *piece, token *token) string {
	if token.surface {
		return p.text[token.start:token.end]
	}
	text, _ := t.model.vocabulary().token(token.id)
	return text
}

// charIndex converts offsets from bytes to characters.
type charIndex struct {
	ofByte []int32 // the character that a byte is part of; nil for ASCII
	length int
}

func newCharIndex(text string) charIndex {
	if isASCII(text) {
		return charIndex{length: len(text)}
	}
	c := charIndex{ofByte: make([]int32, len(text)), length: len(text)}
	n := int32(-1)
	for i := range c.ofByte {
		if utf8.RuneStart(text[i]) {
			n++
		}
		c.ofByte[i] = n
	}
	return c
}

func isASCII(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(c byte) bool { return c >= utf8.RuneSelf })
}

func (c charIndex) at(i int32) (int, bool) {
	switch {
	case i < 0 || int(i) >= c.length:
		return 0, false
	case c.ofByte == nil:
		return int(i), true
	}
	return int(c.ofByte[i]), true
}

// convert turns byte offsets into character offsets. What begins beyond the text stays as it is, as in the Rust library.
func (c charIndex) convert(s span) [2]int {
	start, ok := c.at(s.start)
	if !ok {
		return [2]int{int(s.start), int(s.end)}
	}
	if end, ok := c.at(s.end); ok {
		return [2]int{start, end}
	}
	last, ok := c.at(s.end - 1)
	if !ok {
		last = start + 1
	}
	return [2]int{start, last + 1}
}
