package onnx

import (
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// parser gathers a Head while the file goes by.
type parser struct {
	w    *wire
	head *Head

	inputs    []tensor.Info   // of the main graph, initialized ones included
	filled    map[string]bool // names of the main graph's initializers
	packed    map[string]int  // tensors whose bytes hold several elements: bits of one
	quantized bool            // some node computes on quantized weights
	kept      int             // bytes of names
	nesting   int
	plausible bool // what came so far is how an ONNX file begins
	hasGraph  bool
	hasOpset  bool
}

func newParser(r io.ReaderAt, size int64) *parser {
	return &parser{
		w: newWire(r, size), filled: map[string]bool{}, packed: map[string]int{},
		head: &Head{Ops: map[string]int{}},
	}
}

// str reads a name.
func (p *parser) str() (string, error) {
	b, err := p.w.bytes(maxNameLength)
	if err != nil {
		return "", err
	}
	if p.kept += len(b); p.kept > maxNames {
		return "", fmt.Errorf("names of more than %d bytes in all: %w", maxNames, errTooLarge)
	}
	return string(b), nil
}

// set reads a name into s.
func (p *parser) set(s *string) (err error) {
	*s, err = p.str()
	return err
}

// number reads an integer into v.
func (p *parser) number(v *int64) error {
	u, err := p.w.varint()
	*v = int64(u)
	return err
}

// field is a field number with the wire type it must have; onnx.proto3 has no others for what is read here.
type field struct {
	number protowire.Number
	t      protowire.Type
}

func (p *parser) model() error {
	const text, integer = protowire.BytesType, protowire.VarintType
	err := p.w.each(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.ModelIRVersion, integer}:
			version, err := p.w.varint()
			p.plausible = p.plausible || version > 0 && version < 1000
			return err
		case field{pb.ModelGraph, text}:
			if p.hasGraph {
				return fmt.Errorf("a second graph at byte %d", p.w.pos)
			}
			p.hasGraph = true
			return p.graph(true)
		case field{pb.ModelOpset, text}:
			p.hasOpset = true
			return p.w.message(func(_ protowire.Number, t protowire.Type) error { return p.w.skip(t) })
		case field{pb.ModelFunctions, text}:
			return p.function()
		}
		if n == pb.ModelIRVersion || n == pb.ModelGraph || n == pb.ModelOpset {
			return fmt.Errorf("field %d with wire type %d at byte %d", n, t, p.w.pos)
		}
		return p.w.skip(t)
	})
	if err == nil && !p.hasGraph {
		if !p.hasOpset && p.plausible {
			return errTruncated // opsets follow the graph, so the file ends before it
		}
		return fmt.Errorf("it has no graph")
	}
	return err
}

// entry reads a StringStringEntryProto. A value longer than limit is left out.
func (p *parser) entry() (key, value string, err error) {
	err = p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.EntryKey, protowire.BytesType}:
			return p.set(&key)
		case field{pb.EntryValue, protowire.BytesType}:
			at := p.w.pos
			if length, err := p.w.length(); err != nil || length > maxNameLength {
				p.w.pos += length
				return err
			}
			p.w.pos = at
			return p.set(&value)
		}
		return p.w.skip(t)
	})
	return key, value, err
}

// function reads a FunctionProto: operators that the model itself defines by other nodes.
func (p *parser) function() error {
	var name, domain string
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.FunctionName, protowire.BytesType}:
			return p.set(&name)
		case field{pb.FunctionDomain, protowire.BytesType}:
			return p.set(&domain)
		case field{pb.FunctionNode, protowire.BytesType}:
			return p.node()
		}
		return p.w.skip(t)
	})
	if len(p.head.Functions) >= maxFunctions {
		return fmt.Errorf("more than %d functions: %w", maxFunctions, errTooLarge)
	}
	p.head.Functions = append(p.head.Functions, opKey(domain, name))
	return err
}

// graph reads a GraphProto; main is the model's own, the others belong to If, Loop and Scan.
func (p *parser) graph(main bool) error {
	if p.nesting++; p.nesting > maxNesting {
		return fmt.Errorf("graphs nested more than %d deep: %w", maxNesting, errTooLarge)
	}
	defer func() { p.nesting-- }()
	return p.w.message(func(n protowire.Number, t protowire.Type) error {
		if t != protowire.BytesType {
			return p.w.skip(t)
		}
		switch n {
		case pb.GraphNode:
			return p.node()
		case pb.GraphInitializer:
			return p.initializer(main)
		case pb.GraphSparse:
			return p.sparse(main)
		}
		if !main {
			return p.w.skip(t)
		}
		switch n {
		case pb.GraphInput:
			return p.value(&p.inputs)
		case pb.GraphOutput:
			return p.value(&p.head.Outputs)
		}
		return p.w.skip(t)
	})
}

// finish puts the parts together.
func (p *parser) finish() *Head {
	h := p.head
	for _, info := range p.inputs {
		if !p.filled[info.Name] {
			h.Inputs = append(h.Inputs, info)
		}
	}
	slices.Sort(h.Functions)
	h.Functions = slices.Compact(h.Functions)
	for _, t := range h.Tensors {
		if t.External != nil {
			h.ExternalFiles = append(h.ExternalFiles, t.External.Location)
		}
	}
	slices.Sort(h.ExternalFiles)
	h.ExternalFiles = slices.Compact(h.ExternalFiles)
	h.Weights = summarize(h.Tensors, p.packed, p.quantized)
	return h
}
