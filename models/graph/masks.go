package graph

// visibility is which keys a query may look at; padding is hidden in any case.
type visibility struct {
	// causal hides what comes after the query.
	causal bool
	// window, if not 0, is how far back (and, if not causal, ahead) a query sees: keys at a distance up to
	// window, inclusive.
	window int64
}

// visible is the mask of a visibility and of the padding: true for keys a query may look at, batch x 1 x sequence x
// sequence or what broadcasts to it.
func (b *builder) visible(v visibility) value {
	mask := b.tokens()
	if !v.causal && v.window == 0 {
		return mask
	}
	ahead := b.sub(b.unsqueeze(b.arange(), 0), b.unsqueeze(b.arange(), 1)) // key minus query
	if v.causal {
		mask = b.and(mask, b.op("LessOrEqual", []value{ahead, b.int(0)}))
	} else {
		mask = b.and(mask, b.op("LessOrEqual", []value{ahead, b.int(v.window)}))
	}
	if v.window != 0 {
		mask = b.and(mask, b.op("GreaterOrEqual", []value{ahead, b.int(-v.window)}))
	}
	return mask
}

// and combines masks; the second is sequence x sequence.
func (b *builder) and(mask, square value) value {
	return b.op("And", []value{mask, b.unsqueeze(square, 0, 1)})
}
