package probe

import (
	"context"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// battery runs a model part by part and keeps what came of it; after each part the findings that rest on it are made
// (properties.go). It knows a model by its interface alone: what a model is not capable of is a finding without a value.
type battery struct {
	model models.Model
	info  models.Info
	// Capabilities, nil if the model lacks them.
	ids     models.TokenIDs
	tokens  models.Tokens
	states  models.States
	padding models.Padding
	imaging models.Images

	now func() time.Time
	// work is a clock that budgets are counted on.
	work func() time.Duration
	// lengthBudget bounds the search for the longest text, and budget the run of the triplets and each other measurement
	// beyond the short texts; 0 does not.
	lengthBudget, budget time.Duration
	// quick leaves out what rests on triplets, prompts and cost by length.
	quick bool

	// What the parts gathered; nil before their part.
	short     *shortTexts
	long      *longText
	shown     *imageRun
	sentences *sentences
	prompted  *promptRun
	lengths   *lengthRun

	findings map[string]detect.Finding
}

func newBattery(m models.Model, o Options) *battery {
	b := &battery{model: m, info: m.Info(), now: o.now, quick: o.Quick, findings: map[string]detect.Finding{}}
	b.lengthBudget, b.budget = o.budgets()
	b.work = o.work(m)
	b.ids, _ = models.As[models.TokenIDs](m)
	b.tokens, _ = models.As[models.Tokens](m)
	b.states, _ = models.As[models.States](m)
	b.padding, _ = models.As[models.Padding](m)
	b.imaging, _ = models.As[models.Images](m)
	return b
}

// parts are what the battery runs, in order.
func (b *battery) parts() []batteryPart {
	return []batteryPart{
		{partRun, b.runShortTexts}, {partLength, b.runLongText}, {partImages, b.runImages}, {partTriplets, b.runSentences},
		{partPrompts, b.runPrompts}, {partCost, b.runLengths},
	}
}

type batteryPart struct {
	name   part
	gather func(context.Context) error
}

// run gathers one part and makes its findings, as far as it came if it fails.
func (b *battery) run(ctx context.Context, p batteryPart) error {
	err := p.gather(ctx)
	for _, property := range properties() {
		if property.measure == nil || property.part != p.name && !slices.Contains(property.again, p.name) {
			continue
		}
		// A finding without a value and without a reason is none: the part did not get that far, or the property means
		// nothing for this kind of model.
		if f := b.find(property); f.Value != nil || f.Reason != "" {
			if b.restsOnPooling(property) && (f.Value != nil || f.Evidence != nil) {
				f.RestsOn = []string{vocabulary.KeyPooling}
			}
			b.findings[property.key] = f
		}
	}
	return err
}

// restsOnPooling reports whether a property is of vectors whose pooling was assumed.
func (b *battery) restsOnPooling(p property) bool {
	a := b.info.Assumed
	return a != nil && p.pooled && (!a.Normalized || p.key != vocabulary.KeyNormalization)
}

// find makes one finding, or says what the model lacks for it.
func (b *battery) find(p property) detect.Finding {
	if p.key == vocabulary.KeyPooling && b.info.Assumed != nil {
		return p.measure(b) // whatever the model takes
	}
	has := func(what needs) bool { return p.needs&what == 0 }
	switch {
	case b.info.Text || has(needsText):
	case p.part == partRun:
		return detect.Finding{} // these compare runs of texts
	default:
		return detect.Finding{Reason: "the model takes no text"}
	}
	switch {
	case !has(needsSentences|needsTokens) && b.tokens == nil && b.ids != nil:
		return detect.Finding{
			Reason: "the model has no tokenizer, so no text can be run", ReasonCode: vocabulary.ReasonNoTokenizer,
		}
	case !has(needsTokens) && b.tokens == nil:
		return detect.Finding{Reason: "the model does not show its tokens"}
	case !has(needsStates) && b.states == nil && !b.info.InGraph:
		return detect.Finding{Reason: "the model does not show its token states"}
	case !has(needsPadding) && b.padding == nil:
		return detect.Finding{Reason: "the model's padding cannot be set from outside"}
	case !has(needsImages) && b.imaging == nil:
		return detect.Finding{Reason: "the model takes no images"}
	}
	return p.measure(b)
}

// readsText reports whether the model takes a text as it stands. One that has no tokenizer here takes token ids only.
func (b *battery) readsText() bool { return b.info.Text && (b.tokens != nil || b.ids == nil) }

// leftOut is the finding of what the short battery leaves out.
func leftOut() detect.Finding {
	return detect.Finding{Reason: "the short battery leaves it out", ReasonCode: vocabulary.ReasonQuick}
}

// limit is the longest input in tokens, 0 for none or for one that is not known.
func (b *battery) limit() int {
	if b.ids == nil {
		return 0
	}
	return b.ids.Limit().Tokens
}

// checkFinite looks for NaN and Inf, which end the battery: nothing can be measured on them. The error is of
// KindNonFinite.
func (b *battery) checkFinite(vectors [][]float32) error {
	f := detect.Finite(vectors)
	b.findings[vocabulary.KeyFinite] = f
	if f.Value == true {
		return nil
	}
	if e, ok := f.Evidence.(detect.FiniteEvidence); ok {
		return failure.Errorf(failure.StageInference, failure.KindNonFinite,
			"expected finite vectors, found %d NaN and %d Inf among %d numbers of %d texts", e.NaN, e.Inf, e.Numbers, e.Texts)
	}
	return failure.Errorf(failure.StageInference, failure.KindNonFinite, "expected finite vectors: %s", f.Reason)
}

// vectorsOf are the vectors of several batches in one list.
func vectorsOf(batches []*models.Batch) [][]float32 {
	var out [][]float32
	for _, b := range batches {
		out = append(out, b.Vectors...)
	}
	return out
}

// byCost compares inputs by their length.
func byCost(x, y models.Input) int { return x.Cost - y.Cost }
