package models

import (
	"context"
	"path/filepath"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// visionName is the file beside text_model.onnx that holds the image tower, as optimum exports a model of two towers.
const visionName = "vision_model.onnx"

// HasImages reports whether images can be run: the graph takes pixels, or the model has a second tower that does.
func (e *Encoder) HasImages() bool { return e.Facts.Image || e.tower != nil }

// imageRunner is the session that images run on. A second tower is opened when it is first asked for: who embeds texts
// does not pay for it.
func (e *Encoder) imageRunner(ctx context.Context) (*graphRunner, error) {
	if g, ok := e.run.(*graphRunner); ok && e.Facts.Image {
		return g, nil
	}
	if e.tower == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNoTextOrImage, "the model takes no images")
	}
	if e.opened == nil {
		g, err := e.tower(ctx)
		if err != nil {
			return nil, err
		}
		e.opened = g
	}
	return e.opened, nil
}

// openTower makes the session of an image tower.
func openTower(ctx context.Context, eng engine.Engine, g engine.Graph, o engine.Options, side int) (*graphRunner, error) {
	in, err := resolveFeeds(g.Inputs)
	if err != nil {
		return nil, err
	}
	in.declaredSide = side
	out, err := pickOutputs(g.Outputs, in)
	if err != nil {
		return nil, err
	}
	if out.image == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"expected an image tower that gives one vector an image, found the outputs %s", describe(g.Outputs))
	}
	out.pooled, out.states = nil, nil
	g.Outputs = out.infos()
	o.Profile = false // the text tower's profile says where nodes run
	session, err := eng.Open(ctx, g, o)
	if err != nil {
		return nil, err
	}
	return &graphRunner{session: session, feeds: in, outputs: out}, nil
}

// visionFile opens the image tower's own .onnx file; nil where there is none beside the text tower's.
func (e *Encoder) visionFile(eng engine.Engine, o engine.Options) func(context.Context) (*graphRunner, error) {
	path := filepath.Join(filepath.Dir(e.Source.ONNXPath), visionName)
	listed := false
	for _, c := range e.Source.Candidates {
		listed = listed || filepath.Join(e.Source.Dir, filepath.FromSlash(c)) == path
	}
	if !listed {
		return nil
	}
	return func(ctx context.Context) (*graphRunner, error) {
		head, err := onnx.ReadHead(path)
		if err != nil {
			return nil, err
		}
		if err := onnx.CheckExternal(head, filepath.Dir(path), e.Source.Caches...); err != nil {
			return nil, err
		}
		return openTower(ctx, eng, graphOf(path, head), o, e.imageSide())
	}
}

// fillsUp says whether a kind of model was trained on texts that are filled up with padding to the full length, which it
// then reads like text: SigLIP (arXiv:2303.15343; transformers' documentation asks for padding="max_length").
func fillsUp(modelType string) bool {
	switch modelType {
	case "siglip", "siglip_text_model", "siglip2":
		return true
	}
	return false
}
