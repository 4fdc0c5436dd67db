package graph

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/failure"
)

// bertSpec is the encoder of BERT (Devlin et al. 2018, arXiv:1810.04805) and of the families that kept its layers and
// its names: RoBERTa, XLM-RoBERTa, CamemBERT and ELECTRA. transformers: models/bert/modeling_bert.py.
type bertSpec struct {
	vocab, embedding, hidden, layers, heads, inner int64
	positions, tokenTypes                          int64
	activation                                     string
	eps, scale                                     float64
	// fromIDs is RoBERTa's way: positions count the tokens that are not pad (by their id), from pad+1 on.
	fromIDs bool
	pad     int64
	// firstPosition is the row of the first token; 0, or pad+1 where positions come from the ids.
	firstPosition int64
}

func bertFamily(read func(*config) spec, prefix string) family {
	return family{
		read: read, anchor: "embeddings.word_embeddings.weight", prefixes: []string{prefix, ""},
		leftovers: []string{
			"pooler.*", "embeddings.position_ids", "embeddings.token_type_ids", "cls.*", "lm_head.*", "classifier.*",
			"qa_outputs.*", "discriminator_predictions.*", "generator_predictions.*", "generator_lm_head.*",
		},
	}
}

// readCommon reads what BERT and its descendants share; the defaults that differ between them are given.
func readCommon(c *config, vocab, hidden, heads, inner int64) *bertSpec {
	s := &bertSpec{
		vocab:      c.size("vocab_size", vocab),
		hidden:     c.size("hidden_size", hidden),
		layers:     c.layers("num_hidden_layers", 12),
		heads:      c.size("num_attention_heads", heads),
		inner:      c.size("intermediate_size", inner),
		positions:  c.size("max_position_embeddings", 512),
		tokenTypes: c.size("type_vocab_size", 2),
		activation: c.str("hidden_act", "gelu"),
		eps:        c.float("layer_norm_eps", 1e-12),
	}
	checkHeads(c, s.hidden, s.heads)
	s.embedding = s.hidden
	s.scale = 1 / math.Sqrt(float64(s.hidden/s.heads))
	c.only("position_embedding_type", "absolute")
	c.off("is_decoder", "add_cross_attention")
	return s
}

func readBERT(c *config) spec { return readCommon(c, 30522, 768, 12, 3072) }

// readRoBERTa: the same layers, but positions start after the padding id and skip padding
// (modeling_roberta.py, create_position_ids_from_input_ids).
func readRoBERTa(c *config) spec {
	s := readCommon(c, 50265, 768, 12, 3072)
	s.fromIDs = true
	s.pad = c.int("pad_token_id", 1)
	s.firstPosition = s.pad + 1
	if s.pad < 0 || s.firstPosition >= s.positions {
		c.fail(failure.KindInvalidConfig, "pad_token_id %d leaves no room in max_position_embeddings %d", s.pad, s.positions)
	}
	return s
}

// readELECTRA: embeddings may be narrower than the layers (modeling_electra.py).
func readELECTRA(c *config) spec {
	s := readCommon(c, 30522, 256, 4, 1024)
	s.embedding = c.size("embedding_size", 128)
	return s
}

func (s *bertSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions - s.firstPosition, hard: true}
}

func (s *bertSpec) build(b *builder) {
	// A vocabulary of one token type needs no input: every token has type 0.
	types := b.textInputs(s.tokenTypes > 1)
	x := b.gather(b.ids, s.vocab, s.embedding, "embeddings.word_embeddings.weight")
	x = b.add(x, s.tokenTypeRows(b, types))
	x = b.add(x, s.positionRows(b))
	x = b.layerNorm(x, "embeddings.LayerNorm", s.embedding, s.eps, true)
	x = b.rows(x, s.embedding)
	if s.embedding != s.hidden {
		x = b.linear(x, "embeddings_project", s.embedding, s.hidden, true)
	}
	headDim := s.hidden / s.heads
	a := attention{heads: s.heads, headDim: headDim, scale: s.scale, bias: b.maskBias(b.tokens())}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		x = s.layer(b, x, fmt.Sprintf("encoder.layer.%d.", i), a)
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *bertSpec) tokenTypeRows(b *builder, types value) value {
	const name = "embeddings.token_type_embeddings.weight"
	if types != none {
		return b.gather(types, s.tokenTypes, s.embedding, name)
	}
	return b.gather(b.int(0), s.tokenTypes, s.embedding, name)
}

func (s *bertSpec) positionRows(b *builder) value {
	const name = "embeddings.position_embeddings.weight"
	if !s.fromIDs {
		return b.firstRows(s.firstPosition, s.positions, s.embedding, name)
	}
	return b.gather(b.positionsFromIDs(s.pad, s.firstPosition), s.positions, s.embedding, name)
}

func (s *bertSpec) layer(b *builder, x value, name string, a attention) value {
	self := name + "attention.self."
	q := b.heads(b.linear(x, self+"query", s.hidden, s.hidden, true), a.heads, a.headDim)
	k := b.heads(b.linear(x, self+"key", s.hidden, s.hidden, true), a.heads, a.headDim)
	v := b.heads(b.linear(x, self+"value", s.hidden, s.hidden, true), a.heads, a.headDim)
	y := b.linear(b.attend(q, k, v, a), name+"attention.output.dense", s.hidden, s.hidden, true)
	x = b.layerNorm(b.add(y, x), name+"attention.output.LayerNorm", s.hidden, s.eps, true)
	y = b.activate(b.linear(x, name+"intermediate.dense", s.hidden, s.inner, true), s.activation)
	y = b.linear(y, name+"output.dense", s.inner, s.hidden, true)
	return b.layerNorm(b.add(y, x), name+"output.LayerNorm", s.hidden, s.eps, true)
}
