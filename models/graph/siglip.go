package graph

import (
	"github.com/divinedevops/probe/models/onnx"
)

// SigLIP (Zhai et al. 2023, arXiv:2303.15343). transformers: models/siglip/modeling_siglip.py.
var (
	siglipTextFamily = family{
		read: readSigLIPText, anchor: "text_model.embeddings.token_embedding.weight", prefixes: []string{"siglip.", ""},
		leftovers: []string{"vision_model.*", "logit_scale", "logit_bias", "*.position_ids"},
	}
	siglipImageFamily = family{
		read: readSigLIPImage, anchor: "vision_model.head.probe", prefixes: []string{"siglip.", ""},
		leftovers: []string{"text_model.*", "logit_scale", "logit_bias", "*.position_ids"},
	}
)

// siglipTextSpec is SigLIP's text tower: bidirectional, its vector is made of the last token's state, padding or not.
// It was trained on texts padded to the full length without a mask.
type siglipTextSpec struct {
	towerSpec
	vocab, positions, projection int64
	visible                      visibility
}

func readSigLIPText(c *config) spec {
	skip(c, "vision_config")
	t := half(c, "text_config")
	s := &siglipTextSpec{
		towerSpec: readTower(t, 768, 12, 3072, "gelu_pytorch_tanh", 1e-6),
		vocab:     t.size("vocab_size", 32000),
		positions: t.size("max_position_embeddings", 64),
	}
	s.projection = t.size("projection_size", s.hidden)
	return s
}

func (s *siglipTextSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions, hard: true}
}

func (s *siglipTextSpec) build(b *builder) {
	b.textInputs(false)
	x := s.textRows(b, s.vocab, s.positions)
	x = s.layersOf(b, x, "text_model.", b.maskBias(b.visible(s.visible)))
	x = b.layerNorm(x, "text_model.final_layer_norm", s.hidden, s.eps, true)
	b.hiddenOutput(x, s.hidden)
	inputs := []value{
		b.batchRows(x, -1, s.hidden), b.param([]int64{s.projection, s.hidden}, "text_model.head.weight"),
		b.param([]int64{s.projection}, "text_model.head.bias"),
	}
	b.node("Gemm", inputs, TextEmbeds, onnx.Int("transB", 1))
	b.embedsOutput(TextEmbeds, s.projection)
}

// siglipImageSpec is SigLIP's image tower: no class token; a learned query attends to the patches for the vector.
type siglipImageSpec struct{ imageSpec }

func readSigLIPImage(c *config) spec {
	skip(c, "text_config")
	v := half(c, "vision_config")
	tower := readTower(v, 768, 12, 3072, "gelu_pytorch_tanh", 1e-6)
	v.on("vision_use_head")
	return &siglipImageSpec{readImage(v, 16, tower)}
}

func (s *siglipImageSpec) facts() facts { return facts{} }

func (s *siglipImageSpec) build(b *builder) {
	x := s.addPositions(b, s.patchRows(b, true, 0), 0)
	x = s.layersOf(b, x, "vision_model.", none)
	x = b.layerNorm(x, "vision_model.post_layernorm", s.hidden, s.eps, true)
	b.hiddenOutput(x, s.hidden)
	x = s.probe(b, x)
	y := b.layerNorm(x, "vision_model.head.layernorm", s.hidden, s.eps, true)
	b.node("Add", []value{x, s.mlp(b, y, "vision_model.head.mlp.")}, ImageEmbeds)
	b.embedsOutput(ImageEmbeds, s.hidden)
}

// probe is torch.nn.MultiheadAttention with the learned query: batch x hidden. Its projections are stored in one
// tensor, query, key and value in that order.
func (s *siglipImageSpec) probe(b *builder, x value) value {
	const name = "vision_model.head."
	weight := b.param([]int64{3 * s.hidden, s.hidden}, name+"attention.in_proj_weight")
	bias := b.param([]int64{3 * s.hidden}, name+"attention.in_proj_bias")
	project := func(x value, from, to int64) value {
		w, c := b.slice(weight, 0, from*s.hidden, to*s.hidden), b.slice(bias, 0, from*s.hidden, to*s.hidden)
		return b.op("Gemm", []value{x, w, c}, onnx.Int("transB", 1))
	}
	headDim := s.hidden / s.heads
	query := b.rows(b.param([]int64{1, 1, s.hidden}, name+"probe"), s.hidden)
	q := b.reshape(project(query, 0, 1), b.ints(1, s.heads, 1, headDim))
	q = b.mul(q, b.float(s.scale))
	k := b.transpose(b.heads(project(x, 1, 2), s.heads, headDim), 0, 2, 3, 1)
	v := b.transpose(b.heads(project(x, 2, 3), s.heads, headDim), 0, 2, 1, 3)
	weights := b.op("Softmax", []value{b.op("MatMul", []value{q, k})}, onnx.Int("axis", -1))
	y := b.rows(b.transpose(b.op("MatMul", []value{weights, v}), 0, 2, 1, 3), s.hidden)
	return b.linear(y, name+"attention.out_proj", s.hidden, s.hidden, true)
}
