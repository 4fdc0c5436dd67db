package models

import (
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
