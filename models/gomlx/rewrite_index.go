package gomlx

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/tensor"
)

// Field numbers of onnx.proto3 beside those in node.go.
const (
	modelGraph, modelOpset, opsetDomain, opsetVersion     = 7, 8, 1, 2
	graphNode, graphInitializer, graphInput, graphOutput  = 1, 5, 11, 12
	nodeName, nodeDomain, attributeString, attributeGraph = 3, 7, 4, 6
	attributeFloat, attributeInts                         = 2, 8
	tensorInt32s, tensorInt64s, tensorName                = 5, 7, 8
	infoName, infoType, infoTensor, infoElement           = 1, 2, 1, 1
)

// maxValues is how many elements of a constant are looked at: more than a tensor has dimensions.
const maxValues = 64

// known is what is known of a tensor that the graph holds.
type known struct {
	dtype  tensor.DType
	dims   []int64
	values []int64 // of int32 and int64, nil where there are many
}

// program is a graph with what rules want to know of it.
type program struct {
	opset   int64 // of the standard operators
	tensors map[string]known
	inputs  map[string]tensor.DType
	outputs map[string]tensor.DType
	nested  bool // some node has a subgraph
	half    bool // some tensor, input or output is of 16 bits
	made    int
	widened map[string]string // halves and what they are as float32
}

// index reads a serialized ModelProto.
func index(model []byte) *program {
	p := &program{tensors: map[string]known{}, inputs: map[string]tensor.DType{}, outputs: map[string]tensor.DType{},
		widened: map[string]string{}}
	each(model, func(n protowire.Number, _, content []byte) {
		if n != modelOpset {
			return
		}
		if domain, _ := get(content, opsetDomain); len(domain) == 0 || string(domain) == "ai.onnx" {
			for _, v := range varints(content, opsetVersion) {
				p.opset = v
			}
		}
	})
	graph, _ := get(model, modelGraph)
	each(graph, func(n protowire.Number, _, content []byte) {
		switch n {
		case graphInitializer:
			name, _ := get(content, tensorName)
			p.tensors[string(name)] = readTensor(content)
		case graphInput:
			name, d := readValue(content)
			p.inputs[name] = d
		case graphOutput:
			name, d := readValue(content)
			p.outputs[name] = d
		case graphNode:
			p.constant(decode(content))
		}
	})
	for _, t := range p.tensors {
		p.half = p.half || is16(t.dtype)
	}
	for _, values := range []map[string]tensor.DType{p.inputs, p.outputs} {
		for _, d := range values {
			p.half = p.half || is16(d)
		}
	}
	return p
}

// constant keeps the value of a Constant node, and whether a node has subgraphs or makes halves.
func (p *program) constant(o op) {
	for _, a := range o.attrs {
		if _, ok := get(a, attributeGraph); ok {
			p.nested = true
		}
	}
	p.half = p.half || o.name == "Cast" && is16(tensor.DType(o.integer("to", 0)))
	if value, ok := o.attr("value"); ok && o.name == "Constant" && len(o.out) == 1 {
		t, _ := get(value, attributeTensor)
		p.tensors[o.out[0]] = readTensor(t)
	}
}

// readTensor reads a TensorProto.
func readTensor(proto []byte) known {
	t := known{dims: varints(proto, tensorDims)}
	for _, d := range varints(proto, tensorDataType) {
		t.dtype = tensor.DType(d)
	}
	elements := int64(1)
	for _, d := range t.dims {
		if d < 0 || d > maxValues || elements*d > maxValues {
			return t
		}
		elements *= d
	}
	raw, isRaw := get(proto, tensorRaw)
	switch {
	case t.dtype == tensor.Int64 && isRaw:
		for ; len(raw) >= 8; raw = raw[8:] {
			t.values = append(t.values, int64(binary.LittleEndian.Uint64(raw)))
		}
	case t.dtype == tensor.Int32 && isRaw:
		for ; len(raw) >= 4; raw = raw[4:] {
			t.values = append(t.values, int64(int32(binary.LittleEndian.Uint32(raw))))
		}
	case t.dtype == tensor.Int64:
		t.values = varints(proto, tensorInt64s)
	case t.dtype == tensor.Int32:
		t.values = varints(proto, tensorInt32s)
	}
	if int64(len(t.values)) != elements {
		t.values = nil
	}
	return t
}

// readValue reads the name and element type of a ValueInfoProto.
func readValue(value []byte) (string, tensor.DType) {
	name, _ := get(value, infoName)
	kind, _ := get(value, infoType)
	proto, _ := get(kind, infoTensor)
	d := tensor.Undefined
	for _, v := range varints(proto, infoElement) {
		d = tensor.DType(v)
	}
	return string(name), d
}

// varints are the integers of a repeated field, in either of its spellings.
func varints(message []byte, number protowire.Number) []int64 {
	var out []int64
	each(message, func(n protowire.Number, whole, content []byte) {
		if n != number {
			return
		}
		_, t, tag := protowire.ConsumeTag(whole)
		if t == protowire.VarintType {
			content = whole[tag:]
		}
		for len(content) > 0 {
			v, size := protowire.ConsumeVarint(content)
			if size < 0 {
				return
			}
			out, content = append(out, int64(v)), content[size:]
		}
	})
	return out
}

func is16(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }
