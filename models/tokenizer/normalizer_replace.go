package tokenizer

import "unsafe"

// replace puts a text in place of every match of a pattern.
type replace struct {
	pattern finder
	content string
}

func newReplace(o object) (normalizer, error) {
	f, err := newPattern(o)
	if err != nil {
		return nil, err
	}
	content, err := o.str("content")
	return &replace{f, content}, err
}

func (n *replace) normalize(s *scratch, p *piece) error {
	if p.text == "" {
		return nil
	}
	cuts, err := n.pattern.cuts(s, p.text)
	if err != nil {
		return err
	}
	size, found := len(p.text), false
	for _, c := range cuts {
		if c.delimiter {
			found = true
			size += len(n.content) - (c.end - c.start)
		}
	}
	if !found {
		return nil
	}
	if err := s.fits(size); err != nil {
		return err
	}
	text := make([]byte, 0, size)
	align := make([]span, 0, size)
	p.materialize()
	for _, c := range cuts {
		if !c.delimiter {
			text = append(text, p.text[c.start:c.end]...)
			align = append(align, p.align[c.start:c.end]...)
			continue
		}
		// All of the content stands for the last character of the match.
		at := span{p.orig.start, p.orig.start}
		if c.end > 0 {
			at = p.align[c.end-1]
		}
		text = append(text, n.content...)
		for range len(n.content) {
			align = append(align, at)
		}
	}
	p.text, p.align = unsafe.String(unsafe.SliceData(text), len(text)), align
	return nil
}
