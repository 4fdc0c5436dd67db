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

// farthestEnd is how far to search for a model's end if no file sets a limit.
const farthestEnd = 8192

// runOpenEnd looks for the end of a model whose files set no limit: its positions may end, or it may read only so far.
// It goes as far as the length budget allows, and says how far that was if it found no end.
func (b *battery) runOpenEnd(ctx context.Context, l *longText) error {
	far := farthestEnd
	for far > 2*shortestCost && b.lengthBudget > 0 && b.estimate(far) > b.lengthBudget {
		far /= 2
	}
	whole, err := b.longInput(far)
	if err != nil {
		return err
	}
	whole = b.tokens.Cut(whole, far)
	if l.length, err = b.searchLength(ctx, whole, len(whole.IDs)); err != nil {
		return err
	}
	l.truncation = detect.Finding{
		Reason: fmt.Sprintf("no file sets a limit to cut texts at; %d tokens were run", len(whole.IDs)),
	}
	return nil
}

// fit finds the end of a model that failed on the short texts because they run past it, whatever its files declare, and
// cuts them there. If it is not the length, the texts come back as they are.
func (b *battery) fit(ctx context.Context, s *shortTexts, texts []models.Input, cause error) ([]models.Input, error) {
	if ctx.Err() != nil || !ofInput(cause) {
		return nil, cause
	}
	if b.tokens == nil {
		return texts, nil
	}
	shortest, longest := slices.MinFunc(texts, byCost), slices.MaxFunc(texts, byCost)
	if _, err := b.model.Run(ctx, []models.Input{shortest}); err != nil {
		return texts, nil //nolint:nilerr // it may be this one text
	}
	// Tokens that run when they are few: nothing but their number can be why they fail.
	many := stretched(shortest, len(longest.IDs))
	if _, err := b.model.Run(ctx, []models.Input{many}); err == nil {
		return texts, nil
	}
	s.declared = b.limit()
	f, err := b.searchEnd(ctx, many, len(shortest.IDs), len(many.IDs), cause)
	if err != nil {
		return nil, err
	}
	s.end = &f
	return b.shortInputs()
}

// searchEnd finds the longest sequence that runs at all, between one that runs and one that fails.
func (b *battery) searchEnd(
	ctx context.Context, whole models.Input, runs, fails int, cause error,
) (detect.Finding, error) {
	attempts := 0
	runs, err := longestThatRuns(runs, fails, func(n int) (bool, error) {
		attempts++
		_, err := b.model.Run(ctx, []models.Input{b.tokens.Cut(whole, n)})
		if err != nil && ctx.Err() != nil {
			return false, err
		}
		return err != nil, nil
	})
	if err != nil {
		return detect.Finding{}, err
	}
	lowerLimit(b.tokens, runs)
	return detect.EndOfInput(runs, runs+1, attempts, cause.Error()), nil
}

// longestThatRuns halves between a length that runs and one that fails.
func longestThatRuns(runs, fails int, failsAt func(n int) (bool, error)) (int, error) {
	for runs+1 < fails {
		n := (runs + fails) / 2
		failed, err := failsAt(n)
		if err != nil {
			return 0, err
		}
		if failed {
			fails = n
		} else {
			runs = n
		}
	}
	return runs, nil
}

// lowerLimit makes a model cut texts at the longest sequence that it was seen to run.
func lowerLimit(tokens models.TokenIDs, runs int) {
	tokens.LowerLimit(runs, fmt.Sprintf("the model fails on %d tokens", runs+1))
}

// ofInput reports whether an error may be that of what was fed: the tokenizer or the engine failed on it. Pure Go says of
// shapes that do not go together that it cannot run the node as it is used.
func ofInput(err error) bool {
	var f *failure.Error
	if !errors.As(err, &f) || f.Stage != failure.StageInference {
		return false
	}
	return f.Kind == failure.KindInference || f.Kind == failure.KindTokenizer || f.Kind == failure.KindUnsupportedOp
}
