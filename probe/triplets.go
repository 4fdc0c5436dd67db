package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/vocabulary"
)

// DefaultBudget is the default of Options.Budget: a model of MiniLM's size runs all triplets in a fraction of it.
const DefaultBudget = 10 * time.Second

// batchSize is that of sentence-transformers' encode, whose vectors the triplets are meant to be.
const batchSize = 32

// fewestTriplets is the least number that is worth running: below it even a model that is right on all of them is
// hardly told from another.
const fewestTriplets = 20

// wave is how many triplets run between two looks at the clock.
const wave = 100

// english is the language that most triplets are in.
const english = "en"

// sentences is the triplets that ran, with the vectors of their texts.
type sentences struct {
	all      []detect.Triplet
	triplets []detect.Triplet // the beginning of all that ran
	places   [][3]int         // the texts of each triplet
	inputs   []models.Input   // of each text
	vectors  [][]float32      // of each text; nil of one that did not run
	failed   map[int]bool     // the texts that the model cannot take
	spent    time.Duration
	ranCost  int
	perUnit  float64 // seconds, by what ran so far
	// englishOnly reports that the other languages were left out though there was time.
	englishOnly bool
	// modes are the vectors under each pooling of the token states, if no file names the pooling.
	modes map[pooling.Mode][][]float32
	// judged is what they say of distances; nil if none ran, and why is the reason.
	judged *judgedTriplets
	why    detect.Finding
}

// runSentences runs the sentences that tell what distances are worth, once.
func (b *battery) runSentences(ctx context.Context) error {
	if b.quick || !b.readsText() {
		return nil
	}
	all, err := detect.Triplets()
	if err != nil {
		return err
	}
	inOrder, inEnglish := shuffled(all)
	run, err := b.newSentences(inOrder, b.info.DefaultPrompt)
	if err != nil {
		return err
	}
	if b.info.Assumed != nil && !b.info.Assumed.Asked {
		run.modes = map[pooling.Mode][][]float32{}
		for _, m := range pooling.Modes() {
			run.modes[m] = make([][]float32, len(run.vectors))
		}
	}
	if err := b.runTriplets(ctx, run, inEnglish); err != nil {
		return err
	}
	if len(run.triplets) == 0 {
		_, cost := run.fresh(fewestTriplets)
		run.why = detect.Finding{
			Reason: fmt.Sprintf("%d triplets would take about %.1f s here, more than the budget of %s",
				fewestTriplets, run.takes(cost).Seconds(), b.budget),
			ReasonCode: vocabulary.ReasonBudget,
		}
		b.sentences = run
		return nil
	}
	if run.englishOnly = len(run.triplets) == inEnglish && !b.wantsLanguages(run); !run.englishOnly {
		if err := b.runTriplets(ctx, run, len(inOrder)); err != nil {
			return err
		}
	}
	if len(run.of(run.vectors, isEnglish)) == 0 {
		run.why = detect.Finding{Reason: "the model fails on a text of every triplet"}
		b.sentences = run
		return nil
	}
	if ran := run.ran(); detect.Finite(ran).Value != true {
		return b.checkFinite(ran)
	}
	b.judgeTriplets(run)
	b.sentences = run
	return nil
}

// manyLanguages is a vocabulary of a size that models of many languages have and models of one seldom do: XLM-R's is
// 250,002, mBERT's 119,547, BERT's 30,522.
const manyLanguages = 100_000

// wantsLanguages reports whether the other languages are worth their time after English: if the vocabulary is that of a
// model of many languages, if English is at chance, and if time does not matter.
func (b *battery) wantsLanguages(run *sentences) bool {
	if b.budget <= 0 || b.info.VocabularySize >= manyLanguages {
		return true
	}
	scored := detect.DistanceByTriplets(run.of(run.vectors, isEnglish), b.info.ComputeType)
	return detect.DistanceBehaviour(scored).Value == nil
}

func isEnglish(language string) bool { return language == english }

func isOther(language string) bool { return language != english }

// newSentences prepares the sentences of triplets, with the prompt prepended.
func (b *battery) newSentences(triplets []detect.Triplet, prompt string) (*sentences, error) {
	run := &sentences{all: triplets, failed: map[int]bool{}}
	var texts []string
	texts, run.places = detect.TripletTexts(triplets)
	var err error
	if run.inputs, err = b.model.Prepare(texts, models.PrepareOptions{Prompt: prompt}); err != nil {
		return nil, err
	}
	run.vectors = make([][]float32, len(texts))
	run.perUnit = b.short.perUnit
	return run, nil
}

// runTriplets runs the next triplets, up to the one at end, in waves, until one would not fit into the budget by what
// those before it took. The first wave is the fewest that are worth it; where even it would take too long, none runs.
func (b *battery) runTriplets(ctx context.Context, run *sentences, end int) error {
	for len(run.triplets) < end {
		size := wave
		if len(run.triplets) == 0 {
			size = fewestTriplets
		}
		next := min(len(run.triplets)+size, end)
		fresh, cost := run.fresh(next)
		if b.budget > 0 && run.spent+run.takes(cost) > b.budget {
			return nil
		}
		worked := b.work()
		if err := b.inBatches(ctx, run.inputs, fresh, run.take); err != nil {
			return err
		}
		run.spent += b.work() - worked
		run.ranCost += cost
		run.perUnit = run.spent.Seconds() / float64(max(run.ranCost, 1))
		run.triplets = run.all[:next]
	}
	return nil
}

