package models

import (
	"context"
	"path/filepath"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tokenizer"
	"github.com/divinedevops/probe/models/weights"
)

// Options choose how a model is opened.
type Options struct {
	// Session goes to the engine.
	Session engine.Options
	// Tokenizer is a tokenizer.json to use in place of the model's own; "" takes the model's own.
	Tokenizer string
}

// NeedsEngine reports whether a model runs on an engine. Static embeddings do not.
func NeedsEngine(c *card.Card) bool {
	return len(c.Modules) == 0 || c.Modules[0].Kind != card.ModuleStaticEmbedding
}

// Open makes an Encoder of what was found and read: the tokenizer, the modules' weights, and one session on eng. Static
// embeddings need no engine and leave eng alone. Errors are *failure.Error.
func Open(ctx context.Context, src *source.Source, c *card.Card, eng engine.Engine, o Options) (*Encoder, error) {
	e := &Encoder{Source: src, Card: c}
	// The tokenizer's file is parsed while the session is made: they share nothing.
	tokenizing := make(chan error, 1)
	go func() { tokenizing <- e.openTokenizer(o.Tokenizer) }()
	err := e.openRunner(ctx, eng, o.Session)
	e.fill = fillsUp(e.Facts.ModelType)
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
	return e, nil
}

// openRunner opens the weights: static embeddings, an ONNX file, or weights that a graph is built over.
func (e *Encoder) openRunner(ctx context.Context, eng engine.Engine, o engine.Options) error {
	if !NeedsEngine(e.Card) {
		return e.openTable(e.Card.Modules[0])
	}
	if e.Source.ONNXPath != "" {
		return e.openONNX(ctx, eng, o)
	}
	return e.openWeights(ctx, eng, o)
}

func (e *Encoder) openTable(m card.Module) error {
	s, set, err := openStatic(m)
	if err != nil {
		return err
	}
	e.run = s
	e.Facts = Facts{
		ModelType: "static", Parameters: set.Parameters(), Bytes: set.Bytes(), DType: set.DType().String(),
		VocabularySize: int(s.vocab), Text: true, HasStates: true, Files: set.Files(),
	}
	if s.mapping != nil {
		e.Facts.VocabularySize = len(s.mapping)
	}
	return nil
}

func (e *Encoder) openONNX(ctx context.Context, eng engine.Engine, o engine.Options) error {
	path := e.Source.ONNXPath
	head, err := onnx.ReadHead(path)
	if err != nil {
		return err
	}
	if err := onnx.CheckExternal(head, filepath.Dir(path), e.Source.Caches...); err != nil {
		return err
	}
	e.Facts = Facts{
		Parameters: head.Weights.Parameters, Bytes: head.Weights.Bytes, DType: head.Weights.DType,
		Files: []string{path},
	}
	for _, name := range head.ExternalFiles {
		e.Facts.Files = append(e.Facts.Files, filepath.Join(filepath.Dir(path), name))
	}
	if c := e.Card.Config; c != nil && c.ModelType != nil {
		e.Facts.ModelType = c.ModelType.Value
	}
	err = e.openSession(ctx, eng, graphOf(path, head), o)
	if e.Facts.Text && !e.Facts.Image {
		e.tower = e.visionFile(eng, o)
	}
	if g, ok := e.run.(*graphRunner); ok && g.feeds != nil {
		e.Facts.VocabularySize = int(head.RowsIndexedBy(g.feeds.idsName()))
	}
	return err
}

func (e *Encoder) openWeights(ctx context.Context, eng engine.Engine, o engine.Options) error {
	set, err := weights.Open(e.Source.Weights, e.Source.Caches...)
	if err != nil {
		return err
	}
	config, err := configOf(e.Source, set)
	if err != nil {
		return err
	}
	built, err := graph.Build(config, set)
	if err != nil {
		return err
	}
	e.Facts = Facts{
		ModelType: built.ModelType, Parameters: built.Parameters, Bytes: set.Bytes(), DType: built.DType.String(),
		VocabularySize: int(built.VocabSize), Files: set.Files(),
	}
	if built.MaxTokensHard && built.MaxTokens > 0 {
		e.limit = Limit{int(built.MaxTokens), "the table of positions has no more rows"}
	}
	if built.ModelType == "clip" || built.ModelType == "siglip" {
		e.tower = func(ctx context.Context) (*graphRunner, error) {
			image, err := graph.BuildImage(config, set)
			if err != nil {
				return nil, err
			}
			return openTower(ctx, eng, image.Graph, o, e.imageSide())
		}
	}
	return e.openSession(ctx, eng, built.Graph, o)
}

