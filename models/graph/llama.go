package graph

import "math"

// readLLaMA: models/llama/modeling_llama.py.
func readLLaMA(c *config) spec {
	s := readDecoder(c, decoderSpec{vocab: 32000, hidden: 4096, layers: 32, heads: 32, inner: 11008, positions: 2048})
	s.activation = c.str("hidden_act", "silu")
	s.qkvBias = c.bool("attention_bias", false)
	s.outBias = s.qkvBias
	s.mlpBias = c.bool("mlp_bias", false)
	s.plain(c, 10000)
	return s
}

// readMistral: models/mistral/modeling_mistral.py. Every layer slides if there is a window; null means none, but an absent
// key 4096.
func readMistral(c *config) spec {
	s := readDecoder(c, decoderSpec{
		vocab: 32000, hidden: 4096, layers: 32, heads: 32, kvHeads: 8, inner: 14336, positions: 4096 * 32,
	})
	s.activation = c.str("hidden_act", "silu")
	s.plain(c, 10000)
	size := c.int("sliding_window", 4096)
	if c.isNull("sliding_window") {
		size = 0
	}
	s.window(c, size)
	for i := range s.isSliding {
		s.isSliding[i] = size != 0
	}
	return s
}

// readQwen2: models/qwen2/modeling_qwen2.py. Queries, keys and values always have a bias.
func readQwen2(c *config) spec {
	s := readDecoder(c, decoderSpec{
		vocab: 151936, hidden: 4096, layers: 32, heads: 32, kvHeads: 32, inner: 22016, positions: 32768,
	})
	s.qkvBias = true
	s.qwen(c)
	return s
}

// readQwen3: models/qwen3/modeling_qwen3.py. Each query and key head is normalized.
func readQwen3(c *config) spec {
	s := readDecoder(c, decoderSpec{
		vocab: 151936, hidden: 4096, layers: 32, heads: 32, kvHeads: 32, headDim: 128, inner: 22016, positions: 32768,
	})
	s.qkvBias = c.bool("attention_bias", false)
	s.outBias = s.qkvBias
	s.headNorm = true
	s.qwen(c)
	return s
}

// qwen reads what Qwen2 and Qwen3 share: windows that are off unless use_sliding_window, from max_window_layers on.
func (s *decoderSpec) qwen(c *config) {
	s.activation = c.str("hidden_act", "silu")
	s.plain(c, 10000)
	size := c.int("sliding_window", 4096)
	if !c.bool("use_sliding_window", false) || c.isNull("sliding_window") {
		size = 0
	}
	from := c.int("max_window_layers", 28)
	s.window(c, size)
	s.layerTypes(c, func(i int64) bool { return size != 0 && i >= from })
	for _, sliding := range s.isSliding {
		if sliding && size == 0 {
			c.refuse("layer_types", "sliding_attention", "full_attention, as use_sliding_window is off")
		}
	}
}

// plain sets the usual scale, and one rope for every layer.
func (s *decoderSpec) plain(c *config, theta float64) {
	s.scale = 1 / math.Sqrt(float64(s.headDim))
	s.fullRope = rotary(c, s.headDim, theta, s.positions)
	s.slidingRope = s.fullRope
}
