package onnx

import (
	"slices"

	"github.com/divinedevops/probe/models/tensor"
)

// flow is how values come about in the main graph: what each value is computed from, and by which operator.
type flow struct {
	// made is the index in nodes of the node that makes a value.
	made  map[string]int
	nodes []flowNode
	// wild says that some node holds a graph of its own, which may read any value: what depends on what is not known then.
	wild bool
	// read are the values that some node reads.
	read map[string]bool
}

type flowNode struct {
	op     string
	inputs []string
}

// note adds a node of the main graph.
func (f *flow) note(d nodeHead) {
	if f.made == nil {
		f.made, f.read = map[string]int{}, map[string]bool{}
	}
	for _, name := range d.made {
		if name != "" {
			f.made[name] = len(f.nodes)
		}
	}
	for _, name := range d.read {
		f.read[name] = true
	}
	f.nodes = append(f.nodes, flowNode{d.op, d.read})
}

// Reads reports whether any node reads a graph input, or whether that cannot be told.
func (h *Head) Reads(input string) bool {
	return h.flow.wild || h.flow.read[input] || slices.ContainsFunc(h.Outputs, func(o tensor.Info) bool { return o.Name == input })
}

// DependsOn reports whether a value is computed from another one, through whatever nodes. known is false where nodes with
// graphs of their own keep that from being told.
func (h *Head) DependsOn(value, from string) (depends, known bool) {
	if h.flow.wild {
		return false, false
	}
	seen := map[string]bool{value: true}
	for queue := []string{value}; len(queue) > 0; {
		name := queue[0]
		queue = queue[1:]
		if name == from {
			return true, true
		}
		at, ok := h.flow.made[name]
		if !ok {
			continue
		}
		for _, in := range h.flow.nodes[at].inputs {
			if in != "" && !seen[in] {
				seen[in] = true
				queue = append(queue, in)
			}
		}
	}
	return false, true
}

// IsPooler reports whether a value is what BERT's pooler makes (transformers' BertPooler): the hyperbolic tangent of a dense
// layer over one token's state. It is the head of the next-sentence task and seldom an embedding.
func (h *Head) IsPooler(value string) bool {
	op, in := h.maker(value)
	if op != "Tanh" {
		return false
	}
	op, in = h.maker(in...)
	if op == "Add" {
		op, in = h.makerOf(in, "MatMul", "Gemm", "FusedMatMul", "MatMulInteger", "Mul")
	}
	switch op {
	case "Gemm", "MatMul", "FusedMatMul", "FusedGemm":
	case "Mul", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QGemm":
		// Quantized dense layers take many forms; what they read is looked for among all that comes before.
		return h.gathersOne(in, 12)
	default:
		return false
	}
	return h.gathersOne(in, 6)
}

// gathersOne reports whether one of the values is one element of an axis: a Gather or Slice, seen through up to so many
// operators that only reshape, convert or scale.
func (h *Head) gathersOne(values []string, steps int) bool {
	for _, value := range values {
		at, ok := h.flow.made[value]
		if !ok {
			continue
		}
		n := h.flow.nodes[at]
		if len(n.inputs) == 0 {
			continue
		}
		switch n.op {
		case "Gather", "Slice":
			// A table of embeddings is looked up by Gather too; states are made by a node.
			if _, made := h.flow.made[n.inputs[0]]; made {
				return true
			}
		case "Identity", "Cast", "Squeeze", "Reshape", "Dropout", "Unsqueeze", "DynamicQuantizeLinear", "QuantizeLinear",
			"DequantizeLinear", "MatMulInteger", "Mul", "Flatten":
			if steps > 0 && h.gathersOne(n.inputs, steps-1) {
				return true
			}
		}
	}
	return false
}

// maker is the operator that makes the first of values that a node makes, seen through operators that change nothing, and
// what it reads.
func (h *Head) maker(values ...string) (op string, inputs []string) {
	for _, value := range values {
		for range 8 {
			at, ok := h.flow.made[value]
			if !ok {
				break
			}
			n := h.flow.nodes[at]
			if (n.op == "Identity" || n.op == "Cast" || n.op == "Squeeze" || n.op == "Dropout") && len(n.inputs) > 0 {
				value = n.inputs[0]
				continue
			}
			return n.op, n.inputs
		}
	}
	return "", nil
}

// makerOf is maker for the first of values that one of the operators makes: the other operand of an Add is the bias.
func (h *Head) makerOf(values []string, ops ...string) (op string, inputs []string) {
	for _, value := range values {
		if op, inputs := h.maker(value); slices.Contains(ops, op) {
			return op, inputs
		}
	}
	return "", nil
}
