package gomlx

import (
	"encoding/binary"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// repair returns the nodes that stand for a NodeProto: itself, unless onnx-gomlx v0.5.2 has the operator and cannot
// convert this use of it. Both cases are in every BERT that PyTorch's exporter wrote.
func repair(node []byte) [][]byte {
	switch o := decode(node); o.name {
	case "ConstantOfShape":
		return [][]byte{scalarValue(node)}
	case "Flatten":
		return o.reshaped()
	}
	return [][]byte{node}
}

// scalarValue changes the value of a ConstantOfShape node, a tensor of one element, from ONNX's shape [1] to a scalar.
// onnx-gomlx broadcasts it to the shape asked for, which fails for [1] where that is a scalar's.
func scalarValue(node []byte) []byte {
	return pb.Change(node, pb.NodeAttribute, func(attribute []byte) []byte {
		return pb.Change(attribute, pb.AttributeTensor, func(tensor []byte) []byte {
			return pb.Drop(tensor, pb.TensorDims)
		})
	})
}

// reshaped is Flatten spelled out, because onnx-gomlx refuses an axis after the last one: the dimensions before the axis
// become one, the others the second.
func (o op) reshaped() [][]byte {
	axis := o.integer("axis", 1)
	if axis == 0 || len(o.out) == 0 {
		return [][]byte{o.raw} // nothing is before the axis, and it is converted as it is
	}
	out := o.out[len(o.out)-1]
	at := func(name string) string { return out + "/probe/" + name }
	node := func(name, result string, in ...string) op { return op{name: name, in: in, out: []string{result}} }
	number := func(result string, v int64) op {
		c := node("Constant", result)
		c.attrs = [][]byte{tensorAttribute(tensor.Int64, []int64{1}, binary.LittleEndian.AppendUint64(nil, uint64(v)))}
		return c
	}
	target := node("Concat", at("target"), at("rows"), at("rest"))
	target.attrs = [][]byte{intAttribute("axis", 0)}
	nodes := []op{
		number(at("start"), 0), number(at("axis"), axis), number(at("rest"), -1),
		node("Shape", at("shape"), o.input(0)),
		node("Slice", at("before"), at("shape"), at("start"), at("axis")),
		node("ReduceProd", at("rows"), at("before")),
		target,
		node("Reshape", out, o.input(0), at("target")),
	}
	encoded := make([][]byte, len(nodes))
	for i, n := range nodes {
		encoded[i] = n.encode()
	}
	return encoded
}
