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

func (b *bertProcessing) process(runs []tokenRun, add bool) ([]tokenRun, error) {
	if b.roberta {
		for _, r := range runs {
			if b.trim {
				r.trimOffsets(b.spaceAdded)
			}
			r.setType(0)
		}
	}
	if !add {
		return runs, nil
	}
	cls := part{ids: []int64{b.clsID}, tokens: []string{b.cls}, special: true}
	sep := part{ids: []int64{b.sepID}, tokens: []string{b.sep}, special: true}
	out := make([]tokenRun, len(runs))
	for i, r := range runs {
		for j := range r {
			r[j].special = false // special tokens of a post-processor before this one count as text
		}
		last := sep
		if i > 0 && !b.roberta {
			last.typeID = 1
		}
		switch {
		case i == 0:
			out[i] = append(tokenRun{cls}, r...)
		case b.roberta:
			out[i] = append(tokenRun{sep}, r...)
		default:
			out[i] = r
		}
		out[i] = append(out[i], last)
	}
	return out, nil
}
