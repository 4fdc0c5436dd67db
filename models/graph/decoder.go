package graph

import (
	"fmt"

	"github.com/divinedevops/probe/models/failure"
)

// decoderSpec is the transformer of LLaMA (Touvron et al. 2023, arXiv:2302.13971) and of the families that kept its
// layers and its names: Mistral, Qwen2, Qwen3, Gemma and Gemma 3. Norms come before the sublayers, positions are
// rotary, the MLP is gated, several query heads may share a key head.
type decoderSpec struct {
	vocab, hidden, layers, heads, kvHeads, headDim, inner, positions int64
	activation                                                       string
	eps, scale                                                       float64
	// normShift is added to the weights of norms; embedScale multiplies the token embeddings (the Gemma family).
	normShift, embedScale float64
	// qkvBias, outBias and mlpBias say which projections have one.
	qkvBias, outBias, mlpBias bool
	// headNorm normalizes each query and key head; sandwich has norms after the sublayers too.
	headNorm, sandwich bool
	// full and sliding are the two kinds of layers; isSliding says which layer is of the second kind.
	full, sliding         visibility
	fullRope, slidingRope rope
	isSliding             []bool
}

func decoderFamily(read func(*config) spec, inert ...string) family {
	return family{
		read: read, anchor: "embed_tokens.weight", prefixes: []string{"model.", ""},
		leftovers: []string{"lm_head.weight", "score.*", "classifier.*", "*.rotary_emb.inv_freq"},
		inert:     inert,
	}
}

// readDecoder reads what all of them share. headDim is the family's default, 0 for hidden/heads.
func readDecoder(c *config, d decoderSpec) *decoderSpec {
	s := &d
	s.vocab = c.size("vocab_size", d.vocab)
	s.hidden = c.size("hidden_size", d.hidden)
	s.layers = c.layers("num_hidden_layers", d.layers)
	s.heads = c.size("num_attention_heads", d.heads)
	if d.kvHeads == 0 {
		d.kvHeads = s.heads
	}
	s.kvHeads = c.size("num_key_value_heads", d.kvHeads)
	if d.headDim == 0 {
		d.headDim = max(s.hidden/s.heads, 1)
	}
	s.headDim = c.size("head_dim", d.headDim)
	s.inner = c.size("intermediate_size", d.inner)
	s.positions = c.size("max_position_embeddings", d.positions)
	s.eps = c.float("rms_norm_eps", 1e-6)
	s.full = visibility{causal: c.bool("is_causal", true)}
	s.isSliding = make([]bool, s.layers)
	if s.heads%s.kvHeads != 0 {
		c.fail(failure.KindInvalidConfig, "num_attention_heads %d is not a multiple of num_key_value_heads %d",
			s.heads, s.kvHeads)
	}
	return s
}

// layerTypes reads which layers are sliding; byDefault decides if the list is absent.
func (s *decoderSpec) layerTypes(c *config, byDefault func(i int64) bool) {
	types := c.strs("layer_types")
	if types == nil {
		for i := range s.isSliding {
			s.isSliding[i] = byDefault(int64(i))
		}
		return
	}
	s.isSliding = slidingLayers(c, types, s.layers)
}

// slidingLayers reads a list of layer types, one a layer.
func slidingLayers(c *config, types []string, layers int64) []bool {
	if int64(len(types)) != layers {
		c.fail(failure.KindInvalidConfig, "layer_types has %d entries for %d layers", len(types), layers)
		return make([]bool, layers)
	}
	out := make([]bool, layers)
	for i, kind := range types {
		switch kind {
		case "sliding_attention":
			out[i] = true
		case "full_attention":
		default:
			c.refuse("layer_types", kind, "full_attention and sliding_attention")
		}
	}
	return out
}

