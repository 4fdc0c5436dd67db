package graph

import (
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// textInputs declares input_ids and attention_mask, and token_type_ids if they are wanted; it returns the latter.
func (b *builder) textInputs(tokenTypes bool) value {
	declare := func(name string) value {
		b.out.Input(tensor.Info{
			Name: name, DType: tensor.Int64, Shape: []int64{tensor.DynamicDim, tensor.DynamicDim},
			Symbols: []string{"batch_size", "sequence_length"},
		})
		return value(name)
	}
	b.ids, b.mask = declare(InputIDs), declare(AttentionMask)
	b.shape = b.op("Shape", []value{b.ids})
	b.seq = b.slice(b.shape, 0, 1, 2)
	if tokenTypes {
		return declare(TokenTypeIDs)
	}
	return none
}

// hiddenOutput declares last_hidden_state, batch x sequence x dim, from rows (batch*sequence) x dim.
func (b *builder) hiddenOutput(x value, dim int64) {
	b.node("Reshape", []value{x, b.dims(dim)}, LastHiddenState)
	b.out.Output(tensor.Info{
		Name: LastHiddenState, DType: tensor.Float32, Shape: []int64{tensor.DynamicDim, tensor.DynamicDim, dim},
		Symbols: []string{"batch_size", "sequence_length", ""},
	})
}

// rows flattens everything but the last axis: Gemm takes matrices, and with transB it needs no copy of the weight.
func (b *builder) rows(x value, dim int64) value { return b.reshape(x, b.ints(-1, dim)) }

// gather looks up ids in an embedding table. The rows are taken before they are cast: casting first would make a float32
// copy of the whole table.
func (b *builder) gather(ids value, rows, dim int64, names ...string) value {
	table, dtype := b.stored([]int64{rows, dim}, names...)
	x := b.op("Gather", []value{table, ids}, onnx.Int("axis", 0))
	if dtype != tensor.Float32 {
		x = b.toFloat32(x)
	}
	return x
}

// firstRows are the rows 0 to sequence-1 of a table of positions, sequence x dim. A sequence longer than the table
// gets fewer rows, so that the addition that follows fails in either engine instead of reading something else.
func (b *builder) firstRows(skip, rows, dim int64, names ...string) value {
	table, dtype := b.stored([]int64{rows, dim}, names...)
	end := b.seq
	if skip != 0 {
		end = b.add(b.seq, b.ints(skip))
	}
	x := b.op("Slice", []value{table, b.ints(skip), end, b.ints(0)})
	if dtype != tensor.Float32 {
		x = b.toFloat32(x)
	}
	return x
}

// arange is 0, 1, ..., sequence-1 as int64.
func (b *builder) arange() value {
	key := "arange"
	if v, ok := b.consts[key]; ok {
		return v
	}
	length := b.op("Squeeze", []value{b.seq, b.ints(0)})
	v := b.op("Range", []value{b.int(0), length, b.int(1)})
	b.consts[key] = v
	return v
}

// positionsFromIDs counts the tokens that are not pad, from first on; pad itself has position first-1. It goes by the
// ids, not by the attention mask (transformers, create_position_ids_from_input_ids).
func (b *builder) positionsFromIDs(pad, first int64) value {
	isPad := b.op("Equal", []value{b.ids, b.int(pad)})
	isToken := b.toInt64(b.op("Not", []value{isPad}))
	count := b.op("CumSum", []value{isToken, b.int(1)})
	return b.add(b.mul(count, isToken), b.int(first-1))
}
