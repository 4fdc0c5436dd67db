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

// lengthRun is what texts of several lengths took.
type lengthRun struct{ samples []detect.CostSample }

// measureLengthCost is how a text's time grows with its length.
func measureLengthCost(b *battery) detect.Finding {
	switch {
	case b.quick:
		return leftOut()
	case b.info.FixedSequence > 0:
		return detect.Finding{Reason: "the graph takes one length only"}
	case b.lengths == nil:
		return detect.Finding{}
	}
	return detect.LengthCost(b.lengths.samples)
}

// runLengths runs texts of several lengths, as far as the budget goes.
func (b *battery) runLengths(ctx context.Context) error {
	if b.quick || !b.info.Text || b.tokens == nil || b.info.FixedSequence > 0 {
		return nil
	}
	longest := longestCost
	if limit := b.limit(); limit > 0 {
		longest = min(longest, limit)
	}
	whole, err := b.longInput(longest)
	if err != nil {
		return err
	}
	r := &lengthRun{}
	var spent, last time.Duration
	for n := shortestCost; n <= min(longest, len(whole.IDs)); n *= 2 {
		// The next length costs up to four times the last.
		if len(r.samples) > 0 && b.budget > 0 && spent+8*last > b.budget/4 {
			break
		}
		s, worked, err := b.sampleCost(ctx, b.tokens.Cut(whole, n))
		if err != nil {
			return err
		}
		spent, last = spent+worked, worked/costRounds
		r.samples = append(r.samples, s)
	}
	b.lengths = r
	return nil
}

// costRounds is how often each length runs.
const costRounds = 2

// sampleCost runs one text twice and takes the faster: the first run of a length may compile and allocate for it.
func (b *battery) sampleCost(ctx context.Context, text models.Input) (s detect.CostSample, worked time.Duration, err error) {
	s.Tokens = len(text.IDs)
	before := b.work()
	for round := range costRounds {
		began := b.now()
		if _, err := b.model.Run(ctx, []models.Input{text}); err != nil {
			return s, 0, err
		}
		lap := b.now().Sub(began)
		if round == 0 || lap.Seconds() < s.Seconds {
			s.Seconds = lap.Seconds()
		}
	}
	s.Resident = residentNow()
	return s, b.work() - before, nil
}
