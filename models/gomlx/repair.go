package gomlx

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// repair gives the nodes that stand for a NodeProto: itself, but where onnx-gomlx v0.5.2 has the operator and cannot
// convert this use of it. Both cases are in every BERT that PyTorch's exporter wrote.
func repair(node []byte) [][]byte {
	op, _ := get(node, nodeOpType)
	switch string(op) {
	case "ConstantOfShape":
		return [][]byte{scalarValue(node)}
	case "Flatten":
		return reshaped(node)
	}
	return [][]byte{node}
}

// scalarValue changes the value of a ConstantOfShape node, a tensor of one element, from ONNX's shape [1] to a scalar.
// onnx-gomlx broadcasts it to the shape asked for, which fails for [1] where that is a scalar's.
func scalarValue(node []byte) []byte {
	return rewrite(node, nodeAttribute, func(attribute []byte) []byte {
		return rewrite(attribute, attributeTensor, func(tensor []byte) []byte {
			return drop(tensor, tensorDims)
		})
	})
}

// reshaped is Flatten spelled out, for onnx-gomlx refuses an axis behind the last one: the dimensions before the axis
// become one, those behind it the other.
func reshaped(node []byte) [][]byte {
	axis := int64(1)
	each(node, func(n protowire.Number, _, content []byte) {
		if name, _ := get(content, attributeName); n == nodeAttribute && string(name) == "axis" {
			each(content, func(n protowire.Number, whole, _ []byte) {
				if n == attributeInt {
					_, _, tag := protowire.ConsumeTag(whole)
					v, _ := protowire.ConsumeVarint(whole[tag:])
					axis = int64(v)
				}
			})
		}
	})
	in, _ := get(node, nodeInput)
	out, ok := get(node, nodeOutput)
	if axis == 0 || !ok {
		return [][]byte{node} // which has nothing before the axis, and is converted as it is
	}
	at := func(name string) string { return string(out) + "/probe/" + name }
	return [][]byte{
		constant(at("start"), 0), constant(at("axis"), axis), constant(at("rest"), -1),
		newNode("Shape", at("shape"), string(in)),
		newNode("Slice", at("before"), at("shape"), at("start"), at("axis")),
		newNode("ReduceProd", at("rows"), at("before")),
		append(newNode("Concat", at("target"), at("rows"), at("rest")), concatAxis...),
		newNode("Reshape", string(out), string(in), at("target")),
	}
}
