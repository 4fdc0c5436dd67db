package ort

import (
	"io"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/engine"
)

// The binding cannot hand over a half-precision output that the library allocated: it copies one byte an element. So a
// Cast to float32, which is exact, is put behind each such output, and fromValue undoes it.

// widened is the name of the cast's result.
func widened(output string) string { return output + "/probe/float32" }

func isHalf(t engine.TensorInfo) bool { return t.DType == engine.Float16 || t.DType == engine.BFloat16 }

// nativeNames are the outputs to ask the library for.
func nativeNames(outputs []engine.TensorInfo) []string {
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
func runnable(outputs []engine.TensorInfo) []engine.TensorInfo {
	kept := make([]engine.TensorInfo, 0, len(outputs))
	for _, o := range outputs {
		if o.Shape == nil || len(o.Shape) > 0 {
			kept = append(kept, o)
		}
	}
	return kept
}

// widenHalfOutputs adds the casts. Concatenated protobuf messages are one message whose repeated fields follow each other
// (protobuf's encoding guide, "Last One Wins"), so the nodes are appended without reading the model; one from a file
// becomes one from bytes. A graph without half-precision outputs is returned as it is.
func widenHalfOutputs(g engine.Graph) (engine.Graph, error) {
	var graph []byte
	for _, o := range g.Outputs {
		if isHalf(o) {
			graph = append(graph, castOutput(o.Name)...)
		}
	}
	if graph == nil {
		return g, nil
	}
	suffix := lengthDelimited(nil, 7, graph) // ModelProto.graph
	g.Bytes = slices.Clip(g.Bytes)           // the caller's memory is not written to
	if g.Path != "" {
		b, err := readWithRoom(g.Path, len(suffix))
		if err != nil {
			return g, engine.Errorf(engine.StageLoad, engine.KindNotFound, "cannot read the graph: %w", err)
		}
		g.Bytes, g.DataDir, g.Path = b, filepath.Dir(g.Path), ""
	}
	g.Bytes = append(g.Bytes, suffix...)
	return g, nil
}

// castOutput is a GraphProto of one Cast node and the graph output it makes (field numbers of onnx.proto3).
func castOutput(name string) []byte {
	attr := lengthDelimited(nil, 1, []byte("to"))             // AttributeProto.name
	attr = protowire.AppendTag(attr, 3, protowire.VarintType) // .i
	attr = protowire.AppendVarint(attr, uint64(engine.Float32))
	attr = protowire.AppendTag(attr, 20, protowire.VarintType)  // .type
	attr = protowire.AppendVarint(attr, 2)                      // INT
	node := lengthDelimited(nil, 1, []byte(name))               // NodeProto.input
	node = lengthDelimited(node, 2, []byte(widened(name)))      // .output
	node = lengthDelimited(node, 3, []byte(widened(name)))      // .name
	node = lengthDelimited(node, 4, []byte("Cast"))             // .op_type
	node = lengthDelimited(node, 5, attr)                       // .attribute
	tensor := protowire.AppendTag(nil, 1, protowire.VarintType) // TypeProto.Tensor.elem_type
	tensor = protowire.AppendVarint(tensor, uint64(engine.Float32))
	value := lengthDelimited(nil, 1, []byte(widened(name)))            // ValueInfoProto.name
	value = lengthDelimited(value, 2, lengthDelimited(nil, 1, tensor)) // .type.tensor_type
	return lengthDelimited(lengthDelimited(nil, 1, node), 12, value)   // GraphProto.node, .output
}

func lengthDelimited(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

// readWithRoom reads a file into a slice that can take room more bytes without moving.
func readWithRoom(path string, room int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxProtobuf {
		return nil, engine.Errorf(engine.StageLoad, engine.KindTooLarge,
			"expected at most %d bytes, protobuf's own limit, found %d", maxProtobuf, info.Size())
	}
	b := make([]byte, info.Size(), info.Size()+int64(room))
	_, err = io.ReadFull(f, b)
	return b, err
}

// maxProtobuf is the largest protobuf message, and so the largest .onnx file: 2 GiB less one byte.
const maxProtobuf = 1<<31 - 1
