package probe

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
)

// EmbedBatch is how many texts run at once: what a CPU's caches hold and what is still worth a GPU's while.
const EmbedBatch = 32

// Embedding is the vector of one text.
type Embedding struct {
	Vector []float32
	// Tokens counts what the model read of the text, special tokens and prompt included; characters for a model whose tokens
	// cannot be seen (models.UnitCharacters).
	Tokens int
	// Truncated reports whether the text was longer than what the model reads.
	Truncated bool
}

// Embed returns a vector for each text, as sentence-transformers' encode does: with the model's default prompt, and through
// every module that its files declare. Errors are *failure.Error. A model is not safe for concurrent use.
func (o *Opened) Embed(ctx context.Context, texts ...string) ([]Embedding, error) {
	out := make([]Embedding, 0, len(texts))
	for e, err := range o.EmbedAll(ctx, o.DefaultPrompt(), All(texts...)) {
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

// EmbedAll is Embed for any number of texts, with a prompt of the caller's choice ("" for none): it takes EmbedBatch texts
// at a time and yields their vectors in order. It ends after the first error, of the model or of texts itself.
func (o *Opened) EmbedAll(ctx context.Context, prompt string, texts iter.Seq2[string, error]) iter.Seq2[Embedding, error] {
	return func(yield func(Embedding, error) bool) {
		index := 0
		batch := make([]string, 0, EmbedBatch)
		run := func() bool {
			embeddings, err := o.embed(ctx, prompt, batch, index)
			for _, e := range embeddings {
				if !yield(e, nil) {
					return false
				}
			}
			if err != nil {
				yield(Embedding{}, err)
				return false
			}
			index += len(batch)
			batch = batch[:0]
			return true
		}
		for text, err := range texts {
			if err != nil {
				yield(Embedding{}, err)
				return
			}
			batch = append(batch, text)
			if len(batch) == EmbedBatch && !run() {
				return
			}
		}
		if len(batch) > 0 {
			run()
		}
	}
}

// embed runs one batch, whose first text has the number first. With an error come the vectors before it.
func (o *Opened) embed(ctx context.Context, prompt string, texts []string, first int) ([]Embedding, error) {
	inputs, err := o.Model.Prepare(texts, models.PrepareOptions{Prompt: prompt})
	if err != nil {
		return nil, err
	}
	batch, err := o.Model.Run(ctx, inputs)
	if err != nil {
		return nil, err
	}
	out := make([]Embedding, 0, len(texts))
	for i, v := range batch.Vectors {
		for _, x := range v {
			if x64 := float64(x); math.IsNaN(x64) || math.IsInf(x64, 0) {
				return out, failure.Errorf(failure.StageInference, failure.KindNonFinite,
					"text %d: expected finite numbers, the vector holds %v", first+i, x)
			}
		}
		out = append(out, Embedding{Vector: v, Tokens: inputs[i].Cost, Truncated: inputs[i].Truncated})
	}
	return out, nil
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
