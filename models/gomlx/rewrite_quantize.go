package gomlx

import (
	"github.com/divinedevops/probe/models/tensor"
)

// scalarScale makes a scale, and a zero point, of shape [1] scalars: onnx-gomlx takes them for one of each column.
func scalarScale(p *program, o op) []op {
	if scale := p.tensors[o.input(1)]; len(scale.dims) != 1 || scale.dims[0] != 1 {
		return nil
	}
	s := &steps{p: p}
	shape := s.add(p.vector())
	in := []string{o.in[0]}
	for _, name := range o.in[1:] {
		in = append(in, s.do("Reshape", name, shape))
	}
	if len(in) == 2 && o.name == "QuantizeLinear" {
		in = append(in, s.zero(nil))
	}
	s.add(o.fed(in...))
	return s.nodes
}

// columnScale returns the zero points of a DequantizeLinear by column the rank of what they are subtracted from, which
// onnx-gomlx does for the scales alone, and counts the axis from the front.
func columnScale(p *program, o op) []op {
	scale, x := p.tensors[o.input(1)], p.tensors[o.input(0)]
	rank := int64(len(x.dims))
	axis := o.integer("axis", 1)
	if axis < 0 {
		axis += rank
	}
	if len(scale.dims) != 1 || axis < 0 || axis >= rank || rank < 2 {
		return nil
	}
	s := &steps{p: p}
	in := o.in[:2:2]
	if zero := o.input(2); zero != "" {
		shape := make([]int64, rank)
		for i := range shape {
			shape[i] = 1
		}
		shape[axis] = -1
		in = append(in, s.do("Reshape", zero, s.add(p.vector(shape...))))
	}
	s.add(o.fed(in...).with([]string{"axis"}, intAttribute("axis", axis)))
	return s.nodes
}

// unsignedZero returns a QuantizeLinear the zero point that stands for none: ONNX makes its result uint8 then, onnx-gomlx
// int8.
func unsignedZero(p *program, o op) []op {
	if o.input(2) != "" || len(o.in) < 2 || o.integer("output_dtype", 0) != 0 {
		return nil
	}
	if scale, ok := p.tensors[o.in[1]]; !ok || len(scale.dims) > 0 {
		return nil
	}
	s := &steps{p: p}
	in := append(o.in[:2:2], s.zero(nil))
	s.add(o.fed(in...))
	return s.nodes
}

// zero is a constant 0 of uint8.
func (s *steps) zero(shape []int64) string {
	return s.add(s.p.tensor(tensor.Uint8, shape, []byte{0}))
}
