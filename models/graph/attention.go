package graph

import (
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// lowest stands for minus infinity in masks, as in transformers (torch.finfo(float32).min): the softmax of a row that
// is masked everywhere stays finite.
const lowest = -3.4028234663852886e38

// attention is scaled dot-product attention of several heads (Vaswani et al. 2017, arXiv:1706.03762).
type attention struct {
	heads, kvHeads, headDim int64
	// scale multiplies the scores: 1/sqrt(headDim) in most families.
	scale float64
	// bias is added to the scores (batch x heads x sequence x sequence, or what broadcasts to it): masks, positions.
	bias value
}

// heads splits rows (batch*sequence x n*dim) into batch x sequence x n x dim.
func (b *builder) heads(x value, n, dim int64) value { return b.reshape(x, b.dims(n, dim)) }

// attend takes queries, keys and values as batch x sequence x heads x dim (keys and values may have fewer heads, which
// queries share in order) and returns rows, batch*sequence x heads*dim.
func (b *builder) attend(q, k, v value, a attention) value {
	if a.kvHeads != 0 && a.kvHeads != a.heads {
		k, v = b.repeatHeads(k, a), b.repeatHeads(v, a)
	}
	// Scaling the queries costs sequence x dim products where scaling the scores costs sequence x sequence.
	q = b.transpose(q, 0, 2, 1, 3)
	if a.scale != 1 {
		q = b.mul(q, b.float(a.scale))
	}
	k = b.transpose(k, 0, 2, 3, 1)
	v = b.transpose(v, 0, 2, 1, 3)
	scores := b.op("MatMul", []value{q, k})
	if a.bias != none {
		scores = b.add(scores, a.bias)
	}
	weights := b.op("Softmax", []value{scores}, onnx.Int("axis", -1))
	x := b.op("MatMul", []value{weights, v})
	return b.rows(b.transpose(x, 0, 2, 1, 3), a.heads*a.headDim)
}

// repeatHeads repeats each key or value head for the query heads that share it (grouped-query attention,
// arXiv:2305.13245).
func (b *builder) repeatHeads(x value, a attention) value {
	group := a.heads / a.kvHeads
	x = b.op("Expand", []value{b.unsqueeze(x, 3), b.dims(a.kvHeads, group, a.headDim)})
	return b.reshape(x, b.dims(a.heads, a.headDim))
}

// tokens is true at the tokens of the attention mask: batch x 1 x 1 x sequence, along the keys.
func (b *builder) tokens() value {
	m := b.op("Cast", []value{b.mask}, onnx.Int("to", int64(tensor.Bool)))
	return b.unsqueeze(m, 1, 2)
}

// maskBias, to be added to scores, is 0 if allowed is true, else the lowest float.
func (b *builder) maskBias(allowed value) value {
	return b.op("Where", []value{allowed, b.float(0), b.float(lowest)})
}

// masked is bias if allowed is true, else the lowest float.
func (b *builder) masked(bias, allowed value) value {
	return b.op("Where", []value{allowed, bias, b.float(lowest)})
}

// checkHeads refuses heads that do not divide the width.
func checkHeads(c *config, hidden, heads int64) {
	if hidden%heads != 0 {
		c.fail(failure.KindInvalidConfig, "the hidden size %d is not a multiple of the number of attention heads %d",
			hidden, heads)
	}
}
