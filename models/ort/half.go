//go:build cgo

package ort

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/tensor"
)

// The binding cannot hand over a half-precision output that the library allocated: it copies one byte an element. So a
// Cast to float32, which is exact, is put behind each such output, and fromValue undoes it.

// widened is the name of the cast's result.
func widened(output string) string { return output + "/probe/float32" }

func isHalf(t tensor.Info) bool { return t.DType == tensor.Float16 || t.DType == tensor.BFloat16 }

// nativeNames are the outputs to ask the library for.
func nativeNames(outputs []tensor.Info) []string {
	out := make([]string, len(outputs))
	for i, o := range outputs {
		out[i] = o.Name
		if isHalf(o) {
			out[i] = widened(o.Name)
		}
	}
	return out
}

// runnable leaves out the outputs of rank 0, which the binding cannot hand over and no vector can come from.
func runnable(outputs []tensor.Info) []tensor.Info {
	kept := make([]tensor.Info, 0, len(outputs))
	for _, o := range outputs {
		if o.Shape == nil || len(o.Shape) > 0 {
			kept = append(kept, o)
		}
	}
	return kept
}

// widenHalfOutputs adds the casts to a graph in memory. Concatenated protobuf messages are one message whose repeated
// fields follow each other (protobuf's encoding guide, "Last One Wins"), so the nodes are appended without reading the
// graph. One without half-precision outputs is returned as it is.
func widenHalfOutputs(g engine.Graph) engine.Graph {
	var added []byte
	for _, o := range g.Outputs {
		if isHalf(o) {
			added = append(added, castOutput(o.Name)...)
		}
	}
	if added != nil {
		g.Bytes = lengthDelimited(slices.Clip(g.Bytes), 7, added) // ModelProto.graph
	}
	return g
}

// castOutput is a GraphProto of one Cast node and the graph output it makes (field numbers of onnx.proto3).
func castOutput(name string) []byte {
	attr := lengthDelimited(nil, 1, []byte("to"))             // AttributeProto.name
	attr = protowire.AppendTag(attr, 3, protowire.VarintType) // .i
	attr = protowire.AppendVarint(attr, uint64(tensor.Float32))
	attr = protowire.AppendTag(attr, 20, protowire.VarintType) // .type
	attr = protowire.AppendVarint(attr, 2)                     // INT
	node := lengthDelimited(nil, 1, []byte(name))              // NodeProto.input
	node = lengthDelimited(node, 2, []byte(widened(name)))     // .output
	node = lengthDelimited(node, 3, []byte(widened(name)))     // .name
	node = lengthDelimited(node, 4, []byte("Cast"))            // .op_type
	node = lengthDelimited(node, 5, attr)                      // .attribute
	elem := protowire.AppendTag(nil, 1, protowire.VarintType)  // TypeProto.Tensor.elem_type
	elem = protowire.AppendVarint(elem, uint64(tensor.Float32))
	value := lengthDelimited(nil, 1, []byte(widened(name)))          // ValueInfoProto.name
	value = lengthDelimited(value, 2, lengthDelimited(nil, 1, elem)) // .type.tensor_type
	return lengthDelimited(lengthDelimited(nil, 1, node), 12, value) // GraphProto.node, .output
}

func lengthDelimited(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}
