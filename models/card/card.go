// Package card reads what a model's files declare about it: the transformers configuration, sentence-transformers' pipeline
// of modules, the tokenizer's limits, prompts and the like. Every value comes with the file and key it stands in, and is
// nil if no file states it: what libraries fill in by themselves is kept apart (Module configurations,
// EffectiveMaxLength), so that declared and measured values can be compared.
//
// The rules are those of sentence-transformers 6.2 and transformers 5.23, for the formats of all their versions; they are
// described in docs/models.md. Nothing from a model is executed.
package card

import (
	"path/filepath"
	"slices"
	"strconv"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
)

// ColBERTFile is the file with the settings of a ColBERT model.
const ColBERTFile = "artifact.metadata"

// Card is what the files of one model declare.
type Card struct {
	// Config is config.json; nil if there is none.
	Config *Config
	// Modules is the pipeline in order, as sentence-transformers would run it. It is empty if no file says what kind of
	// model it is (a bare .onnx file).
	Modules []Module
	// ModulesDeclared is true if modules.json lists Modules (or config.json, for model2vec). Otherwise they are what
	// sentence-transformers falls back to: the transformer, and mean pooling (lasttoken for causal language models).
	ModulesDeclared bool
	Tokenizer       TokenizerConfig

	// EmbeddingDimension is the width of the vectors: of the last module that states one, cut to TruncateDim.
	EmbeddingDimension *Declared[int]
	// Pooling are the modes of the Pooling module, concatenated in this order; nil if no file states any.
	Pooling *Declared[[]pooling.Mode]
	// IncludePrompt is false if the prompt's tokens are left out of pooling.
	IncludePrompt bool
	// Normalization is "l2" where a Normalize module has the last word, "none" where the pipeline is declared without.
	Normalization *Declared[string]
	// Similarity is similarity_fn_name as saved: cosine, dot, euclidean, manhattan.
	Similarity *Declared[string]
	// MaxSequenceLength is EffectiveMaxLength where a file states it.
	MaxSequenceLength *Declared[int]
	// EffectiveMaxLength is the number of tokens, special ones included, that sentence-transformers cuts texts to.
	EffectiveMaxLength MaxLength
	// TruncateDim cuts the vector to its first components after all modules.
	TruncateDim *Declared[int]
	// Prompts are texts by name that go before a text, and DefaultPromptName the one used if none is asked for.
	Prompts           *Declared[map[string]string]
	DefaultPromptName *Declared[string]
	// Modalities are text, image, audio, video, in this order.
	Modalities *Declared[[]string]
	// Preprocessor is preprocessor_config.json, or image_processor of processor_config.json; nil if there is neither.
	Preprocessor *Preprocessor
	// DType is the weights' type as config.json states it: float32, float16, bfloat16.
	DType *Declared[string]
	// ColBERT reports a file that ColBERT's own library saves beside the weights of such a model (ColBERTFile).
	ColBERT bool
	// LibraryType is model_type of config_sentence_transformers.json: SentenceTransformer.
	LibraryType *Declared[string]
	// Warnings are what a reader of the report should know about the files, a sentence each.
	Warnings []string
	// Readme is the front matter of README.md, and what it calls the model.
	Readme Readme
}

// DefaultPrompt is the text that goes before every text unless the caller says otherwise; "" if there is none.
func (c *Card) DefaultPrompt() string {
	if c.DefaultPromptName == nil || c.Prompts == nil {
		return ""
	}
	return c.Prompts.Value[c.DefaultPromptName.Value]
}

// Read reads the declarations of a model that source.Resolve found. For an endpoint or a bare tokenizer the card is empty.
//
// Errors are *failure.Error of stage load: KindInvalidConfig with the file, the key and what was found; KindUnsupportedModel
// for a module or option whose effect is not known; KindUnsafePath; KindMissingFile; KindTooLarge; KindNotEmbedding for a
// model that sentence-transformers saved as something else than an embedding model.
func Read(src *source.Source) (*Card, error) {
	c := &Card{IncludePrompt: true, Warnings: slices.Clone(src.Warnings)}
	if src.Dir == "" {
		return c, nil
	}
	root, err := folder.Open(src.Dir, failure.StageLoad, src.Caches...)
	if err != nil {
		return nil, err
	}
	f := &files{root: root, hasGraph: src.Format == source.FormatONNX}
	modelDir, err := filepath.Rel(root.Dir, src.ModelDir)
	if err != nil || modelDir == "." {
		modelDir = ""
	}
	modelDir = filepath.ToSlash(modelDir)
	c.readLibrary(f)
	c.ColBERT = root.Listed(ColBERTFile)
	c.Config = readConfig(f.firstObject(modelDir, "config.json"))
	c.Tokenizer = readTokenizer(f, modelDir)
	c.Tokenizer.besideGraph(f, src.ONNXPath)
	if c.Modules = readModules(f); c.Modules != nil {
		c.ModulesDeclared = true
	} else {
		c.assumeModules(f, src)
	}
	if f.err != nil {
		return nil, f.err
	}
	c.Warnings = append(c.Warnings, f.warnings...)
	c.summarize(f, src)
	c.Readme = readReadme(root)
	if f.err != nil {
		return nil, f.err
	}
	return c, nil
}

// firstObject reads a file of the transformer's folder, or else of the model's.
func (f *files) firstObject(modelDir, name string) *object {
	if modelDir != "" {
		if o := f.object(modelDir + "/" + name); o != nil {
			return o
		}
	}
	return f.object(name)
}

// summarize derives the values that depend on several files.
func (c *Card) summarize(f *files, src *source.Source) {
	if c.Config != nil {
		c.DType = c.Config.DType
	}
	for _, m := range c.Modules {
		if m.Pooling != nil {
			c.Pooling = firstOf(c.Pooling, m.Pooling.Declared)
			c.IncludePrompt = c.IncludePrompt && m.Pooling.IncludePrompt
		}
	}
	c.leaveOutPrompt(src.Name)
	c.EmbeddingDimension = c.dimension()
	c.Normalization = c.normalization()
	c.Preprocessor = c.readPreprocessor(f)
	c.Modalities = c.modalities()
	c.EffectiveMaxLength = c.maxLength(f)
	if m := c.EffectiveMaxLength; m.File != "" && m.Tokens > 0 {
		c.MaxSequenceLength = &Declared[int]{Value: m.Tokens, File: m.File, Key: m.Key}
	}
}

// leaveOutPrompt follows sentence-transformers, which knows by name that these leave the prompt out of pooling though
// their files do not say so.
func (c *Card) leaveOutPrompt(name string) {
	switch name {
	case "hkunlp/instructor-base", "hkunlp/instructor-large", "hkunlp/instructor-xl":
	default:
		return
	}
	c.IncludePrompt = false
	for _, m := range c.Modules {
		if m.Pooling != nil {
			m.Pooling.IncludePrompt = false
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
