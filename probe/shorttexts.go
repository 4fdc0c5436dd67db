package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
)

// aloneTexts is how many of the probe texts also run one by one, and again: for pooling, batch invariance, determinism
// and the time of one text. Each is a run of its own, so a probe's time grows with it.
const aloneTexts = detect.FingerprintTexts

// groupSize is how many texts of similar length run in one batch. All in one batch would be padded to the longest of them:
// three times the tokens.
const groupSize = 6

// seed of the ids that a model without a tokenizer is run on.
const seed = 1

// shortTexts is what came of the probe texts.
type shortTexts struct {
	vectors [][]float32 // of all texts, in batches of groupSize
	first   time.Duration
	// perUnit is the seconds of work (battery.work) that one unit of cost takes in a batch, padding counted, after the first
	// batch.
	perUnit float64
	// promptLength is the number of leading tokens that pooling leaves out.
	promptLength int

	picked []int           // the texts that also ran alone
	alone  []*models.Batch // those
	again  []*models.Batch // those again
	times  []time.Duration // of both rounds
	works  []time.Duration // of the second round: nothing is compiled any more
	padded *models.Batch   // the first of them with padding; nil if the model does not pad
	// complete reports that all of the above ran.
	complete bool

	// fixedIDs is what the fixed ids of a fingerprint gave, for a model without a tokenizer.
	fixedIDs fixedIDs
	// sample is the shortest text that ran.
	sample models.Input
	// failing is which of the texts the model cannot take, and why; "" if it takes them all.
	failing string
	// end is the end of the model's input, if even these texts ran past it.
	end *detect.Finding
	// declared is the limit that the files set beyond that end, 0 if they set none.
	declared int
}

// runShortTexts runs the probe texts: in batches, some of them alone, those again, and one with padding. A model that
// takes no text is left to images. NaN or Inf in a vector ends the battery with an *failure.Error of KindNonFinite.
func (b *battery) runShortTexts(ctx context.Context) error {
	if !b.info.Text {
		return nil
	}
	s := &shortTexts{}
	texts, err := b.shortInputs()
	if err != nil {
		return err
	}
	if err := b.inGroups(ctx, s, texts); err != nil {
		if texts, err = b.fit(ctx, s, texts, err); err != nil {
			return err
		}
		if texts, err = b.withoutFailing(ctx, s, texts); err != nil {
			return err
		}
		if err := b.inGroups(ctx, s, texts); err != nil {
			return err
		}
	}
	s.promptLength = texts[0].PromptLength
	b.short = s
	if err := b.checkFinite(s.vectors); err != nil {
		return err
	}
	s.sample = slices.MinFunc(texts, byCost)
	s.picked = spread(len(texts), aloneTexts)
	for _, round := range []*[]*models.Batch{&s.alone, &s.again} {
		s.works = nil
		for _, i := range s.picked {
			began, worked := b.now(), b.work()
			one, err := b.model.Run(ctx, texts[i:i+1])
			if err != nil {
				return err
			}
			s.times, s.works = append(s.times, b.now().Sub(began)), append(s.works, b.work()-worked)
			*round = append(*round, one)
		}
	}
	if b.padding != nil {
		one := texts[s.picked[0]]
		if s.padded, err = b.padding.RunPadded(ctx, []models.Input{one}, b.paddedLength(len(one.IDs))); err != nil {
			return err
		}
	}
	s.complete = true
	if !b.readsText() {
		return b.runFixedIDs(ctx, &s.fixedIDs)
	}
	return nil
}

// withoutFailing leaves out the texts that the model cannot take, such as one with an id beyond its table. If that is half
// of them or more, the model is what fails.
func (b *battery) withoutFailing(ctx context.Context, s *shortTexts, texts []models.Input) ([]models.Input, error) {
	var runs []models.Input
	var cause error
	for _, text := range texts {
		_, err := b.model.Run(ctx, []models.Input{text})
		switch {
		case err == nil:
			runs = append(runs, text)
		case ctx.Err() != nil || !ofInput(err):
			return nil, err
		case cause == nil:
			cause = err
		}
	}
	if 2*len(runs) <= len(texts) {
		return nil, cause
	}
	if cause != nil {
		s.failing = fmt.Sprintf("the model fails on %d of %d short texts: %v", len(texts)-len(runs), len(texts), cause)
	}
	return runs, nil
}

// inGroups runs all texts in batches of texts that are near each other in length; the vectors keep the texts' order.
func (b *battery) inGroups(ctx context.Context, s *shortTexts, texts []models.Input) error {
	s.vectors, s.first = make([][]float32, len(texts)), 0
	took, cost := 0.0, 0
	for group := range slices.Chunk(ordered(texts), groupSize) {
		batch := pick(texts, group)
		began, worked := b.now(), b.work()
		out, err := b.model.Run(ctx, batch)
		if err != nil {
			return err
		}
		if s.first == 0 {
			s.first = b.now().Sub(began)
		} else {
			took += (b.work() - worked).Seconds()
			cost += len(batch) * batch[len(batch)-1].Cost
		}
		for i, at := range group {
			s.vectors[at] = out.Vectors[i]
		}
	}
	s.perUnit = took / float64(max(cost, 1))
	return nil
}

// ordered are the places of inputs, the shortest input first.
func ordered(inputs []models.Input) []int {
	order := make([]int, len(inputs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return byCost(inputs[i], inputs[j]) })
	return order
}

// pick takes the inputs at these places.
func pick(inputs []models.Input, places []int) []models.Input {
	out := make([]models.Input, len(places))
	for i, at := range places {
		out[i] = inputs[at]
	}
	return out
}

// shortInputs are the probe texts, or ids from the vocabulary if the model has no tokenizer.
func (b *battery) shortInputs() ([]models.Input, error) {
	if b.readsText() {
		return b.model.Prepare(detect.ProbeTexts(), models.PrepareOptions{Prompt: b.info.DefaultPrompt})
	}
	lengths := make([]int, len(detect.ProbeTexts()))
	for i := range lengths {
		lengths[i] = 3 + i
	}
	return b.ids.RandomInputs(seed, lengths...), nil
}

// paddedLength is a length with clearly more padding than text that the model can still hold.
func (b *battery) paddedLength(tokens int) int {
	n := 2*tokens + 5
	if limit := b.limit(); limit > 0 {
		n = max(tokens, min(n, limit))
	}
	return n
}

// spread picks k of n indices at even distances, the first among them.
func spread(n, k int) []int {
	if n <= k {
		k = n
	}
	out := make([]int, k)
	for i := range out {
		out[i] = i * n / k
	}
	return out
}

// oneText is the median time of one short text alone.
func (b *battery) oneText() *float64 {
	if b.short == nil || len(b.short.times) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(b.short.times))
	return seconds(sorted[len(sorted)/2])
}
