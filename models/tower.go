package models

import (
	"context"
	"errors"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// tower is a graph on an engine, with what it is fed and which of its outputs are read. A model has one, or two of the same
// kind: one for texts and one for images. One tower may also take both.
type tower struct {
	session engine.Session
	feeds   *feeds
	outputs *outputs
}

// openTower resolves inputs and outputs before the session is made, so that the engine computes only the outputs that are
// read. choose narrows those down. Where both results are set, the graph loads but probe cannot run it: the error's stage
// says so, and the tower has to be closed.
func openTower(ctx context.Context, eng engine.Engine, g engine.Graph, side int, o engine.Options, choose func(*outputs) error) (
	*tower, error,
) {
	t := &tower{}
	var cannot error
	if t.feeds, cannot = resolveFeeds(g.Inputs); cannot == nil {
		t.feeds.declaredSide = side
		if t.outputs, cannot = pickOutputs(g.Outputs, t.feeds); cannot == nil {
			cannot = choose(t.outputs)
		}
	}
	var refused *failure.Error
	if errors.As(cannot, &refused) && refused.Stage == failure.StageLoad {
		return nil, cannot // what the graph is does not depend on an engine that may not have its kernels
	}
	if cannot == nil {
		g.Outputs = t.outputs.infos()
	}
	var err error
	if t.session, err = eng.Open(ctx, g, o); err != nil {
		return nil, err
	}
	return t, cannot
}

// takesText and takesImages report what the tower makes vectors of.
func (t *tower) takesText() bool {
	return t.feeds.text && (t.outputs.pooled != nil || t.outputs.states != nil)
}

func (t *tower) takesImages() bool { return t.feeds.image && t.outputs.image != nil }

func (t *tower) close() error { return t.session.Close() }

// lazyTower is opened when it is first asked for: callers that only embed text do not pay for it.
type lazyTower struct {
	open   func(context.Context) (*tower, error)
	opened *tower
}

func (l *lazyTower) get(ctx context.Context) (*tower, error) {
	if l.opened != nil {
		return l.opened, nil
	}
	if l.open == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNoTextOrImage, "the model takes no images")
	}
	t, err := l.open(ctx)
	if err != nil {
		if t != nil {
			err = errors.Join(err, t.close())
		}
		return nil, err
	}
	l.opened = t
	return t, nil
}

func (t *tower) run(ctx context.Context, e *Encoder, texts []Input, atLeast int) (*features, error) {
	if t.outputs.pooled == nil && t.outputs.states == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"expected a graph that returns a vector for texts; its output %q is of images", t.outputs.image.Name)
	}
	seq := t.feeds.seq
	if seq == 0 {
		// At least one: a batch of empty texts is all padding, because graphs do not accept empty sequences.
		seq = max(longest(texts), atLeast, 1)
		if e.fill {
			seq = max(seq, e.limit.Tokens)
		}
	}
	b := pad(texts, t.feeds.batch, seq, e.left, e.padID, e.padTyp)
	if e.fill {
		for i := range b.mask {
			b.mask[i] = 1
		}
	}
	inputs, err := t.feeds.tensors(&b, nil)
	if err != nil {
		return nil, err
	}
	out, err := t.session.Run(ctx, inputs, t.outputs.names())
	if err != nil {
		return nil, err
	}
	f := &features{batch: len(texts), mask: b.mask[:len(texts)*b.seq], seq: b.seq}
	next := 0
	if t.outputs.pooled != nil {
		if f.pooled, f.pooledDim, err = vectorsOf(out[next], t.outputs.pooled.Name, b.batch, len(texts)); err != nil {
			return nil, err
		}
		next++
	}
	if t.outputs.states != nil {
		if f.states, f.stateDim, err = statesOf(out[next], t.outputs.states.Name, b, len(texts)); err != nil {
			return nil, err
		}
	}
	if e.info.InGraph {
		f.vectors, f.dim = f.pooled, f.pooledDim
	}
	return f, nil
}

func longest(texts []Input) int {
	n := 0
	for _, t := range texts {
		n = max(n, len(t.IDs))
	}
	return n
}

// vectorsOf checks that an output is batch x dim and drops the rows that only filled a fixed batch.
func vectorsOf(t tensor.Tensor, name string, batch, texts int) ([]float32, int, error) {
	if len(t.Shape) != 2 || t.Shape[0] != int64(batch) || t.Shape[1] < 1 {
		return nil, 0, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"output %q: expected %d x dimension, found the shape %v", name, batch, t.Shape)
	}
	values, err := t.Float32s()
	if err != nil {
		return nil, 0, failure.Errorf(failure.StageInference, failure.KindNotEmbedding, "output %q: %w", name, err)
	}
	dim := int(t.Shape[1])
	return values[:texts*dim], dim, nil
}

// statesOf checks that an output is batch x seq x dim, and drops the filling rows likewise.
func statesOf(t tensor.Tensor, name string, b tokenBatch, texts int) ([]float32, int, error) {
	if len(t.Shape) != 3 || t.Shape[0] != int64(b.batch) || t.Shape[1] != int64(b.seq) || t.Shape[2] < 1 {
		return nil, 0, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"output %q: expected %d x %d x dimension for %d texts of %d tokens, found the shape %v",
			name, b.batch, b.seq, b.batch, b.seq, t.Shape)
	}
	values, err := t.Float32s()
	if err != nil {
		return nil, 0, failure.Errorf(failure.StageInference, failure.KindNotEmbedding, "output %q: %w", name, err)
	}
	dim := int(t.Shape[2])
	return values[:texts*b.seq*dim], dim, nil
}
