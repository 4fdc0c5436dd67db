package models

import (
	"context"
	"fmt"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
)

// openMain opens the tower that the model is opened with: that of texts, of images, or of both.
func (e *Encoder) openMain(ctx context.Context, o Opening, g towerGraph) error {
	g.side, g.tasks = imageSide(o.Card.Config), tasksOf(o.Card.Config)
	t, err := openTower(ctx, o.Engine, g, o.Session, func(out *outputs) error {
		out.prune(o.Card, o.Pooling != "")
		return e.judgeOutputs(out)
	})
	if t != nil {
		e.main, e.texts = t, t // to be closed, even if it cannot be run
	}
	if err != nil {
		return e.explainRefusal(err)
	}
	e.info.Text, e.info.Image = t.takesText(), t.takesImages()
	if e.info.Image {
		e.images.opened = t
	}
	e.fixedBatch, e.info.FixedSequence = t.feeds.batch, t.feeds.seq
	out := t.outputs
	e.info.Warnings = append(e.info.Warnings, t.feeds.notes...)
	e.info.Outputs = g.Outputs
	e.hasStates = out.states != nil
	if out.firstState {
		e.info.Assumed = &Assumption{Pooling: string(pooling.CLS),
			Why: "the graph returns a state for each patch of an image, no file says how they are pooled, and the first is the usual one"}
	}
	// Where the vector comes from: if modules.json names a pooling, token states go through it, as in
	// sentence-transformers. A graph without token states, or a bare graph with a pooled output, pools by itself.
	// So does one with modules inside whose own files are not here or cannot be run.
	lacking := notRunnable(o.Card)
	e.info.InGraph = out.pooled != nil &&
		(out.states == nil || o.Pooling == "" && (o.Card.Pooling == nil || lacking != nil))
	if e.info.InGraph && lacking != nil {
		e.info.Warnings = append(e.info.Warnings, fmt.Sprintf("output %s of the graph is measured, because the modules after the "+
			"transformer cannot be run from their own files: %v", out.pooled.Name, lacking))
	}
	switch {
	case e.info.InGraph:
		e.info.Output = out.pooled.Name
	case out.states != nil:
		e.info.Output = out.states.Name
	case out.image != nil:
		e.info.Output = out.image.Name
	}
	return nil
}

// openSecond sets the image tower of a model that was opened with its text tower.
func (e *Encoder) openSecond(find func(context.Context) (towerGraph, error), o Opening) {
	e.info.Image = true
	session := o.Session
	session.Profile = false // the text tower's profile shows where nodes run
	e.images.open = func(ctx context.Context) (*tower, error) {
		g, err := find(ctx)
		if err != nil {
			return nil, err
		}
		g.side = imageSide(o.Card.Config)
		return openTower(ctx, o.Engine, g, session, func(out *outputs) error {
			if out.image == nil {
				return failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
					"expected an image tower that returns one vector an image, found the outputs %s", describe(g.Outputs))
			}
			out.pooled, out.states = nil, nil
			return nil
		})
	}
}
