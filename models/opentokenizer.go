package models

import (
	"path/filepath"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tokenizer"
)

// OpenTokenizer opens just the tokenizer of a model: ref is any REF of models/source, or a tokenizer.json. Errors are
// *failure.Error.
func OpenTokenizer(ref string, getenv func(string) string) (*tokenizer.Tokenizer, error) {
	src, err := source.Resolve(ref, source.Options{Tokenizer: true, Env: getenv})
	if err != nil {
		return nil, err
	}
	if src.Kind == source.KindTokenizer {
		t, err := tokenizer.Load(src.TokenizerPath)
		if err != nil {
			return nil, failure.Errorf(failure.StageLoad, failure.KindTokenizer, "tokenizer: %w", err)
		}
		return t, nil
	}
	c, err := card.Read(src)
	if err != nil {
		return nil, err
	}
	e := &Encoder{source: src, card: c}
	if err := e.openTokenizer(""); err != nil {
		return nil, err
	}
	if e.tok == nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTokenizer,
			"%s: expected tokenizer.json or a vocabulary file, found none", ref)
	}
	return e.tok, nil
}

// openTokenizer reads the model's tokenizer. A model that has none is opened all the same.
func (e *Encoder) openTokenizer(path string) error {
	var err error
	switch {
	case path != "":
		e.tok, err = tokenizer.Load(path)
	case e.card.Tokenizer.Path != "":
		e.tok, err = loadTokenizer(e.card)
	case len(e.card.Tokenizer.Files) > 0:
		e.tok, err = tokenizer.LoadDir(tokenizerDir(e.source, e.card))
	}
	if err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindTokenizer, "tokenizer: %w", err)
	}
	return nil
}

// loadTokenizer reads tokenizer.json as transformers does, whose tokenizer classes for BERT and its kin put the settings of
// tokenizer_config.json in place of those in tokenizer.json. Static embeddings are run without transformers.
func loadTokenizer(c *card.Card) (*tokenizer.Tokenizer, error) {
	t := c.Tokenizer
	if t.Class == nil || !tokenizer.ClassHasBertSettings(t.Class.Value) || isStatic(nil, c) {
		return tokenizer.Load(t.Path)
	}
	s := tokenizer.BertSettings{Lowercase: or(t.DoLowerCase, true), HandleChineseChars: or(t.TokenizeChineseChars, true)}
	if t.StripAccents != nil {
		s.StripAccents = &t.StripAccents.Value
	}
	return tokenizer.LoadBert(t.Path, s)
}

func or[T any](d *card.Declared[T], otherwise T) T {
	if d == nil {
		return otherwise
	}
	return d.Value
}

// tokenizerDir is the folder that the tokenizer's files lie in: that of the first of them, which the card lists relative
// to the model's folder.
func tokenizerDir(src *source.Source, c *card.Card) string {
	return filepath.Dir(filepath.Join(src.Dir, filepath.FromSlash(c.Tokenizer.Files[0])))
}
