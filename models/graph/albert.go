package graph

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/failure"
)

// albertSpec is ALBERT (Lan et al. 2019, arXiv:1909.11942): BERT whose layers share their weights in groups, with
// narrower embeddings. transformers: models/albert/modeling_albert.py.
type albertSpec struct {
	vocab, embedding, hidden, layers, groups, perGroup int64
	heads, inner, positions, tokenTypes                int64
	activation                                         string
	eps, scale                                         float64
}

var albertFamily = family{
	read: readALBERT, anchor: "embeddings.word_embeddings.weight", prefixes: []string{"albert.", ""},
	leftovers: []string{
		"pooler.*", "embeddings.position_ids", "embeddings.token_type_ids", "predictions.*", "sop_classifier.*",
		"classifier.*", "qa_outputs.*",
	},
	// down_scale_factor, gap_size, net_structure_type and num_memory_blocks are of the first release's files; nothing
	// reads them.
	inert: []string{"down_scale_factor", "gap_size", "net_structure_type", "num_memory_blocks"},
}

func readALBERT(c *config) spec {
	s := &albertSpec{
		vocab:      c.size("vocab_size", 30000),
		embedding:  c.size("embedding_size", 128),
		hidden:     c.size("hidden_size", 4096),
		layers:     c.layers("num_hidden_layers", 12),
		groups:     c.size("num_hidden_groups", 1),
		perGroup:   c.size("inner_group_num", 1),
		heads:      c.size("num_attention_heads", 64),
		inner:      c.size("intermediate_size", 16384),
		positions:  c.size("max_position_embeddings", 512),
		tokenTypes: c.size("type_vocab_size", 2),
		activation: c.str("hidden_act", "gelu_new"),
		eps:        c.float("layer_norm_eps", 1e-12),
	}
	c.only("position_embedding_type", "absolute")
	checkHeads(c, s.hidden, s.heads)
	if s.groups > max(s.layers, 1) || s.perGroup > maxLayers {
		c.fail(failure.KindInvalidConfig, "num_hidden_groups %d of %d layers each, in %d layers",
			s.groups, s.perGroup, s.layers)
	}
	s.scale = 1 / math.Sqrt(float64(s.hidden/s.heads))
	return s
}

func (s *albertSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions, hard: true}
}

func (s *albertSpec) build(b *builder) {
	types := b.textInputs(s.tokenTypes > 1)
	if types == none {
		types = b.int(0)
	}
	x := b.gather(b.ids, s.vocab, s.embedding, "embeddings.word_embeddings.weight")
	x = b.add(x, b.gather(types, s.tokenTypes, s.embedding, "embeddings.token_type_embeddings.weight"))
	x = b.add(x, b.firstRows(0, s.positions, s.embedding, "embeddings.position_embeddings.weight"))
	x = b.rows(b.layerNorm(x, "embeddings.LayerNorm", s.embedding, s.eps, true), s.embedding)
	x = b.linear(x, "encoder.embedding_hidden_mapping_in", s.embedding, s.hidden, true)
	a := attention{heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: b.maskBias(b.tokens())}
	for i := int64(0); i < s.layers; i++ {
		// int(i / (layers / groups)), in floating point as there.
		group := int64(float64(i) / (float64(s.layers) / float64(s.groups)))
		for j := int64(0); j < s.perGroup && b.err == nil; j++ {
			x = s.layer(b, x, fmt.Sprintf("encoder.albert_layer_groups.%d.albert_layers.%d.", group, j), a)
		}
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *albertSpec) layer(b *builder, x value, name string, a attention) value {
	q := b.heads(b.linear(x, name+"attention.query", s.hidden, s.hidden, true), a.heads, a.headDim)
	k := b.heads(b.linear(x, name+"attention.key", s.hidden, s.hidden, true), a.heads, a.headDim)
	v := b.heads(b.linear(x, name+"attention.value", s.hidden, s.hidden, true), a.heads, a.headDim)
	y := b.linear(b.attend(q, k, v, a), name+"attention.dense", s.hidden, s.hidden, true)
	x = b.layerNorm(b.add(x, y), name+"attention.LayerNorm", s.hidden, s.eps, true)
	y = b.activate(b.linear(x, name+"ffn", s.hidden, s.inner, true), s.activation)
	y = b.linear(y, name+"ffn_output", s.inner, s.hidden, true)
	return b.layerNorm(b.add(y, x), name+"full_layer_layer_norm", s.hidden, s.eps, true)
}
