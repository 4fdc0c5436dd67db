package tokenizer

import (
	"errors"
	"fmt"
)

// normalizer rewrites the text before it is cut up.
type normalizer interface {
	normalize(s *scratch, p *piece) error
}

// maxComponents bounds how many parts a sequence of normalizers, pre-tokenizers or post-processors may have.
const maxComponents = 64

// normalizerSequence applies one after the other.
type normalizerSequence []normalizer

func (n normalizerSequence) normalize(s *scratch, p *piece) error {
	for _, each := range n {
		if err := each.normalize(s, p); err != nil {
			return err
		}
		if err := s.fits(len(p.text)); err != nil {
			return err
		}
	}
	return nil
}

// newNormalizer builds what the "normalizer" of a tokenizer.json describes, nil for null.
func newNormalizer(v any) (normalizer, error) {
	if v == nil {
		return nil, nil
	}
	o, ok := v.(object)
	if !ok {
		return nil, wrongType("normalizer", "an object or null", v)
	}
	kind, err := o.str("type")
	if err != nil {
		return nil, err
	}
	n, err := newNormalizerOf(kind, o)
	if err != nil {
		return nil, fmt.Errorf("normalizer %s: %w", kind, err)
	}
	return n, nil
}

func newNormalizerOf(kind string, o object) (normalizer, error) {
	switch kind {
	case "BertNormalizer", "Bert":
		return newBertNormalizer(o)
	case "Lowercase":
		return lowercase{}, nil
	case "StripAccents":
		return stripAccents{}, nil
	case "Strip", "StripNormalizer":
		return newStrip(o)
	case "NFC", "NFD", "NFKC", "NFKD":
		return newUnicodeForm(kind), nil
	case "Nmt":
		return nmt{}, nil
	case "Precompiled":
		return newPrecompiledNormalizer(o)
	case "Replace":
		return newReplace(o)
	case "Prepend":
		text, err := o.str("prepend")
		return prepend(text), err
	case "ByteLevel":
		return byteLevelNormalizer{}, nil
	case "Sequence":
		parts, err := o.objects("normalizers")
		if err != nil {
			return nil, err
		}
		if len(parts) > maxComponents {
			return nil, fmt.Errorf("a sequence of %d; expected at most %d", len(parts), maxComponents)
		}
		sequence := make(normalizerSequence, len(parts))
		for i, part := range parts {
			if sequence[i], err = newNormalizer(part); err != nil {
				return nil, err
			}
		}
		return sequence, nil
	}
	return nil, errors.New("no such normalizer is known")
}
