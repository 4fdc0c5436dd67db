package card

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// Config is a transformers config.json (https://huggingface.co/docs/transformers/main_classes/configuration). Every value
// may be nil, because config.json need not state any.
type Config struct {
	// File is relative to the model's folder: "config.json", or "0_Transformer/config.json".
	File      string
	ModelType *Declared[string]
	// Architectures are class names such as "BertModel".
	Architectures *Declared[[]string]
	// HiddenSize is the width of the token states, under any of its names (hidden_size, d_model, dim, n_embd, ...).
	HiddenSize, Layers, VocabSize *Declared[int]
	// MaxPositions is max_position_embeddings or, for the model types that rename it, n_positions. -1 means no limit.
	MaxPositions *Declared[int]
	// ProjectionDim is the width of a CLIP model's joint space.
	ProjectionDim, PadTokenID *Declared[int]
	// DType is the weights' type as dtype or torch_dtype state it, without "torch.".
	DType *Declared[string]
	// Causal is is_causal, where stated.
	Causal *Declared[bool]
	// NameOrPath is _name_or_path: where the model was once loaded from. It is no identity: it often names the base model.
	NameOrPath *Declared[string]
	// Text and Vision are text_config and vision_config of models with several towers.
	Text, Vision *Config
	// Raw are the top-level keys as they stand, for graph builders.
	Raw map[string]json.RawMessage
}

// modelType is the model type, "" if it is not stated.
func (c *Config) modelType() string {
	if c == nil {
		return ""
	}
	return c.ModelType.orElse("")
}

func readConfig(o *object) *Config {
	if o == nil {
		return nil
	}
	c := towerConfig(o)
	c.Text = towerConfig(o.object("text_config"))
	c.Vision = towerConfig(o.object("vision_config"))
	if c.Vision == nil && c.Text == nil {
		return c
	}
	// What both towers share stands within them, and once at the top in older files.
	c.ProjectionDim = firstOf(c.ProjectionDim, c.towers(func(t *Config) *Declared[int] { return t.ProjectionDim }))
	if c.DType == nil {
		for _, t := range []*Config{c.Text, c.Vision} {
			if t != nil {
				c.DType = firstOf(c.DType, t.DType)
			}
		}
	}
	return c
}

func (c *Config) towers(value func(*Config) *Declared[int]) *Declared[int] {
	for _, t := range []*Config{c.Text, c.Vision} {
		if t != nil && value(t) != nil {
			return value(t)
		}
	}
	return nil
}

// towerConfig reads the keys that config.json has at its top and within text_config and vision_config alike.
func towerConfig(o *object) *Config {
	if o == nil {
		return nil
	}
	c := &Config{
		File:          o.file,
		ModelType:     o.text("model_type"),
		Architectures: o.texts("architectures"),
		VocabSize:     o.size("vocab_size"),
		ProjectionDim: o.size("projection_dim"),
		PadTokenID:    o.integer("pad_token_id", -1, maxSize),
		Causal:        o.flag("is_causal"),
		NameOrPath:    o.text("_name_or_path"),
		Raw:           o.fields,
	}
	modelType := c.modelType()
	c.HiddenSize = o.firstSize(hiddenSizeKeys(modelType)...)
	c.Layers = o.firstSize("num_hidden_layers", "n_layers", "n_layer", "num_layers", "encoder_layers")
	c.MaxPositions = o.integer(positionKey(modelType), -1, math.MaxInt32)
	c.DType = firstOf(o.text("dtype"), o.text("torch_dtype"))
	if c.DType != nil {
		c.DType.Value = strings.TrimPrefix(c.DType.Value, "torch.")
	}
	return c
}

func (o *object) firstSize(keys ...string) *Declared[int] {
	for _, key := range keys {
		if d := o.size(key); d != nil {
			return d
		}
	}
	return nil
}

// hiddenSizeKeys returns the names of hidden_size in the order to try (attribute_map of transformers' config classes).
// "dim" and "hidden_dim" mean it for single types only; elsewhere they are widths of other layers.
func hiddenSizeKeys(modelType string) []string {
	keys := []string{"hidden_size", "d_model", "n_embd"}
	switch modelType {
	case "distilbert":
		return append(keys, "dim")
	case "xlm", "flaubert":
		return append(keys, "emb_dim")
	case "model2vec":
		return append(keys, "hidden_dim")
	}
	return keys
}

// positionKey is the key that a model type has max_position_embeddings under.
func positionKey(modelType string) string {
	if modelType != "" {
		for key, types := range positionAliases() {
			if slices.Contains(strings.Fields(types), modelType) {
				return key
			}
		}
	}
	return "max_position_embeddings"
}

// classPositions is the max_position_embeddings that the config class has where config.json is silent. ok is false for
// classes without one, and for model types that transformers does not know.
func classPositions(modelType string) (positions int, ok bool) {
	if modelType == "" {
		return 0, false
	}
	for n, types := range positionDefaults() {
		if slices.Contains(strings.Fields(types), modelType) {
			return n, true
		}
	}
	return 0, false
}
