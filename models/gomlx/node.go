package gomlx

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/tensor"
)

// Field numbers and an enum of onnx.proto3.
const (
	nodeInput, nodeOutput, nodeOpType, nodeAttribute            = 1, 2, 4, 5
	attributeName, attributeInt, attributeTensor, attributeType = 1, 3, 5, 20
	attributeTypeInt, attributeTypeTensor                       = 2, 4
	tensorDims, tensorDataType, tensorRaw                       = 1, 2, 9
)

// concatAxis is the attribute axis of a Concat node of vectors.
var concatAxis = bytesField(nil, nodeAttribute,
	varintField(varintField(bytesField(nil, attributeName, []byte("axis")), attributeInt, 0), attributeType, attributeTypeInt))

// newNode is a NodeProto of one output.
func newNode(op, output string, inputs ...string) []byte {
	var n []byte
	for _, in := range inputs {
		n = bytesField(n, nodeInput, []byte(in))
	}
	n = bytesField(n, nodeOutput, []byte(output))
	return bytesField(n, nodeOpType, []byte(op))
}

// constant is a Constant node that gives a vector of one int64.
func constant(output string, v int64) []byte {
	proto := varintField(varintField(nil, tensorDims, 1), tensorDataType, uint64(tensor.Int64))
	proto = bytesField(proto, tensorRaw, binary.LittleEndian.AppendUint64(nil, uint64(v)))
	value := bytesField(bytesField(nil, attributeName, []byte("value")), attributeTensor, proto)
	return bytesField(newNode("Constant", output), nodeAttribute, varintField(value, attributeType, attributeTypeTensor))
}

func bytesField(b []byte, n protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), content)
}

func varintField(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

// each calls f with every field of a message: its number, its bytes with tag, and its content where it has a length.
// A message that is not well formed ends there.
func each(message []byte, f func(number protowire.Number, whole, content []byte)) {
	for len(message) > 0 {
		number, t, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return
		}
		size := protowire.ConsumeFieldValue(number, t, message[tag:])
		if size < 0 {
			return
		}
		var content []byte
		if t == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(message[tag:])
		}
		f(number, message[:tag+size], content)
		message = message[tag+size:]
	}
}

// get is the last field of that number.
func get(message []byte, number protowire.Number) (content []byte, ok bool) {
	each(message, func(n protowire.Number, _, c []byte) {
		if n == number {
			content, ok = c, true
		}
	})
	return content, ok
}

// rewrite changes every field of that number.
func rewrite(message []byte, number protowire.Number, change func([]byte) []byte) []byte {
	var out []byte
	each(message, func(n protowire.Number, whole, content []byte) {
		if n != number {
			out = append(out, whole...)
			return
		}
		out = bytesField(out, n, change(content))
	})
	return out
}

// drop leaves out every field of that number.
func drop(message []byte, number protowire.Number) []byte {
	var out []byte
	each(message, func(n protowire.Number, whole, _ []byte) {
		if n != number {
			out = append(out, whole...)
		}
	})
	return out
}