// window is a sliding window of a causal decoder: the query and size-1 tokens before it. A size of 0 is none.
func (s *decoderSpec) window(c *config, size int64) {
	s.sliding = visibility{causal: s.full.causal}
	switch {
	case size < 0 || size > maxSize:
		c.fail(failure.KindInvalidConfig, "sliding_window must be above 0, found %d", size)
	case size > 0 && s.full.causal:
		s.sliding.window = size - 1
		if size == 1 {
			c.refuse("sliding_window", size, "windows of 2 tokens and more")
		}
	case size > 0:
		s.sliding.window = size
	}
}

func (s *decoderSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions}
}

// layerKind is what layers of one kind share in the graph.
type layerKind struct {
	attention attention
	turns     turns
}

func (s *decoderSpec) kind(b *builder, v visibility, r rope) layerKind {
	return layerKind{
		attention: attention{
			heads: s.heads, kvHeads: s.kvHeads, headDim: s.headDim, scale: s.scale, bias: b.maskBias(b.visible(v)),
		},
		turns: b.turns(r),
	}
}

func (s *decoderSpec) build(b *builder) {
	b.textInputs(false)
	x := b.rows(b.gather(b.ids, s.vocab, s.hidden, "embed_tokens.weight"), s.hidden)
	if s.embedScale != 0 {
		x = b.mul(x, b.float(s.embedScale))
	}
	kinds := map[bool]layerKind{}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		sliding := s.isSliding[i]
		if _, ok := kinds[sliding]; !ok {
			kinds[sliding] = s.kind(b, s.full, s.fullRope)
			if sliding {
				kinds[sliding] = s.kind(b, s.sliding, s.slidingRope)
			}
		}
		x = s.layer(b, x, fmt.Sprintf("layers.%d.", i), kinds[sliding])
	}
	b.hiddenOutput(s.norm(b, x, "norm", s.hidden), s.hidden)
}

func (s *decoderSpec) norm(b *builder, x value, name string, dim int64) value {
	return b.rmsNorm(x, name, dim, s.eps, s.normShift)
}

func (s *decoderSpec) layer(b *builder, x value, name string, k layerKind) value {
	y := s.attention(b, s.norm(b, x, name+"input_layernorm", s.hidden), name+"self_attn.", k)
	if s.sandwich {
		x = b.add(x, s.norm(b, y, name+"post_attention_layernorm", s.hidden))
		y = s.mlp(b, s.norm(b, x, name+"pre_feedforward_layernorm", s.hidden), name+"mlp.")
		return b.add(x, s.norm(b, y, name+"post_feedforward_layernorm", s.hidden))
	}
	x = b.add(x, y)
	return b.add(x, s.mlp(b, s.norm(b, x, name+"post_attention_layernorm", s.hidden), name+"mlp."))
}

func (s *decoderSpec) attention(b *builder, x value, name string, k layerKind) value {
	q := b.heads(b.linear(x, name+"q_proj", s.hidden, s.heads*s.headDim, s.qkvBias), s.heads, s.headDim)
	key := b.heads(b.linear(x, name+"k_proj", s.hidden, s.kvHeads*s.headDim, s.qkvBias), s.kvHeads, s.headDim)
	v := b.heads(b.linear(x, name+"v_proj", s.hidden, s.kvHeads*s.headDim, s.qkvBias), s.kvHeads, s.headDim)
	if s.headNorm {
		q, key = s.norm(b, q, name+"q_norm", s.headDim), s.norm(b, key, name+"k_norm", s.headDim)
	}
	q, key = b.rotate(q, s.headDim, k.turns), b.rotate(key, s.headDim, k.turns)
	return b.linear(b.attend(q, key, v, k.attention), name+"o_proj", s.heads*s.headDim, s.hidden, s.outBias)
}

func (s *decoderSpec) mlp(b *builder, x value, name string) value {
	gate := b.activate(b.linear(x, name+"gate_proj", s.hidden, s.inner, s.mlpBias), s.activation)
	up := b.linear(x, name+"up_proj", s.hidden, s.inner, s.mlpBias)
	return b.linear(b.mul(gate, up), name+"down_proj", s.inner, s.hidden, s.mlpBias)
}
