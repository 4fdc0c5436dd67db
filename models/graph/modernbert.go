package graph

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/onnx"
)

// modernbertSpec is ModernBERT (Warner et al. 2024, arXiv:2412.13663): norms before the sublayers, rotary positions, a
// gated MLP, and two of three layers that see a window only. transformers: models/modernbert/modeling_modernbert.py.
type modernbertSpec struct {
	vocab, hidden, layers, heads, inner, positions int64
	activation                                     string
	eps, scale                                     float64
	normBias, attentionBias, mlpBias               bool
	full, sliding                                  visibility
	fullRope, slidingRope                          rope
	isSliding                                      []bool
}

var modernbertFamily = family{
	read: readModernBERT, anchor: "embeddings.tok_embeddings.weight", prefixes: []string{"model.", ""},
	leftovers: []string{"head.*", "decoder.*", "classifier.*"},
	// The published files say "absolute" and have layer_norm_eps as well as norm_eps; nothing reads either.
	inert: []string{"position_embedding_type", "layer_norm_eps"},
}

func readModernBERT(c *config) spec {
	s := &modernbertSpec{
		vocab:         c.size("vocab_size", 50368),
		hidden:        c.size("hidden_size", 768),
		layers:        c.layers("num_hidden_layers", 22),
		heads:         c.size("num_attention_heads", 12),
		inner:         c.size("intermediate_size", 1152),
		positions:     c.size("max_position_embeddings", 8192),
		activation:    c.str("hidden_activation", "gelu"),
		eps:           c.float("norm_eps", 1e-5),
		normBias:      c.bool("norm_bias", false),
		attentionBias: c.bool("attention_bias", false),
		mlpBias:       c.bool("mlp_bias", false),
	}
	checkHeads(c, s.hidden, s.heads)
	headDim := s.hidden / s.heads
	s.scale = 1 / math.Sqrt(float64(headDim))
	// local_attention is the whole window: half of it on each side of the query.
	s.sliding = visibility{window: c.size("local_attention", 128) / 2}
	if s.sliding.window == 0 {
		c.refuse("local_attention", 1, "windows of 2 tokens and more")
	}
	s.readLayers(c)
	s.readRopes(c, headDim)
	return s
}

func (s *modernbertSpec) readLayers(c *config) {
	every := c.size("global_attn_every_n_layers", 3)
	if types := c.strs("layer_types"); types != nil {
		s.isSliding = slidingLayers(c, types, s.layers)
		return
	}
	s.isSliding = make([]bool, s.layers)
	for i := range s.isSliding {
		s.isSliding[i] = int64(i)%every != 0
	}
}

func (s *modernbertSpec) readRopes(c *config, headDim int64) {
	full, sliding := c.float("global_rope_theta", 160000), c.float("local_rope_theta", 10000)
	if c.isNull("local_rope_theta") {
		c.refuse("local_rope_theta", "null", "a number")
	}
	if scaling := c.object("rope_scaling"); scaling != nil {
		c.refuse("rope_scaling", "there", "null")
	}
	var fullParams, slidingParams *config
	if nested := c.object("rope_parameters"); nested != nil {
		fullParams, slidingParams = nested.object("full_attention"), nested.object("sliding_attention")
	}
	s.fullRope = scaledRope(c, fullParams, headDim, full, s.positions)
	s.slidingRope = scaledRope(c, slidingParams, headDim, sliding, s.positions)
	s.slidingRope.name = "sliding_rope"
}

func (s *modernbertSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions}
}

func (s *modernbertSpec) build(b *builder) {
	b.textInputs(false)
	x := b.gather(b.ids, s.vocab, s.hidden, "embeddings.tok_embeddings.weight")
	x = b.rows(s.norm(b, x, "embeddings.norm"), s.hidden)
	kinds := map[bool]layerKind{}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		sliding := s.isSliding[i]
		if _, ok := kinds[sliding]; !ok {
			kinds[sliding] = s.kind(b, s.full, s.fullRope)
			if sliding {
				kinds[sliding] = s.kind(b, s.sliding, s.slidingRope)
			}
		}
		name := fmt.Sprintf("layers.%d.", i)
		y := x
		if i > 0 { // the embeddings' norm serves the first layer
			y = s.norm(b, x, name+"attn_norm")
		}
		x = b.add(x, s.attention(b, y, name+"attn.", kinds[sliding]))
		x = b.add(x, s.mlp(b, s.norm(b, x, name+"mlp_norm"), name+"mlp."))
	}
	b.hiddenOutput(s.norm(b, x, "final_norm"), s.hidden)
}

func (s *modernbertSpec) kind(b *builder, v visibility, r rope) layerKind {
	a := attention{heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: b.maskBias(b.visible(v))}
	return layerKind{attention: a, turns: b.turns(r)}
}

func (s *modernbertSpec) norm(b *builder, x value, name string) value {
	return b.layerNorm(x, name, s.hidden, s.eps, s.normBias)
}

func (s *modernbertSpec) attention(b *builder, x value, name string, k layerKind) value {
	a := k.attention
	q, key, v := b.fusedHeads(b.linear(x, name+"Wqkv", s.hidden, 3*s.hidden, s.attentionBias), a)
	q, key = b.rotate(q, a.headDim, k.turns), b.rotate(key, a.headDim, k.turns)
	return b.linear(b.attend(q, key, v, a), name+"Wo", s.hidden, s.hidden, s.attentionBias)
}

func (s *modernbertSpec) mlp(b *builder, x value, name string) value {
	x = b.linear(x, name+"Wi", s.hidden, 2*s.inner, s.mlpBias)
	in, gate := b.slice(x, 1, 0, s.inner), b.slice(x, 1, s.inner, 2*s.inner)
	return b.linear(b.mul(b.activate(in, s.activation), gate), name+"Wo", s.inner, s.hidden, s.mlpBias)
}

// fusedHeads splits rows of queries, keys and values that one projection gave (three blocks of heads x dim) into
// batch x sequence x heads x dim each.
func (b *builder) fusedHeads(x value, a attention) (q, k, v value) {
	x = b.reshape(x, b.dims(3, a.heads, a.headDim))
	part := func(i int64) value { return b.op("Gather", []value{x, b.int(i)}, onnx.Int("axis", 2)) }
	return part(0), part(1), part(2)
}
