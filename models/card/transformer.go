package card

import (
	"path"
	"slices"
	"strings"
)

// TransformerConfig is sentence_bert_config.json, or one of its older names, of a Transformer module.
type TransformerConfig struct {
	// File is the file that was read, "" if there is none.
	File string
	// MaxSeqLength is the limit of tokens that older models save.
	MaxSeqLength *Declared[int]
	// DoLowerCase lowers texts before the tokenizer does what it does.
	DoLowerCase bool
	// Modalities is modality_config: which method of the model takes an input, and which of its outputs is used. Keys are
	// text, image, audio, video, message, or several joined by "+". Where the file is silent it is what
	// sentence-transformers assumes for the module's type.
	Modalities map[string]ModalityConfig
	// ModalitiesFile is File where it states Modalities, "" if they are assumed.
	ModalitiesFile string
	// Output is the feature the module writes: FeatureTokens or FeatureSentence.
	Output string
	// TokenizerMaxLength is model_max_length of tokenizer_args (or processor_kwargs), and TextMaxLength is
	// processing_kwargs.text.max_length: limits of tokens that win over MaxSeqLength.
	TokenizerMaxLength, TextMaxLength *Declared[int]
}

// ModalityConfig is one entry of modality_config.
type ModalityConfig struct {
	// Method is "forward", or "get_text_features" and its like.
	Method string
	// Output is the name of the output that is used: "last_hidden_state", "pooler_output"; "" if the method returns a
	// tensor and no names.
	Output string
}

// transformerFiles are the names that sentence-transformers tries in turn.
func transformerFiles() []string {
	return []string{
		"sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json",
		"sentence_camembert_config.json", "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
		"sentence_xlnet_config.json",
	}
}

func readTransformer(f *files, dir string, kind ModuleKind) *TransformerConfig {
	var o *object
	for _, name := range transformerFiles() {
		if o = f.object(path.Join(dir, name)); o != nil && len(o.fields) > 0 {
			break
		}
	}
	c := &TransformerConfig{
		MaxSeqLength:  o.limit("max_seq_length"),
		DoLowerCase:   o.flag("do_lower_case").orElse(false),
		TextMaxLength: o.object("processing_kwargs").object("text").limit("max_length"),
	}
	if o != nil {
		c.File = o.file
	}
	c.TokenizerMaxLength = firstOf(
		o.object("tokenizer_args").limit("model_max_length"), o.object("processor_kwargs").limit("model_max_length"))
	c.readModalities(o, kind)
	return c
}

func (c *TransformerConfig) readModalities(o *object, kind ModuleKind) {
	c.Output = o.text("module_output_name").orElse("")
	modalities := o.object("modality_config")
	if modalities == nil {
		c.assumeModalities(kind)
		return
	}
	c.ModalitiesFile = o.file
	c.Modalities = map[string]ModalityConfig{}
	for key := range modalities.fields {
		if !knownModality(key) {
			continue // as sentence-transformers does, with a warning
		}
		entry := modalities.object(key)
		c.Modalities[key] = ModalityConfig{
			Method: entry.text("method").orElse("forward"),
			Output: entry.text("method_output_name").orElse(""),
		}
	}
	if c.Output == "" {
		c.Output = FeatureTokens
	}
}

// assumeModalities is what sentence-transformers takes where the file is silent: text through forward, or both towers
// of a CLIPModel.
func (c *TransformerConfig) assumeModalities(kind ModuleKind) {
	c.Modalities = map[string]ModalityConfig{"text": {Method: "forward", Output: "last_hidden_state"}}
	c.Output = FeatureTokens
	if kind == ModuleCLIP {
		c.Modalities = map[string]ModalityConfig{
			"text":  {Method: "get_text_features", Output: "pooler_output"},
			"image": {Method: "get_image_features", Output: "pooler_output"},
		}
		c.Output = FeatureSentence
	}
}

// modalityNames are sentence-transformers' single modalities; message is a chat of the others.
func modalityNames() []string { return []string{"text", "image", "audio", "video", "message"} }

func knownModality(key string) bool {
	for _, part := range strings.Split(key, "+") {
		if !slices.Contains(modalityNames(), part) {
			return false
		}
	}
	return true
}
