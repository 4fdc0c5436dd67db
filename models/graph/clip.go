package graph

import (
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// CLIP (Radford et al. 2021, arXiv:2103.00020). transformers: models/clip/modeling_clip.py.
var (
	clipTextFamily = family{
		read: readCLIPText, anchor: "text_model.embeddings.token_embedding.weight", prefixes: []string{"clip.", ""},
		leftovers: []string{"vision_model.*", "visual_projection.*", "logit_scale", "*.position_ids"},
		inert:     clipInert,
	}
	clipImageFamily = family{
		read: readCLIPImage, anchor: "vision_model.embeddings.class_embedding", prefixes: []string{"clip.", ""},
		leftovers: []string{"text_model.*", "text_projection.*", "logit_scale", "*.position_ids"},
		inert:     clipInert,
	}
	clipInert = []string{"logit_scale_init_value", "projection_dim"}
)

// clipTextSpec is CLIP's text tower: causal, its vector is the state of the end token.
type clipTextSpec struct {
	towerSpec
	vocab, positions, projection int64
	visible                      visibility
	// end is the token whose first place is taken; if largest is set, the place of the largest id is taken instead.
	end     int64
	largest bool
}

// half returns the configuration of one tower. The files of the first release have it twice, and only the one that ends
// in _dict counts, because transformers copies it, with all defaults filled in, over the other.
func half(c *config, key string) *config {
	other := c.object(key + "_dict")
	own := c.object(key)
	if other != nil {
		if own != nil {
			for k := range own.values {
				own.read[k] = true
			}
		}
		return other
	}
	if own == nil {
		return &config{modelType: c.modelType, values: map[string]any{}, read: map[string]bool{}, err: c.err}
	}
	return own
}

// skip marks the configuration of the other tower as read.
func skip(c *config, key string) {
	for _, k := range []string{key, key + "_dict"} {
		c.read[k] = true
	}
}

func readCLIPText(c *config) spec {
	skip(c, "vision_config")
	t := half(c, "text_config")
	s := &clipTextSpec{
		towerSpec:  readTower(t, 512, 8, 2048, "quick_gelu", 1e-5),
		vocab:      t.size("vocab_size", 49408),
		positions:  t.size("max_position_embeddings", 77),
		projection: c.size("projection_dim", 512),
		visible:    visibility{causal: true},
		end:        t.int("eos_token_id", 49407),
	}
	// 2 is what files from before transformers 4.31 wrongly say; for them the end token is the largest id.
	s.largest = s.end == 2
	return s
}

func (s *clipTextSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions, hard: true}
}

func (s *clipTextSpec) build(b *builder) {
	b.textInputs(false)
	x := s.textRows(b, s.vocab, s.positions)
	x = s.layersOf(b, x, "text_model.", b.maskBias(b.visible(s.visible)))
	x = b.layerNorm(x, "text_model.final_layer_norm", s.hidden, s.eps, true)
	b.hiddenOutput(x, s.hidden)
	weight := b.param([]int64{s.projection, s.hidden}, "text_projection.weight")
	b.node("Gemm", []value{s.endState(b), weight}, TextEmbeds, onnx.Int("transB", 1))
	b.embedsOutput(TextEmbeds, s.projection)
}

// endState is the state of the end token of each text, batch x hidden.
func (s *clipTextSpec) endState(b *builder) value {
	scores := b.ids
	if !s.largest {
		scores = b.op("Equal", []value{b.ids, b.int(s.end)})
	}
	scores = b.op("Cast", []value{scores}, onnx.Int("to", int64(tensor.Int32)))
	place := b.op("ArgMax", []value{scores}, onnx.Int("axis", 1), onnx.Int("keepdims", 1))
	one := b.toFloat32(b.op("Equal", []value{b.unsqueeze(b.arange(), 0), place})) // batch x sequence
	state := b.op("MatMul", []value{b.unsqueeze(one, 1), LastHiddenState})
	return b.op("Squeeze", []value{state, b.ints(1)})
}

// clipImageSpec is CLIP's image tower: a class token before the patches, whose state is the vector.
type clipImageSpec struct {
	imageSpec
	projection int64
}

func readCLIPImage(c *config) spec {
	skip(c, "text_config")
	v := half(c, "vision_config")
	tower := readTower(v, 768, 12, 3072, "quick_gelu", 1e-5)
	return &clipImageSpec{imageSpec: readImage(v, 32, tower), projection: c.size("projection_dim", 512)}
}

func (s *clipImageSpec) facts() facts { return facts{} }

func (s *clipImageSpec) build(b *builder) {
	x := s.patchRows(b, false, 1)
	class := b.param([]int64{s.hidden}, "vision_model.embeddings.class_embedding")
	batch := b.slice(b.shape, 0, 0, 1)
	shape := b.op("Concat", []value{batch, b.ints(1, s.hidden)}, onnx.Int("axis", 0))
	x = b.op("Concat", []value{b.op("Expand", []value{class, shape}), x}, onnx.Int("axis", 1))
	x = s.addPositions(b, x, 1)
	x = b.layerNorm(x, "vision_model.pre_layrnorm", s.hidden, s.eps, true) // sic
	x = s.layersOf(b, x, "vision_model.", none)
	b.hiddenOutput(x, s.hidden)
	x = b.layerNorm(b.batchRows(x, 0, s.hidden), "vision_model.post_layernorm", s.hidden, s.eps, true)
	weight := b.param([]int64{s.projection, s.hidden}, "visual_projection.weight")
	b.node("Gemm", []value{x, weight}, ImageEmbeds, onnx.Int("transB", 1))
	b.embedsOutput(ImageEmbeds, s.projection)
}
