package tokenizer

import (
	"errors"
	"fmt"
	"math"
)

// postProcessor adds special tokens and sets type ids. It turns one encoding, or the two of a pair, into a list of
// encodings that are then joined.
type postProcessor interface {
	// added is how many special tokens it adds.
	added(pair bool) int
	process(parts []*Encoding, special bool) ([]*Encoding, error)
}

// postProcess runs the post-processor and joins what comes of it.
func (t *Tokenizer) postProcess(sequences []*Encoding, o Options) (*Encoding, error) {
	parts := sequences
	if t.postProcessor != nil {
		var err error
		if parts, err = t.postProcessor.process(parts, o.AddSpecialTokens); err != nil {
			return nil, err
		}
	}
	e := concat(parts)
	if !o.Tokens {
		e.Tokens = nil
	}
	if !o.Offsets {
		e.Offsets = nil
	}
	return e, nil
}

// concat puts encodings one after the other.
func concat(parts []*Encoding) *Encoding {
	if len(parts) == 1 {
		return parts[0]
	}
	n := 0
	tokens, offsets := false, false
	for _, p := range parts {
		n += len(p.IDs)
		tokens = tokens || p.Tokens != nil
		offsets = offsets || p.Offsets != nil
	}
	e := newEncoding(n, 0)
	if tokens {
		e.Tokens = make([]string, 0, n)
	}
	if offsets {
		e.Offsets = make([][2]int, 0, n)
	}
	at := 0
	for _, p := range parts {
		copy(e.IDs[at:], p.IDs)
		copy(e.TypeIDs[at:], p.TypeIDs)
		copy(e.AttentionMask[at:], p.AttentionMask)
		at += copy(e.SpecialTokensMask[at:], p.SpecialTokensMask)
		if tokens {
			e.Tokens = append(e.Tokens, p.Tokens...)
		}
		if offsets {
			e.Offsets = append(e.Offsets, p.Offsets...)
		}
	}
	return e
}

// special is an encoding of special tokens.
func special(ids []int64, tokens []string, typeID int64) *Encoding {
	e := newEncoding(len(ids), typeID)
	copy(e.IDs, ids)
	for i := range ids {
		e.SpecialTokensMask[i] = 1
	}
	e.Tokens = tokens
	e.Offsets = make([][2]int, len(ids))
	return e
}

// setType gives all tokens one type id.
func (e *Encoding) setType(id int64) {
	for i := range e.TypeIDs {
		e.TypeIDs[i] = id
	}
}

// postProcessorSequence runs one after the other.
type postProcessorSequence []postProcessor

func (s postProcessorSequence) added(pair bool) int {
	n := 0
	for _, p := range s {
		n += p.added(pair)
	}
	return n
}

func (s postProcessorSequence) process(parts []*Encoding, special bool) ([]*Encoding, error) {
	for _, p := range s {
		var err error
		if parts, err = p.process(parts, special); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// newPostProcessor builds what the "post_processor" of a tokenizer.json describes, nil for null.
func newPostProcessor(v any) (postProcessor, error) {
	if v == nil {
		return nil, nil
	}
	o, ok := v.(object)
	if !ok {
		return nil, wrongType("post_processor", "an object or null", v)
	}
	kind, err := o.str("type")
	if err != nil {
		return nil, err
	}
	p, err := newPostProcessorOf(kind, o)
	if err != nil {
		return nil, fmt.Errorf("post-processor %s: %w", kind, err)
	}
	return p, nil
}

func newPostProcessorOf(kind string, o object) (postProcessor, error) {
	switch kind {
	case "TemplateProcessing":
		return newTemplate(o)
	case "BertProcessing":
		return newBertProcessing(o)
	case "RobertaProcessing":
		return newRobertaProcessing(o)
	case "ByteLevel":
		return newByteLevelProcessing(o)
	case "Sequence":
		parts, err := o.objects("processors")
		if err != nil {
			return nil, err
		}
		if len(parts) > maxComponents {
			return nil, fmt.Errorf("a sequence of %d; expected at most %d", len(parts), maxComponents)
		}
		sequence := make(postProcessorSequence, len(parts))
		for i, part := range parts {
			if sequence[i], err = newPostProcessor(part); err != nil {
				return nil, err
			}
		}
		return sequence, nil
	}
	return nil, errors.New("no such post-processor is known")
}

// specialToken reads a ["text", id] pair.
func specialToken(o object, key string) (string, int64, error) {
	pair, err := o.list(key)
	if err != nil {
		return "", 0, err
	}
	if len(pair) == 2 {
		text, isText := pair[0].(string)
		id, isID := pair[1].(float64)
		if isText && isID && id >= 0 && id <= math.MaxInt32 && id == math.Trunc(id) {
			return text, int64(id), nil
		}
	}
	return "", 0, wrongType(key, `a pair ["token", id]`, pair)
}
