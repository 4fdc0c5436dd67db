package models

import (
	"context"
	"errors"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tokenizer"
)

// Encoder is an opened model. It is not safe for concurrent use. Close it after use.
type Encoder struct {
	Source *source.Source
	Card   *card.Card
	Facts  Facts

	run runner
	// tower opens the image side where it is a graph of its own, opened is that graph once it is.
	tower  func(context.Context) (*graphRunner, error)
	opened *graphRunner
	// fill pads every text to the limit and shows the padding to the model.
	fill bool
	pipeline
	tok      *tokenizer.Tokenizer
	limit    Limit
	stateDim int  // width of the token states that were pooled last
	left     bool // padding side
	padID    int64
	padTyp   int64
}

// Facts are what opening a model shows of it, read from the weights and the graph and not from what the files say of
// themselves.
type Facts struct {
	// ModelType is config.json's model_type; "" where there is none. It is the one declared value here: it names what
	// was built.
	ModelType string
	// Parameters counts the elements of all weights, Bytes their size, DType the type of most of them.
	Parameters, Bytes int64
	DType             string
	// Files are the files that hold the weights.
	Files []string
	// VocabularySize is the number of rows of the token embedding, 0 where it could not be told.
	VocabularySize int
	// Output is the graph output that the vectors come from; "" for a table of vectors.
	Output string
	// InGraph says that the graph itself pools; HasStates that it gives token states.
	InGraph, HasStates bool
	// Pooling are the modes that the encoder applies; nil where the graph pools or there is nothing to pool.
	Pooling []pooling.Mode
	// PoolingDeclared is false where no file names the pooling and the encoder falls back to what
	// sentence-transformers does then.
	PoolingDeclared bool
	// PoolingFallback says that token states are pooled by their mean for want of anything that names another way.
	PoolingFallback bool
	// Text and Image say which inputs the graph takes.
	Text, Image bool
	// FixedBatch and FixedSequence are sizes that the graph does not leave open, 0 where it does.
	FixedBatch, FixedSequence int
}

// Limit is the longest sequence that the encoder feeds.
type Limit struct {
	// Tokens counts special tokens too; 0 is no limit.
	Tokens int
	// Reason says what sets it.
	Reason string
}

// Batch is what a model gave for some texts.
type Batch struct {
	// Vectors are batch x dim, after every module.
	Vectors [][]float32
	// Pooled is the graph's own pooled output (batch x dim'), before any module; nil where it has none.
	Pooled [][]float32
	// States are token states, batch x Seq x StateDim row-major, and Mask (batch x Seq) says which are of real tokens;
	// nil where the graph has none.
	States        []float32
	Mask          []int64
	Seq, StateDim int
}

// runner is what turns tokens into states or pooled vectors: a graph on an engine, or a table of vectors.
type runner interface {
	// run pads to at least so many tokens where it pads at all.
	run(ctx context.Context, e *Encoder, texts []Tokens, atLeast int) (*features, error)
	provider() (engine.Provider, error)
	close() error
}

// features are a model's raw outputs for a batch, and what the modules make of them on the way.
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
	keepStates       []float32 // states as the graph gave them, where a module changed them
	keepStatesStride int
}

// HasTokenizer reports whether texts can be encoded, and not just token ids.
func (e *Encoder) HasTokenizer() bool { return e.tok != nil }

// Tokenizer is the model's own, nil where it has none.
func (e *Encoder) Tokenizer() *tokenizer.Tokenizer { return e.tok }

// Limit is the longest sequence that Encode accepts and Tokenize cuts to.
func (e *Encoder) Limit() Limit { return e.limit }

// Encode runs a batch of texts. Texts longer than the graph's fixed sequence are an error; Tokenize cuts them. Errors are
// *failure.Error of stage inference.
func (e *Encoder) Encode(ctx context.Context, texts []Tokens) (*Batch, error) {
	return e.EncodePadded(ctx, texts, 0)
}

// EncodePadded is Encode with padding to at least that many tokens, for what measures whether padding matters. A table of
// vectors has no padding and ignores it.
func (e *Encoder) EncodePadded(ctx context.Context, texts []Tokens, atLeast int) (*Batch, error) {
	if len(texts) == 0 {
		return &Batch{}, nil
	}
	size := len(texts)
	if e.Facts.FixedBatch > 0 {
		size = e.Facts.FixedBatch
	}
	var whole *Batch
	for start := 0; start < len(texts); start += size {
		part, err := e.encode(ctx, texts[start:min(start+size, len(texts))], atLeast)
		if err != nil {
			return nil, err
		}
		whole = join(whole, part)
	}
	return whole, nil
}

func (e *Encoder) encode(ctx context.Context, texts []Tokens, atLeast int) (*Batch, error) {
	if fixed := e.Facts.FixedSequence; fixed > 0 {
		for _, t := range texts {
			if len(t.IDs) > fixed {
				return nil, failure.Errorf(failure.StageInference, failure.KindInference,
					"expected at most the %d tokens that the graph's fixed shape holds, found %d", fixed, len(t.IDs))
			}
		}
	}
	f, err := e.run.run(ctx, e, texts, atLeast)
	if err != nil {
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
	if f.pooled != nil {
		b.Pooled = rows(f.pooled, f.batch, f.pooledDim)
	}
	return b, nil
}

// AfterPooling is what stands between pooling and the vector (Dense, LayerNorm) as a function of one pooled vector; nil
// where nothing does or the encoder does not pool. A final L2 normalization is left out of it.
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

// PooledWidth is the width of a pooled vector, before what follows pooling; 0 where the encoder does not pool or has not
// run.
func (e *Encoder) PooledWidth() int { return len(e.modes) * e.stateDim }

// Provider says which execution providers ran the nodes; call it once, after the last Encode.
func (e *Encoder) Provider() (engine.Provider, error) { return e.run.provider() }

// Close frees the session and closes files.
func (e *Encoder) Close() error {
	if e == nil || e.run == nil {
		return nil
	}
	err := e.run.close()
	if e.opened != nil {
		err = errors.Join(err, e.opened.close())
	}
	return err
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
	whole.Pooled = append(whole.Pooled, part.Pooled...)
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
