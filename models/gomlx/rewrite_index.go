package gomlx

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// maxValues is how many elements of a constant are looked at: more than a tensor has dimensions.
const maxValues = 64

// known is what is known of a tensor that the graph holds.
type known struct {
	dtype  tensor.DType
	dims   []int64
	values []int64 // of int32 and int64, nil if there are many
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
	// producers are the nodes that may turn weights into float32, by what they make.
	producers map[string]op
	widened   map[string]string // halves and what they are as float32
}

// index reads a serialized ModelProto.
func index(model []byte) *program {
	p := &program{tensors: map[string]known{}, inputs: map[string]tensor.DType{}, outputs: map[string]tensor.DType{},
		widened: map[string]string{}, producers: map[string]op{}}
	pb.Each(model, func(n protowire.Number, _, content []byte) {
		if n != pb.ModelOpset {
			return
		}
		if domain, _ := pb.Get(content, pb.OpsetDomain); len(domain) == 0 || string(domain) == "ai.onnx" {
			for _, v := range pb.Ints(content, pb.OpsetVersion) {
				p.opset = v
			}
		}
	})
	graph, _ := pb.Get(model, pb.ModelGraph)
	pb.Each(graph, func(n protowire.Number, _, content []byte) {
		switch n {
		case pb.GraphInitializer:
			name, _ := pb.Get(content, pb.TensorName)
			p.tensors[string(name)] = readTensor(content)
		case pb.GraphInput:
			name, d := readValue(content)
			p.inputs[name] = d
		case pb.GraphOutput:
			name, d := readValue(content)
			p.outputs[name] = d
		case pb.GraphNode:
			o := decode(content)
			p.constant(o)
			if (o.name == "Cast" || o.name == "Mul") && len(o.out) == 1 {
				p.producers[o.out[0]] = o
			}
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
		if _, ok := pb.Get(a, pb.AttributeGraph); ok {
			p.nested = true
		}
	}
	p.half = p.half || o.name == "Cast" && is16(tensor.DType(o.integer("to", 0)))
	if value, ok := o.attr("value"); ok && o.name == "Constant" && len(o.out) == 1 {
		t, _ := pb.Get(value, pb.AttributeTensor)
		p.tensors[o.out[0]] = readTensor(t)
	}
}

// readTensor reads a TensorProto.
func readTensor(proto []byte) known {
	t := known{dims: pb.Ints(proto, pb.TensorDims)}
	for _, d := range pb.Ints(proto, pb.TensorDataType) {
		t.dtype = tensor.DType(d)
	}
	elements := int64(1)
	for _, d := range t.dims {
		if d < 0 || d > maxValues || elements*d > maxValues {
			return t
		}
		elements *= d
	}
	raw, isRaw := pb.Get(proto, pb.TensorRaw)
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
		t.values = pb.Ints(proto, pb.TensorInt64s)
	case t.dtype == tensor.Int32:
		t.values = pb.Ints(proto, pb.TensorInt32s)
	}
	if int64(len(t.values)) != elements {
		t.values = nil
	}
	return t
}

// readValue reads the name and element type of a ValueInfoProto.
func readValue(value []byte) (string, tensor.DType) {
	name, _ := pb.Get(value, pb.ValueName)
	kind, _ := pb.Get(value, pb.ValueType)
	proto, _ := pb.Get(kind, pb.ValueTensor)
	d := tensor.Undefined
	for _, v := range pb.Ints(proto, pb.ElementType) {
		d = tensor.DType(v)
	}
	return string(name), d
}

func is16(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }
