package card

import (
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/pooling"
)

// assumeModules gives a model without modules.json the pipeline that sentence-transformers 6.2 makes for it
// (SentenceTransformer._load_default_modules): the transformer and mean pooling, or the last token for a causal language
// model. A model with one tower for text and one for images outputs its vectors itself. A model without a
// model_type cannot be loaded there, and its Modules stay empty.
func (c *Card) assumeModules(f *files) {
	modelType := c.Config.modelType()
	switch {
	case f.err != nil || modelType == "":
		return
	case modelType == "model2vec":
		c.assumeStatic(f)
		return
	}
	// sentence_bert_config.json is not looked at without modules.json.
	first := Module{Kind: ModuleTransformer, Dir: f.root.Dir, Transformer: &TransformerConfig{}}
	first.Transformer.assumeModalities(ModuleTransformer)
	c.Modules = []Module{first}
	if givesVectors(modelType) {
		first.Transformer.assumeModalities(ModuleCLIP)
		return
	}
	mode := pooling.Mean
	if c.causal() {
		mode = pooling.LastToken
	}
	c.Modules = append(c.Modules, Module{
		Index: 1, Kind: ModulePooling, Dir: f.root.Dir,
		Pooling: &PoolingConfig{EmbeddingDimension: c.Config.HiddenSize, Modes: []pooling.Mode{mode}, IncludePrompt: true},
	})
}

// causal reports whether the model was made to continue text and still attends to earlier tokens only.
func (c *Card) causal() bool {
	architectures := c.Config.Architectures.orElse(nil)
	return len(architectures) > 0 && strings.HasSuffix(architectures[0], "ForCausalLM") && c.Config.Causal.orElse(true)
}

// givesVectors reports whether this is one of the model types whose forward has no last_hidden_state, but whose
// get_text_features and get_image_features return vectors of one space.
func givesVectors(modelType string) bool {
	return slices.Contains([]string{
		"align", "altclip", "chinese_clip", "clip", "clipseg", "groupvit", "metaclip_2", "siglip", "siglip2",
	}, modelType)
}

// assumeStatic is the pipeline of a model2vec folder: the mean of its embeddings, normalized where config.json says so
// (https://github.com/MinishLab/model2vec). The type and the key declare it.
func (c *Card) assumeStatic(f *files) {
	static := Module{Kind: ModuleStaticEmbedding, Type: "model2vec", Dir: f.root.Dir}
	static.findWeights(f)
	c.Modules = []Module{static}
	if c.normalize(f).orElse(false) {
		c.Modules = append(c.Modules, Module{
			Index: 1, Kind: ModuleNormalize, Dir: f.root.Dir,
			Normalize: &NormalizeConfig{Input: FeatureSentence, Output: FeatureSentence},
		})
	}
	c.ModulesDeclared = true
}

// normalize is the key of a model2vec config.json.
func (c *Card) normalize(f *files) *Declared[bool] {
	o := &object{files: f, file: c.Config.File, fields: c.Config.Raw}
	return o.flag("normalize")
}
