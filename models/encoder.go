package models

import (
	"context"
	"errors"
	"slices"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tokenizer"
	"github.com/divinedevops/probe/vocabulary"
)

// Encoder is a model on this machine: a graph on an engine or static embeddings, with the tokenizer and the modules that
// come with it. It has the capabilities TokenIDs, Tokens, States, Padding, Images and Provider, as far as its files go.
type Encoder struct {
	source *source.Source
	card   *card.Card
	info   Info

	// texts runs what Prepare makes; nil for a model of images alone.
	texts runner
	// main is the graph that was opened with the model, nil for static embeddings.
	main *tower
	// images is the graph that takes images: main itself, or a second tower that is opened when it is first asked for.
	images lazyTower
	// fill pads every text to the limit and shows the padding to the model.
	fill bool
	// asked is the pooling that the caller wants in place of the files'; "" is theirs.
	asked pooling.Mode
	// hasStates reports that the graph returns token states.
	hasStates  bool
	fixedBatch int
	softmaxed  func(output string) bool // nil if the graph was built here
	tableWidth int64                    // of the table that token ids index, 0 if it is not known
	pipeline
	tok      *tokenizer.Tokenizer
	limit    Limit
	stateDim int  // width of the token states that were pooled last
	left     bool // padding side
	padID    int64
	padTyp   int64
}

// runner turns tokens into states or pooled vectors: a graph on an engine, or static embeddings.
type runner interface {
	// run pads to at least that many tokens if it pads at all.
	run(ctx context.Context, e *Encoder, texts []Input, atLeast int) (*features, error)
	close() error
}

// features are the raw outputs of a batch, and what the modules make of them on the way.
type features struct {
	batch            int
	states           []float32 // batch x seq x stateDim
	mask             []int64   // batch x seq
	seq, stateDim    int
	pooled           []float32 // the graph's own
	pooledDim        int
	vectors          []float32 // batch x dim: sentence_embedding on its way through the modules
	dim              int
	promptLength     int
	keepStates       []float32 // states as the graph returned them, if a module changed them
	keepStatesStride int
}

// Info returns what is known of the model without running it.
func (e *Encoder) Info() Info { return e.info }

// As sets *target, a pointer to one of the capabilities, if this model has it.
func (e *Encoder) As(target any) bool {
	switch t := target.(type) {
	case *TokenIDs:
		return grant(t, TokenIDs(e), e.info.Text)
	case *Tokens:
		return grant(t, Tokens(e), e.info.Text && e.tok != nil)
	case *States:
		return grant(t, States(e), e.hasStates)
	case *Padding:
		return grant(t, Padding(e), e.info.Text)
	case *Images:
		return grant(t, Images(e), e.info.Image)
	case *Provider:
		return grant(t, Provider(e), true)
	}
	return false
}

func grant[C any](target *C, capability C, has bool) bool {
	if has {
		*target = capability
	}
	return has
}

// Limit is the longest sequence that Run accepts and Prepare cuts to.
func (e *Encoder) Limit() Limit { return e.limit }

// Run runs a batch of texts, in several runs if the graph's batch is fixed. A text longer than the graph's fixed sequence
// is an error; Prepare cuts it. Errors are *failure.Error of stage inference.
func (e *Encoder) Run(ctx context.Context, texts []Input) (*Batch, error) {
	return e.RunPadded(ctx, texts, 0)
}

// RunPadded is Run with padding to at least that many tokens. Static embeddings have no padding and ignore it.
func (e *Encoder) RunPadded(ctx context.Context, texts []Input, atLeast int) (*Batch, error) {
	if len(texts) == 0 {
		return &Batch{}, nil
	}
	groups := e.groups(texts)
	if len(groups) == 1 {
		return e.encode(ctx, texts, atLeast)
	}
	var whole *Batch
	for _, places := range groups {
		group := make([]Input, len(places))
		for i, at := range places {
			group[i] = texts[at]
		}
		part, err := e.encode(ctx, group, atLeast)
		if err != nil {
			return nil, err
		}
		whole = join(whole, part)
	}
	whole.reorder(slices.Concat(groups...))
	return whole, nil
}

// groups are the places of the texts that run together, all in one group if the graph allows. A graph that takes no
// attention mask reads padding as text, so only texts of one length go together there.
func (e *Encoder) groups(texts []Input) [][]int {
	var byLength [][]int
	if e.readsPadding() {
		of := map[int]int{}
		for i, t := range texts {
			k, known := of[len(t.IDs)]
			if !known {
				k = len(byLength)
				of[len(t.IDs)] = k
				byLength = append(byLength, nil)
			}
			byLength[k] = append(byLength[k], i)
		}
	} else {
		all := make([]int, len(texts))
		for i := range all {
			all[i] = i
		}
		byLength = [][]int{all}
	}
	if e.fixedBatch == 0 {
		return byLength
	}
	var out [][]int
	for _, places := range byLength {
		out = slices.AppendSeq(out, slices.Chunk(places, e.fixedBatch))
	}
	return out
}

// readsPadding reports that the graph cannot tell padding from text, and that its sequence is free: padding can be avoided.
func (e *Encoder) readsPadding() bool {
	t, ok := e.texts.(*tower)
	return ok && t.feeds.text && !t.feeds.mask && t.feeds.seq == 0 && !e.fill
}

