package card

import (
	"github.com/divinedevops/probe/models/failure"
)

// libraryFile is sentence-transformers' own configuration, at the top of the model's folder.
const libraryFile = "config_sentence_transformers.json"

// readLibrary reads config_sentence_transformers.json.
func (c *Card) readLibrary(f *files) {
	o := f.object(libraryFile)
	if o == nil {
		return
	}
	c.Similarity = o.text("similarity_fn_name")
	c.TruncateDim = o.size("truncate_dim")
	c.LibraryType = o.text("model_type")
	c.DefaultPromptName = o.text("default_prompt_name")
	c.readPrompts(o)
	if c.LibraryType == nil {
		return
	}
	switch c.LibraryType.Value {
	case "SentenceTransformer":
	case "CrossEncoder":
		f.fail(failure.KindNotEmbedding,
			"%s: model_type is CrossEncoder: it scores pairs of texts and has no embedding", libraryFile)
	default:
		f.fail(failure.KindUnsupportedModel,
			"%s: model_type: expected SentenceTransformer, found %q; sparse and multi-vector models have no single "+
				"dense embedding", libraryFile, c.LibraryType.Value)
	}
}

// readPrompts reads prompts, and checks as sentence-transformers does that the default is one of them; "query" and
// "document" are always there, empty.
func (c *Card) readPrompts(o *object) {
	prompts := o.object("prompts")
	if prompts != nil {
		c.Prompts = &Declared[map[string]string]{Value: map[string]string{}, File: o.file, Key: "prompts"}
		for name := range prompts.fields {
			c.Prompts.Value[name] = prompts.text(name).orElse("")
		}
	}
	name := c.DefaultPromptName.orElse("")
	if name == "" || name == "query" || name == "document" || o.files.err != nil {
		return
	}
	if c.Prompts != nil {
		if _, ok := c.Prompts.Value[name]; ok {
			return
		}
	}
	o.files.fail(failure.KindInvalidConfig, "%s: default_prompt_name: expected a name from prompts, found %q", o.file, name)
}
