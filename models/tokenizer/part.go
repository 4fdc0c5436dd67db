package tokenizer

// part is a run of tokens on its way to an Encoding: those of a text, or special tokens.
type part struct {
	ids     []int64
	tokens  []string // nil if not asked for
	offsets [][2]int // nil if not asked for, and for special tokens: theirs are all 0, 0
	typeID  int64
	special bool
}

// tokenRun is what post-processors work on: an encoding in the making, as parts that follow each other.
type tokenRun []part

// setType sets one type id for all tokens.
func (r tokenRun) setType(id int64) {
	for i := range r {
		r[i].typeID = id
	}
}

// cut keeps n tokens.
func (p *part) cut(n int, side string) {
	start, end := 0, n
	if side == Left {
		start, end = len(p.ids)-n, len(p.ids)
	}
	p.ids = p.ids[start:end]
	if p.tokens != nil {
		p.tokens = p.tokens[start:end]
	}
	if p.offsets != nil {
		p.offsets = p.offsets[start:end]
	}
}

// joinRuns makes an Encoding of all parts of all runs.
func joinRuns(runs []tokenRun, o Options) *Encoding {
	n := 0
	for _, r := range runs {
		for i := range r {
			n += len(r[i].ids)
		}
	}
	all := make([]int64, 4*n)
	e := &Encoding{
		IDs: all[:n:n], TypeIDs: all[n : 2*n : 2*n], AttentionMask: all[2*n : 3*n : 3*n], SpecialTokensMask: all[3*n:],
	}
	if o.Tokens {
		e.Tokens = make([]string, n)
	}
	if o.Offsets {
		e.Offsets = make([][2]int, n)
	}
	at := 0
	for _, r := range runs {
		for i := range r {
			e.fill(at, &r[i])
			at += len(r[i].ids)
		}
	}
	return e
}

// fill writes a part into place.
func (e *Encoding) fill(at int, p *part) {
	end := at + copy(e.IDs[at:], p.ids)
	for i := at; i < end; i++ {
		e.AttentionMask[i] = 1
	}
	if p.typeID != 0 {
		for i := at; i < end; i++ {
			e.TypeIDs[i] = p.typeID
		}
	}
	if p.special {
		for i := at; i < end; i++ {
			e.SpecialTokensMask[i] = 1
		}
	}
	if e.Tokens != nil {
		copy(e.Tokens[at:], p.tokens)
	}
	if e.Offsets != nil {
		copy(e.Offsets[at:], p.offsets)
	}
}
