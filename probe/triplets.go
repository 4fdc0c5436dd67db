package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/pooling"
)

// DefaultBudget is what the command line gives the triplets: a model of MiniLM's size runs them all in a fraction of it.
const DefaultBudget = 5 * time.Second

// batchSize is that of sentence-transformers' encode, whose vectors the triplets are meant to be.
const batchSize = 32

// fewestTriplets is the least number that is worth running: below it even a model that is right on all of them is
// hardly told from another.
const fewestTriplets = 20

// wave is how many triplets run between two looks at the clock.
const wave = 100

// english is the language that most triplets are in.
const english = "en"

// tripletFindings are the keys of what rests on the triplets alone.
var tripletFindings = []string{"distance_behaviour", "isotropy", "matryoshka", "quantization", "languages"}

// tripletRun is the triplets that ran, with the vectors of their texts.
type tripletRun struct {
	all       []detect.Triplet
	triplets  []detect.Triplet // the beginning of all that ran
	places    [][3]int         // the texts of each triplet
	tokens    []models.Tokens  // of each text
	vectors   [][]float32      // of each text; nil of one that did not run
	spent     time.Duration
	ranTokens int
	perToken  float64 // seconds, by what ran so far
	// englishOnly says that the other languages were left out though there was time.
	englishOnly bool
	// modes are the vectors under each pooling of the token states, where no file names the pooling.
	modes map[pooling.Mode][][]float32
}

// triplets runs the sentences that tell what distances are worth, once, and makes the findings that rest on them.
func (b *battery) triplets(ctx context.Context) error {
	null := func(reason string) error {
		for _, key := range append([]string{"triplets"}, tripletFindings...) {
			b.findings[key] = detect.Finding{Reason: reason}
		}
		return nil
	}
	switch {
	case b.quick:
		return null("--quick leaves it out")
	case !b.e.Facts.Text:
		return null("the model takes no text")
	case !b.e.HasTokenizer():
		return null("the model has no tokenizer, so no sentence can be run")
	}
	all, err := detect.Triplets()
	if err != nil {
		return err
	}
	ordered, inEnglish := shuffled(all)
	run, err := b.newTripletRun(ordered, b.e.Card.DefaultPrompt())
	if err != nil {
		return err
	}
	if b.e.Facts.PoolingFallback {
		run.modes = map[pooling.Mode][][]float32{}
		for _, m := range pooling.Modes() {
			run.modes[m] = make([][]float32, len(run.vectors))
		}
	}
	if err := b.runTriplets(ctx, run, inEnglish); err != nil {
		return err
	}
	if len(run.triplets) == 0 {
		_, tokens := run.fresh(fewestTriplets)
		return null(fmt.Sprintf("%d triplets would take about %.1f s here, more than the %s of --budget",
			fewestTriplets, run.takes(tokens).Seconds(), b.budget))
	}
	if run.englishOnly = len(run.triplets) == inEnglish && !b.wantsLanguages(run); !run.englishOnly {
		if err := b.runTriplets(ctx, run, len(ordered)); err != nil {
			return err
		}
	}
	if ran := run.ran(); detect.Finite(ran).Value != true {
		return b.checkFinite(ran)
	}
	b.judgeTriplets(run)
	return nil
}

// manyLanguages is a vocabulary of a size that models of many languages have and models of one seldom do: XLM-R's is
// 250,002, mBERT's 119,547, BERT's 30,522.
const manyLanguages = 100_000

// wantsLanguages tells whether the other languages are worth their time after English: where the vocabulary is that of a
// model of many languages, where English is at chance, and where time is no matter.
func (b *battery) wantsLanguages(run *tripletRun) bool {
	if b.budget <= 0 || b.e.Facts.VocabularySize >= manyLanguages {
		return true
	}
	scored := detect.DistanceByTriplets(run.of(run.vectors, isEnglish), b.dtype)
	return detect.DistanceBehaviour(scored).Value == nil
}

func isEnglish(language string) bool { return language == english }

