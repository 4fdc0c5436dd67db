package graph

import (
	"math"

	"github.com/divinedevops/probe/models/failure"
)

// readGemma: models/gemma/modeling_gemma.py. The embeddings are scaled by the root of the width, the norms' weights are
// stored around zero.
func readGemma(c *config) spec {
	s := readDecoder(c, decoderSpec{
		vocab: 256000, hidden: 3072, layers: 28, heads: 16, kvHeads: 16, headDim: 256, inner: 24576, positions: 8192,
		normShift: 1,
	})
	s.embedScale = math.Sqrt(float64(s.hidden))
	s.qkvBias = c.bool("attention_bias", false)
	s.outBias = s.qkvBias
	// The first files say "gelu" and mean its tanh form; transformers reads them so.
	s.activation = c.str("hidden_act", "gelu_pytorch_tanh")
	if s.activation == "gelu" {
		s.activation = "gelu_pytorch_tanh"
	}
	if other := c.str("hidden_activation", s.activation); other != s.activation {
		c.refuse("hidden_activation", other, "the same activation as hidden_act")
	}
	c.off("use_bidirectional_attention")
	s.plain(c, 10000)
	return s
}

// readGemma3 is the text model of Gemma 3: models/gemma3/modeling_gemma3.py. Five layers of six slide, with a rope of
// their own.
func readGemma3(c *config) spec {
	s := readDecoder(c, decoderSpec{
		vocab: 262208, hidden: 2304, layers: 26, heads: 8, kvHeads: 4, headDim: 256, inner: 9216, positions: 131072,
		normShift: 1, headNorm: true, sandwich: true,
	})
	s.embedScale = math.Sqrt(float64(s.hidden))
	s.qkvBias = c.bool("attention_bias", false)
	s.outBias = s.qkvBias
	s.activation = c.str("hidden_activation", "gelu_pytorch_tanh")
	s.scale = 1 / math.Sqrt(positiveOr(c, "query_pre_attn_scalar", 256))
	if c.has("attn_logit_softcapping") {
		c.refuse("attn_logit_softcapping", c.float("attn_logit_softcapping", 0), "null")
	}
	c.on("is_causal")
	s.gemma3Window(c)
	pattern := c.size("sliding_window_pattern", 6)
	s.layerTypes(c, func(i int64) bool { return (i+1)%pattern != 0 })
	s.fullRope, s.slidingRope = gemma3Ropes(c, s)
	return s
}

// gemma3Window: a causal layer sees the window's size-1 tokens before the query. A bidirectional one (EmbeddingGemma)
// sees half the window, rounded down, on each side: transformers makes it half plus one and then excludes the border.
func (s *decoderSpec) gemma3Window(c *config) {
	size := c.size("sliding_window", 4096)
	if !c.bool("use_bidirectional_attention", false) {
		s.window(c, size)
		return
	}
	s.full = visibility{}
	s.sliding = visibility{window: size / 2}
	if size/2 == 0 {
		c.refuse("sliding_window", size, "windows of 2 tokens and more")
	}
}

// gemma3Ropes reads the rope of full layers (base 1e6) and of sliding ones (base 1e4). Scaling is of the full layers.
func gemma3Ropes(c *config, s *decoderSpec) (full, sliding rope) {
	partial(c)
	theta, local := c.float("rope_theta", 1e6), c.float("rope_local_base_freq", 1e4)
	var fullParams, slidingParams *config
	if nested := c.object("rope_parameters"); nested != nil {
		fullParams, slidingParams = nested.object("full_attention"), nested.object("sliding_attention")
	}
	if scaling := c.object("rope_scaling"); scaling != nil {
		if fullParams != nil {
			c.refuse("rope_scaling", "there together with rope_parameters", "one of the two")
		}
		fullParams = scaling
	}
	full = scaledRope(c, fullParams, s.headDim, theta, s.positions)
	sliding = scaledRope(c, slidingParams, s.headDim, local, s.positions)
	sliding.name = "sliding_rope"
	return full, sliding
}

// positiveOr is positive with a default.
func positiveOr(c *config, key string, def float64) float64 {
	if !c.has(key) {
		return c.float(key, def)
	}
	f := positive(c, key)
	if f > 1e12 {
		c.fail(failure.KindInvalidConfig, "%s%s is %g, which is too large", c.prefix, key, f)
	}
	return f
}
