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

// flowNode is a node of the main graph. Nodes stand after those that make what they read (onnx.proto3, GraphProto.node).
type flowNode struct {
	op              string
	inputs, outputs []string
}

// note adds a node of the main graph.
func (f *flow) note(d nodeHead) {
	if f.made == nil {
		f.made, f.read = map[string]int{}, map[string]bool{}
	}
	for _, name := range d.read {
		f.read[name] = true
	}
	for _, name := range d.made {
		if name != "" {
			f.made[name] = len(f.nodes)
		}
	}
	f.nodes = append(f.nodes, flowNode{d.op, d.read, d.made})
	f.wild = f.wild || d.graphs
}

// Reads reports whether any node reads a graph input, or whether that cannot be told.
func (h *Head) Reads(input string) bool {
	return h.flow.wild || h.flow.read[input] || slices.ContainsFunc(h.Outputs, func(o tensor.Info) bool { return o.Name == input })
}

// Downstream are the values that are computed from one, through whatever nodes, itself among them: one pass over the nodes,
// however many values are asked for. It is nil where nodes with graphs of their own keep that from being told.
func (h *Head) Downstream(from string) map[string]bool {
	if h.flow.wild {
		return nil
	}
	reached := map[string]bool{from: true}
	for _, n := range h.flow.nodes {
		if slices.ContainsFunc(n.inputs, func(in string) bool { return in != "" && reached[in] }) {
			for _, out := range n.outputs {
				reached[out] = true
			}
		}
	}
	return reached
}

// Softmaxed reports whether a graph output comes out of a softmax as it is: it holds probabilities. Converters take softmax
// apart into Exp and a division.
func (h *Head) Softmaxed(output string) bool {
	at, ok := h.flow.made[h.origin(output)]
	if !ok {
		return false
	}
	n := h.flow.nodes[at]
	if n.op == "Div" && len(n.inputs) > 0 {
		at, ok = h.flow.made[n.inputs[0]]
		return ok && h.flow.nodes[at].op == "Exp"
	}
	return n.op == "Softmax"
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
// operators that only reshape, convert or scale. Each value is looked at once: a hostile graph reads it in many ways.
func (h *Head) gathersOne(values []string, steps int) bool {
	seen := map[string]bool{}
	for ; steps >= 0 && len(values) > 0; steps-- {
		var before []string
		for _, value := range values {
			at, ok := h.flow.made[value]
			if !ok || seen[value] {
				continue
			}
			seen[value] = true
			n := h.flow.nodes[at]
			switch n.op {
			case "Gather", "Slice":
				// A table of embeddings is looked up by Gather too; states are made by a node.
				if len(n.inputs) > 0 {
					if _, made := h.flow.made[n.inputs[0]]; made {
						return true
					}
				}
			case "Identity", "Cast", "Squeeze", "Reshape", "Dropout", "Unsqueeze", "DynamicQuantizeLinear", "QuantizeLinear",
				"DequantizeLinear", "MatMulInteger", "Mul", "Flatten":
				before = append(before, n.inputs...)
			}
		}
		values = before
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
