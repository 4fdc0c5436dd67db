package probe

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
)

const (
	// promptTriplets is how many triplets run behind each prompt: enough for a prompt that matters to show.
	promptTriplets = 60
	// maxPrompts is how many prompts are tried, in the order of their names.
	maxPrompts = 8
)

// prompts measures what the declared prompts do or, for a model of a kind that needs some and declares none, those that
// its kind was trained with.
func (b *battery) prompts(ctx context.Context) error {
	null := func(reason string) {
		b.findings["prompts"] = detect.Finding{Reason: reason}
		b.findings["prompts_needed"] = detect.Finding{Reason: reason}
	}
	switch {
	case b.quick:
		null("--quick leaves it out")
		return nil
	case !b.e.Facts.Text || !b.e.HasTokenizer():
		null("the model takes no text, or has no tokenizer for it")
		return nil
	}
	declared := map[string]string{}
	if p := b.e.Card.Prompts; p != nil {
		declared = withText(p.Value)
	}
	if len(declared) > 0 {
		null("the model declares prompts of its own")
		f, err := b.tryPrompts(ctx, declared)
		b.findings["prompts"] = f
		return err
	}
	family, where := findFamily(b.e.Card, filepath.Base(b.e.Source.Dir), b.e.Source.Name)
	if family == nil {
		null("no file declares a prompt, and none names a family of models that needs one")
		return nil
	}
	b.findings["prompts"] = detect.Finding{Reason: "no file declares a prompt"}
	f, err := b.tryPrompts(ctx, family.prompts)
	if err != nil {
		return err
	}
	if f.Value != nil {
		f.Reason = fmt.Sprintf("models of the %s family (%s) are trained with prompts, and no file here declares them",
			family.name, where)
	}
	b.findings["prompts_needed"] = f
	return nil
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
	runs := map[string]*tripletRun{}
	var need time.Duration
	for _, name := range append([]string{""}, names...) {
		run, err := b.newTripletRun(ordered, prompts[name])
		if err != nil {
			return detect.Finding{}, err
		}
		_, tokens := run.fresh(promptTriplets)
		need += run.takes(tokens)
		runs[name] = run
	}
	if b.budget > 0 && need > b.budget {
		return detect.Finding{Reason: fmt.Sprintf("%d triplets behind %d prompts would take about %.1f s here, more than the "+
			"%s of --budget", promptTriplets, len(names), need.Seconds(), b.budget)}, nil
	}
	behind := map[string][]detect.TripletVectors{}
	for name, run := range runs {
		fresh, _ := run.fresh(promptTriplets)
		if err := b.inBatches(ctx, run.tokens, fresh, run.take); err != nil {
			return detect.Finding{}, err
		}
		run.triplets = ordered
		behind[name] = run.of(run.vectors, isEnglish)
	}
	var in []detect.PromptTriplets
	for _, name := range names {
		in = append(in, detect.PromptTriplets{Name: name, Text: prompts[name], Vectors: behind[name]})
	}
	if pair := asRetrieval(prompts, behind); pair != nil {
		in = append(in, *pair)
	}
	return detect.Prompts(behind[""], in, b.dtype), nil
}

// asRetrieval puts the anchors behind the query prompt and the rest behind the one for documents, or behind none, which is
// how such models are meant to be used; nil without a query prompt.
func asRetrieval(prompts map[string]string, behind map[string][]detect.TripletVectors) *detect.PromptTriplets {
	const query = "query"
	if behind[query] == nil {
		return nil
	}
	documents := ""
	for _, name := range []string{"document", "passage", "corpus"} {
		if behind[name] != nil {
			documents = name
			break
		}
	}
	pair := detect.PromptTriplets{
		Name: query + " against " + cmp.Or(documents, "none"), Text: prompts[query] + " ... " + prompts[documents], Pair: true,
	}
	for i, q := range behind[query] {
		d := behind[documents][i]
		pair.Vectors = append(pair.Vectors, detect.TripletVectors{Anchor: q.Anchor, Paraphrase: d.Paraphrase, Other: d.Other})
	}
	return &pair
}
