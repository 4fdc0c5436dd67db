package gomlx

import "github.com/divinedevops/probe/models/tensor"

// Graphs with 8-bit weights turn whole tables back into float32: Cast(weights) * scale, then a look-up or a product. ONNX
// Runtime does so once, when it loads the graph. GoMLX would in every run, the table of 30,000 words for a text of ten. So
// a look-up comes before its Cast and scale, which changes no bit, and a product before the scale of its columns, which
// changes the order in which the same numbers are multiplied.

// scaled is weights as a graph turns them into float32; scale is "" if it only casts them.
type scaled struct{ weights, cast, scale string }

// unscaled follows a value to the weights that it is made of; false if it is not made so.
func (p *program) unscaled(name string) (scaled, bool) {
	if w, ok := p.castWeights(name); ok {
		return scaled{weights: w, cast: name}, true
	}
	o, ok := p.producers[name]
	if !ok || o.name != "Mul" || len(o.in) != 2 {
		return scaled{}, false
	}
	for i, in := range o.in {
		scale := o.in[1-i]
		if w, ok := p.castWeights(in); ok && p.tensors[scale].dtype == tensor.Float32 {
			return scaled{w, in, scale}, true
		}
	}
	return scaled{}, false
}

// castWeights returns the weights of 8 bits that a Cast turns into float32.
func (p *program) castWeights(name string) (string, bool) {
	o, ok := p.producers[name]
	if !ok || o.name != "Cast" || len(o.in) != 1 || o.integer("to", 0) != int64(tensor.Float32) {
		return "", false
	}
	t := p.tensors[o.in[0]]
	return o.in[0], t.dtype == tensor.Int8 || t.dtype == tensor.Uint8
}

// lookUpFirst looks rows up before it turns them into float32.
func lookUpFirst(p *program, o op) []op {
	if len(o.in) != 2 || len(o.out) != 1 || o.integer("axis", 0) != 0 {
		return nil
	}
	w, ok := p.unscaled(o.in[0])
	if !ok {
		return nil
	}
	weights, scale := p.tensors[w.weights].dims, p.tensors[w.scale].dims
	byRow := len(weights) == 2 && len(scale) == 2 && scale[0] == weights[0] && scale[1] == 1
	if w.scale != "" && !byRow && len(scale) > 0 {
		return nil
	}
	s := &steps{p: p}
	rows := s.add(p.of("Cast", []string{s.do("Gather", w.weights, o.in[1])}, intAttribute("to", int64(tensor.Float32))))
	switch {
	case w.scale == "":
		s.add(op{name: "Identity", label: o.label, in: []string{rows}, out: o.out})
	case byRow:
		s.add(op{name: "Mul", label: o.label, in: []string{rows, s.do("Gather", w.scale, o.in[1])}, out: o.out})
	default:
		s.add(op{name: "Mul", label: o.label, in: []string{rows, w.scale}, out: o.out})
	}
	return s.nodes
}

// multiplyFirst scales the columns of a product instead of those of the weights, which are more.
func multiplyFirst(p *program, o op) []op {
	if len(o.in) != 2 || len(o.out) != 1 {
		return nil
	}
	w, ok := p.unscaled(o.in[1])
	if !ok || w.scale == "" {
		return nil
	}
	weights, scale := p.tensors[w.weights].dims, p.tensors[w.scale].dims
	if len(weights) != 2 {
		return nil
	}
	columns := weights[1]
	byColumn := len(scale) == 1 && scale[0] == columns || len(scale) == 2 && scale[0] == 1 && scale[1] == columns
	if len(scale) > 0 && !byColumn {
		return nil
	}
	s := &steps{p: p}
	product, by := s.do("MatMul", o.in[0], w.cast), w.scale
	if len(scale) == 2 {
		by = s.do("Reshape", by, s.add(p.vector(-1)))
	}
	s.add(op{name: "Mul", label: o.label, in: []string{product, by}, out: o.out})
	return s.nodes
}
