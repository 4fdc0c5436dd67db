package graph

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// t5Spec is the encoder of T5 (Raffel et al. 2019, arXiv:1910.10683): norms before the sublayers, no scaling of
// scores, and a bias by relative position that the first layer holds for all. transformers: models/t5/modeling_t5.py.
type t5Spec struct {
	vocab, hidden, headDim, heads, inner, layers int64
	buckets, far                                 int64
	activation                                   string
	gated                                        bool
	eps, scale                                   float64
}

var t5Family = family{
	read: readT5, anchor: "encoder.final_layer_norm.weight", prefixes: []string{"transformer.", ""},
	leftovers: []string{
		"shared.weight", "encoder.embed_tokens.weight", "decoder.*", "lm_head.*", "classification_head.*", "classifier.*",
		"qa_outputs.*",
	},
	// n_positions is of the first files; the decoder's options do not touch the encoder.
	inert: []string{"n_positions", "num_decoder_layers", "scale_decoder_outputs", "classifier_dropout"},
}

func readT5(c *config) spec {
	s := &t5Spec{
		vocab:   c.size("vocab_size", 32128),
		hidden:  c.size("d_model", 512),
		headDim: c.size("d_kv", 64),
		inner:   c.size("d_ff", 2048),
		layers:  c.layers("num_layers", 6),
		heads:   c.size("num_heads", 8),
		buckets: c.size("relative_attention_num_buckets", 32),
		far:     c.size("relative_attention_max_distance", 128),
		eps:     c.float("layer_norm_epsilon", 1e-6),
		scale:   1,
	}
	checkBuckets(c, s.buckets, s.far)
	c.off("is_decoder")
	projection := c.str("feed_forward_proj", "relu")
	s.activation, s.gated = strings.CutPrefix(projection, "gated-")
	if projection == "gated-gelu" {
		s.activation = "gelu_new" // as transformers reads it
	}
	if act := c.str("dense_act_fn", s.activation); act != s.activation {
		c.refuse("dense_act_fn", act, s.activation+", as feed_forward_proj says")
	}
	if gated := c.bool("is_gated_act", s.gated); gated != s.gated {
		c.refuse("is_gated_act", gated, "what feed_forward_proj says")
	}
	if s.heads*s.headDim > maxSize {
		c.fail(failure.KindTooLarge, "num_heads %d of d_kv %d", s.heads, s.headDim)
	}
	return s
}

func (s *t5Spec) facts() facts { return facts{vocab: s.vocab} }

func (s *t5Spec) build(b *builder) {
	b.textInputs(false)
	x := b.rows(b.gather(b.ids, s.vocab, s.hidden, "shared.weight", "encoder.embed_tokens.weight"), s.hidden)
	bias := b.bucketBias("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", s.buckets, s.far, s.heads)
	a := attention{heads: s.heads, headDim: s.headDim, scale: s.scale, bias: b.masked(bias, b.tokens())}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		name := fmt.Sprintf("encoder.block.%d.", i)
		y := b.rmsNorm(x, name+"layer.0.layer_norm", s.hidden, s.eps, 0)
		x = b.add(x, s.attention(b, y, name+"layer.0.SelfAttention.", a))
		y = b.rmsNorm(x, name+"layer.1.layer_norm", s.hidden, s.eps, 0)
		x = b.add(x, s.mlp(b, y, name+"layer.1.DenseReluDense."))
	}
	b.hiddenOutput(b.rmsNorm(x, "encoder.final_layer_norm", s.hidden, s.eps, 0), s.hidden)
}

func (s *t5Spec) attention(b *builder, x value, name string, a attention) value {
	width := s.heads * s.headDim
	q := b.heads(b.linear(x, name+"q", s.hidden, width, false), a.heads, a.headDim)
	k := b.heads(b.linear(x, name+"k", s.hidden, width, false), a.heads, a.headDim)
	v := b.heads(b.linear(x, name+"v", s.hidden, width, false), a.heads, a.headDim)
	return b.linear(b.attend(q, k, v, a), name+"o", width, s.hidden, false)
}

func (s *t5Spec) mlp(b *builder, x value, name string) value {
	if !s.gated {
		y := b.activate(b.linear(x, name+"wi", s.hidden, s.inner, false), s.activation)
		return b.linear(y, name+"wo", s.inner, s.hidden, false)
	}
	gate := b.activate(b.linear(x, name+"wi_0", s.hidden, s.inner, false), s.activation)
	up := b.linear(x, name+"wi_1", s.hidden, s.inner, false)
	return b.linear(b.mul(gate, up), name+"wo", s.inner, s.hidden, false)
}
