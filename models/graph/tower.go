package graph

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
)

// The names of what the towers of CLIP and SigLIP take and return, which are transformers' own.
const (
	// PixelValues is float32, batch x channels x height x width, already resized and normalized.
	PixelValues = "pixel_values"
	// TextEmbeds and ImageEmbeds are float32, batch x dim, in the space that texts and images share; not normalized.
	TextEmbeds  = "text_embeds"
	ImageEmbeds = "image_embeds"
)

// BuildImage makes the graph of the image tower of a model with two, CLIP or SigLIP: it takes pixel_values and returns
// image_embeds and last_hidden_state (batch x patches x dim, before CLIP's last norm and after SigLIP's, as in
// transformers). Build makes that of the text tower.
//
// Errors are those of Build; KindUnsupportedModel for a model_type without an image tower.
func BuildImage(config []byte, set *weights.Set) (*Result, error) {
	c, err := parseConfig(config)
	if err != nil {
		return nil, err
	}
	fam, ok := imageFamilies[c.modelType]
	if !ok {
		return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
			"model_type %q has no image tower that a graph is built for; clip and siglip have", c.modelType)
	}
	s := fam.read(c)
	if err := c.finish(fam.inert); err != nil {
		return nil, err
	}
	return assemble(c, fam, s, set)
}

var imageFamilies = map[string]family{"clip": clipImageFamily, "siglip": siglipImageFamily}

// towerSpec is the transformer that both towers of CLIP and SigLIP have: norms before the sublayers.
type towerSpec struct {
	hidden, layers, heads, inner int64
	activation                   string
	eps, scale                   float64
}

func readTower(c *config, hidden, heads, inner int64, activation string, eps float64) towerSpec {
	s := towerSpec{
		hidden:     c.size("hidden_size", hidden),
		layers:     c.layers("num_hidden_layers", 12),
		heads:      c.size("num_attention_heads", heads),
		inner:      c.size("intermediate_size", inner),
		activation: c.str("hidden_act", activation),
		eps:        c.float("layer_norm_eps", eps),
	}
	checkHeads(c, s.hidden, s.heads)
	s.scale = 1 / math.Sqrt(float64(s.hidden/s.heads))
	return s
}

// layersOf runs the layers of one tower; bias is the mask, none for images.
func (s *towerSpec) layersOf(b *builder, x value, tower string, bias value) value {
	a := attention{heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: bias}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		name := fmt.Sprintf("%sencoder.layers.%d.", tower, i)
		y := b.layerNorm(x, name+"layer_norm1", s.hidden, s.eps, true)
		q := b.heads(b.linear(y, name+"self_attn.q_proj", s.hidden, s.hidden, true), a.heads, a.headDim)
		k := b.heads(b.linear(y, name+"self_attn.k_proj", s.hidden, s.hidden, true), a.heads, a.headDim)
		v := b.heads(b.linear(y, name+"self_attn.v_proj", s.hidden, s.hidden, true), a.heads, a.headDim)
		x = b.add(x, b.linear(b.attend(q, k, v, a), name+"self_attn.out_proj", s.hidden, s.hidden, true))
		y = b.layerNorm(x, name+"layer_norm2", s.hidden, s.eps, true)
		x = b.add(x, s.mlp(b, y, name+"mlp."))
	}
	return x
}

func (s *towerSpec) mlp(b *builder, x value, name string) value {
	x = b.activate(b.linear(x, name+"fc1", s.hidden, s.inner, true), s.activation)
	return b.linear(x, name+"fc2", s.inner, s.hidden, true)
}

// textRows embeds tokens and positions: rows.
func (s *towerSpec) textRows(b *builder, vocab, positions int64) value {
	const name = "text_model.embeddings."
	x := b.gather(b.ids, vocab, s.hidden, name+"token_embedding.weight")
	x = b.add(x, b.firstRows(0, positions, s.hidden, name+"position_embedding.weight"))
	return b.rows(x, s.hidden)
}

// embedsOutput declares the vectors of a tower, batch x dim.
func (b *builder) embedsOutput(name string, dim int64) {
	b.out.Output(tensor.Info{
		Name: name, DType: tensor.Float32, Shape: []int64{tensor.DynamicDim, dim}, Symbols: []string{"batch_size", ""},
	})
}

// imageSpec is what the image towers share: square images cut in square patches.
type imageSpec struct {
	towerSpec
	channels, side, patch int64
}

func readImage(c *config, patch int64, t towerSpec) imageSpec {
	s := imageSpec{
		towerSpec: t, channels: c.size("num_channels", 3), side: c.size("image_size", 224),
		patch: c.size("patch_size", patch),
	}
	if s.patch > s.side || s.side > 1<<14 || s.channels > 1<<10 {
		c.fail(failure.KindInvalidConfig, "%simage_size %d, patch_size %d, num_channels %d",
			c.prefix, s.side, s.patch, s.channels)
		s.patch = s.side
	}
	return s
}

func (s *imageSpec) patches() int64 { return (s.side / s.patch) * (s.side / s.patch) }

// patchRows declares pixel_values and embeds each patch: batch x patches x hidden. Tokens of the sequence are patches
// and extra ones before them.
func (s *imageSpec) patchRows(b *builder, bias bool, extra int64) value {
	b.out.Input(tensor.Info{
		Name: PixelValues, DType: tensor.Float32, Shape: []int64{tensor.DynamicDim, s.channels, s.side, s.side},
		Symbols: []string{"batch_size", "", "", ""},
	})
	batch := b.slice(b.op("Shape", []value{PixelValues}), 0, 0, 1)
	b.seq = b.ints(s.patches() + extra)
	b.shape = b.op("Concat", []value{batch, b.seq}, onnx.Int("axis", 0))
	const name = "vision_model.embeddings.patch_embedding."
	inputs := []value{PixelValues, b.param([]int64{s.hidden, s.channels, s.patch, s.patch}, name+"weight")}
	if bias {
		inputs = append(inputs, b.param([]int64{s.hidden}, name+"bias"))
	}
	x := b.op("Conv", inputs, onnx.Ints("kernel_shape", s.patch, s.patch), onnx.Ints("strides", s.patch, s.patch),
		onnx.Ints("pads", 0, 0, 0, 0), onnx.Ints("dilations", 1, 1), onnx.Int("group", 1))
	flat := b.op("Concat", []value{batch, b.ints(s.hidden, s.patches())}, onnx.Int("axis", 0))
	return b.transpose(b.reshape(x, flat), 0, 2, 1)
}

// addPositions adds the learned positions of patches and of extra tokens, and returns rows.
func (s *imageSpec) addPositions(b *builder, x value, extra int64) value {
	positions := b.param([]int64{s.patches() + extra, s.hidden}, "vision_model.embeddings.position_embedding.weight")
	return b.rows(b.add(x, positions), s.hidden)
}

// batchRows takes one token's state of each text or image: batch x hidden. Index is of the sequence.
func (b *builder) batchRows(x value, index, dim int64) value {
	return b.op("Gather", []value{b.reshape(x, b.dims(dim)), b.int(index)}, onnx.Int("axis", 1))
}
