package onnx

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// value reads a ValueInfoProto: a declared input or output.
func (p *parser) value(into *[]tensor.Info) error {
	if len(*into) >= maxValues {
		return fmt.Errorf("more than %d inputs or outputs: %w", maxValues, errTooLarge)
	}
	var info tensor.Info
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.ValueName, protowire.BytesType}:
			return p.set(&info.Name)
		case field{pb.ValueType, protowire.BytesType}:
			return p.valueType(&info)
		}
		return p.w.skip(t)
	})
	*into = append(*into, info)
	return err
}

// valueType reads a TypeProto. Sequences, maps and optionals stay Undefined: no embedding is any of them.
func (p *parser) valueType(info *tensor.Info) error {
	return p.w.message(func(n protowire.Number, t protowire.Type) error {
		if n != pb.ValueTensor || t != protowire.BytesType {
			return p.w.skip(t)
		}
		return p.w.message(func(n protowire.Number, t protowire.Type) error {
			switch (field{n, t}) {
			case field{pb.ElementType, protowire.VarintType}:
				var v int64
				err := p.number(&v)
				info.DType = tensor.DType(v)
				return err
			case field{pb.TensorShape, protowire.BytesType}:
				info.Shape, info.Symbols = []int64{}, []string{}
				return p.shape(info)
			}
			return p.w.skip(t)
		})
	})
}

// shape reads a TensorShapeProto. A dimension has a value, a symbol, or neither.
func (p *parser) shape(info *tensor.Info) error {
	return p.w.message(func(n protowire.Number, t protowire.Type) error {
		if n != pb.ShapeDimension || t != protowire.BytesType {
			return p.w.skip(t)
		}
		if len(info.Shape) >= maxRank {
			return fmt.Errorf("%q has more than %d dimensions: %w", info.Name, maxRank, errTooLarge)
		}
		size, symbol := tensor.DynamicDim, ""
		err := p.w.message(func(n protowire.Number, t protowire.Type) error {
			switch (field{n, t}) {
			case field{pb.DimensionValue, protowire.VarintType}:
				return p.number(&size)
			case field{pb.DimensionParam, protowire.BytesType}:
				return p.set(&symbol)
			}
			return p.w.skip(t)
		})
		if size < 0 { // some exporters write -1 for a dimension that is not fixed
			size = tensor.DynamicDim
		}
		info.Shape, info.Symbols = append(info.Shape, size), append(info.Symbols, symbol)
		return err
	})
}
