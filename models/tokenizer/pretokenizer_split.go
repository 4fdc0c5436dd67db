package tokenizer

// split cuts a text up at the matches of a pattern, or with invert at what lies between them.
type split struct {
	pattern  finder
	behavior behavior
	invert   bool
}

func newSplit(o object) (preTokenizer, error) {
	f, err := newPattern(o)
	if err != nil {
		return nil, err
	}
	if _, err := o.str("behavior"); err != nil {
		return nil, err
	}
	b, err := newBehavior(o, removed)
	if err != nil {
		return nil, err
	}
	invert, err := o.bool("invert")
	return &split{f, b, invert}, err
}

func (t *split) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	cuts, err := t.pattern.cuts(s, p.text)
	if err != nil {
		return nil, err
	}
	if t.invert {
		for i := range cuts {
			cuts[i].delimiter = !cuts[i].delimiter
		}
	}
	return t.behavior.split(p, cuts, out), nil
}
