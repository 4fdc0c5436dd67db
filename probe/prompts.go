package probe

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/vocabulary"
)

const (
	// promptTriplets is how many triplets run with each prompt: enough for a prompt that matters to show.
	promptTriplets = 60
	// maxPrompts is how many prompts are tried, in the order of their names.
	maxPrompts = 8
)

// promptRun is what came of the prompts: the declared ones, and those that the model's family needs.
type promptRun struct{ declared, needed detect.Finding }

// measurePrompts is which declared prompts change the vectors.
func measurePrompts(b *battery) detect.Finding {
	switch {
	case b.quick:
		return leftOut()
	case b.prompted == nil:
		return detect.Finding{}
	}
	return b.prompted.declared
}

// measurePromptsNeeded is which prompts a model needs that declares none.
func measurePromptsNeeded(b *battery) detect.Finding {
	switch {
	case b.quick:
		return leftOut()
	case b.prompted == nil:
		return detect.Finding{}
	}
	return b.prompted.needed
}

// runPrompts tries the declared prompts or, for a model of a kind that needs some and declares none, those that its kind
// was trained with.
func (b *battery) runPrompts(ctx context.Context) error {
	if b.quick || !b.readsText() {
		return nil
	}
	r := &promptRun{}
	var err error
	if declared := withText(b.info.Prompts); len(declared) > 0 {
		r.needed = detect.Finding{Reason: "the model declares prompts of its own"}
		if r.declared, err = b.tryPrompts(ctx, declared); err == nil {
			b.prompted = r
		}
		return err
	}
	b.prompted = r
	family, where := findFamily(b.info.Names)
	if family == nil {
		r.declared = detect.Finding{Reason: "no file declares a prompt, and none names a family of models that needs one"}
		r.needed = r.declared
		return nil
	}
	r.declared = detect.Finding{Reason: "no file declares a prompt"}
	if r.needed, err = b.tryPrompts(ctx, family.prompts); err == nil && r.needed.Value != nil {
		r.needed.Reason = fmt.Sprintf("models of the %s family (%s) are trained with prompts, and no file here declares them",
			family.name, where)
	}
	return err
}

// withText leaves out the empty prompts, which say that a kind of text has none.
func withText(prompts map[string]string) map[string]string {
	out := maps.Clone(prompts)
	maps.DeleteFunc(out, func(_, text string) bool { return text == "" })
	return out
}

// tryPrompts runs some triplets without and with each prompt, and queries with documents where both are known.
func (b *battery) tryPrompts(ctx context.Context, prompts map[string]string) (detect.Finding, error) {
	all, err := detect.Triplets()
	if err != nil {
		return detect.Finding{}, err
	}
	ordered, _ := shuffled(all)
	ordered = ordered[:promptTriplets]
	names := slices.Sorted(maps.Keys(prompts))
	names = names[:min(len(names), maxPrompts)]
	runs := map[string]*sentences{}
	var need time.Duration
	for _, name := range append([]string{""}, names...) {
		run, err := b.newSentences(ordered, prompts[name])
		if err != nil {
			return detect.Finding{}, err
		}
		_, cost := run.fresh(promptTriplets)
		need += run.takes(cost)
		runs[name] = run
	}
	if b.budget > 0 && need > b.budget {
		return detect.Finding{
			Reason: fmt.Sprintf("%d triplets with each of %d prompts would take about %.1f s here, more than the budget of %s",
				promptTriplets, len(names), need.Seconds(), b.budget),
			ReasonCode: vocabulary.ReasonBudget,
		}, nil
	}
	withPrompt := map[string][]detect.TripletVectors{}
	for name, run := range runs {
		fresh, _ := run.fresh(promptTriplets)
		if err := b.inBatches(ctx, run.inputs, fresh, run.take); err != nil {
			return detect.Finding{}, err
		}
		if len(run.failed) > 0 {
			return detect.Finding{Reason: fmt.Sprintf("the model fails on %d texts of the triplets", len(run.failed))}, nil
		}
		run.triplets = ordered
		withPrompt[name] = run.of(run.vectors, isEnglish)
	}
	var in []detect.PromptTriplets
	for _, name := range names {
		in = append(in, detect.PromptTriplets{Name: name, Text: prompts[name], Vectors: withPrompt[name]})
	}
	if pair := asRetrieval(prompts, withPrompt); pair != nil {
		in = append(in, *pair)
	}
	return detect.Prompts(withPrompt[""], in, b.info.ComputeType), nil
}

// asRetrieval prepends the query prompt to the anchors and the one for documents, if there is one, to the rest, which is
// how such models are meant to be used; nil without a query prompt.
func asRetrieval(prompts map[string]string, withPrompt map[string][]detect.TripletVectors) *detect.PromptTriplets {
	const query = "query"
	if withPrompt[query] == nil {
		return nil
	}
	documents := ""
	for _, name := range []string{"document", "passage", "corpus"} {
		if withPrompt[name] != nil {
			documents = name
			break
		}
	}
	pair := detect.PromptTriplets{
		Name: query + " against " + cmp.Or(documents, "none"), Text: prompts[query] + " ... " + prompts[documents], Pair: true,
	}
	for i, q := range withPrompt[query] {
		d := withPrompt[documents][i]
		pair.Vectors = append(pair.Vectors, detect.TripletVectors{Anchor: q.Anchor, Paraphrase: d.Paraphrase, Other: d.Other})
	}
	return &pair
}
