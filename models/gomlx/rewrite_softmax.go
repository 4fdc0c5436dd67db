package gomlx

// coerced spells out the Softmax of operator sets before 13: it is that of a matrix whose columns are the axes from the
// given one on, by default the second. onnx-gomlx takes the axis as later sets do, by default the last.
func coerced(p *program, o op) []op {
	axis := o.integer("axis", 1)
	if p.opset >= 13 || p.opset == 0 || axis == -1 || len(o.in) != 1 || len(o.out) != 1 {
		return nil
	}
	s := &steps{p: p}
	shape := s.do("Shape", o.in[0])
	matrix := s.add(op{name: "Reshape", in: []string{o.in[0], s.matrix(shape, axis)}, out: []string{p.fresh()}})
	soft := s.add(p.of("Softmax", []string{matrix}, intAttribute("axis", -1)))
	s.add(op{name: "Reshape", label: o.label, in: []string{soft, shape}, out: o.out})
	return s.nodes
}

// matrix returns the shape of two dimensions that Flatten makes of another shape: those before the axis, and the rest.
func (s *steps) matrix(shape string, axis int64) string {
	before := s.do("Slice", shape, s.add(s.p.vector(0)), s.add(s.p.vector(axis)))
	rows := s.add(s.p.of("ReduceProd", []string{before}, intAttribute("keepdims", 1)))
	return s.add(s.p.of("Concat", []string{rows, s.add(s.p.vector(-1))}, intAttribute("axis", 0)))
}
