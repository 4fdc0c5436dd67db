package graph

import (
	"fmt"
	"math"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// rotarySpec is BERT with rotary positions and a gated MLP, norms after the sublayers: NomicBERT (Nussbaum et al. 2024,
// arXiv:2402.01613; transformers: models/nomic_bert) and GTE v1.5 (Zhang et al. 2024, arXiv:2407.19669; transformers:
// models/gte). The weights have the names of their first publication or those that transformers 5 gives them.
type rotarySpec struct {
	vocab, hidden, layers, heads, inner, positions, tokenTypes int64
	activation                                                 string
	eps, scale                                                 float64
	qkvBias, outBias, downBias                                 bool
	rope                                                       rope
	// published is the spelling of the first publication, next to transformers' own.
	published rotaryNames
}

// rotaryNames are the tensors of one spelling; %d is the layer. A fused name holds the blocks of several projections.
type rotaryNames struct {
	embeddingNorm               string
	qkv, query, key, value, out string
	attentionNorm, mlpNorm      string
	upGate, up, gate, down      string
}

// separateNames is transformers' own spelling of both families.
var separateNames = rotaryNames{
	embeddingNorm: "embeddings.LayerNorm",
	query:         "layers.%d.self_attn.q_proj", key: "layers.%d.self_attn.k_proj",
	value: "layers.%d.self_attn.v_proj", out: "layers.%d.self_attn.o_proj",
	attentionNorm: "layers.%d.post_attention_layernorm", mlpNorm: "layers.%d.post_mlp_layernorm",
	up: "layers.%d.mlp.up_proj", gate: "layers.%d.mlp.gate_proj", down: "layers.%d.mlp.down_proj",
}

var nomicNames = rotaryNames{
	embeddingNorm: "emb_ln", qkv: "encoder.layers.%d.attn.Wqkv", out: "encoder.layers.%d.attn.out_proj",
	attentionNorm: "encoder.layers.%d.norm1", mlpNorm: "encoder.layers.%d.norm2",
	up: "encoder.layers.%d.mlp.fc11", gate: "encoder.layers.%d.mlp.fc12", down: "encoder.layers.%d.mlp.fc2",
}

var gteNames = rotaryNames{
	embeddingNorm: "embeddings.LayerNorm", qkv: "encoder.layer.%d.attention.qkv_proj",
	out: "encoder.layer.%d.attention.o_proj", attentionNorm: "encoder.layer.%d.attn_ln",
	mlpNorm: "encoder.layer.%d.mlp_ln", upGate: "encoder.layer.%d.mlp.up_gate_proj", down: "encoder.layer.%d.mlp.down_proj",
}

// nomicInert are options of the published NomicBERT's configuration that choose between equal ways to compute, or
// belong to training.
var nomicInert = []string{
	"attn_pdrop", "embd_pdrop", "resid_pdrop", "dense_seq_output", "fused_bias_fc", "fused_dropout_add_ln",
	"pad_vocab_size_multiple", "reorder_and_upcast_attn", "use_flash_attn", "use_xentropy",
}

// newInert are the same for GTE v1.5: unpadding and memory-efficient attention change speed only.
var newInert = []string{"unpad_inputs", "use_memory_efficient_attention"}

func rotaryFamily(read func(*config) spec, prefixes []string, inert ...string) family {
	return family{
		read: read, anchor: "embeddings.word_embeddings.weight", prefixes: prefixes,
		leftovers: []string{
			"pooler.*", "cls.*", "lm_head.*", "classifier.*", "embeddings.position_ids", "*rotary_emb.inv_freq",
		},
		inert: inert,
	}
}

// readNomic reads NomicBERT's configuration: its own, which descends from GPT-2's names, or transformers 5's.
func readNomic(c *config) spec {
	s := &rotarySpec{
		vocab:      c.size("vocab_size", 30528),
		hidden:     c.size("n_embd", c.size("hidden_size", 768)),
		layers:     c.layers("n_layer", c.layers("num_hidden_layers", 12)),
		heads:      c.size("n_head", c.size("num_attention_heads", 12)),
		inner:      c.size("n_inner", c.size("intermediate_size", 3072)),
		positions:  c.size("n_positions", c.size("max_position_embeddings", 2048)),
		tokenTypes: c.size("type_vocab_size", 2),
		eps:        c.float("layer_norm_epsilon", c.float("layer_norm_eps", 1e-12)),
		published:  nomicNames,
	}
	// Longer texts than the model was trained for need its dynamic scaling, which depends on the batch.
	s.positions = min(s.positions, c.size("max_trained_positions", s.positions))
	theta := c.float("rotary_emb_base", 1000)
	s.activation = c.str("hidden_act", "silu")
	if c.has("activation_function") { // swiglu is a gate by silu
		s.activation = strings.Replace(c.only("activation_function", "swiglu", "silu"), "swiglu", "silu", 1)
	}
	checkHeads(c, s.hidden, s.heads)
	s.checkNomic(c)
	headDim := max(s.hidden/s.heads, 1)
	s.rope = rotary(c, headDim, theta, s.positions)
	s.scale = 1 / math.Sqrt(float64(headDim))
	return s
}

// checkNomic refuses what the code that NomicBERT was published with can do in addition.
func (s *rotarySpec) checkNomic(c *config) {
	if f := c.float("rotary_emb_fraction", 1); f != 1 {
		c.refuse("rotary_emb_fraction", f, "1")
	}
	for _, key := range []string{"rotary_scaling_factor", "rotary_emb_scale_base"} {
		if c.has(key) {
			c.refuse(key, c.float(key, 0), "null")
		}
	}
	c.off("prenorm", "use_rms_norm", "parallel_block", "parallel_block_tied_norm", "causal", "rotary_emb_interleaved",
		"qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias", "scale_attn_by_inverse_layer_idx")
	c.on("scale_attn_weights")
	if c.has("head_dim") && c.int("head_dim", 0) != s.hidden/s.heads {
		c.refuse("head_dim", c.int("head_dim", 0), "hidden_size / num_attention_heads")
	}
}

// readGTE reads transformers' GTE; readNew the published GTE v1.5, whose model_type is "new". They differ in a default.
func readGTE(c *config) spec { return readGTEAs(c, 160000) }

func readNew(c *config) spec { return readGTEAs(c, 10000) }

func readGTEAs(c *config, theta float64) spec {
	c.on("pack_qkv")
	c.only("position_embedding_type", "rope")
	c.only("layer_norm_type", "layer_norm")
	c.off("logn_attention_scale", "logn_attention_clip1")
	s := &rotarySpec{
		vocab:      c.size("vocab_size", 250048),
		hidden:     c.size("hidden_size", 768),
		layers:     c.layers("num_hidden_layers", 12),
		heads:      c.size("num_attention_heads", 12),
		inner:      c.size("intermediate_size", 3072),
		positions:  c.size("max_position_embeddings", 8192),
		tokenTypes: c.int("type_vocab_size", 1),
		activation: c.str("hidden_act", "gelu"),
		eps:        c.float("layer_norm_eps", 1e-12),
		qkvBias:    true, outBias: true, downBias: true,
		published: gteNames,
	}
	if s.tokenTypes < 0 || s.tokenTypes > maxSize {
		c.fail(failure.KindInvalidConfig, "type_vocab_size is %d", s.tokenTypes)
	}
	checkHeads(c, s.hidden, s.heads)
	headDim := max(s.hidden/s.heads, 1)
	s.rope = rotary(c, headDim, theta, s.positions)
	s.scale = 1 / math.Sqrt(float64(headDim))
	return s
}

func (s *rotarySpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions}
}

