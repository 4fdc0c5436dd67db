package gomlx

import (
	"encoding/binary"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// op is a NodeProto.
type op struct {
	name, label string // its operator, and its own name
	in, out     []string
	attrs       [][]byte // AttributeProtos
	microsoft   bool     // it is of com.microsoft's set
	raw         []byte   // the NodeProto as it was read; nil once it is changed
}

func decode(node []byte) op {
	o := op{raw: node}
	pb.Each(node, func(n protowire.Number, _, content []byte) {
		switch n {
		case pb.NodeInput:
			o.in = append(o.in, string(content))
		case pb.NodeOutput:
			o.out = append(o.out, string(content))
		case pb.NodeName:
			o.label = string(content)
		case pb.NodeOpType:
			o.name = string(content)
		case pb.NodeDomain:
			o.microsoft = string(content) == "com.microsoft"
		case pb.NodeAttribute:
			o.attrs = append(o.attrs, content)
		}
	})
	return o
}

func (o op) encode() []byte {
	var n []byte
	for _, in := range o.in {
		n = pb.AppendString(n, pb.NodeInput, in)
	}
	for _, out := range o.out {
		n = pb.AppendString(n, pb.NodeOutput, out)
	}
	n = pb.AppendString(pb.AppendString(n, pb.NodeName, o.label), pb.NodeOpType, o.name)
	for _, a := range o.attrs {
		n = pb.AppendBytes(n, pb.NodeAttribute, a)
	}
	return n
}

// input is the name of an input, "" if it is left out.
func (o op) input(i int) string {
	if i < len(o.in) {
		return o.in[i]
	}
	return ""
}

// result is the first of its outputs that has a name, "" if none has.
func (o op) result() string {
	for _, name := range o.out {
		if name != "" {
			return name
		}
	}
	return ""
}

// attr finds an AttributeProto.
func (o op) attr(name string) ([]byte, bool) {
	for _, a := range o.attrs {
		if n, _ := pb.Get(a, pb.AttributeName); string(n) == name {
			return a, true
		}
	}
	return nil, false
}

// integer is an attribute's integer, or what it is by default.
func (o op) integer(name string, otherwise int64) int64 {
	a, ok := o.attr(name)
	if !ok {
		return otherwise
	}
	var v int64
	for _, i := range pb.Ints(a, pb.AttributeInt) {
		v = i
	}
	return v
}

// text is an attribute's string, "" if there is none.
func (o op) text(name string) string {
	a, _ := o.attr(name)
	s, _ := pb.Get(a, pb.AttributeString)
	return string(s)
}

// with is the node with other attributes: none of the names given, and those added.
func (o op) with(drop []string, add ...[]byte) op {
	o.raw = nil
	o.attrs = slices.DeleteFunc(slices.Clone(o.attrs), func(a []byte) bool {
		n, _ := pb.Get(a, pb.AttributeName)
		return slices.Contains(drop, string(n))
	})
	o.attrs = append(o.attrs, add...)
	return o
}

// fed is the node with other inputs.
func (o op) fed(in ...string) op {
	o.raw, o.in = nil, in
	return o
}

// intAttribute is an AttributeProto of one integer.
func intAttribute(name string, v int64) []byte {
	a := pb.AppendInt(pb.AppendString(nil, pb.AttributeName, name), pb.AttributeInt, v)
	return pb.AppendInt(a, pb.AttributeType, pb.TypeInt)
}

// tensorAttribute is the AttributeProto of a Constant's value.
func tensorAttribute(d tensor.DType, shape []int64, raw []byte) []byte {
	var t []byte
	for _, dim := range shape {
		t = pb.AppendInt(t, pb.TensorDims, dim)
	}
	t = pb.AppendBytes(pb.AppendInt(t, pb.TensorDataType, int64(d)), pb.TensorRaw, raw)
	a := pb.AppendBytes(pb.AppendString(nil, pb.AttributeName, "value"), pb.AttributeTensor, t)
	return pb.AppendInt(a, pb.AttributeType, pb.TypeTensor)
}

// fresh returns a name for a value that rules make. ONNX reserves none, so the prefix makes it one that no exporter writes;
// a graph that has it all the same is refused as having a name twice.
func (p *program) fresh() string {
	p.made++
	return "probe:" + strconv.Itoa(p.made)
}

// of makes a node of one new value.
func (p *program) of(name string, in []string, attrs ...[]byte) op {
	return op{name: name, in: in, out: []string{p.fresh()}, attrs: attrs}
}

// tensor makes a Constant node.
func (p *program) tensor(d tensor.DType, shape []int64, raw []byte) op {
	return p.of("Constant", nil, tensorAttribute(d, shape, raw))
}

// vector makes a Constant node of int64s.
func (p *program) vector(v ...int64) op {
	var raw []byte
	for _, i := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(i))
	}
	return p.tensor(tensor.Int64, []int64{int64(len(v))}, raw)
}

// scalar makes a Constant node of one int64 without dimensions.
func (p *program) scalar(v int64) op {
	return p.tensor(tensor.Int64, nil, binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

// steps gathers the nodes of a rule.
type steps struct {
	p     *program
	nodes []op
}

// add appends a node and gives the name of its first output.
func (s *steps) add(o op) string {
	s.nodes = append(s.nodes, o)
	return o.out[0]
}

// do appends a node of one new value.
func (s *steps) do(name string, in ...string) string { return s.add(s.p.of(name, in)) }
