package tokenizer

import (
	"errors"
	"fmt"
	"math"
)

// postProcessor adds special tokens and sets type ids. It turns the run of one text, or the two of a pair, into a list of
// runs, which are joined in the end.
type postProcessor interface {
	// added is how many special tokens it adds.
	added(pair bool) int
	process(runs []tokenRun, special bool) ([]tokenRun, error)
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

func (s postProcessorSequence) process(runs []tokenRun, special bool) ([]tokenRun, error) {
	for _, p := range s {
		var err error
		if runs, err = p.process(runs, special); err != nil {
			return nil, err
		}
	}
	return runs, nil
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
