package onnx

// gather is a look-up of rows: Gather(table, indices).
type gather struct{ table, indices string }

// noteGather keeps what leads from an input of token ids to the table they index: the look-ups, and the operators that
// hand a tensor's elements on as they are or convert each by itself.
func (p *parser) noteGather(d nodeHead) {
	switch d.op {
	case "Gather":
		p.head.gathers = append(p.head.gathers, gather{d.inputs[0], d.inputs[1]})
	case "Cast", "Identity", "DequantizeLinear":
		if p.head.sameAs == nil {
			p.head.sameAs = map[string]string{}
		}
		p.head.sameAs[d.output] = d.inputs[0]
	}
}

// TableIndexedBy is the size of the table that a graph input of token ids indexes: its rows are the true size of the
// vocabulary. It is 0 and 0 where the graph looks nothing up by that input, or does it through other operators than casts.
func (h *Head) TableIndexedBy(input string) (rows, width int64) {
	for _, g := range h.gathers {
		if h.origin(g.indices) != input {
			continue
		}
		table := h.origin(g.table)
		for _, t := range h.Tensors {
			if t.Name == table && len(t.Dims) == 2 {
				return t.Dims[0], t.Dims[1]
			}
		}
	}
	return 0, 0
}

// origin follows a tensor back through casts. The steps are bounded: a hostile graph may go in a circle.
func (h *Head) origin(name string) string {
	for range 8 {
		before, ok := h.sameAs[name]
		if !ok {
			return name
		}
		name = before
	}
	return name
}
