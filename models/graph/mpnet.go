package graph

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/failure"
)

// mpnetSpec is MPNet (Song et al. 2020, arXiv:2004.09297): BERT's layers with a relative position bias shared by all of
// them, and positions counted as in RoBERTa. transformers: models/mpnet/modeling_mpnet.py.
type mpnetSpec struct {
	vocab, hidden, layers, heads, inner, positions int64
	buckets, far                                   int64
	pad, firstPosition                             int64
	activation                                     string
	eps, scale                                     float64
}

var mpnetFamily = family{
	read: readMPNet, anchor: "embeddings.word_embeddings.weight", prefixes: []string{"mpnet.", ""},
	leftovers: []string{"pooler.*", "embeddings.position_ids", "lm_head.*", "classifier.*", "qa_outputs.*"},
}

func readMPNet(c *config) spec {
	s := &mpnetSpec{
		vocab:      c.size("vocab_size", 30527),
		hidden:     c.size("hidden_size", 768),
		layers:     c.layers("num_hidden_layers", 12),
		heads:      c.size("num_attention_heads", 12),
		inner:      c.size("intermediate_size", 3072),
		positions:  c.size("max_position_embeddings", 512),
		activation: c.str("hidden_act", "gelu"),
		eps:        c.float("layer_norm_eps", 1e-12),
		// The padding id of positions is 1 whatever the configuration says (MPNetEmbeddings).
		pad: 1, firstPosition: 2, far: 128,
	}
	// transformers reads the table's size from the configuration and then counts in 32 buckets always.
	if s.buckets = c.size("relative_attention_num_buckets", 32); s.buckets != 32 {
		c.refuse("relative_attention_num_buckets", s.buckets, "32")
	}
	checkHeads(c, s.hidden, s.heads)
	if s.positions <= s.firstPosition {
		c.fail(failure.KindInvalidConfig, "max_position_embeddings %d leaves no position for a token", s.positions)
	}
	s.scale = 1 / math.Sqrt(float64(s.hidden/s.heads))
	return s
}

func (s *mpnetSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions - s.firstPosition, hard: true}
}

func (s *mpnetSpec) build(b *builder) {
	b.textInputs(false)
	x := b.gather(b.ids, s.vocab, s.hidden, "embeddings.word_embeddings.weight")
	positions := b.positionsFromIDs(s.pad, s.firstPosition)
	x = b.add(x, b.gather(positions, s.positions, s.hidden, "embeddings.position_embeddings.weight"))
	x = b.rows(b.layerNorm(x, "embeddings.LayerNorm", s.hidden, s.eps, true), s.hidden)
	bias := b.bucketBias("encoder.relative_attention_bias.weight", s.buckets, s.far, s.heads)
	a := attention{
		heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: b.masked(bias, b.tokens()),
	}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		x = s.layer(b, x, fmt.Sprintf("encoder.layer.%d.", i), a)
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *mpnetSpec) layer(b *builder, x value, name string, a attention) value {
	attn := name + "attention.attn."
	q := b.heads(b.linear(x, attn+"q", s.hidden, s.hidden, true), a.heads, a.headDim)
	k := b.heads(b.linear(x, attn+"k", s.hidden, s.hidden, true), a.heads, a.headDim)
	v := b.heads(b.linear(x, attn+"v", s.hidden, s.hidden, true), a.heads, a.headDim)
	y := b.linear(b.attend(q, k, v, a), attn+"o", s.hidden, s.hidden, true)
	x = b.layerNorm(b.add(y, x), name+"attention.LayerNorm", s.hidden, s.eps, true)
	y = b.activate(b.linear(x, name+"intermediate.dense", s.hidden, s.inner, true), s.activation)
	y = b.linear(y, name+"output.dense", s.inner, s.hidden, true)
	return b.layerNorm(b.add(y, x), name+"output.LayerNorm", s.hidden, s.eps, true)
}
