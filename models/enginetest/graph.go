package enginetest

import (
	"encoding/binary"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/engine"
)

// Graph builds a small ONNX graph, field by field of onnx.proto3.
type Graph struct {
	nodes, inits, ins, outs []byte
	Inputs, Outputs         []engine.TensorInfo
	Opset                   int // 17 where 0
}

// Attr is a node's attribute: int, float32 or []int64.
type Attr struct {
	Name  string
	Value any
}

// Input declares a graph input; dims are int for a fixed dimension, string for a symbol.
func (g *Graph) Input(name string, d engine.DType, dims ...any) {
	info, wire := declare(name, d, dims)
	g.Inputs = append(g.Inputs, info)
	g.ins = append(g.ins, field(11, wire)...) // GraphProto.input
}

// Output declares a graph output.
func (g *Graph) Output(name string, d engine.DType, dims ...any) {
	info, wire := declare(name, d, dims)
	g.Outputs = append(g.Outputs, info)
	g.outs = append(g.outs, field(12, wire)...) // GraphProto.output
}

// Node adds a node; op may carry a domain, as in "com.acme:FooBar".
func (g *Graph) Node(op string, in, out []string, attrs ...Attr) {
	var n []byte
	for _, s := range in {
		n = append(n, field(1, []byte(s))...)
	}
	for _, s := range out {
		n = append(n, field(2, []byte(s))...)
	}
	for i := range op {
		if op[i] == ':' {
			n = append(n, field(7, []byte(op[:i]))...)
			op = op[i+1:]
			break
		}
	}
	n = append(n, field(4, []byte(op))...)
	for _, a := range attrs {
		n = append(n, field(5, a.wire())...)
	}
	g.nodes = append(g.nodes, field(1, n)...)
}

func (a Attr) wire() []byte {
	b := field(1, []byte(a.Name))
	kind := uint64(0)
	switch v := a.Value.(type) {
	case int:
		kind = 2
		b = varint(b, 3, uint64(v))
	case float32:
		kind = 1
		b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(v))
	case []int64:
		kind = 7
		for _, x := range v {
			b = varint(b, 8, uint64(x))
		}
	}
	return varint(b, 20, kind)
}

// Constant adds an initializer.
func (g *Graph) Constant(name string, t engine.Tensor) {
	g.inits = append(g.inits, field(5, append(tensorHead(name, t.DType, t.Shape), field(9, LittleEndian(t))...))...)
}

// External adds an initializer whose data lie in a file at an offset.
func (g *Graph) External(name string, d engine.DType, shape []int64, location string, offset, length int) {
	t := tensorHead(name, d, shape)
	for _, e := range [][2]string{
		{"location", location}, {"offset", strconv.Itoa(offset)}, {"length", strconv.Itoa(length)},
	} {
		t = append(t, field(13, append(field(1, []byte(e[0])), field(2, []byte(e[1]))...))...)
	}
	g.inits = append(g.inits, field(5, varint(t, 14, 1))...)
}

// Bytes is the serialized ModelProto.
func (g *Graph) Bytes() []byte {
	graph := append([]byte{}, g.nodes...)
	graph = append(graph, field(2, []byte("enginetest"))...)
	graph = append(graph, g.inits...)
	graph = append(graph, g.ins...)
	graph = append(graph, g.outs...)
	opset := g.Opset
	if opset == 0 {
		opset = 17
	}
	m := varint(nil, 1, 8) // ir_version
	m = append(m, field(7, graph)...)
	m = append(m, field(8, varint(field(1, nil), 2, uint64(opset)))...)
	return append(m, field(8, varint(field(1, []byte("com.acme")), 2, 1))...)
}

// Engine is the graph as an engine opens it from memory, with its external data in dir ("" for none).
func (g *Graph) Engine(dir string) engine.Graph {
	return engine.Graph{Bytes: g.Bytes(), DataDir: dir, Inputs: g.Inputs, Outputs: g.Outputs}
}

// LittleEndian is the tensor's data as ONNX and safetensors store them.
func LittleEndian(t engine.Tensor) []byte {
	switch t.DType {
	case engine.Float32:
		b := make([]byte, 0, 4*len(t.F32))
		for _, f := range t.F32 {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
		}
		return b
	case engine.Int64:
		b := make([]byte, 0, 8*len(t.I64))
		for _, v := range t.I64 {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	return t.Raw
}

func tensorHead(name string, d engine.DType, shape []int64) []byte {
	var t []byte
	for _, n := range shape {
		t = varint(t, 1, uint64(n))
	}
	t = varint(t, 2, uint64(d))
	return append(t, field(8, []byte(name))...)
}

func declare(name string, d engine.DType, dims []any) (engine.TensorInfo, []byte) {
	info := engine.TensorInfo{Name: name, DType: d, Shape: []int64{}}
	var shape []byte
	for _, dim := range dims {
		switch v := dim.(type) {
		case int:
			info.Shape = append(info.Shape, int64(v))
			info.Symbols = append(info.Symbols, "")
			shape = append(shape, field(1, varint(nil, 1, uint64(v)))...)
		case string:
			info.Shape = append(info.Shape, engine.DynamicDim)
			info.Symbols = append(info.Symbols, v)
			shape = append(shape, field(1, field(2, []byte(v)))...)
		}
	}
	tensor := append(varint(nil, 1, uint64(d)), field(2, shape)...)
	return info, append(field(1, []byte(name)), field(2, field(1, tensor))...)
}

func field(n protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), content)
}

func varint(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}
