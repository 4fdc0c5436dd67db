package models

import (
	"context"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
)

// hasWords is sentence-transformers' average of word vectors: its tokenizer splits at white space and drops stop words.
func hasWords(src *source.Source, c *card.Card) bool {
	return src.ONNXPath == "" && len(c.Modules) > 0 && c.Modules[0].Kind == card.ModuleWordEmbeddings
}

func refuseWords(_ context.Context, o Opening) (Model, error) {
	return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
		"%s begins with the module WordEmbeddings, an average of word vectors with a tokenizer of its own, which is not run "+
			"here; expected a Transformer, CLIPModel or StaticEmbedding module", o.Source.Ref)
}
