package probe

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
)

// Texts are sorted by length within a window of so many texts or bytes, whichever is full first: enough to find texts of
// one length for a batch, and little to hold.
const (
	windowTexts = 8 * EmbedBatch
	windowBytes = 4 << 20
)

// batchTokens bounds a batch times its longest text, and so the memory of a run: 32 texts of 128 tokens.
const batchTokens = EmbedBatch * 128

// Padding costs as much as text. So much of it is cheaper than another run: an eighth of the batch, and some tokens for
// batches of very short texts.
const (
	paddingShare = 8
	paddingFree  = 128
)

// harmless is a text that every model can read: what fails on it fails on all.
const harmless = "A man is eating food."

// EmbedAll is Embed for any number of texts, with a prompt of the caller's choice ("" for none), in the order of the texts.
// It reads some hundred texts ahead, to run those of similar length together. A text that the model cannot take fails
// alone (Embedding.Err); one that is longer than the model turns out to hold is cut. EmbedAll ends after the first error,
// of the model or of texts itself, and yields the vectors before it.
func (o *Opened) EmbedAll(ctx context.Context, prompt string, texts iter.Seq2[string, error]) iter.Seq2[Embedding, error] {
	return func(yield func(Embedding, error) bool) {
		e := newEmbedder(o.Model, prompt)
		var window []string
		size := 0
		run := func() bool {
			goesOn, err := e.window(ctx, window, func(one Embedding) bool { return yield(one, nil) })
			if goesOn && err != nil {
				yield(Embedding{}, err)
			}
			window, size = window[:0], 0
			return goesOn && err == nil
		}
		for text, err := range texts {
			if err != nil {
				if run() {
					yield(Embedding{}, err)
				}
				return
			}
			window = append(window, text)
			size += len(text)
			if (len(window) == windowTexts || size >= windowBytes) && !run() {
				return
			}
		}
		run()
	}
}

// embedder runs texts and keeps what it learned about the model from those that failed.
type embedder struct {
	model  models.Model
	tokens models.Tokens // nil if the model does not show its tokens
	prompt string
	info   models.Info
	// healthy reports that the model runs the harmless text, so that a failure is that of a text.
	healthy bool

	// The window under way.
	inputs []models.Input
	first  int // the number of the window's first text
	done   []Embedding
	ready  []bool
}

func newEmbedder(m models.Model, prompt string) *embedder {
	e := &embedder{model: m, prompt: prompt, info: m.Info()}
	e.tokens, _ = models.As[models.Tokens](m)
	return e
}

// window runs texts and yields their vectors in order, each as soon as all before it are there. goesOn is false if the
// caller has enough.
func (e *embedder) window(ctx context.Context, texts []string, yield func(Embedding) bool) (goesOn bool, err error) {
	e.done, e.ready = make([]Embedding, len(texts)), make([]bool, len(texts))
	next := 0
	flush := func() bool {
		for ; next < len(texts) && e.ready[next]; next++ {
			if !yield(e.done[next]) {
				return false
			}
		}
		return true
	}
	if err := e.prepare(ctx, texts); err != nil {
		return true, err
	}
	for _, batch := range e.batches() {
		err := e.run(ctx, batch)
		if !flush() {
			return false, nil
		}
		if err != nil {
			return true, err
		}
	}
	e.first += len(texts)
	return flush(), nil
}

// prepare turns the window into inputs; texts that the tokenizer cannot take fail alone.
func (e *embedder) prepare(ctx context.Context, texts []string) error {
	o := models.PrepareOptions{Prompt: e.prompt}
	all, err := e.model.Prepare(texts, o)
	e.inputs = all
	if err == nil || !ofInput(err) {
		return err
	}
	if !e.works(ctx) {
		return err
	}
	e.inputs = make([]models.Input, len(texts))
	for i, text := range texts {
		one, err := e.model.Prepare([]string{text}, o)
		switch {
		case err == nil:
			e.inputs[i] = one[0]
		case !ofInput(err):
			return err
		default:
			e.fail(i, err)
		}
	}
	return nil
}

// batches are the places of the inputs that run together, the shortest first.
func (e *embedder) batches() [][]int {
	var out [][]int
	var batch []int
	sum := 0
	for _, at := range ordered(e.inputs) {
		if e.ready[at] {
			continue // it failed already
		}
		cost := e.inputs[at].Cost
		padded := (len(batch) + 1) * cost
		if len(batch) > 0 && (len(batch) == e.most() || e.info.Unit == models.UnitTokens &&
			(padded > batchTokens || padded > sum+cost+(sum+cost)/paddingShare+paddingFree)) {
			out, batch, sum = append(out, batch), nil, 0
		}
		batch, sum = append(batch, at), sum+cost
	}
	if len(batch) > 0 {
		out = append(out, batch)
	}
	return out
}