func (e *Encoder) encode(ctx context.Context, texts []Input, atLeast int) (*Batch, error) {
	if fixed := e.info.FixedSequence; fixed > 0 {
		for _, t := range texts {
			if len(t.IDs) > fixed {
				return nil, failure.Errorf(failure.StageInference, failure.KindInference,
					"expected at most the %d tokens that the graph's fixed shape holds, found %d", fixed, len(t.IDs))
			}
		}
	}
	f, err := e.texts.run(ctx, e, texts, atLeast)
	if err != nil {
		return nil, err
	}
	if err := e.judgeRun(f); err != nil {
		return nil, err
	}
	f.promptLength = texts[0].PromptLength
	for _, s := range e.stages {
		if err := s(f); err != nil {
			return nil, err
		}
	}
	if f.vectors == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"expected the modules to end in a vector a text, found token states alone: modules.json has no Pooling")
	}
	e.stateDim = f.stateDim
	b := &Batch{Vectors: rows(f.vectors, f.batch, f.dim), States: f.states, Mask: f.mask, Seq: f.seq, StateDim: f.stateDim}
	if f.keepStates != nil {
		b.States, b.StateDim = f.keepStates, f.keepStatesStride
	}
	return b, nil
}

// AfterPooling returns what follows pooling (Dense, LayerNorm) as a function of one pooled vector, without a final L2
// normalization; nil if nothing follows or the encoder does not pool.
func (e *Encoder) AfterPooling() func(pooled []float32) ([]float32, error) {
	end := len(e.stages)
	if e.normalizes {
		end--
	}
	if e.pooled == 0 || e.pooled >= end {
		return nil
	}
	return func(pooled []float32) ([]float32, error) {
		f := &features{batch: 1, vectors: pooled, dim: len(pooled)}
		for _, s := range e.stages[e.pooled:end] {
			if err := s(f); err != nil {
				return nil, err
			}
		}
		return f.vectors, nil
	}
}

// PooledWidth is the width of a pooled vector, before what follows pooling; 0 if the encoder does not pool or has not run.
func (e *Encoder) PooledWidth() int { return len(e.modes) * e.stateDim }

// Provider reports which execution providers ran the nodes; call it once, after the last run.
func (e *Encoder) Provider() (engine.Provider, error) {
	if e.main != nil {
		return e.main.session.Provider()
	}
	return engine.Provider{Name: vocabulary.BackendGo}, nil // looking vectors up is no engine's work
}

// Close frees the sessions and closes files.
func (e *Encoder) Close() error {
	var errs []error
	if e.texts != nil {
		errs = append(errs, e.texts.close())
	} else if e.main != nil {
		errs = append(errs, e.main.close())
	}
	if e.images.opened != nil && e.images.opened != e.main {
		errs = append(errs, e.images.opened.close())
	}
	return errors.Join(errs...)
}

// rows cuts a flat batch x dim array into one slice a row, sharing memory.
func rows(flat []float32, batch, dim int) [][]float32 {
	out := make([][]float32, batch)
	for i := range out {
		out[i] = flat[i*dim : (i+1)*dim : (i+1)*dim]
	}
	return out
}

// join puts a part after the whole; token states of different lengths are padded to the longer one.
func join(whole, part *Batch) *Batch {
	if whole == nil {
		return part
	}
	n := len(whole.Vectors)
	if whole.States != nil && part.States != nil {
		seq := max(whole.Seq, part.Seq)
		widen(whole, n, seq)
		widen(part, len(part.Vectors), seq)
		whole.States = append(whole.States, part.States...)
		whole.Mask = append(whole.Mask, part.Mask...)
	}
	whole.Vectors = append(whole.Vectors, part.Vectors...)
	return whole
}

// widen pads the token states of n texts on the right to seq tokens.
func widen(b *Batch, n, seq int) {
	if b.Seq == seq {
		return
	}
	states := make([]float32, n*seq*b.StateDim)
	mask := make([]int64, n*seq)
	for i := range n {
		copy(states[i*seq*b.StateDim:], b.States[i*b.Seq*b.StateDim:(i+1)*b.Seq*b.StateDim])
		copy(mask[i*seq:], b.Mask[i*b.Seq:(i+1)*b.Seq])
	}
	b.States, b.Mask, b.Seq = states, mask, seq
}

// reorder puts the rows, which are those of the texts at places, into the order of the texts.
func (b *Batch) reorder(places []int) {
	if slices.IsSorted(places) {
		return
	}
	vectors := make([][]float32, len(places))
	states, mask := make([]float32, len(b.States)), make([]int64, len(b.Mask))
	row := b.Seq * b.StateDim
	for i, at := range places {
		vectors[at] = b.Vectors[i]
		if b.States != nil {
			copy(states[at*row:(at+1)*row], b.States[i*row:])
			copy(mask[at*b.Seq:(at+1)*b.Seq], b.Mask[i*b.Seq:])
		}
	}
	b.Vectors = vectors
	if b.States != nil {
		b.States, b.Mask = states, mask
	}
}
