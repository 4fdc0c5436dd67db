package tokenizer

import (
	"errors"
	"fmt"
)

// preTokenizer cuts a piece up and may change the text of the parts.
type preTokenizer interface {
	// split appends the parts of p to out, those that are not empty.
	split(s *scratch, p *piece, out []piece) ([]piece, error)
}

// preTokenizerSequence applies one after the other, each to the pieces of the one before.
type preTokenizerSequence []preTokenizer

// preTokenize cuts up all pieces of s.pieces that are not added tokens.
func (s *scratch) preTokenize(t preTokenizer) error {
	if sequence, ok := t.(preTokenizerSequence); ok {
		for _, each := range sequence {
			if err := s.preTokenize(each); err != nil {
				return err
			}
		}
		return nil
	}
	s.next = s.next[:0]
	for i := range s.pieces {
		p := &s.pieces[i]
		if p.id != noToken {
			s.next = append(s.next, *p)
			continue
		}
		var err error
		if s.next, err = t.split(s, p, s.next); err != nil {
			return err
		}
	}
	s.pieces, s.next = s.next, s.pieces
	length := 0
	for i := range s.pieces {
		length += len(s.pieces[i].text)
	}
	return s.fits(length)
}

// split is for a sequence inside a caller that has only one piece.
func (t preTokenizerSequence) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	return nil, errors.New("a sequence of pre-tokenizers has no split of its own")
}

// newPreTokenizer builds what the "pre_tokenizer" of a tokenizer.json describes, nil for null.
func newPreTokenizer(v any) (preTokenizer, error) {
	if v == nil {
		return nil, nil
	}
	o, ok := v.(object)
	if !ok {
		return nil, wrongType("pre_tokenizer", "an object or null", v)
	}
	kind, err := o.str("type")
	if err != nil {
		return nil, err
	}
	t, err := newPreTokenizerOf(kind, o)
	if err != nil {
		return nil, fmt.Errorf("pre-tokenizer %s: %w", kind, err)
	}
	return t, nil
}

func newPreTokenizerOf(kind string, o object) (preTokenizer, error) {
	switch kind {
	case "BertPreTokenizer":
		return bertPreTokenizer{}, nil
	case "Whitespace":
		return whitespace{}, nil
	case "WhitespaceSplit":
		return whitespaceSplit{}, nil
	case "Punctuation":
		b, err := newBehavior(o, isolated)
		return punctuation{b}, err
	case "Digits":
		each, err := o.bool("individual_digits")
		return digits{each}, err
	case "CharDelimiterSplit", "Delimiter":
		r, err := o.char("delimiter")
		return charDelimiter(r), err
	case "UnicodeScripts":
		return unicodeScripts{}, nil
	case "FixedLength":
		return newFixedLength(o)
	case "Metaspace":
		return newMetaspace(o)
	case "ByteLevel":
		return newByteLevel(o)
	case "Split":
		return newSplit(o)
	case "Sequence":
		parts, err := o.objects("pretokenizers")
		if err != nil {
			return nil, err
		}
		if len(parts) > maxComponents {
			return nil, fmt.Errorf("a sequence of %d; expected at most %d", len(parts), maxComponents)
		}
		sequence := make(preTokenizerSequence, len(parts))
		for i, part := range parts {
			if sequence[i], err = newPreTokenizer(part); err != nil {
				return nil, err
			}
		}
		return sequence, nil
	}
	return nil, errors.New("no such pre-tokenizer is known")
}
