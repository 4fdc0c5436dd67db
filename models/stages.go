package models

import (
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/layers"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/weights"
)

// stage is one module of the pipeline after the one that runs the graph.
type stage func(f *features) error

// pipeline is what follows the graph.
type pipeline struct {
	stages []stage
	modes  []pooling.Mode // of the Pooling module, nil if there is none
	pooled int            // index of the stage after pooling, 0 if there is none
	// normalizes is true if the last stage is an L2 normalization.
	normalizes bool
}

const (
	sentenceEmbedding = "sentence_embedding"
	tokenEmbeddings   = "token_embeddings"
)

// buildStages reads the modules after the first one, weights included.
func buildStages(c *card.Card, modules []card.Module, caches []string) (p pipeline, err error) {
	for i, m := range modules {
		if i == 0 {
			continue // runs the graph
		}
		var s stage
		normalizes := false
		switch m.Kind {
		case card.ModulePooling:
			p.modes = append(p.modes, m.Pooling.Modes...)
			s = poolStage(p.modes, m.Pooling.IncludePrompt)
		case card.ModuleDense:
			s, err = denseStage(m, caches)
		case card.ModuleLayerNorm:
			s, err = layerNormStage(m, caches)
		case card.ModuleNormalize:
			s, normalizes = normalizeStage(m.Normalize), true
		case card.ModuleDropout:
			continue // does nothing outside of training
		default:
			err = unknownModule(i, m)
		}
		if err != nil {
			return pipeline{}, err
		}
		p.stages, p.normalizes = append(p.stages, s), normalizes
		if m.Kind == card.ModulePooling {
			p.pooled = len(p.stages)
		}
	}
	if n := c.Cut(); n > 0 {
		p.stages, p.normalizes = append(p.stages, truncateStage(n)), false
	}
	return p, nil
}

// notRunnable is why the modules after the first one cannot be run from their own files, nil if they can.
func notRunnable(c *card.Card) error {
	for i, m := range c.Modules {
		switch {
		case i == 0:
		case m.Kind == card.ModuleUnknown:
			return unknownModule(i, m)
		case m.Kind == card.ModuleDense || m.Kind == card.ModuleLayerNorm:
			if _, err := m.Weights(); err != nil {
				return err
			}
		}
	}
	return nil
}

func unknownModule(i int, m card.Module) error {
	return failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
		"modules.json: probe cannot run a %s module at place %d (%s)", m.Kind, i, m.Type)
}

func poolStage(modes []pooling.Mode, includePrompt bool) stage {
	return func(f *features) error {
		if f.states == nil {
			return noInput("Pooling", tokenEmbeddings)
		}
		o := pooling.Options{Modes: modes}
		if !includePrompt {
			o.PromptLength = f.promptLength
		}
		vectors, err := pooling.Pool(f.states, f.mask, f.batch, f.seq, f.stateDim, o)
		f.vectors, f.dim = vectors, f.stateDim*len(modes)
		return err
	}
}

func denseStage(m card.Module, caches []string) (stage, error) {
	weights, err := moduleWeights(m, caches)
	if err != nil {
		return nil, err
	}
	d := layers.Dense{Activation: m.Dense.Activation, Residual: m.Dense.Residual}
	var shape []int64
	if d.Weight, shape, err = weights.Float32s("linear.weight"); err != nil {
		return nil, err
	}
	if len(shape) != 2 {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"%s: expected linear.weight of out x in, found the shape %v", m.Path, shape)
	}
	d.Out, d.In = int(shape[0]), int(shape[1])
	if in, out := m.Dense.InFeatures, m.Dense.OutFeatures; in != nil && in.Value != d.In || out != nil && out.Value != d.Out {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"%s/config.json: expected the %d in_features and %d out_features of its weights, found others", m.Path, d.In, d.Out)
	}
	if m.Dense.Bias {
		if d.Bias, _, err = weights.Float32s("linear.bias"); err != nil {
			return nil, err
		}
	}
	if d.Residual && d.In != d.Out {
		if d.ResidualWeight, _, err = weights.Float32s("residual.weight"); err != nil {
			return nil, err
		}
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	return mapStage("Dense", m.Dense.Input, m.Dense.Output, func(x []float32, _ int) ([]float32, int, error) {
		y, err := d.Apply(x)
		return y, d.Out, err
	}, d.In), nil
}

func layerNormStage(m card.Module, caches []string) (stage, error) {
	weights, err := moduleWeights(m, caches)
	if err != nil {
		return nil, err
	}
	weight, _, err := weights.Float32s("norm.weight")
	if err != nil {
		return nil, err
	}
	bias, _, err := weights.Float32s("norm.bias")
	if err != nil {
		return nil, err
	}
	return mapStage("LayerNorm", sentenceEmbedding, sentenceEmbedding, func(x []float32, dim int) ([]float32, int, error) {
		y, err := layers.LayerNorm(x, weight, bias)
		return y, dim, err
	}, len(weight)), nil
}

// moduleWeights opens a module's own weights; links may lead into the user's caches.
func moduleWeights(m card.Module, caches []string) (*weights.Set, error) {
	path, err := m.Weights()
	if err != nil {
		return nil, err
	}
	return weights.Open(path, caches...)
}

func normalizeStage(c *card.NormalizeConfig) stage {
	in, out := sentenceEmbedding, sentenceEmbedding
	if c != nil {
		in, out = c.Input, c.Output
	}
	return mapStage("Normalize", in, out, func(x []float32, dim int) ([]float32, int, error) {
		y, err := layers.Normalize(x, dim)
		return y, dim, err
	}, 0)
}

// mapStage applies a function of rows to the feature named in and stores the feature named out. want is the width that
// the function takes, 0 for any.
func mapStage(name, in, out string, apply func(x []float32, dim int) ([]float32, int, error), want int) stage {
	if in == "" {
		in = sentenceEmbedding
	}
	if out == "" {
		out = in
	}
	return func(f *features) error {
		x, dim := f.vectors, f.dim
		if in == tokenEmbeddings {
			x, dim = f.states, f.stateDim
		}
		if x == nil {
			return noInput(name, in)
		}
		if want > 0 && dim != want {
			return failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
				"%s: expected vectors of the %d numbers that its weights take, found %d", name, want, dim)
		}
		y, width, err := apply(x, dim)
		if err != nil {
			return err
		}
		if out == tokenEmbeddings {
			if f.keepStates == nil {
				f.keepStates, f.keepStatesStride = f.states, f.stateDim
			}
			f.states, f.stateDim = y, width
		} else {
			f.vectors, f.dim = y, width
		}
		return nil
	}
}

// truncateStage cuts vectors to the truncate_dim that a model declares for itself.
func truncateStage(n int) stage {
	return func(f *features) error {
		if n >= f.dim {
			return nil
		}
		cut := make([]float32, 0, f.batch*n)
		for _, row := range rows(f.vectors, f.batch, f.dim) {
			cut = append(cut, row[:n]...)
		}
		f.vectors, f.dim = cut, n
		return nil
	}
}

func noInput(module, feature string) error {
	return failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
		"%s: expected %s from the modules before it, found none", module, feature)
}
