package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
)

// farthestEnd is how far the end of a model is looked for whose files set no limit.
const farthestEnd = 8192

// searchOpenEnd looks for the end of a model whose files set no limit: its positions may end, or it may read only so far.
// It goes as far as the length budget allows, and says how far that was where it found no end.
func (b *battery) searchOpenEnd(ctx context.Context) error {
	far := farthestEnd
	for far > 2*shortestCost && b.lengthBudget > 0 && b.estimate(far) > b.lengthBudget {
		far /= 2
	}
	whole, err := b.longTokens(far)
	if err != nil {
		return err
	}
	whole = whole.Cut(far, b.e.TruncatesLeft())
	f, _, err := b.searchLength(ctx, whole, len(whole.IDs))
	if err != nil {
		return err
	}
	b.findings["max_sequence_length"] = f
	b.findings["truncation"] = detect.Finding{
		Reason: fmt.Sprintf("no file sets a limit to cut texts at; %d tokens were run", len(whole.IDs)),
	}
	return nil
}

// fit finds the end of a model whose files set no limit where even the short texts run past it, and cuts them there.
func (b *battery) fit(ctx context.Context, texts []models.Tokens) ([]models.Tokens, error) {
	if b.e.Limit().Tokens > 0 || !b.e.HasTokenizer() {
		return texts, nil
	}
	byLength := func(x, y models.Tokens) int { return len(x.IDs) - len(y.IDs) }
	shortest, longest := slices.MinFunc(texts, byLength), slices.MaxFunc(texts, byLength)
	_, cause := b.e.Encode(ctx, []models.Tokens{longest})
	var e *failure.Error
	if cause == nil || !errors.As(cause, &e) || e.Kind != failure.KindInference {
		return texts, cause
	}
	if _, err := b.e.Encode(ctx, []models.Tokens{shortest}); err != nil {
		return nil, cause // it is not the length
	}
	f, err := b.searchEnd(ctx, longest, len(shortest.IDs), len(longest.IDs), cause)
	if err != nil {
		return nil, err
	}
	b.findings["max_sequence_length"], b.ended = f, true
	return b.tokens()
}
