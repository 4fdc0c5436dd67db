package tokenizer

import "strings"

// byteLevel is GPT-2's pre-tokenizer: words with the space before them, each byte written as a character.
type byteLevel struct {
	prefixSpace bool
	pattern     scanner // nil: no splitting
	// raw means that the model comes next and looks bytes up itself, so that they need not be written as characters.
	raw bool
}

func newByteLevel(o object) (preTokenizer, error) {
	b := &byteLevel{}
	var err error
	if b.prefixSpace, err = o.bool("add_prefix_space"); err != nil {
		return nil, err
	}
	split, err := o.boolOr("use_regex", true)
	if split {
		b.pattern = scanGPT2
	}
	return b, err
}

func (b *byteLevel) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	q := *p
	if b.prefixSpace && !strings.HasPrefix(q.text, " ") {
		if b.raw && !s.offsets {
			q.text, q.align = " "+q.text, nil // its alignment is not needed
		} else {
			q.prepend(s, " ")
		}
	}
	first := len(out)
	if b.pattern == nil {
		out = append(out, q)
	} else {
		for at := 0; at < len(q.text); {
			end := b.pattern(q.text, at)
			out = append(out, q.slice(at, end))
			at = end
		}
	}
	for i := first; i < len(out); i++ {
		if b.raw {
			out[i].raw = true
		} else {
			out[i].toByteLevel(s)
		}
	}
	return out, nil
}

// scanner finds the match of a pattern that begins at byte at of a text; it returns at if there is none.
type scanner func(text string, at int) (end int)

// finish lets the last pre-tokenizer know what model follows.
func finish(t preTokenizer, m model) preTokenizer {
	last := t
	if sequence, ok := t.(preTokenizerSequence); ok {
		if len(sequence) == 0 {
			return nil
		}
		sequence[len(sequence)-1] = finish(sequence[len(sequence)-1], m)
		return sequence
	}
	switch last := last.(type) {
	case *metaspace:
		last.last = true
	case *byteLevel:
		b, ok := m.(*bpe)
		last.raw = ok && b.takesRaw()
	}
	return t
}
