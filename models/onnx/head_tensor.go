package onnx

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// Element types of onnx.proto3 that no embedding model computes in, but that weights come in.
const (
	dtypeUint4, dtypeInt4, dtypeFloat4 = 21, 22, 23
	dtypeUint2, dtypeInt2              = 25, 26
)

// initializer reads a TensorProto of a graph.
func (p *parser) initializer(main bool) error {
	from := len(p.head.Tensors)
	if err := p.tensor(false); err != nil {
		return err
	}
	if main {
		p.filled[p.head.Tensors[from].Name] = true
	}
	return nil
}

// sparse reads a SparseTensorProto: values and their indices are tensors, the values' name is the initializer's.
func (p *parser) sparse(main bool) error {
	return p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.SparseValues, protowire.BytesType}:
			return p.initializer(main)
		case field{pb.SparseIndices, protowire.BytesType}:
			return p.tensor(false)
		}
		return p.w.skip(t)
	})
}

// tensor reads a TensorProto and passes over its data.
func (p *parser) tensor(constant bool) error {
	if len(p.head.Tensors) >= maxTensors {
		return fmt.Errorf("more than %d tensors: %w", maxTensors, errTooLarge)
	}
	read := TensorHead{Constant: constant}
	external := External{Length: -1}
	raw, typed, isExternal := int64(-1), false, false
	err := p.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.TensorDims, protowire.VarintType}, field{pb.TensorDims, protowire.BytesType}:
			return p.w.packed(t, func(v int64) error { return appendDim(&read.Dims, v) })
		case field{pb.TensorDataType, protowire.VarintType}:
			var v int64
			err := p.number(&v)
			read.DType = tensor.DType(v)
			return err
		case field{pb.TensorName, protowire.BytesType}:
			return p.set(&read.Name)
		case field{pb.TensorRaw, protowire.BytesType}:
			var err error
			raw, err = p.w.length()
			p.w.pos += raw
			return err
		case field{pb.TensorExternal, protowire.BytesType}:
			return p.externalEntry(&external)
		case field{pb.TensorDataLocation, protowire.VarintType}:
			var v int64
			err := p.number(&v)
			isExternal = v == pb.LocationExternal
			return err
		}
		typed = typed || n >= 4 && n <= 11 // float_data to uint64_data
		return p.w.skip(t)
	})
	if err != nil {
		return err
	}
	if read.Bytes, err = byteSize(read.DType, read.Dims); err != nil {
		return fmt.Errorf("tensor %q: %w", read.Name, err)
	}
	if isExternal {
		if external.Location == "" {
			return fmt.Errorf("tensor %q: its data are external and no location is given", read.Name)
		}
		read.External = &external
	} else if err := checkPayload(read, raw, typed); err != nil {
		return err
	}
	p.head.Tensors = append(p.head.Tensors, read)
	return nil
}

// checkPayload refuses a tensor whose dimensions ask for other bytes than are there: an engine that trusts them would
// reserve the memory first.
func checkPayload(t TensorHead, raw int64, typed bool) error {
	switch {
	case raw >= 0 && t.Bytes >= 0 && raw != t.Bytes && bitsOf(t.DType) > 0:
		return fmt.Errorf("tensor %q: %s of shape %v needs %d bytes, found %d", t.Name, t.DType, t.Dims, t.Bytes, raw)
	case raw < 0 && !typed && t.Elements() > 0:
		return fmt.Errorf("tensor %q of shape %v has no data", t.Name, t.Dims)
	}
	return nil
}

// externalEntry reads one key and value of TensorProto.external_data.
func (p *parser) externalEntry(e *External) error {
	key, value, err := p.entry()
	if err != nil {
		return err
	}
	switch key {
	case "location":
		e.Location = value
	case "offset":
		e.Offset, err = parseSize(value)
	case "length":
		e.Length, err = parseSize(value)
	}
	if err != nil {
		return fmt.Errorf("external data: %s: %w", key, err)
	}
	return nil
}

func parseSize(s string) (int64, error) {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 || v > maxFilePayload {
		return 0, fmt.Errorf("expected a number of bytes, found %q", s)
	}
	return v, nil
}

func appendDim(dims *[]int64, v int64) error {
	if v < 0 {
		return fmt.Errorf("a tensor with the dimension %d", v)
	}
	if len(*dims) >= maxRank {
		return fmt.Errorf("a tensor of more than %d dimensions: %w", maxRank, errTooLarge)
	}
	*dims = append(*dims, v)
	return nil
}

// bitsOf is the size of an element as ONNX stores it, 0 where it varies (strings) or is not known.
func bitsOf(d tensor.DType) int64 {
	switch d {
	case dtypeUint4, dtypeInt4, dtypeFloat4:
		return 4
	case dtypeUint2, dtypeInt2:
		return 2
	case 14, 15: // complex64, complex128
		return 64 * int64(d-13)
	case 17, 18, 19, 20, 24: // the float8 types
		return 8
	}
	return int64(d.Size()) * 8
}

// byteSize is the size of a tensor's elements; several small ones share a byte.
func byteSize(d tensor.DType, dims []int64) (int64, error) {
	n := uint64(1)
	for _, dim := range dims {
		high, low := bits.Mul64(n, uint64(dim))
		if high != 0 || low > math.MaxInt64 {
			n = maxFilePayload + 1
			break
		}
		n = low
	}
	if n > maxFilePayload || n*uint64(max(bitsOf(d), 1)) > 8*maxFilePayload {
		return 0, fmt.Errorf("shape %v: %w", dims, errTooLarge)
	}
	return int64((n*uint64(bitsOf(d)) + 7) / 8), nil
}
