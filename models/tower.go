package models

import (
	"context"
	"errors"
	"slices"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
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
func openTower(ctx context.Context, eng engine.Engine, g towerGraph, o engine.Options, choose func(*outputs) error) (
	*tower, error,
) {
	t := &tower{}
	var cannot error
	pick := func(all []tensor.Info) error {
		var err error
		if t.outputs, err = pickOutputs(all, t.feeds, g.head); err == nil {
			err = choose(t.outputs)
		}
		return err
	}
	silent := slices.ContainsFunc(g.Outputs, func(o tensor.Info) bool { return o.Shape == nil })
	if t.feeds, cannot = resolveFeeds(g.Inputs, g.head, g.tasks); cannot == nil {
		t.feeds.declaredSide = g.side
		if !silent {
			cannot = pick(g.Outputs)
		}
	}
	var refused *failure.Error
	if errors.As(cannot, &refused) && refused.Stage == failure.StageLoad {
		return nil, cannot // what the graph is does not depend on an engine that may not have its kernels
	}
	if cannot == nil && !silent {
		g.Outputs = t.outputs.infos()
	}
	var err error
	if t.session, err = eng.Open(ctx, g.Graph, o); err != nil {
		return nil, err
	}
	if cannot == nil && silent {
		// The graph does not declare the rank of its outputs: a run shows it.
		var seen []tensor.Info
		if seen, cannot = t.look(ctx, g.Outputs); cannot == nil {
			cannot = pick(seen)
		}
	}
	return t, cannot
}

// towerGraph is a graph with what is known of it.
type towerGraph struct {
	engine.Graph
	// head is the file's own; nil for a graph that was built here.
	head *onnx.Head
	// side is the side of an image as config.json declares it, 0 if it does not.
	side  int
	tasks tasks
}

// The batch and the length of the run that shows the shapes of outputs: two numbers that no axis has by chance.
const (
	lookBatch = 2
	lookSeq   = 7
)

// look runs the graph once and completes the outputs by what came out: a dimension that follows the batch or the length is
// open, others are as found.
func (t *tower) look(ctx context.Context, outputs []tensor.Info) ([]tensor.Info, error) {
	batch, seq := lookBatch, lookSeq
	if t.feeds.batch > 0 {
		batch = t.feeds.batch
	}
	if t.feeds.seq > 0 {
		seq = t.feeds.seq
	}
	texts := make([]Input, batch)
	for i := range texts {
		texts[i].IDs = make([]int64, seq)
		for j := range texts[i].IDs {
			texts[i].IDs[j] = int64(1 + j%3) // every vocabulary has them
		}
	}
	b := pad(texts, batch, seq, false, 0, 0)
	tokens := &b
	if !t.feeds.text {
		tokens, batch = nil, max(t.feeds.pixelBatch, 1)
	}
	inputs, err := t.feeds.tensors(tokens, nil)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(outputs))
	for i, o := range outputs {
		names[i] = o.Name
	}
	got, err := t.session.Run(ctx, inputs, names)
	if err != nil {
		return nil, err
	}
	seen := slices.Clone(outputs)
	for i := range seen {
		seen[i].DType, seen[i].Symbols = got[i].DType, nil
		seen[i].Shape = slices.Clone(got[i].Shape)
		for axis, d := range seen[i].Shape {
			if axis == 0 && d == int64(batch) || axis == 1 && tokens != nil && d == int64(seq) {
				seen[i].Shape[axis] = tensor.DynamicDim
			}
		}
	}
	return seen, nil
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

// vectorsOf checks that an output is batch x dim, axes of length 1 not counted, and drops the rows that only filled a fixed
// batch.
func vectorsOf(t tensor.Tensor, name string, batch, texts int) ([]float32, int, error) {
	dim, wide := int64(1), 0
	if len(t.Shape) > 1 {
		for _, d := range t.Shape[1:] {
			if dim *= d; d != 1 {
				wide++
			}
		}
	}
	if len(t.Shape) < 2 || t.Shape[0] != int64(batch) || dim < 1 || wide > 1 {
		return nil, 0, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"output %q: expected %d x dimension, found the shape %v", name, batch, t.Shape)
	}
	values, err := numbersOf(t)
	if err != nil {
		return nil, 0, failure.Errorf(failure.StageInference, failure.KindNotEmbedding, "output %q: %w", name, err)
	}
	return values[:texts*int(dim)], int(dim), nil
}

// numbersOf are the elements of a tensor as float32; those of 8 bits are taken as the numbers they are.
func numbersOf(t tensor.Tensor) ([]float32, error) {
	if t.DType != tensor.Uint8 && t.DType != tensor.Int8 {
		return t.Float32s()
	}
	out := make([]float32, len(t.Raw))
	for i, b := range t.Raw {
		if out[i] = float32(b); t.DType == tensor.Int8 {
			out[i] = float32(int8(b))
		}
	}
	return out, nil
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
