package onnx

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx/pb"
)

// maxDetached bounds what a graph may hold besides its weights; it is far more than any exporter writes.
const maxDetached = 512 << 20

// Detachment says how Detach writes a graph.
type Detachment struct {
	// Self is the location under which the file itself will be found: initializers of Min bytes and more are read
	// from there. "" leaves all that is inside the file there.
	Self string
	Min  int64
	// Rename returns the new location of external data, the old one having been checked (CheckExternal); nil keeps it.
	Rename func(location string) string
	// Inputs and Outputs are the names of the graph's inputs and outputs to keep; nil keeps all. Head.InputNames leaves
	// out inputs that are initializers too (as before IR version 4).
	Inputs, Outputs []string
	// Node returns what stands for a serialized NodeProto of the main graph, one or several; nil changes none.
	Node func(node []byte) [][]byte
}

// Detach rewrites the graph in size bytes of r so that its weights lie outside, without reading them: they are seeked
// over and referred to by their place in the file. The bytes
// were read by ReadHeadFrom before, which checks them.
//
// Errors are *failure.Error of stage load: KindInvalidFormat, KindTooLarge.
func Detach(r io.ReaderAt, size int64, how Detachment) ([]byte, error) {
	d := detacher{w: newWire(r, size), how: how}
	var model []byte
	err := d.w.each(func(n protowire.Number, t protowire.Type) error {
		if n != pb.ModelGraph || t != protowire.BytesType {
			return d.copyField(&model, n, t)
		}
		var graph []byte
		if err := d.graph(&graph); err != nil {
			return err
		}
		model = pb.AppendBytes(model, pb.ModelGraph, graph)
		return nil
	})
	if err != nil {
		kind := failure.KindInvalidFormat
		if errors.Is(err, errTooLarge) {
			kind = failure.KindTooLarge
		}
		return nil, failure.Errorf(failure.StageLoad, kind, "the graph cannot be told from its weights: %w", err)
	}
	return model, nil
}

// detacher copies a graph field by field.
type detacher struct {
	w     *wire
	how   Detachment
	spent int64 // bytes copied
}

func (d *detacher) graph(graph *[]byte) error {
	return d.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.GraphInitializer, protowire.BytesType}:
			return d.initializer(graph)
		case field{pb.GraphNode, protowire.BytesType}:
			return d.node(graph)
		case field{pb.GraphInput, protowire.BytesType}:
			return d.value(graph, pb.GraphInput, d.how.Inputs)
		case field{pb.GraphOutput, protowire.BytesType}:
			return d.value(graph, pb.GraphOutput, d.how.Outputs)
		case field{pb.GraphDoc, protowire.BytesType}, field{pb.GraphValueInfo, protowire.BytesType},
			field{pb.GraphQuantization, protowire.BytesType}:
			return d.w.skip(t)
		}
		return d.copyField(graph, n, t)
	})
}

func (d *detacher) node(graph *[]byte) error {
	if d.how.Node == nil {
		return d.copyField(graph, pb.GraphNode, protowire.BytesType)
	}
	var wrapped []byte
	if err := d.copyField(&wrapped, pb.GraphNode, protowire.BytesType); err != nil {
		return err
	}
	_, _, tag := protowire.ConsumeTag(wrapped)
	node, n := protowire.ConsumeBytes(wrapped[tag:])
	if n < 0 {
		return protowire.ParseError(n)
	}
	for _, node := range d.how.Node(node) {
		*graph = pb.AppendBytes(*graph, pb.GraphNode, node)
	}
	return nil
}

// value copies a ValueInfoProto whose name is in keep; nil keeps all.
func (d *detacher) value(graph *[]byte, number protowire.Number, keep []string) error {
	start := d.w.pos
	var name string
	err := d.w.message(func(n protowire.Number, t protowire.Type) error {
		if n != pb.ValueName || t != protowire.BytesType {
			return d.w.skip(t)
		}
		b, err := d.w.bytes(maxNameLength)
		name = string(b)
		return err
	})
	if err != nil || keep != nil && !slices.Contains(keep, name) {
		return err
	}
	d.w.pos = start
	return d.copyField(graph, number, protowire.BytesType)
}

// initializer copies a TensorProto, or what refers to its data.
func (d *detacher) initializer(graph *[]byte) error {
	start := d.w.pos
	var head []byte // the fields that are no data
	var refer *External
	external := map[string]string{}
	isExternal := false
	err := d.w.message(func(n protowire.Number, t protowire.Type) error {
		switch (field{n, t}) {
		case field{pb.TensorRaw, protowire.BytesType}:
			length, err := d.w.length()
			if d.how.Self != "" && length >= d.how.Min {
				refer = &External{Location: d.how.Self, Offset: d.w.pos, Length: length}
			}
			d.w.pos += length
			return err
		case field{pb.TensorExternal, protowire.BytesType}:
			key, value, err := (&parser{w: d.w}).entry()
			external[key] = value
			return err
		case field{pb.TensorDataLocation, protowire.VarintType}:
			v, err := d.w.varint()
			isExternal = v == pb.LocationExternal
			return err
		case field{pb.TensorDims, protowire.VarintType}, field{pb.TensorDims, protowire.BytesType},
			field{pb.TensorDataType, protowire.VarintType}, field{pb.TensorName, protowire.BytesType}:
			return d.copyField(&head, n, t)
		}
		return d.w.skip(t)
	})
	if err != nil {
		return err
	}
	if !isExternal && refer == nil {
		d.w.pos = start
		return d.copyField(graph, pb.GraphInitializer, protowire.BytesType)
	}
	if !isExternal {
		external = map[string]string{
			"location": refer.Location, "offset": strconv.FormatInt(refer.Offset, 10),
			"length": strconv.FormatInt(refer.Length, 10),
		}
	} else if d.how.Rename != nil {
		external["location"] = d.how.Rename(external["location"])
	}
	for _, key := range []string{"location", "offset", "length"} {
		if value, ok := external[key]; ok {
			head = pb.AppendEntry(head, pb.TensorExternal, key, value)
		}
	}
	*graph = pb.AppendBytes(*graph, pb.GraphInitializer, pb.AppendInt(head, pb.TensorDataLocation, pb.LocationExternal))
	return nil
}

// copyField copies one field, whose tag was read.
func (d *detacher) copyField(to *[]byte, n protowire.Number, t protowire.Type) error {
	start := len(*to)
	switch t {
	case protowire.VarintType:
		v, err := d.w.varint()
		if err != nil {
			return err
		}
		*to = protowire.AppendVarint(protowire.AppendTag(*to, n, t), v)
	case protowire.BytesType:
		b, err := d.w.bytes(max(maxDetached-d.spent, 0))
		if err != nil {
			return err
		}
		*to = pb.AppendBytes(*to, n, b)
	default:
		return fmt.Errorf("field %d of wire type %d, which no ONNX graph has there", n, t)
	}
	d.spent += int64(len(*to) - start)
	return nil
}
