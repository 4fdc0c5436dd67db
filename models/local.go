package models

import (
	"context"
	"path/filepath"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tensor"
)

func isStatic(_ *source.Source, c *card.Card) bool {
	return len(c.Modules) > 0 && c.Modules[0].Kind == card.ModuleStaticEmbedding
}

func hasONNX(src *source.Source, _ *card.Card) bool { return src.ONNXPath != "" }

func hasWeights(src *source.Source, _ *card.Card) bool { return src.Weights != "" }

func openStaticEmbeddings(ctx context.Context, o Opening) (Model, error) {
	return openLocal(ctx, o, (*Encoder).openTable)
}

func openONNXFile(ctx context.Context, o Opening) (Model, error) {
	return openLocal(ctx, o, (*Encoder).openONNX)
}

func openWeights(ctx context.Context, o Opening) (Model, error) {
	return openLocal(ctx, o, (*Encoder).openGraph)
}

// openLocal makes an Encoder: the tokenizer, the modules' weights, and what runs, by the function given.
func openLocal(ctx context.Context, o Opening, open func(*Encoder, context.Context, Opening) error) (Model, error) {
	e := &Encoder{source: o.Source, card: o.Card, asked: o.Pooling}
	// The tokenizer's file is parsed while the session is made: they share nothing.
	tokenizing := make(chan error, 1)
	go func() { tokenizing <- e.openTokenizer(o.Tokenizer) }()
	err := open(e, ctx, o)
	if tokErr := <-tokenizing; err == nil {
		err = tokErr
	}
	if err == nil {
		err = e.openStages()
	}
	if err != nil {
		_ = e.Close() // the error that ended it is the one to tell
		return nil, err
	}
	e.setLimit()
	e.describe()
	return e, nil
}

// describe fills what Info takes from the card.
func (e *Encoder) describe() {
	e.fill = graph.TraitsOf(e.info.ModelType).FillsUp
	e.info.Unit = UnitTokens
	e.info.ComputeType = e.computeType()
	e.info.DefaultPrompt = e.card.DefaultPrompt()
	if p := e.card.Prompts; p != nil {
		e.info.Prompts = p.Value
	}
	for _, own := range []string{filepath.Base(e.source.Dir), e.source.Name} {
		e.info.Names = append(e.info.Names, Name{own, "the model's own name"})
	}
	if v := e.card.Readme.Name; v != nil {
		e.info.Names = append(e.info.Names, Name{v.Value, v.Where()})
	}
	if c := e.card.Config; c != nil && c.NameOrPath != nil {
		e.info.Names = append(e.info.Names, Name{c.NameOrPath.Value, c.NameOrPath.Where()})
	}
}

// computeType is the type that tolerances are for. Weights of half precision that a graph is built over are computed in
// float32, and integer weights dequantize to float32; an exported graph of half precision computes in it.
func (e *Encoder) computeType() tensor.DType {
	if e.source.Format == source.FormatONNX {
		switch e.info.DType {
		case tensor.Float16.String():
			return tensor.Float16
		case tensor.BFloat16.String():
			return tensor.BFloat16
		}
	}
	return tensor.Float32
}

func (e *Encoder) openTable(_ context.Context, o Opening) error {
	s, set, err := openStatic(o.Card.Modules[0], o.Source.Caches)
	if err != nil {
		return err
	}
	e.texts, e.hasStates = s, true
	e.info = Info{
		ModelType: "static", Parameters: set.Parameters(), Bytes: set.Bytes(), DType: set.DType().String(),
		VocabularySize: int(s.vocab), Text: true, Files: set.Files(),
	}
	if !s.table.DType.Float() {
		e.info.Parameters += s.table.Elements()
		e.info.DType = s.table.DType.String()
	}
	if s.mapping != nil {
		e.info.VocabularySize = len(s.mapping)
	}
	return nil
}

// openStages reads the modules after the graph.
func (e *Encoder) openStages() error {
	if e.info.InGraph && e.asked == "" {
		return nil // the graph's vector is the whole function
	}
	modules := e.card.Modules
	if e.asked != "" {
		var err error
		if modules, err = e.ask(e.asked); err != nil {
			return err
		}
	}
	p, err := buildStages(e.card, modules, e.source.Caches)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if m.Kind == card.ModulePooling && e.info.Assumed == nil {
			e.info.Assumed = assumed(m.Pooling)
		}
	}
	if len(p.stages) == 0 && e.hasStates && !e.static() {
		p.modes = []pooling.Mode{pooling.Mean}
		p.stages, p.pooled = []stage{poolStage(p.modes, true)}, 1
		e.info.Assumed = &Assumption{Pooling: string(pooling.Mean),
			Why: "no file says what to do with the token states, and the mean is the usual way"}
	}
	if e.info.Assumed != nil {
		e.info.Assumed.Normalized = p.normalizes
	}
	e.pipeline = p
	return nil
}