// graphOf is an .onnx file as an engine opens it.
func graphOf(path string, head *onnx.Head) engine.Graph {
	return engine.Graph{Path: path, Inputs: head.Inputs, Outputs: head.Outputs}
}

// openSession resolves inputs and outputs before the session is made, so that a graph that cannot be fed costs nothing
// and the engine computes only the outputs that are read.
func (e *Encoder) openSession(ctx context.Context, eng engine.Engine, g engine.Graph, o engine.Options) error {
	in, inErr := resolveFeeds(g.Inputs)
	var out *outputs
	outErr := inErr
	if inErr == nil {
		in.declaredSide = e.imageSide()
		if out, outErr = pickOutputs(g.Outputs, in); outErr == nil {
			out.prune(e.Card)
			g.Outputs = out.infos()
		}
	}
	session, err := eng.Open(ctx, g, o)
	if err != nil {
		return err
	}
	e.run = &graphRunner{session: session, feeds: in, outputs: out}
	if outErr != nil {
		// It loads, but it is no model that probe can run: the error's stage says so.
		return outErr
	}
	e.Facts.Text, e.Facts.Image = in.text && (out.pooled != nil || out.states != nil), in.image && out.image != nil
	e.Facts.FixedBatch, e.Facts.FixedSequence = in.batch, in.seq
	if out.pooled != nil {
		e.Facts.Output = out.pooled.Name
	}
	e.Facts.HasStates = out.states != nil
	e.Facts.InGraph = e.poolsInGraph(out)
	switch {
	case e.Facts.InGraph:
	case out.states != nil:
		e.Facts.Output = out.states.Name
	case out.image != nil:
		e.Facts.Output = out.image.Name
	}
	return nil
}

// poolsInGraph decides where the vector comes from. Where modules.json names a pooling, the token states go through it,
// as sentence-transformers does; a graph without token states, or a bare graph with a pooled output, pools by itself.
func (e *Encoder) poolsInGraph(out *outputs) bool {
	if out.pooled == nil {
		return false
	}
	return out.states == nil || e.Card.Pooling == nil
}

// openStages reads the modules after the graph.
func (e *Encoder) openStages() error {
	if e.Facts.InGraph {
		return nil // the graph's vector is the whole function
	}
	p, err := buildStages(e.Card)
	if err != nil {
		return err
	}
	if len(p.stages) == 0 && e.Facts.HasStates && !e.static() {
		// Nothing says what to do with token states; sentence-transformers takes their mean.
		p.modes = []pooling.Mode{pooling.Mean}
		p.stages, p.pooled = []stage{poolStage(p.modes, true)}, 1
		e.Facts.PoolingFallback = true
	}
	e.Facts.Pooling, e.Facts.PoolingDeclared = p.modes, e.Card.Pooling != nil
	e.pipeline = p
	return nil
}

// openTokenizer reads the model's tokenizer. A model that has none is opened all the same.
func (e *Encoder) openTokenizer(path string) error {
	var err error
	switch {
	case path != "":
		e.tok, err = tokenizer.Load(path)
	case e.Card.Tokenizer.Path != "":
		e.tok, err = tokenizer.Load(e.Card.Tokenizer.Path)
	case len(e.Card.Tokenizer.Files) > 0:
		e.tok, err = tokenizer.LoadDir(tokenizerDir(e.Source, e.Card))
	}
	if err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindTokenizer, "tokenizer: %w", err)
	}
	return nil
}

// tokenizerDir is the folder that the tokenizer's files lie in: that of the first of them, which the card lists relative
// to the model's folder.
func tokenizerDir(src *source.Source, c *card.Card) string {
	return filepath.Dir(filepath.Join(src.Dir, filepath.FromSlash(c.Tokenizer.Files[0])))
}
