package models

import (
	"context"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// graphRunner runs a graph on an engine.
type graphRunner struct {
	session engine.Session
	feeds   *feeds
	outputs *outputs
}

func (g *graphRunner) run(ctx context.Context, e *Encoder, texts []Tokens, atLeast int) (*features, error) {
	if g.outputs.pooled == nil && g.outputs.states == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"expected a graph that gives a vector for texts; its output %q is of images", g.outputs.image.Name)
	}
	seq := g.feeds.seq
	if seq == 0 {
		// At least one: a batch of empty texts is padding, for a sequence of no tokens is no shape graphs are made for.
		seq = max(longest(texts), atLeast, 1)
		if e.fill {
			seq = max(seq, e.limit.Tokens)
		}
	}
	b := pad(texts, g.feeds.batch, seq, e.left, e.padID, e.padTyp)
	if e.fill {
		for i := range b.mask {
			b.mask[i] = 1
		}
	}
	inputs, err := g.feeds.tensors(&b, nil)
	if err != nil {
		return nil, err
	}
	out, err := g.session.Run(ctx, inputs, g.outputs.names())
	if err != nil {
		return nil, err
	}
	f := &features{batch: len(texts), mask: b.mask[:len(texts)*b.seq], seq: b.seq}
	next := 0
	if g.outputs.pooled != nil {
		if f.pooled, f.pooledDim, err = vectorsOf(out[next], g.outputs.pooled.Name, b.batch, len(texts)); err != nil {
			return nil, err
		}
		next++
	}
	if g.outputs.states != nil {
		if f.states, f.stateDim, err = statesOf(out[next], g.outputs.states.Name, b, len(texts)); err != nil {
			return nil, err
		}
	}
	if e.Facts.InGraph {
		f.vectors, f.dim = f.pooled, f.pooledDim
	}
	return f, nil
}

func longest(texts []Tokens) int {
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

func (g *graphRunner) provider() (engine.Provider, error) { return g.session.Provider() }

func (g *graphRunner) close() error { return g.session.Close() }