// most is how many texts run together. A graph that quantizes by the range of the whole batch runs each text alone, so that
// its vector is the one that it always has.
func (e *embedder) most() int {
	if e.info.QuantizesBatch {
		return 1
	}
	return EmbedBatch
}

// run runs one batch. Where it fails, its halves run, down to the text that the model cannot take.
func (e *embedder) run(ctx context.Context, places []int) error {
	inputs := pick(e.inputs, places)
	for i, at := range places {
		inputs[i] = e.fitting(inputs[i])
		e.inputs[at] = inputs[i]
	}
	batch, err := e.model.Run(ctx, inputs)
	switch {
	case err == nil:
		for i, at := range places {
			e.take(at, batch.Vectors[i])
		}
		return nil
	case ctx.Err() != nil || !ofInput(err):
		return err
	case len(places) == 1:
		return e.alone(ctx, places[0], err)
	}
	half := len(places) / 2
	if err := e.run(ctx, places[:half]); err != nil {
		return err
	}
	return e.run(ctx, places[half:])
}

// alone is what becomes of a text that failed in a run of its own: it is cut if it was too long, or fails alone. The error
// is cause if the model fails on every text.
func (e *embedder) alone(ctx context.Context, at int, cause error) error {
	if !e.works(ctx) {
		return cause
	}
	if found, err := e.findLimit(ctx, len(e.inputs[at].IDs)); err != nil {
		return err
	} else if found {
		if cut := e.fitting(e.inputs[at]); len(cut.IDs) < len(e.inputs[at].IDs) {
			return e.run(ctx, []int{at})
		}
	}
	e.fail(at, cause)
	return nil
}

// works reports whether the model runs the harmless text.
func (e *embedder) works(ctx context.Context) bool {
	if !e.healthy {
		in, err := e.model.Prepare([]string{harmless}, models.PrepareOptions{})
		if err == nil {
			_, err = e.model.Run(ctx, in)
		}
		e.healthy = err == nil
	}
	return e.healthy
}

// findLimit looks for the longest sequence that the model holds, below n tokens, by sequences of the harmless text's
// tokens: nothing but their length can be why they fail. It doubles until one fails, so that none is much longer than the
// model holds. The model cuts at what was found from then on.
func (e *embedder) findLimit(ctx context.Context, n int) (found bool, err error) {
	if e.tokens == nil {
		return false, nil
	}
	in, err := e.model.Prepare([]string{harmless}, models.PrepareOptions{})
	if err != nil {
		return false, err
	}
	fails := func(n int) (bool, error) {
		_, err := e.model.Run(ctx, []models.Input{stretched(in[0], n)})
		if err != nil && (ctx.Err() != nil || !ofInput(err)) {
			return false, err
		}
		return err != nil, nil
	}
	runs, end := len(in[0].IDs), 0
	for end == 0 {
		if runs >= n {
			return false, nil // it is not the length
		}
		next := min(2*runs, n)
		failed, err := fails(next)
		if err != nil {
			return false, err
		}
		if failed {
			end = next
		} else {
			runs = next
		}
	}
	if runs, err = longestThatRuns(runs, end, fails); err != nil {
		return false, err
	}
	lowerLimit(e.tokens, runs)
	return true, nil
}

// stretched repeats a text's own tokens until it has n.
func stretched(in models.Input, n int) models.Input {
	own := in.IDs[in.Head : len(in.IDs)-in.Tail]
	ids := slices.Clone(in.IDs[:in.Head])
	for i := 0; len(own) > 0 && len(ids) < n-in.Tail; i++ {
		ids = append(ids, own[i%len(own)])
	}
	ids = append(ids, in.IDs[len(in.IDs)-in.Tail:]...)
	return models.Input{IDs: ids, Cost: len(ids), Full: len(ids), Head: in.Head, Tail: in.Tail}
}

// fitting cuts an input that was prepared before the model's limit was known.
func (e *embedder) fitting(in models.Input) models.Input {
	if e.tokens == nil || e.tokens.Limit().Tokens == 0 {
		return in
	}
	return e.tokens.Cut(in, e.tokens.Limit().Tokens)
}

// take keeps a vector; one that is not finite is none.
func (e *embedder) take(at int, v []float32) {
	for _, x := range v {
		if x64 := float64(x); math.IsNaN(x64) || math.IsInf(x64, 0) {
			e.fail(at, failure.Errorf(failure.StageInference, failure.KindNonFinite,
				"text %d: expected finite numbers, the vector holds %v", e.first+at, x))
			return
		}
	}
	in := e.inputs[at]
	e.done[at], e.ready[at] = Embedding{Vector: v, Tokens: in.Cost, Truncated: in.Truncated}, true
}

func (e *embedder) fail(at int, err error) {
	e.done[at], e.ready[at] = Embedding{Tokens: e.inputs[at].Cost, Truncated: e.inputs[at].Truncated, Err: err}, true
}
