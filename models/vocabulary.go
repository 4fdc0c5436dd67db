package models

import (
	"strings"

	"github.com/divinedevops/probe/models/onnx"
)

// embeddingNames are parts of the names that exporters keep for the token embedding's table.
var embeddingNames = []string{
	"word_embeddings.weight", "embed_tokens.weight", "tok_embeddings.weight", "token_embedding.weight", "wte.weight",
	"shared.weight", "word_embeddings.weight_quantized", "embed_tokens.weight_quantized",
}

// vocabularySize is the number of rows of a graph's token embedding, known by its name; 0 where no name fits.
func vocabularySize(tensors []onnx.TensorHead) int {
	for _, init := range tensors {
		if len(init.Dims) != 2 || init.Dims[0] > 1<<31 {
			continue
		}
		for _, name := range embeddingNames {
			if strings.Contains(init.Name, name) {
				return int(init.Dims[0])
			}
		}
	}
	return 0
}
