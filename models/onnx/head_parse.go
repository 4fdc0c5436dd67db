package onnx

import (
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/tensor"
)

// Field numbers of onnx.proto3 that are read and never written (the others are in build.go).
const (
	modelMetadata, modelFunctions                = 14, 25
	opsetDomain                                  = 1
	graphSparse                                  = 15
	nodeDomain                                   = 7
	attrTensor, attrGraph, attrTensors           = 5, 6, 10
	attrGraphs, attrSparse, attrSparses          = 11, 22, 23
	sparseValues, sparseIndices                  = 1, 2
	functionName, functionNode, functionOpDomain = 1, 7, 10
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
}

func newParser(r io.ReaderAt, size int64) *parser {
	return &parser{
		w: newWire(r, size), filled: map[string]bool{}, packed: map[string]int{},
		head: &Head{Opsets: map[string]int64{}, Ops: map[string]int{}, Metadata: map[string]string{}},
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
	h := p.head
	err := p.w.each(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{modelIRVersion, integer}:
			err := p.number(&h.IRVersion)
			p.plausible = p.plausible || h.IRVersion > 0 && h.IRVersion < 1000
			return err
		case field{modelProducer, text}:
			return p.set(&h.Producer)
		case field{modelProducerVersion, text}:
			return p.set(&h.ProducerVersion)
		case field{modelGraph, text}:
			if p.hasGraph {
				return fmt.Errorf("a second graph at byte %d", p.w.pos)
			}
			p.hasGraph = true
			return p.graph(true)
		case field{modelOpset, text}:
			return p.opset()
		case field{modelMetadata, text}:
			return p.metadata()
		case field{modelFunctions, text}:
			return p.function()
		}
		if n == modelIRVersion || n == modelGraph || n == modelOpset {
			return fmt.Errorf("field %d with wire type %d at byte %d", n, t, p.w.pos)
		}
		return p.w.skip(t)
	})
	if err == nil && !p.hasGraph {
		if len(h.Opsets) == 0 && p.plausible {
			return errTruncated // opsets follow the graph, so the file ends before it
		}
		return fmt.Errorf("it has no graph")
	}
	return err
}

func (p *parser) opset() error {
	var domain string
	var version int64
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{opsetDomain, protowire.BytesType}:
			return p.set(&domain)
		case field{opsetVersion, protowire.VarintType}:
			return p.number(&version)
		}
		return p.w.skip(t)
	})
	if domain == "ai.onnx" {
		domain = ""
	}
	p.head.Opsets[domain] = version
	return err
}

// entry reads a StringStringEntryProto. A value longer than limit is left out.
func (p *parser) entry() (key, value string, err error) {
	err = p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{entryKey, protowire.BytesType}:
			return p.set(&key)
		case field{entryValue, protowire.BytesType}:
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

func (p *parser) metadata() error {
	key, value, err := p.entry()
	if err != nil || value == "" {
		return err
	}
	if len(p.head.Metadata) >= maxMetadata {
		return fmt.Errorf("more than %d metadata entries: %w", maxMetadata, errTooLarge)
	}
	p.head.Metadata[key] = value
	return nil
}

// function reads a FunctionProto: operators that the model itself defines by other nodes.
func (p *parser) function() error {
	var name, domain string
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{functionName, protowire.BytesType}:
			return p.set(&name)
		case field{functionOpDomain, protowire.BytesType}:
			return p.set(&domain)
		case field{functionNode, protowire.BytesType}:
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
		case graphNode:
			return p.node()
		case graphInitializer:
			return p.initializer(main)
		case graphSparse:
			return p.sparse(main)
		}
		if !main {
			return p.w.skip(t)
		}
		switch n {
		case graphName:
			return p.set(&p.head.GraphName)
		case graphInput:
			return p.value(&p.inputs)
		case graphOutput:
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
