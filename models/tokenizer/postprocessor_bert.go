package tokenizer

// bertProcessing adds [CLS] A [SEP], or [CLS] A [SEP] B [SEP] with type 1 for B; with roberta set it adds
// <s> A </s>, or <s> A </s> </s> B </s>, all of type 0, and trims the offsets of byte-level tokens.
type bertProcessing struct {
	cls, sep         string
	clsID, sepID     int64
	roberta          bool
	trim, spaceAdded bool
}

func newBertProcessing(o object) (postProcessor, error) {
	var b bertProcessing
	var err error
	if b.sep, b.sepID, err = specialToken(o, "sep"); err != nil {
		return nil, err
	}
	b.cls, b.clsID, err = specialToken(o, "cls")
	return &b, err
}

// newRobertaProcessing reads one that lacks an option as a BertProcessing, which is what the library makes of it: it takes
// the first kind of post-processor that a description fits.
func newRobertaProcessing(o object) (postProcessor, error) {
	for _, option := range []string{"trim_offsets", "add_prefix_space"} {
		if _, ok := o[option].(bool); !ok {
			return newBertProcessing(o)
		}
	}
	b := bertProcessing{roberta: true}
	var err error
	if b.sep, b.sepID, err = specialToken(o, "sep"); err != nil {
		return nil, err
	}
	if b.cls, b.clsID, err = specialToken(o, "cls"); err != nil {
		return nil, err
	}
	if b.trim, err = o.bool("trim_offsets"); err != nil {
		return nil, err
	}
	b.spaceAdded, err = o.bool("add_prefix_space")
	return &b, err
}

func (b *bertProcessing) added(pair bool) int {
	switch {
	case !pair:
		return 2
	case b.roberta:
		return 4
	}
	return 3
}

func (b *bertProcessing) process(parts []*Encoding, add bool) ([]*Encoding, error) {
	if b.roberta {
		for _, p := range parts {
			if b.trim {
				p.trimOffsets(b.spaceAdded)
			}
			p.setType(0)
		}
	}
	if !add {
		return parts, nil
	}
	out := make([]*Encoding, len(parts))
	for i, p := range parts {
		switch {
		case i == 0:
			out[i] = concat([]*Encoding{b.token(b.cls, b.clsID, 0), p, b.token(b.sep, b.sepID, 0)})
		case b.roberta:
			out[i] = concat([]*Encoding{b.token(b.sep, b.sepID, 0), p, b.token(b.sep, b.sepID, 0)})
		default:
			out[i] = concat([]*Encoding{p, b.token(b.sep, b.sepID, 1)})
		}
		clear(out[i].SpecialTokensMask) // of what was there before, all counts as text
		last := len(out[i].SpecialTokensMask) - 1
		out[i].SpecialTokensMask[last] = 1
		if i == 0 || b.roberta {
			out[i].SpecialTokensMask[0] = 1
		}
	}
	return out, nil
}

func (b *bertProcessing) token(text string, id, typeID int64) *Encoding {
	return special([]int64{id}, []string{text}, typeID)
}
