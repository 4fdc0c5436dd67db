package onnx

import (
	"encoding/binary"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// irVersion and Opset are what the files written here declare: the newest that both ONNX Runtime 1.14 and newer and the
// pure-Go engine take. Opset 17 brought LayerNormalization.
const (
	irVersion = 8
	Opset     = 17
)

// External says where an initializer's bytes lie.
type External struct {
	// Location is a path relative to the model's folder, with forward slashes.
	Location string
	// Offset and Length are in bytes.
	Offset, Length int64
}

// Initializer is a constant tensor of a graph: its little-endian bytes, or the place in a file that has them.
type Initializer struct {
	Name  string
	DType tensor.DType
	Shape []int64
	// Raw is set where External.Location is "".
	Raw      []byte
	External External
}

// Attr is an attribute of a node; make it with Int, Ints, Float or String.
type Attr struct{ encoded []byte }

// Int is an attribute with one integer.
func Int(name string, v int64) Attr {
	return attr(name, pb.TypeInt, func(b []byte) []byte { return pb.AppendInt(b, pb.AttributeInt, v) })
}

// Ints is an attribute with a list of integers.
func Ints(name string, v ...int64) Attr {
	return attr(name, pb.TypeInts, func(b []byte) []byte {
		for _, x := range v {
			b = pb.AppendInt(b, pb.AttributeInts, x)
		}
		return b
	})
}

// Float is an attribute with one float32.
func Float(name string, v float32) Attr {
	return attr(name, pb.TypeFloat, func(b []byte) []byte {
		b = protowire.AppendTag(b, pb.AttributeFloat, protowire.Fixed32Type)
		return protowire.AppendFixed32(b, math.Float32bits(v))
	})
}

// String is an attribute with one string.
func String(name, v string) Attr {
	return attr(name, pb.TypeString, func(b []byte) []byte { return pb.AppendString(b, pb.AttributeString, v) })
}

func attr(name string, kind int64, value func([]byte) []byte) Attr {
	b := pb.AppendString(nil, pb.AttributeName, name)
	b = value(b)
	return Attr{pb.AppendInt(b, pb.AttributeType, kind)}
}

// Builder gathers a graph and writes it as a ModelProto. Nodes are written in the order they are added, which must be
// topological. The zero value is an empty graph.
type Builder struct {
	// Name is the graph's name; Producer and ProducerVersion say who made the file.
	Name, Producer, ProducerVersion string

	inputs, outputs []tensor.Info
	nodes           [][]byte
	initializers    []Initializer
}

// Input declares a graph input.
func (b *Builder) Input(info tensor.Info) { b.inputs = append(b.inputs, info) }

// Output declares a graph output; a node added before or after it must have that output's name.
func (b *Builder) Output(info tensor.Info) { b.outputs = append(b.outputs, info) }

// Inputs are the declared inputs, in order.
func (b *Builder) Inputs() []tensor.Info { return b.inputs }

// Outputs are the declared outputs, in order.
func (b *Builder) Outputs() []tensor.Info { return b.outputs }

// Node adds a node of the standard operator set. An empty input name is an optional input left out.
func (b *Builder) Node(op string, inputs, outputs []string, attrs ...Attr) {
	var n []byte
	for _, in := range inputs {
		n = pb.AppendString(n, pb.NodeInput, in)
	}
	for _, out := range outputs {
		n = pb.AppendString(n, pb.NodeOutput, out)
	}
	n = pb.AppendString(n, pb.NodeName, outputs[0])
	n = pb.AppendString(n, pb.NodeOpType, op)
	for _, a := range attrs {
		n = pb.AppendBytes(n, pb.NodeAttribute, a.encoded)
	}
	b.nodes = append(b.nodes, n)
}

// Initializer adds a constant tensor.
func (b *Builder) Initializer(t Initializer) { b.initializers = append(b.initializers, t) }

// Int64s adds an int64 constant that is stored in the graph. A nil shape is a scalar.
func (b *Builder) Int64s(name string, shape []int64, values ...int64) {
	raw := make([]byte, 0, 8*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	b.Initializer(Initializer{Name: name, DType: tensor.Int64, Shape: shape, Raw: raw})
}

// Float32s adds a float32 constant that is stored in the graph. A nil shape is a scalar.
func (b *Builder) Float32s(name string, shape []int64, values ...float32) {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	b.Initializer(Initializer{Name: name, DType: tensor.Float32, Shape: shape, Raw: raw})
}

// Bytes is the serialized ModelProto. External initializers stay references.
func (b *Builder) Bytes() []byte {
	graph := b.encodeNodes()
	for _, t := range b.initializers {
		graph = pb.AppendBytes(graph, pb.GraphInitializer, t.encode())
	}
	graph = append(graph, b.encodeValues()...)
	return pb.AppendBytes(b.encodeHead(), pb.ModelGraph, graph)
}

// Fragment is a GraphProto of what was added, without a name: appended to another GraphProto, it extends that graph
// (protobuf's encoding guide, "Last One Wins").
func (b *Builder) Fragment() []byte {
	graph := b.encodeNodes()
	for _, t := range b.initializers {
		graph = pb.AppendBytes(graph, pb.GraphInitializer, t.encode())
	}
	return append(pb.Drop(graph, pb.GraphName), b.encodeValues()...)
}

// encodeNodes is the graph's nodes and name.
func (b *Builder) encodeNodes() []byte {
	var graph []byte
	for _, n := range b.nodes {
		graph = pb.AppendBytes(graph, pb.GraphNode, n)
	}
	return pb.AppendString(graph, pb.GraphName, b.Name)
}

// encodeHead is every field of the ModelProto but the graph.
func (b *Builder) encodeHead() []byte {
	m := pb.AppendInt(nil, pb.ModelIRVersion, irVersion)
	if b.Producer != "" {
		m = pb.AppendString(m, pb.ModelProducer, b.Producer)
	}
	if b.ProducerVersion != "" {
		m = pb.AppendString(m, pb.ModelProducerVersion, b.ProducerVersion)
	}
	return pb.AppendBytes(m, pb.ModelOpset, pb.AppendInt(nil, pb.OpsetVersion, Opset))
}

// encodeValues is the graph's inputs and outputs.
func (b *Builder) encodeValues() []byte {
	var out []byte
	for _, in := range b.inputs {
		out = pb.AppendBytes(out, pb.GraphInput, encodeValue(in))
	}
	for _, o := range b.outputs {
		out = pb.AppendBytes(out, pb.GraphOutput, encodeValue(o))
	}
	return out
}

// encode is the TensorProto, with the bytes inside or a reference to the file that has them.
func (t Initializer) encode() []byte {
	p := t.encodeType()
	if t.External.Location == "" {
		return pb.AppendBytes(p, pb.TensorRaw, t.Raw)
	}
	p = pb.AppendEntry(p, pb.TensorExternal, "location", t.External.Location)
	p = pb.AppendEntry(p, pb.TensorExternal, "offset", strconv.FormatInt(t.External.Offset, 10))
	p = pb.AppendEntry(p, pb.TensorExternal, "length", strconv.FormatInt(t.External.Length, 10))
	return pb.AppendInt(p, pb.TensorDataLocation, pb.LocationExternal)
}

// encodeType is the TensorProto without its data.
func (t Initializer) encodeType() []byte {
	var p []byte
	for _, d := range t.Shape {
		p = pb.AppendInt(p, pb.TensorDims, d)
	}
	p = pb.AppendInt(p, pb.TensorDataType, int64(t.DType))
	return pb.AppendString(p, pb.TensorName, t.Name)
}

func encodeValue(info tensor.Info) []byte {
	var shape []byte
	for i, d := range info.Shape {
		var dim []byte
		switch {
		case d != tensor.DynamicDim:
			dim = pb.AppendInt(nil, pb.DimensionValue, d)
		case i < len(info.Symbols) && info.Symbols[i] != "":
			dim = pb.AppendString(nil, pb.DimensionParam, info.Symbols[i])
		}
		shape = pb.AppendBytes(shape, pb.ShapeDimension, dim)
	}
	proto := pb.AppendInt(nil, pb.ElementType, int64(info.DType))
	if info.Shape != nil {
		proto = pb.AppendBytes(proto, pb.TensorShape, shape)
	}
	v := pb.AppendString(nil, pb.ValueName, info.Name)
	return pb.AppendBytes(v, pb.ValueType, pb.AppendBytes(nil, pb.ValueTensor, proto))
}
