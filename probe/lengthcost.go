package probe

import (
	"context"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
)

// The lengths whose cost is measured double from the shortest, to the limit or this many tokens.
const (
	shortestCost = 16
	longestCost  = 8192
)

// lengthCost measures what texts of several lengths take, as far as the budget goes.
func (b *battery) lengthCost(ctx context.Context) error {
	null := func(reason string) error {
		b.findings["length_cost"] = detect.Finding{Reason: reason}
		return nil
	}
	switch {
	case b.quick:
		return null("--quick leaves it out")
	case !b.e.Facts.Text || !b.e.HasTokenizer():
		return null("the model takes no text, or has no tokenizer for it")
	case b.e.Facts.FixedSequence > 0:
		return null("the graph takes one length only")
	}
	longest := longestCost
	if limit := b.e.Limit().Tokens; limit > 0 {
		longest = min(longest, limit)
	}
	tokens, err := b.longTokens(longest)
	if err != nil {
		return err
	}
	var samples []detect.CostSample
	var spent time.Duration
	for n := shortestCost; n <= min(longest, len(tokens.IDs)); n *= 2 {
		// The next length costs up to four times the last.
		if k := len(samples); k > 0 && b.budget > 0 && spent+timeOf(8*samples[k-1].Seconds) > b.budget/4 {
			break
		}
		s, took, err := b.sampleCost(ctx, tokens.Cut(n, b.e.TruncatesLeft()))
		if err != nil {
			return err
		}
		spent += took
		samples = append(samples, s)
	}
	b.findings["length_cost"] = detect.LengthCost(samples)
	return nil
}

// sampleCost runs one text twice and takes the faster: the first run of a length may compile and allocate for it.
func (b *battery) sampleCost(ctx context.Context, text models.Tokens) (s detect.CostSample, took time.Duration, err error) {
	s.Tokens = len(text.IDs)
	for round := range 2 {
		began := b.now()
		if _, err := b.e.Encode(ctx, []models.Tokens{text}); err != nil {
			return s, 0, err
		}
		lap := b.now().Sub(began)
		took += lap
		if round == 0 || lap.Seconds() < s.Seconds {
			s.Seconds = lap.Seconds()
		}
	}
	s.Resident = residentNow()
	return s, took, nil
}

// longTokens are those of a text of at least n tokens, or of as many as there are.
func (b *battery) longTokens(n int) (models.Tokens, error) {
	var tokens []models.Tokens
	var failed error
	text, _ := detect.TextOver(n, func(text string) int {
		if tokens, failed = b.e.TokenizeWhole([]string{text}); failed != nil {
			return -1
		}
		return len(tokens[0].IDs)
	})
	if failed != nil || text == "" {
		return models.Tokens{}, failed
	}
	return tokens[0], nil
}

func timeOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
