package gomlx

import (
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// widen computes in float32 what a graph computes in 16 bits. GoMLX has no Softmax of halves, and its LayerNormalization
// squares them, which overflows at 256 and gives zeros; ONNX has that one computed in float32 (stash_type), and ONNX
// Runtime computes nearly all of them so on a CPU.
//
// Weights stay as they are stored, and rows are looked up in them before they are cast. Casts to 16 bits stay too, so that
// what they round is rounded. Graph inputs and outputs keep their type.
func (p *program) widen(nodes []op) []op {
	if !p.half || p.nested {
		return nodes
	}
	s := &steps{p: p}
	for _, o := range nodes {
		switch {
		case o.name == "Constant" || o.name == "Shape" || o.name == "Size":
			s.add(o)
		case o.name == "Cast":
			if is16(tensor.DType(o.integer("to", 0))) {
				p.halves(o)
			}
			s.add(o)
		case o.name == "Gather" && p.isHalf(o.input(0)):
			p.halves(o)
			s.add(o)
		case o.name == "ConstantOfShape" && p.fillsHalves(o):
			p.halves(o)
			s.add(o)
		default:
			s.compute(o)
		}
	}
	return s.nodes
}

// compute adds a node that takes float32 for every half, and casts what is an output of the graph.
func (s *steps) compute(o op) {
	p := s.p
	in, out := make([]string, len(o.in)), make([]string, len(o.out))
	changed := false
	for i, name := range o.in {
		in[i] = name
		if wide, ok := p.widened[name]; ok {
			in[i], changed = wide, true
		} else if p.isHalf(name) {
			wide := s.add(p.of("Cast", []string{name}, intAttribute("to", int64(tensor.Float32))))
			p.widened[name] = wide
			in[i], changed = wide, true
		}
	}
	var back []op
	for i, name := range o.out {
		out[i] = name
		if d := p.outputs[name]; is16(d) {
			cast := op{name: "Cast", in: []string{p.fresh()}, out: []string{name}, attrs: [][]byte{intAttribute("to", int64(d))}}
			out[i], p.widened[name], changed = cast.in[0], cast.in[0], true
			back = append(back, cast)
		}
	}
	if _, ok := o.attr("output_dtype"); ok && o.name == "DequantizeLinear" {
		o, changed = o.with([]string{"output_dtype"}), true
	}
	if changed {
		o.raw, o.in, o.out = nil, in, out
	}
	s.nodes = append(append(s.nodes, o), back...)
}

func (p *program) isHalf(name string) bool {
	return is16(p.tensors[name].dtype) || is16(p.inputs[name])
}

// halves notes that a node's results are of 16 bits.
func (p *program) halves(o op) {
	for _, name := range o.out {
		p.tensors[name] = known{dtype: tensor.Float16}
	}
}

// fillsHalves reports whether the value of a ConstantOfShape is of 16 bits.
func (p *program) fillsHalves(o op) bool {
	value, _ := o.attr("value")
	t, _ := pb.Get(value, pb.AttributeTensor)
	return is16(readTensor(t).dtype)
}
