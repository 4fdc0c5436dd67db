package card

import (
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
)

// assumeModules gives a model without modules.json the pipeline that sentence-transformers 6.2 makes for it
// (SentenceTransformer._load_default_modules): the transformer and mean pooling, or the last token for a causal language
// model. A model with one tower for text and one for images outputs its vectors itself. A model without a
// model_type cannot be loaded there, and its Modules stay empty.
func (c *Card) assumeModules(f *files, src *source.Source) {
	modelType := c.Config.modelType()
	switch {
	case f.err != nil:
		return
	case modelType == Model2vec:
		c.assumeStatic(f, Model2vec)
		return
	case modelType == "":
		if kind, ok := c.staticTensors(f, src); ok {
			c.assumeStatic(f, kind)
			return
		}
	}
	var declared *Module
	if !givesVectors(modelType) {
		declared = c.lonePooling(f)
	}
	if modelType == "" && declared == nil {
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
	if declared != nil {
		c.Modules = append(c.Modules, *declared)
		return
	}
	mode, why := pooling.Mean, "no file names a pooling, and sentence-transformers takes the mean"
	if c.causal() {
		mode, why = pooling.LastToken, "no file names a pooling, and sentence-transformers takes the last token of a causal language model"
	}
	c.Modules = append(c.Modules, Module{
		Index: 1, Kind: ModulePooling, Dir: f.root.Dir,
		Pooling: &PoolingConfig{EmbeddingDimension: c.Config.HiddenSize, Modes: []pooling.Mode{mode}, Assumed: why, IncludePrompt: true},
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

// The two libraries that save static embeddings: what they do with a text differs (see Module.Type).
const (
	Model2vec       = "model2vec"
	staticEmbedding = "StaticEmbedding"
)

// assumeStatic is the pipeline of static embeddings without modules.json: the mean of a text's rows, normalized if
// config.json says so (https://github.com/MinishLab/model2vec). The tensors or the model_type declare it.
func (c *Card) assumeStatic(f *files, kind string) {
	static := Module{Kind: ModuleStaticEmbedding, Type: kind, Dir: f.root.Dir}
	static.findWeights(f)
	c.Modules = []Module{static}
	c.ModulesDeclared = true
	if c.Config == nil {
		return
	}
	if c.normalize(f).orElse(false) {
		c.Modules = append(c.Modules, Module{
			Index: 1, Kind: ModuleNormalize, Dir: f.root.Dir,
			Normalize: &NormalizeConfig{Input: FeatureSentence, Output: FeatureSentence},
		})
	}
}

// normalize is the key of a model2vec config.json.
func (c *Card) normalize(f *files) *Declared[bool] {
	o := &object{files: f, file: c.Config.File, fields: c.Config.Raw}
	return o.flag("normalize")
}
