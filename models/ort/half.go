//go:build cgo

package ort

import (
	"slices"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// The binding cannot hand over a half-precision output that the library allocated: it copies one byte an element. So a
// Cast to float32, which is exact, is appended to each such output, and fromValue undoes it.

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
		g.Bytes = pb.AppendBytes(slices.Clip(g.Bytes), pb.ModelGraph, added)
	}
	return g
}

// castOutput is a GraphProto of one Cast node and the graph output that it makes.
func castOutput(name string) []byte {
	var b onnx.Builder
	b.Node("Cast", []string{name}, []string{widened(name)}, onnx.Int("to", int64(tensor.Float32)))
	b.Output(tensor.Info{Name: widened(name), DType: tensor.Float32})
	return b.Fragment()
}