// takes estimates the time of inputs of so much cost.
func (r *sentences) takes(cost int) time.Duration {
	return time.Duration(float64(cost) * r.perUnit * float64(time.Second))
}

// shuffled orders triplets so that each beginning of the list is spread over it: English first, by a stride that has no
// factor in common with their number, then one of each other language in turn. english is the number of the former.
func shuffled(all []detect.Triplet) (ordered []detect.Triplet, english int) {
	var inEnglish, others []detect.Triplet
	byLanguage := map[string]int{}
	rank := map[string]int{}
	for _, t := range all {
		if isEnglish(t.Language) {
			inEnglish = append(inEnglish, t)
			continue
		}
		others = append(others, t)
		rank[t.Anchor] = byLanguage[t.Language]
		byLanguage[t.Language]++
	}
	slices.SortStableFunc(others, func(x, y detect.Triplet) int { return rank[x.Anchor] - rank[y.Anchor] })
	out := make([]detect.Triplet, 0, len(all))
	for i := range inEnglish {
		out = append(out, inEnglish[i*coprime(len(inEnglish))%len(inEnglish)])
	}
	return append(out, others...), len(inEnglish)
}

// coprime is a stride near the golden section of n that has no factor in common with it.
func coprime(n int) int {
	for stride := max(1, n*618/1000); ; stride++ {
		a, b := stride, n
		for b != 0 {
			a, b = b, a%b
		}
		if a == 1 {
			return stride
		}
	}
}

// fresh lists the texts of the triplets up to end that have no vector yet, and adds up their cost.
func (r *sentences) fresh(end int) (texts []int, cost int) {
	seen := map[int]bool{}
	for _, place := range r.places[len(r.triplets):end] {
		for _, at := range place {
			if r.vectors[at] == nil && !seen[at] && !r.failed[at] {
				seen[at] = true
				texts = append(texts, at)
				cost += r.inputs[at].Cost
			}
		}
	}
	return texts, cost
}

// take keeps the vectors of one batch; nil is of a text that failed.
func (r *sentences) take(places []int, out *models.Batch) error {
	if out == nil {
		r.failed[places[0]] = true
		return nil
	}
	for i, at := range places {
		r.vectors[at] = out.Vectors[i]
	}
	return r.pool(places, out)
}

// pool keeps the vectors of every pooling of a batch's token states, where those are wanted.
func (r *sentences) pool(places []int, out *models.Batch) error {
	if r.modes == nil || out.States == nil {
		r.modes = nil
		return nil
	}
	for mode, vectors := range r.modes {
		o := pooling.Options{Modes: []pooling.Mode{mode}}
		flat, err := pooling.Pool(out.States, out.Mask, len(places), out.Seq, out.StateDim, o)
		if err != nil {
			return err
		}
		for i, at := range places {
			vectors[at] = flat[i*out.StateDim : (i+1)*out.StateDim]
		}
	}
	return nil
}

// inBatches runs those of the inputs that are at places, in batches of similar length, and hands each batch on with the
// places of its inputs.
func (b *battery) inBatches(
	ctx context.Context, inputs []models.Input, places []int, take func(places []int, out *models.Batch) error,
) error {
	order := slices.Clone(places)
	slices.SortStableFunc(order, func(i, j int) int { return byCost(inputs[i], inputs[j]) })
	for group := range slices.Chunk(order, batchSize) {
		if err := b.inHalves(ctx, inputs, group, take); err != nil {
			return err
		}
	}
	return nil
}

// inHalves runs a batch. Where it fails, its halves run, down to the text that the model cannot take, which is handed on
// without a batch.
func (b *battery) inHalves(
	ctx context.Context, inputs []models.Input, places []int, take func(places []int, out *models.Batch) error,
) error {
	out, err := b.model.Run(ctx, pick(inputs, places))
	switch {
	case err == nil:
		return take(places, out)
	case ctx.Err() != nil || !ofInput(err):
		return err
	case len(places) == 1:
		return take(places, nil)
	}
	half := len(places) / 2
	if err := b.inHalves(ctx, inputs, places[:half], take); err != nil {
		return err
	}
	return b.inHalves(ctx, inputs, places[half:], take)
}

// ran are the vectors of all texts that ran.
func (r *sentences) ran() [][]float32 {
	return slices.DeleteFunc(slices.Clone(r.vectors), func(v []float32) bool { return v == nil })
}

// fails reports that the model cannot take one of the texts of the triplet at place i.
func (r *sentences) fails(i int) bool {
	return slices.ContainsFunc(r.places[i][:], func(at int) bool { return r.failed[at] })
}

// of are the triplets in the languages that keep accepts, with their vectors among those passed.
func (r *sentences) of(vectors [][]float32, keep func(language string) bool) []detect.TripletVectors {
	var out []detect.TripletVectors
	for i, t := range r.triplets {
		if p := r.places[i]; keep(t.Language) && !r.fails(i) {
			out = append(out, detect.TripletVectors{Anchor: vectors[p[0]], Paraphrase: vectors[p[1]], Other: vectors[p[2]]})
		}
	}
	return out
}
