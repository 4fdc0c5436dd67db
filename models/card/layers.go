package card

import (
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/layers"
)

// The features that modules hand to one another in sentence-transformers.
const (
	FeatureTokens   = "token_embeddings"   // batch x seq x dim
	FeatureSentence = "sentence_embedding" // batch x dim
)

// DenseConfig is the config.json of a Dense module: y = activation(x W^T + b).
type DenseConfig struct {
	InFeatures, OutFeatures *Declared[int]
	// Bias reports whether linear.bias is there.
	Bias bool
	// Activation is ready to apply; ActivationName is the dotted name as saved, "" for the default, Tanh.
	Activation     layers.Activation
	ActivationName string
	// Residual adds the input, through residual.weight where the sizes differ (use_residual).
	Residual bool
	// Input and Output are the features that are read and written.
	Input, Output string
}

func readDense(o *object) *DenseConfig {
	if o == nil {
		return nil
	}
	c := &DenseConfig{
		InFeatures: o.size("in_features"), OutFeatures: o.size("out_features"),
		Bias:           o.flag("bias").orElse(true),
		ActivationName: o.text("activation_function").orElse(""),
		Residual:       o.flag("use_residual").orElse(false),
	}
	c.Input, c.Output = readFeatures(o)
	if o.files.err != nil {
		return c
	}
	if c.InFeatures == nil || c.OutFeatures == nil {
		o.files.fail(failure.KindInvalidConfig, "%s: expected the keys in_features and out_features", o.file)
		return c
	}
	activation, err := layers.ParseActivation(c.ActivationName)
	if err != nil {
		o.files.fail(failure.KindUnsupportedModel, "%s: %w", o.file, err)
	}
	c.Activation = activation
	return c
}

// readFeatures reads module_input_name and module_output_name, which default to the sentence embedding and to each other.
func readFeatures(o *object) (input, output string) {
	input = o.text("module_input_name").orElse(FeatureSentence)
	return input, o.text("module_output_name").orElse(input)
}

// LayerNormConfig is the config.json of a LayerNorm module; its weights are norm.weight and norm.bias.
type LayerNormConfig struct {
	Dimension *Declared[int]
}

func readLayerNorm(o *object) *LayerNormConfig {
	if o == nil {
		return nil
	}
	c := &LayerNormConfig{Dimension: o.size("dimension")}
	if c.Dimension == nil {
		o.files.fail(failure.KindInvalidConfig, "%s: expected the key dimension", o.file)
	}
	return c
}

// NormalizeConfig is the config.json of a Normalize module, which older models do not have.
type NormalizeConfig struct {
	// Input and Output are the features that are read and written.
	Input, Output string
}

func readNormalize(o *object) *NormalizeConfig {
	c := &NormalizeConfig{}
	c.Input, c.Output = readFeatures(o)
	return c
}

// WordEmbeddingsConfig is the wordembedding_config.json of a WordEmbeddings module.
type WordEmbeddingsConfig struct {
	// TokenizerClass is the dotted name of sentence-transformers' own tokenizer.
	TokenizerClass string
	MaxSeqLength   *Declared[int]
}

func readWordEmbeddings(o *object) *WordEmbeddingsConfig {
	if o == nil {
		return nil
	}
	return &WordEmbeddingsConfig{
		TokenizerClass: o.text("tokenizer_class").orElse(""),
		MaxSeqLength:   o.size("max_seq_length"),
	}
}
