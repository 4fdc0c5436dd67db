package gomlx

// positiveIndices makes indices that count from the end ones from the start, for GatherND and ScatterND: onnx-gomlx does
// so for Gather alone, and takes -1 for the first element, or fails.
func positiveIndices(p *program, o op) []op {
	if len(o.in) < 2 || o.integer("batch_dims", 0) != 0 {
		return nil
	}
	if t := p.tensors[o.in[1]]; t.values != nil {
		negative := false
		for _, v := range t.values {
			negative = negative || v < 0
		}
		if !negative {
			return nil
		}
	}
	s := &steps{p: p}
	data, at := s.do("Shape", o.in[0]), o.in[1]
	zero := s.add(p.vector(0))
	depth := s.do("Gather", s.do("Shape", at), s.add(p.vector(-1))) // how many axes an index has
	sizes := s.do("Slice", data, zero, depth)
	positive := s.do("Where", s.do("Less", at, s.add(p.scalar(0))), s.do("Add", at, sizes), at)
	in := append([]string{o.in[0], positive}, o.in[2:]...)
	s.add(o.fed(in...))
	return s.nodes
}
