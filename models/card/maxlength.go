package card

import (
	"fmt"
	"path"
)

// MaxLength is where sentence-transformers 6.2 cuts a text.
type MaxLength struct {
	// Tokens counts special tokens too; 0 means that texts are not cut.
	Tokens int
	// Reason says which rule gave it.
	Reason string
	// File and Key are where the number stands; "" if it is the default of a class.
	File, Key string
}

// maxLength follows Transformer.__init__ of sentence-transformers 6.2 (base/modules/transformer.py): limits that are
// passed to the tokenizer are taken as they are, even above the model's positions; otherwise the tokenizer's own limit is
// cut to max_position_embeddings.
func (c *Card) maxLength(f *files) MaxLength {
	if len(c.Modules) == 0 {
		return c.fileLimit(c.tokenizerLimit(nil))
	}
	switch m := c.Modules[0]; m.Kind {
	case ModuleStaticEmbedding:
		return c.staticLimit(f, m)
	case ModuleWordEmbeddings:
		return wordLimit(m)
	default:
		return c.transformerLimit(m.Transformer)
	}
}

func (c *Card) transformerLimit(t *TransformerConfig) MaxLength {
	passed := []struct {
		limit  *Declared[int]
		reason string
	}{
		{t.TextMaxLength, "passed to the tokenizer with every text, whatever the model's positions"},
		{t.TokenizerMaxLength, "replaces the tokenizer's own limit, whatever the model's positions"},
		{t.MaxSeqLength, "replaces the tokenizer's own limit, whatever the model's positions"},
	}
	for _, p := range passed {
		if p.limit != nil {
			return declaredLimit(p.limit, p.reason)
		}
	}
	return c.fileLimit(c.tokenizerLimit(c.positions()))
}

// positions is the model's max_position_embeddings as transformers sees it: from config.json, or the default of the
// config class, whose File is "". It is nil if there is none.
func (c *Card) positions() *Declared[int] {
	if c.Config == nil {
		return nil
	}
	p := c.Config.MaxPositions
	if p == nil {
		if n, ok := classPositions(c.Config.modelType()); ok {
			p = &Declared[int]{Value: n}
		}
	}
	if p == nil || p.Value == -1 { // xlnet's way to say that there is no limit
		return nil
	}
	return p
}

// tokenizerLimit is the tokenizer's own limit, cut to the positions.
func (c *Card) tokenizerLimit(positions *Declared[int]) MaxLength {
	own := c.Tokenizer.ModelMaxLength
	switch {
	case own == nil && positions == nil:
		return MaxLength{Reason: "neither the tokenizer nor the model's configuration states a limit"}
	case positions == nil:
		return declaredLimit(own, "the tokenizer's limit")
	case own == nil && positions.File == "":
		return MaxLength{Tokens: positions.Value, Reason: fmt.Sprintf(
			"max_position_embeddings that transformers takes for %s where config.json is silent", c.Config.modelType())}
	case own == nil:
		return declaredLimit(positions, "the model's positions; the tokenizer states no limit")
	case own.Value <= positions.Value:
		return declaredLimit(own, fmt.Sprintf("the tokenizer's limit, within the model's %d positions", positions.Value))
	case positions.File == "":
		return MaxLength{Tokens: positions.Value, Reason: fmt.Sprintf(
			"max_position_embeddings that transformers takes for %s, below the tokenizer's %d", c.Config.modelType(), own.Value)}
	}
	return declaredLimit(positions, fmt.Sprintf("the model's positions, below the tokenizer's %d", own.Value))
}

// fileLimit is a limit, or the truncation that tokenizer.json itself switches on if nothing else limits the tokenizer: no
// tokenizer_config.json, or one that states no limit. The tokenizers library obeys it, and with it everything that runs a
// graph and a tokenizer.json without transformers.
func (c *Card) fileLimit(m MaxLength) MaxLength {
	t := c.Tokenizer
	if t.Path == "" || t.ModelMaxLength != nil || t.hasConfig && m.Tokens > 0 {
		return m
	}
	d := tokenizerTruncation(t.Path, t.Files[0])
	if d == nil || m.Tokens > 0 && m.Tokens <= d.Value {
		return m
	}
	return declaredLimit(d, "the truncation that tokenizer.json switches on")
}

func declaredLimit(d *Declared[int], reason string) MaxLength {
	m := MaxLength{Tokens: d.Value, Reason: reason, File: d.File, Key: d.Key}
	if d.Value == Unlimited {
		m.Tokens = 0
	}
	return m
}

// model2vecLimit is where the library model2vec cuts texts by default (DEFAULT_MAX_LENGTH).
const model2vecLimit = 512

// staticLimit: StaticEmbedding cuts nothing itself, but runs tokenizer.json with the truncation that it has. The library
// model2vec sets its own, max_length of config.json or 512; null is no limit.
func (c *Card) staticLimit(f *files, m Module) MaxLength {
	if m.Type == Model2vec {
		return c.model2vecLimit(f)
	}
	name := path.Join(m.Path, "tokenizer.json")
	file, err := f.root.Path(name)
	if err == nil {
		if d := tokenizerTruncation(file, name); d != nil {
			return declaredLimit(d, "the truncation that tokenizer.json switches on")
		}
	}
	return MaxLength{Reason: "StaticEmbedding takes texts of any length"}
}

// wordEmbeddingsLimit is the default of WordEmbeddings' max_seq_length.
const wordEmbeddingsLimit = 1_000_000

func wordLimit(m Module) MaxLength {
	if d := m.WordEmbeddings.MaxSeqLength; d != nil {
		return declaredLimit(d, "the limit of WordEmbeddings")
	}
	return MaxLength{Tokens: wordEmbeddingsLimit, Reason: "the default of WordEmbeddings"}
}

func (c *Card) model2vecLimit(f *files) MaxLength {
	if c.Config != nil {
		o := &object{files: f, file: c.Config.File, fields: c.Config.Raw}
		if d := o.limit("max_length"); d != nil {
			return declaredLimit(d, "max_length of the library model2vec")
		}
		if _, ok := c.Config.Raw["max_length"]; ok {
			return MaxLength{Reason: "max_length is null, which the library model2vec takes for no limit", File: o.file, Key: "max_length"}
		}
	}
	return MaxLength{Tokens: model2vecLimit, Reason: "the default of the library model2vec"}
}
