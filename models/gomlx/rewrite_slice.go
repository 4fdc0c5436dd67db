package gomlx

import (
	"math"
	"slices"
)

// backwards turns the cuts of a Slice that go from the end to the start (a flip) into look-ups by descending indices:
// onnx-gomlx takes their end for one counted from the end, and gives nothing, or fails.
func backwards(p *program, o op) []op {
	steps_, starts, ends := p.tensors[o.input(4)].values, p.tensors[o.input(1)].values, p.tensors[o.input(2)].values
	axes := p.tensors[o.input(3)].values
	if o.input(3) == "" {
		for i := range starts {
			axes = append(axes, int64(i))
		}
	}
	n := len(steps_)
	if !slices.ContainsFunc(steps_, func(v int64) bool { return v < 0 && v != math.MinInt64 }) || len(starts) != n ||
		len(ends) != n || len(axes) != n || len(o.out) != 1 {
		return nil
	}
	s := &steps{p: p}
	shape, x := s.do("Shape", o.in[0]), o.in[0]
	for i, axis := range axes {
		if steps_[i] < 0 {
			x = s.descending(x, shape, axis, starts[i], ends[i], steps_[i])
			continue
		}
		x = s.do("Slice", x, s.add(p.vector(starts[i])), s.add(p.vector(ends[i])), s.add(p.vector(axis)),
			s.add(p.vector(steps_[i])))
	}
	s.add(op{name: "Identity", label: o.label, in: []string{x}, out: o.out})
	return s.nodes
}

// descending takes the elements from start down to end, which it leaves out, by ONNX's rules for what lies outside.
func (s *steps) descending(x, shape string, axis, start, end, step int64) string {
	one, zero := s.add(s.p.scalar(1)), s.add(s.p.scalar(0))
	size := s.do("Gather", shape, s.add(s.p.scalar(axis)))
	last := s.do("Sub", size, one)
	from := s.do("Max", s.do("Min", s.counted(start, size), last), zero)
	to := s.do("Max", s.do("Min", s.counted(end, size), last), s.add(s.p.scalar(-1)))
	at := s.do("Range", from, to, s.add(s.p.scalar(step)))
	return s.add(s.p.of("Gather", []string{x, at}, intAttribute("axis", axis)))
}

// counted returns an index that may be one from the end.
func (s *steps) counted(i int64, size string) string {
	at := s.add(s.p.scalar(i))
	if i >= 0 {
		return at
	}
	return s.do("Add", at, size)
}
