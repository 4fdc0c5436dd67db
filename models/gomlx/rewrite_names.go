package gomlx

// Rules for what onnx-gomlx has by another name.

// geluByTanh names a Gelu that is approximated by tanh as the operator that onnx-gomlx has for it: it does not look at the
// attribute.
func geluByTanh(_ *program, o op) []op {
	if o.text("approximate") != "tanh" {
		return nil
	}
	o = o.with([]string{"approximate"})
	o.name = "FastGelu"
	return []op{o}
}

// biasApart adds the bias of a FastGelu before it, which onnx-gomlx leaves out.
func biasApart(p *program, o op) []op {
	if o.input(1) == "" {
		return nil
	}
	s := &steps{p: p}
	s.add(o.fed(s.do("Add", o.in[0], o.in[1])))
	return s.nodes
}

// allowZero spells Reshape's attribute as onnx-gomlx reads it.
func allowZero(_ *program, o op) []op {
	if o.integer("allowzero", 0) == 0 {
		return nil
	}
	return []op{o.with([]string{"allowzero"}, intAttribute("allowZero", 1))}
}

// emptyShape is a Shape that ends before the first dimension: onnx-gomlx takes an end of 0 for none given.
func emptyShape(p *program, o op) []op {
	if _, ok := o.attr("end"); !ok || o.integer("end", 1) != 0 {
		return nil
	}
	none := p.vector()
	none.out = o.out
	return []op{none}
}

// standardRotary orders the inputs of ONNX's own RotaryEmbedding (of set 23) as com.microsoft's, which came first and
// which onnx-gomlx knows: X, position_ids, cos_cache, sin_cache.
func standardRotary(_ *program, o op) []op {
	if o.microsoft || len(o.in) < 3 {
		return nil
	}
	return []op{o.fed(o.in[0], o.input(3), o.in[1], o.in[2])}
}

// inferred leaves out BatchNormalization's momentum, which is for training and which onnx-gomlx refuses.
func inferred(_ *program, o op) []op {
	if !o.attribute("momentum") {
		return nil
	}
	return []op{o.with([]string{"momentum"})}
}
