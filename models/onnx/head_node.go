package onnx

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
)

// nodeHead is what is kept of a node while it is read. Operator and domain may follow the attributes in the file.
type nodeHead struct {
	op, domain    string
	inputs        [2]string // the first two; no rule here looks at others
	inputCount    int
	output        string // the first, which names a Constant's value
	bits          int64  // attribute "bits" of operators on packed weights
	constantsFrom int    // index of the node's own tensors in Head.Tensors
	graphs        bool   // it holds graphs of its own
	read, made    []string
}

func (p *parser) node() error {
	if p.head.Nodes++; p.head.Nodes > maxNodes {
		return fmt.Errorf("more than %d nodes: %w", maxNodes, errTooLarge)
	}
	d := nodeHead{constantsFrom: len(p.head.Tensors)}
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		if t != protowire.BytesType {
			return p.w.skip(t)
		}
		switch n {
		case pb.NodeInput:
			name, err := p.str()
			if d.inputCount++; d.inputCount <= len(d.inputs) {
				d.inputs[d.inputCount-1] = name
			}
			d.read = append(d.read, name)
			return err
		case pb.NodeOutput:
			name, err := p.str()
			if d.output == "" {
				d.output = name
			}
			d.made = append(d.made, name)
			return err
		case pb.NodeOpType:
			return p.set(&d.op)
		case pb.NodeDomain:
			return p.set(&d.domain)
		case pb.NodeAttribute:
			return p.attribute(&d)
		}
		return p.w.skip(t)
	})
	if err != nil {
		return err
	}
	p.head.Ops[opKey(d.domain, d.op)]++
	for i := d.constantsFrom; i < len(p.head.Tensors); i++ {
		if t := &p.head.Tensors[i]; t.Constant && t.Name == "" {
			t.Name = d.output
		}
	}
	if p.nesting == 1 {
		p.head.flow.note(d)
	}
	p.noteQuantization(d)
	p.noteGather(d)
	return nil
}

// attribute reads an AttributeProto for the tensors and graphs in it, and for "bits".
func (p *parser) attribute(d *nodeHead) error {
	var name string
	var number int64
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.AttributeName, protowire.BytesType}:
			return p.set(&name)
		case field{pb.AttributeInt, protowire.VarintType}:
			return p.number(&number)
		case field{pb.AttributeTensor, protowire.BytesType}, field{pb.AttributeTensors, protowire.BytesType}:
			return p.tensor(true)
		case field{pb.AttributeSparse, protowire.BytesType}, field{pb.AttributeSparses, protowire.BytesType}:
			return p.sparse(false)
		case field{pb.AttributeGraph, protowire.BytesType}, field{pb.AttributeGraphs, protowire.BytesType}:
			d.graphs = true
			return p.graph(false)
		}
		return p.w.skip(t)
	})
	if name == "bits" {
		d.bits = number
	}
	return err
}

// noteQuantization recognizes operators on quantized weights, and those whose uint8 weights hold several elements a byte:
// com.microsoft's MatMulNBits, MatMulBnb4 and GatherBlockQuantized
// (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
func (p *parser) noteQuantization(d nodeHead) {
	switch d.op {
	case "MatMulNBits", "MatMulBnb4":
		p.quantized = true
		p.packed[d.inputs[1]] = packedBits(d.bits)
	case "GatherBlockQuantized":
		p.quantized = true
		p.packed[d.inputs[0]] = packedBits(d.bits)
	case "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "DequantizeLinear", "ConvInteger", "QAttention":
		p.quantized = true
	default:
		p.quantized = p.quantized || strings.HasPrefix(d.op, "QLinear")
	}
}

// packedBits is the size of an element where the attribute may be left at its default, 4.
func packedBits(bits int64) int {
	if bits < 1 || bits > 8 {
		return 4
	}
	return int(bits)
}
