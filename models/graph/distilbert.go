package graph

import (
	"fmt"
	"math"
)

// distilbertSpec is DistilBERT (Sanh et al. 2019, arXiv:1910.01108). transformers:
// models/distilbert/modeling_distilbert.py. Its positions may have been made from sines; they are stored all the same.
type distilbertSpec struct {
	vocab, hidden, layers, heads, inner, positions int64
	activation                                     string
	eps, scale                                     float64
}

var distilbertFamily = family{
	read: readDistilBERT, anchor: "embeddings.word_embeddings.weight", prefixes: []string{"distilbert.", ""},
	leftovers: []string{
		"embeddings.position_ids", "vocab_transform.*", "vocab_layer_norm.*", "vocab_projector.*", "pre_classifier.*",
		"classifier.*", "qa_outputs.*",
	},
	inert: []string{"sinusoidal_pos_embds", "tie_weights_"},
}

func readDistilBERT(c *config) spec {
	s := &distilbertSpec{
		vocab:      c.size("vocab_size", 30522),
		hidden:     c.size("dim", 768),
		layers:     c.layers("n_layers", 6),
		heads:      c.size("n_heads", 12),
		inner:      c.size("hidden_dim", 3072),
		positions:  c.size("max_position_embeddings", 512),
		activation: c.str("activation", "gelu"),
		eps:        1e-12, // fixed in the code, whatever the configuration says
	}
	checkHeads(c, s.hidden, s.heads)
	s.scale = 1 / math.Sqrt(float64(s.hidden/s.heads))
	return s
}

func (s *distilbertSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions, hard: true}
}

func (s *distilbertSpec) build(b *builder) {
	b.textInputs(false)
	x := b.gather(b.ids, s.vocab, s.hidden, "embeddings.word_embeddings.weight")
	x = b.add(x, b.firstRows(0, s.positions, s.hidden, "embeddings.position_embeddings.weight"))
	x = b.rows(b.layerNorm(x, "embeddings.LayerNorm", s.hidden, s.eps, true), s.hidden)
	a := attention{heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: b.maskBias(b.tokens())}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		x = s.layer(b, x, fmt.Sprintf("transformer.layer.%d.", i), a)
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *distilbertSpec) layer(b *builder, x value, name string, a attention) value {
	q := b.heads(b.linear(x, name+"attention.q_lin", s.hidden, s.hidden, true), a.heads, a.headDim)
	k := b.heads(b.linear(x, name+"attention.k_lin", s.hidden, s.hidden, true), a.heads, a.headDim)
	v := b.heads(b.linear(x, name+"attention.v_lin", s.hidden, s.hidden, true), a.heads, a.headDim)
	y := b.linear(b.attend(q, k, v, a), name+"attention.out_lin", s.hidden, s.hidden, true)
	x = b.layerNorm(b.add(y, x), name+"sa_layer_norm", s.hidden, s.eps, true)
	y = b.activate(b.linear(x, name+"ffn.lin1", s.hidden, s.inner, true), s.activation)
	y = b.linear(y, name+"ffn.lin2", s.inner, s.hidden, true)
	return b.layerNorm(b.add(y, x), name+"output_layer_norm", s.hidden, s.eps, true)
}