func (s *rotarySpec) build(b *builder) {
	types := b.textInputs(s.tokenTypes > 1)
	x := b.gather(b.ids, s.vocab, s.hidden, "embeddings.word_embeddings.weight")
	if s.tokenTypes > 0 {
		if types == none {
			types = b.int(0)
		}
		x = b.add(x, b.gather(types, s.tokenTypes, s.hidden, "embeddings.token_type_embeddings.weight"))
	}
	names := separateNames
	if b.has(fmt.Sprintf(s.published.out, 0) + ".weight") {
		names = s.published
	}
	x = b.rows(b.layerNorm(x, names.embeddingNorm, s.hidden, s.eps, true), s.hidden)
	a := attention{heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: b.maskBias(b.tokens())}
	turns := b.turns(s.rope)
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		at := func(name string) string { return fmt.Sprintf(name, i) }
		q, k, v := s.project(b, x, names, at, a)
		q, k = b.rotate(q, a.headDim, turns), b.rotate(k, a.headDim, turns)
		y := b.linear(b.attend(q, k, v, a), at(names.out), s.hidden, s.hidden, s.outBias)
		x = b.layerNorm(b.add(x, y), at(names.attentionNorm), s.hidden, s.eps, true)
		x = b.layerNorm(b.add(x, s.mlp(b, x, names, at)), at(names.mlpNorm), s.hidden, s.eps, true)
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *rotarySpec) project(
	b *builder, x value, names rotaryNames, at func(string) string, a attention,
) (q, k, v value) {
	if names.qkv != "" {
		return b.fusedHeads(b.linear(x, at(names.qkv), s.hidden, 3*s.hidden, s.qkvBias), a)
	}
	one := func(name string) value {
		return b.heads(b.linear(x, at(name), s.hidden, s.hidden, s.qkvBias), a.heads, a.headDim)
	}
	return one(names.query), one(names.key), one(names.value)
}

func (s *rotarySpec) mlp(b *builder, x value, names rotaryNames, at func(string) string) value {
	var up, gate value
	if names.upGate != "" {
		both := b.linear(x, at(names.upGate), s.hidden, 2*s.inner, false)
		up, gate = b.slice(both, 1, 0, s.inner), b.slice(both, 1, s.inner, 2*s.inner)
	} else {
		up = b.linear(x, at(names.up), s.hidden, s.inner, false)
		gate = b.linear(x, at(names.gate), s.hidden, s.inner, false)
	}
	return b.linear(b.mul(b.activate(gate, s.activation), up), at(names.down), s.inner, s.hidden, s.downBias)
}
