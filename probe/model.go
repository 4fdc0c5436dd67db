package probe

import (
	"context"
	"fmt"
	"iter"

	"github.com/divinedevops/probe/models"
)

// EmbedBatch is how many texts run at once at most: what a CPU's caches hold and what is still worth a GPU's while.
const EmbedBatch = 32

// Embedding is the vector of one text.
type Embedding struct {
	Vector []float32
	// Tokens counts what the model read of the text, special tokens and prompt included; characters for a model whose tokens
	// cannot be seen (models.UnitCharacters).
	Tokens int
	// Truncated reports whether the text was longer than what the model reads.
	Truncated bool
	// Err is why this text has no vector, a *failure.Error; the others have theirs.
	Err error
}

// Embed returns a vector for each text, as sentence-transformers' encode does: with the model's default prompt, and through
// every module that its files declare. The first text that fails ends it. Errors are *failure.Error. A model is not safe for concurrent use.
func (o *Opened) Embed(ctx context.Context, texts ...string) ([]Embedding, error) {
	out := make([]Embedding, 0, len(texts))
	for e, err := range o.EmbedAll(ctx, o.DefaultPrompt(), All(texts...)) {
		if err == nil {
			err = e.Err
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// All is texts for EmbedAll.
func All(texts ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, text := range texts {
			if !yield(text, nil) {
				return
			}
		}
	}
}

// Tokenize returns what Embed gives the model for each text: with the default prompt, special tokens, and cut to what the
// model reads. IDs are nil for a model that does not show its tokens. Errors are *failure.Error.
func (o *Opened) Tokenize(texts ...string) ([]models.Input, error) {
	return o.Model.Prepare(texts, models.PrepareOptions{Prompt: o.DefaultPrompt()})
}

// DefaultPrompt is what Embed puts before each text; "" if the model declares none.
func (o *Opened) DefaultPrompt() string { return o.Model.Info().DefaultPrompt }

// Prompts are the model's prompts by name; nil if it declares none.
func (o *Opened) Prompts() map[string]string { return o.Model.Info().Prompts }

// Prompt returns the prompt of that name.
func (o *Opened) Prompt(name string) (string, error) {
	if p, ok := o.Prompts()[name]; ok {
		return p, nil
	}
	return "", fmt.Errorf("the model has no prompt %q", name)
}