func isOther(language string) bool { return language != english }

// newTripletRun tokenizes the sentences of triplets behind a prompt.
func (b *battery) newTripletRun(triplets []detect.Triplet, prompt string) (*tripletRun, error) {
	run := &tripletRun{all: triplets}
	var texts []string
	texts, run.places = detect.TripletTexts(triplets)
	var err error
	if run.tokens, err = b.e.Tokenize(texts, prompt); err != nil {
		return nil, err
	}
	run.vectors = make([][]float32, len(texts))
	run.perToken = b.perToken
	return run, nil
}

// runTriplets runs the next triplets, up to the one at end, in waves, until one would not fit into the budget by what
// those before it took. The first wave is the fewest that are worth it; where even it would take too long, none runs.
func (b *battery) runTriplets(ctx context.Context, run *tripletRun, end int) error {
	for len(run.triplets) < end {
		size := wave
		if len(run.triplets) == 0 {
			size = fewestTriplets
		}
		next := min(len(run.triplets)+size, end)
		fresh, tokens := run.fresh(next)
		if b.budget > 0 && run.spent+run.takes(tokens) > b.budget {
			return nil
		}
		began := b.now()
		if err := b.inBatches(ctx, run.tokens, fresh, run.take); err != nil {
			return err
		}
		run.spent += b.now().Sub(began)
		run.ranTokens += tokens
		run.perToken = run.spent.Seconds() / float64(max(run.ranTokens, 1))
		run.triplets = run.all[:next]
	}
	return nil
}

// takes estimates the time of so many tokens.
func (r *tripletRun) takes(tokens int) time.Duration {
	return time.Duration(float64(tokens) * r.perToken * float64(time.Second))
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

// fresh lists the texts of the triplets up to end that have no vector yet, and counts their tokens.
func (r *tripletRun) fresh(end int) (texts []int, tokens int) {
	seen := map[int]bool{}
	for _, place := range r.places[len(r.triplets):end] {
		for _, at := range place {
			if r.vectors[at] == nil && !seen[at] {
				seen[at] = true
				texts = append(texts, at)
				tokens += len(r.tokens[at].IDs)
			}
		}
	}
	return texts, tokens
}

// take keeps the vectors of one batch.
func (r *tripletRun) take(places []int, out *models.Batch) error {
	for i, at := range places {
		r.vectors[at] = out.Vectors[i]
	}
	return r.pool(places, out)
}

// pool keeps the vectors of every pooling of a batch's token states, where those are wanted.
func (r *tripletRun) pool(places []int, out *models.Batch) error {
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

// inBatches runs those of texts that stand at places, in batches that are near each other in length, and hands each batch on
// with the places of its texts.
func (b *battery) inBatches(
	ctx context.Context, texts []models.Tokens, places []int, take func(places []int, out *models.Batch) error,
) error {
	order := slices.Clone(places)
	slices.SortStableFunc(order, func(i, j int) int { return len(texts[i].IDs) - len(texts[j].IDs) })
	for group := range slices.Chunk(order, batchSize) {
		batch := make([]models.Tokens, len(group))
		for i, at := range group {
			batch[i] = texts[at]
		}
		out, err := b.e.Encode(ctx, batch)
		if err != nil {
			return err
		}
		if err := take(group, out); err != nil {
			return err
		}
	}
	return nil
}

// ran are the vectors of all texts that ran.
func (r *tripletRun) ran() [][]float32 {
	return slices.DeleteFunc(slices.Clone(r.vectors), func(v []float32) bool { return v == nil })
}

// of gives the triplets whose language keep takes, with their vectors among the given.
func (r *tripletRun) of(vectors [][]float32, keep func(language string) bool) []detect.TripletVectors {
	var out []detect.TripletVectors
	for i, t := range r.triplets {
		if p := r.places[i]; keep(t.Language) {
			out = append(out, detect.TripletVectors{Anchor: vectors[p[0]], Paraphrase: vectors[p[1]], Other: vectors[p[2]]})
		}
	}
	return out
}
