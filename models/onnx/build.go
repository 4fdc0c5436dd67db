package onnx

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/tensor"
)

// Field numbers of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3) that are written here.
const (
	modelIRVersion, modelProducer, modelProducerVersion    = 1, 2, 3
	modelGraph, modelOpset                                 = 7, 8
	opsetVersion                                           = 2
	graphNode, graphName, graphInitializer                 = 1, 2, 5
	graphInput, graphOutput                                = 11, 12
	nodeInput, nodeOutput, nodeName, nodeOpType, nodeAttr  = 1, 2, 3, 4, 5
	attrName, attrFloat, attrInt, attrString               = 1, 2, 3, 4
	attrInts, attrType                                     = 8, 20
	attrTypeFloat, attrTypeInt, attrTypeString             = 1, 2, 3
	attrTypeInts                                           = 7
	tensorDims, tensorDataType, tensorName, tensorRaw      = 1, 2, 8, 9
	tensorExternal, tensorDataLocation, dataLocationExtern = 13, 14, 1
	entryKey, entryValue                                   = 1, 2
	valueName, valueType                                   = 1, 2
	typeTensor, typeElem, typeShape                        = 1, 1, 2
	shapeDim, dimValue, dimParam                           = 1, 1, 2
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
	return attr(name, attrTypeInt, func(b []byte) []byte { return appendInt(b, attrInt, v) })
}

// Ints is an attribute with a list of integers.
func Ints(name string, v ...int64) Attr {
	return attr(name, attrTypeInts, func(b []byte) []byte {
		for _, x := range v {
			b = appendInt(b, attrInts, x)
		}
		return b
	})
}

// Float is an attribute with one float32.
func Float(name string, v float32) Attr {
	return attr(name, attrTypeFloat, func(b []byte) []byte {
		b = protowire.AppendTag(b, attrFloat, protowire.Fixed32Type)
		return protowire.AppendFixed32(b, math.Float32bits(v))
	})
}

// String is an attribute with one string.
func String(name, v string) Attr {
	return attr(name, attrTypeString, func(b []byte) []byte { return appendString(b, attrString, v) })
}

func attr(name string, kind int64, value func([]byte) []byte) Attr {
	b := appendString(nil, attrName, name)
	b = value(b)
	return Attr{appendInt(b, attrType, kind)}
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
		n = appendString(n, nodeInput, in)
	}
	for _, out := range outputs {
		n = appendString(n, nodeOutput, out)
	}
	n = appendString(n, nodeName, outputs[0])
	n = appendString(n, nodeOpType, op)
	for _, a := range attrs {
		n = appendBytes(n, nodeAttr, a.encoded)
	}
	b.nodes = append(b.nodes, n)
}

// Initializer adds a constant tensor.
func (b *Builder) Initializer(t Initializer) { b.initializers = append(b.initializers, t) }

// Initializers are the constant tensors added so far, in order.
func (b *Builder) Initializers() []Initializer { return b.initializers }

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
		graph = appendBytes(graph, graphInitializer, t.encode())
	}
	graph = append(graph, b.encodeValues()...)
	return appendBytes(b.encodeHead(), modelGraph, graph)
}

// encodeNodes is the graph's nodes and name.
func (b *Builder) encodeNodes() []byte {
	var graph []byte
	for _, n := range b.nodes {
		graph = appendBytes(graph, graphNode, n)
	}
	return appendString(graph, graphName, b.Name)
}

// encodeHead is every field of the ModelProto but the graph.
func (b *Builder) encodeHead() []byte {
	m := appendInt(nil, modelIRVersion, irVersion)
	if b.Producer != "" {
		m = appendString(m, modelProducer, b.Producer)
	}
	if b.ProducerVersion != "" {
		m = appendString(m, modelProducerVersion, b.ProducerVersion)
	}
	return appendBytes(m, modelOpset, appendInt(nil, opsetVersion, Opset))
}

// encodeValues is the graph's inputs and outputs.
func (b *Builder) encodeValues() []byte {
	var out []byte
	for _, in := range b.inputs {
		out = appendBytes(out, graphInput, encodeValue(in))
	}
	for _, o := range b.outputs {
		out = appendBytes(out, graphOutput, encodeValue(o))
	}
	return out
}

// encode is the TensorProto, with the bytes inside or a reference to the file that has them.
func (t Initializer) encode() []byte {
	p := t.encodeType()
	if t.External.Location == "" {
		return appendBytes(p, tensorRaw, t.Raw)
	}
	p = appendEntry(p, "location", t.External.Location)
	p = appendEntry(p, "offset", strconv.FormatInt(t.External.Offset, 10))
	p = appendEntry(p, "length", strconv.FormatInt(t.External.Length, 10))
	return appendInt(p, tensorDataLocation, dataLocationExtern)
}

// encodeType is the TensorProto without its data.
func (t Initializer) encodeType() []byte {
	var p []byte
	for _, d := range t.Shape {
		p = appendInt(p, tensorDims, d)
	}
	p = appendInt(p, tensorDataType, int64(t.DType))
	return appendString(p, tensorName, t.Name)
}

func encodeValue(info tensor.Info) []byte {
	var shape []byte
	for i, d := range info.Shape {
		var dim []byte
		switch {
		case d != tensor.DynamicDim:
			dim = appendInt(nil, dimValue, d)
		case i < len(info.Symbols) && info.Symbols[i] != "":
			dim = appendString(nil, dimParam, info.Symbols[i])
		}
		shape = appendBytes(shape, shapeDim, dim)
	}
	proto := appendInt(nil, typeElem, int64(info.DType))
	if info.Shape != nil {
		proto = appendBytes(proto, typeShape, shape)
	}
	v := appendString(nil, valueName, info.Name)
	return appendBytes(v, valueType, appendBytes(nil, typeTensor, proto))
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	b = protowire.AppendTag(b, field, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v))
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendString(b, s)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	b = slices.Grow(b, len(v)+10)
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendBytes(b, v)
}

func appendEntry(b []byte, key, value string) []byte {
	e := appendString(nil, entryKey, key)
	return appendBytes(b, tensorExternal, appendString(e, entryValue, value))
}
