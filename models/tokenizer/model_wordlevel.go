package tokenizer

// wordLevel looks each piece up as a whole.
type wordLevel struct {
	vocab   *vocab
	unknown string
}

func (w *wordLevel) vocabulary() *vocab { return w.vocab }
func (w *wordLevel) size() int          { return w.vocab.size() }

func (w *wordLevel) tokenize(_ *scratch, p *piece, out []token) ([]token, error) {
	id, ok := w.vocab.id(p.text)
	if !ok {
		if id, ok = w.vocab.id(w.unknown); !ok {
			return nil, errNoUnknown("WordLevel", w.unknown)
		}
	}
	return append(out, token{id: id, end: int32(len(p.text))}), nil
}
